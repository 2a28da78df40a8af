# Use of capabilities after they were taken back.
#include "../include/cvm-abi.h"
.include "cheri.inc"
  .option norelax
  .option norvc
  .text

# long hold_pair(long slot, long hostcall, long a0): keeps the pair of a slot in registers across a hostcall, then CInvoke
  .globl hold_pair
hold_pair:
  la   t2, cvm_boot_page
  slli t0, a0, 4
  add  t0, t0, t2
  lc   s2, 0, t0
  lc   s3, SLOT_SIZE, t0
  mv   s4, ra
  mv   a7, a1
  mv   a0, a2
  li   a1, 0
  call cvm_hostcall
  la   a0, cvm_boot_page
  li   a1, 16
  la   ra, 1f
  cinvoke s2, s3
1:
  mv   ra, s4
  ret

# long hold_file(long slot, long hostcall, long a0): the capability of a slot in every saved register, and as DDC, across
# a hostcall; how many are still tagged, plus 100 if DDC still reaches the file
  .globl hold_file
hold_file:
  la   t2, cvm_boot_page
  slli t0, a0, 4
  add  t0, t0, t2
  lc   s2, 0, t0
  la   t0, kept_ra
  sd   ra, 0(t0)
  lc   t0, SLOT_SIZE * SLOT_HOSTCALL_CODE, t2
  lc   t1, SLOT_SIZE * SLOT_HOSTCALL_DATA, t2
  mv   a7, a1
  mv   a0, a2
  li   a1, 0
  li   a2, 0
  cspecialrw s1, 1, zero            # own DDC
  .irp register, 3, 4, 8, 19, 20, 21, 22, 23, 24, 25, 26, 27
  cmove x\register, x18
  .endr
  la   ra, 1f
  cspecialrw zero, 1, s2
  cinvoke t0, t1
1:
  cspecialrw t0, 1, zero
  cspecialrw zero, 1, s1
  cgettag a0, t0
  cgetbase t1, t0
  cgetbase t2, s1
  beq  t1, t2, 2f
  li   t1, 100
  mul  a0, a0, t1
  j    3f
2:
  li   a0, 0
3:
  .irp register, 3, 4, 8, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27
  cgettag t1, x\register
  add  a0, a0, t1
  .endr
  la   t0, kept_ra
  ld   ra, 0(t0)
  ret

# Where a revocation lands that is the next one itself: nothing ever retires.
  .globl trap_for_ever
trap_for_ever:
  ld_cap a0, zero

# Each with the capability of slot a0.
.macro with_slot
  la   t2, cvm_boot_page
  slli t0, a0, 4
  add  t0, t0, t2
  lc   t0, 0, t0
.endm
.macro probe name
  .globl \name
\name:
.endm
probe file_load
  with_slot
  cincoffset t0, t0, a1
  ld_cap a0, t0
  ret
probe file_store
  with_slot
  cincoffset t0, t0, a1
  sd_cap a1, t0
  li   a0, 1
  ret
probe file_store_capability
  with_slot
  cspecialrw t1, 1, zero
  sc_cap t1, t0
  li   a0, 1
  ret
probe file_load_capability          # the tag of what is loaded
  with_slot
  lc_cap t0, t0
  cgettag a0, t0
  ret
probe file_widen
  with_slot
  cgetlen t1, t0
  addi t1, t1, 1
  csetbounds t0, t0, t1
  lbu_cap a0, t0
  ret
probe file_execute
  with_slot
  jalr_cap ra, t0
  ret
probe file_as_ddc_hostcall          # console_write of address 0 with the file as DDC: whose 0?
  with_slot
  mv   s4, ra
  cspecialrw s1, 1, zero
  lc   t1, SLOT_SIZE * SLOT_HOSTCALL_DATA, t2
  lc   t2, SLOT_SIZE * SLOT_HOSTCALL_CODE, t2
  li   a0, 0
  li   a1, 64
  li   a7, HOSTCALL_CONSOLE_WRITE
  la   ra, 1f
  cspecialrw zero, 1, t0
  cinvoke t2, t1
1:
  cspecialrw zero, 1, s1
  mv   ra, s4
  ret

  .bss
  .balign 8
kept_ra: .skip 8
