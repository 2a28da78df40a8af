# Being called, and going back (CInvoke of the return pair). Calling and sending are in copy.S.
# The buffer that comes with a call is a capability. It stays in cs11, which no C code of this library touches (built
# with -ffixed-x27), because nothing in a cVM could store it; it is gone when the call goes back.
#include "../include/cvm-abi.h"
.include "cheri.inc"
  .option norelax
  .option norvc
  .text

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
