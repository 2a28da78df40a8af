# Where a signal handler returns to. Debuggers and unwinders know these two instructions.
  .option norvc
  .section .text.sigreturn, "ax"
  .globl __vdso_rt_sigreturn
  .type __vdso_rt_sigreturn, @function
__vdso_rt_sigreturn:
  li    a7, 139
  ecall
  .size __vdso_rt_sigreturn, . - __vdso_rt_sigreturn
