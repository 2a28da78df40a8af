# Entry of a program in a cVM, and of its further threads. The monitor gives: a0 (boot page, or a thread's argument),
# sp (16-byte aligned, top of the thread's stack), DDC and PCC of the cVM; every other register is zero.
  .option norelax
  .section .text.start, "ax"
  .globl _start
_start:
  call cvm_start_main               # void cvm_start_main(boot page): runs main and exits; does not return
1:
  j 1b

# Where cvm_thread_create starts a thread: sp points to { entry, argument }.
  .globl cvm_thread_entry
cvm_thread_entry:
  ld   t0, 0(sp)
  ld   a0, 8(sp)
  addi sp, sp, 16
  jalr t0
  tail cvm_thread_exit
