# The very first instruction looks into the registers, before anything has been in them.
#include "spy.inc"
  .option norelax
  .section .text.start, "ax"
  .globl _start
_start:
  dump first_found
  call cvm_start_main
1:
  j 1b
  .bss
  .balign 16
  .globl first_found
first_found: .skip DUMP_DDC + 32
  .text
# long fill_registers(void): secrets in every register there is, capabilities too; does not come back
  .globl fill_registers
fill_registers:
  cspecialrw t2, 1, zero
  spread
1:
  j 1b
