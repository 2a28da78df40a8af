# Copying through a window: a bounded capability in the c-list that another cVM's memory stands behind.
# The data goes from this cVM's memory into the window 16 bytes at a time: a capability-sized load and store move any
# 128 bits in two instructions, and the window's lack of StoreCap makes sure that they are only data.
#include "../include/cvm-abi.h"
.include "cheri.inc"
  .option norelax
  .option norvc                     # compressed loads and stores mean other things in capability mode
  .text

# long cvm_window_write(long slot, unsigned long offset, const void *source, unsigned long sizeBytes)
# 0. Where the window was taken away meanwhile (the receiver died) the monitor goes on at cvm_window_landing with -EPIPE.
# An offset or size beyond the window traps like any wrong access.
#
# Atlas in capability mode
#   a0 (ca0) destination, moves up     a2 (ca2) source, moves up     a3 bytes left     t5 (ct5) way back, integer mode
  .globl cvm_window_write
cvm_window_write:
  la   t2, cvm_boot_page
  slli a0, a0, 4
  add  t2, t2, a0
  lc   a0, 0, t2
  cincoffset a0, a0, a1
  cspecialrw t0, 1, zero            # DDC: its address is this cVM's address 0
  cincoffset a2, t0, a2
  cspecialrw t1, 0, zero            # PCC, in capability mode, at copy_capability_mode
  la   t2, copy_capability_mode
  csetoffset t1, t1, t2
  li   t2, 1
  csetflags t1, t1, t2
  jalr_cap t5, t1
  li   a0, 0
  .globl cvm_window_landing
cvm_window_landing:                 # the copy changes neither ra nor sp: from here it is an ordinary return
  ret

copy_capability_mode:
  cgetaddr t0, a0
  cgetaddr t1, a2
  xor  t1, t0, t1
  andi t2, t1, 15
  bnez t2, copy_unlike
  neg  t0, t0
  andi t0, t0, 15                   # bytes up to the first granule
  bltu t0, a3, copy_head
  mv   t0, a3
copy_head:
  sub  a3, a3, t0
copy_head_byte:
  beqz t0, copy_granules
  lbu  t1, 0(a2)
  sb   t1, 0(a0)
  cincoffsetimm a2, a2, 1
  cincoffsetimm a0, a0, 1
  addi t0, t0, -1
  j    copy_head_byte

copy_granules:
  li   t0, 128
  bltu a3, t0, copy_granule
copy_eight_granules:
  lc   t1, 0, a2
  lc   t2, 16, a2
  lc   a1, 32, a2
  lc   a4, 48, a2
  lc   a5, 64, a2
  lc   a6, 80, a2
  lc   a7, 96, a2
  lc   t3, 112, a2
  sc   t1, 0, a0
  sc   t2, 16, a0
  sc   a1, 32, a0
  sc   a4, 48, a0
  sc   a5, 64, a0
  sc   a6, 80, a0
  sc   a7, 96, a0
  sc   t3, 112, a0
  addi a3, a3, -128
  cincoffsetimm a2, a2, 128
  cincoffsetimm a0, a0, 128
  bgeu a3, t0, copy_eight_granules
copy_granule:
  li   t0, 16
  bltu a3, t0, copy_bytes
1:
  lc   t1, 0, a2
  sc   t1, 0, a0
  addi a3, a3, -16
  cincoffsetimm a2, a2, 16
  cincoffsetimm a0, a0, 16
  bgeu a3, t0, 1b
  j    copy_bytes

# Source and destination differ in their place within a granule: eight bytes at a time, the load may be misaligned.
copy_unlike:
  li   t0, 8
  bltu a3, t0, copy_bytes
1:
  ld   t1, 0(a2)
  sd   t1, 0(a0)
  addi a3, a3, -8
  cincoffsetimm a2, a2, 8
  cincoffsetimm a0, a0, 8
  bgeu a3, t0, 1b

copy_bytes:
  beqz a3, copy_done
  lbu  t1, 0(a2)
  sb   t1, 0(a0)
  cincoffsetimm a2, a2, 1
  cincoffsetimm a0, a0, 1
  addi a3, a3, -1
  j    copy_bytes

copy_done:
  cmove a0, zero                    # neither window nor source capability goes on living in a register
  cmove a2, zero
  jr   t5                           # capability mode: c.jr is CJALR, the sealed entry unseals and switches back
