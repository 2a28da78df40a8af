# A Linux program begins here: its arguments are on the stack. And its way into the kernel.
  .section .text.start, "ax"
  .globl _start
_start:
  ld   a0, 0(sp)
  addi a1, sp, 8
  call main
  li   a7, 94                       # exit_group
  ecall

# long linux_call(long a0, long a1, long a2, long number)
  .globl linux_call
linux_call:
  mv   a7, a3
  ecall
  ret
