# Entry of a benchmark image. The same ELF starts on a bare machine in M mode (capvm, qemu-system -bios none) and as a
# static Linux program (qemu-riscv64): Linux hands over a stack, a bare machine's registers are zero.

  .section .text.start, "ax"
  .globl _start
_start:
  j entry

# Iterations, for whoever cannot pass arguments: written into memory (or the file) before the start. 0 = default.
  .balign 16
  .globl bench_parameters
bench_parameters:
  .dword 0
  .dword 0

entry:
  bnez sp, hosted

bare:
  la sp, bench_stack_top
  la t0, bareTrap
  csrw mtvec, t0
  li t0, 0x6000                 # mstatus.FS: floating point on
  csrs mstatus, t0
  csrw fcsr, zero
  la a0, bench_parameters
  ld a0, 0(a0)
  call startBare
1:
  j 1b

hosted:
  mv a0, sp                     # argc, argv
  andi sp, sp, -16
  call startHosted

# Nothing in a kernel traps on purpose: report and stop.
  .balign 4
bareTrap:
  la sp, bench_stack_top
  csrr a0, mcause
  csrr a1, mepc
  csrr a2, mtval
  call trapBare
1:
  j 1b

  .bss
  .balign 16
bench_stack:
  .skip 65536
bench_stack_top:
