# What C cannot do, for the monitor's tests: keep a window beyond the commit, in a register or as DDC.
#include "../include/cvm-abi.h"
.include "cheri.inc"
  .option norelax
  .option norvc
  .text

# void keep_in_register(long handle): commits 16 bytes, then writes through the copy in cs1.
  .globl keep_in_register
keep_in_register:
  la   t2, cvm_boot_page + SLOT_SIZE * SLOT_STREAM
  slli t0, a0, 4
  add  t2, t2, t0
  lc   s1, 0, t2
  li   a1, 16
  li   a7, HOSTCALL_STREAM_COMMIT
  call cvm_hostcall
  sb_cap zero, s1
1:
  j    1b

# void keep_as_ddc(long handle): the same with DDC itself.
  .globl keep_as_ddc
keep_as_ddc:
  la   t2, cvm_boot_page
  slli t3, a0, 4
  add  t3, t2, t3
  lc   t0, SLOT_SIZE * SLOT_HOSTCALL_CODE, t2
  lc   t1, SLOT_SIZE * SLOT_HOSTCALL_DATA, t2
  lc   t3, SLOT_SIZE * SLOT_STREAM, t3
  li   a1, 16
  li   a7, HOSTCALL_STREAM_COMMIT
  la   ra, 1f
  cspecialrw zero, 1, t3
  cinvoke t0, t1
1:
  sb   zero, 0(zero)
2:
  j    2b
