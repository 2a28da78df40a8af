# void clear_pages(void *to, size_t size): 16 bytes a store, a multiple of 128 bytes.
.include "cheri.inc"
  .option norelax
  .option norvc
  .text
  .globl clear_pages
clear_pages:
  add   a1, a0, a1
  beq   a0, a1, 2f
1:
  .irp  offset, 0, 16, 32, 48, 64, 80, 96, 112
  sc    zero, \offset, a0
  .endr
  addi  a0, a0, 128
  bne   a0, a1, 1b
2:
  ret

# u64 data_origin(void): the real address of the library OS's address 0
  .globl data_origin
data_origin:
  cspecialrw t0, 1, zero
  cgetaddr a0, t0
  cmove t0, zero
  ret
