# Calls between cVMs: into another (CInvoke of the bound pair), being called, and going back (CInvoke of the return pair).
# The buffer that comes with a call is a capability. It stays in cs11, which no C code of this library touches (built
# with -ffixed-x27), because nothing in a cVM could store it; it is gone when the call goes back.
#include "../include/cvm-abi.h"
.include "cheri.inc"
  .option norelax
  .option norvc
  .text

# long cvm_call_raw(long a0, long a1, long a2, long a3, const void *buffer, unsigned long size, long handle)
# Callee's floating-point state and that of the caller do not mix: every f register is zero afterwards.
  .globl cvm_call_raw
cvm_call_raw:
  la   t2, cvm_boot_page + SLOT_SIZE * SLOT_CALL
  slli t0, a6, 5
  add  t2, t2, t0
  lc   t0, 0, t2
  lc   t1, SLOT_SIZE, t2
  cinvoke t0, t1

# Where calls come in: a0 .. a3, ca4 the caller's buffer, a5 its size, a6 who calls. sp points to { handler }, which
# cvm_call_offer wrote there. handler(a0, a1, a2, a3, size, badge)
  .globl cvm_call_entry
cvm_call_entry:
  cmove s11, a4
  ld   t0, 0(sp)
  mv   a4, a5
  mv   a5, a6
  jalr t0
  la   t2, cvm_boot_page
  lc   t0, SLOT_SIZE * SLOT_RETURN_CODE, t2
  lc   t1, SLOT_SIZE * SLOT_RETURN_DATA, t2
  cinvoke t0, t1

# void cvm_argument_read(unsigned long offset, void *to, unsigned long size): from the caller's buffer, 8 bytes at a time
  .globl cvm_argument_read
cvm_argument_read:
  cincoffset t0, s11, a0
  li   t2, 8
1:
  bltu a2, t2, 2f
  ld_cap t1, t0
  sd   t1, 0(a1)
  cincoffsetimm t0, t0, 8
  addi a1, a1, 8
  addi a2, a2, -8
  j    1b
2:
  beqz a2, 3f
  lbu_cap t1, t0
  sb   t1, 0(a1)
  cincoffsetimm t0, t0, 1
  addi a1, a1, 1
  addi a2, a2, -1
  j    2b
3:
  cmove t0, zero
  ret

# void cvm_argument_write(unsigned long offset, const void *from, unsigned long size): into it
  .globl cvm_argument_write
cvm_argument_write:
  cincoffset t0, s11, a0
  li   t2, 8
1:
  bltu a2, t2, 2f
  ld   t1, 0(a1)
  sd_cap t1, t0
  cincoffsetimm t0, t0, 8
  addi a1, a1, 8
  addi a2, a2, -8
  j    1b
2:
  beqz a2, 3f
  lbu  t1, 0(a1)
  sb_cap t1, t0
  cincoffsetimm t0, t0, 1
  addi a1, a1, 1
  addi a2, a2, -1
  j    2b
3:
  cmove t0, zero
  ret
