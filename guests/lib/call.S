# Crossings: into another cVM (CInvoke of a bound pair), being called, going back (CInvoke of the return pair), and
# sending (CInvoke of a stream's pair).
# The buffer that comes with a call is a capability. It stays in cs11, which no C code of this library touches (built
# with -ffixed-x27), because nothing in a cVM could store it; it is gone when the call goes back.
#include "../include/cvm-abi.h"
.include "cheri.inc"
  .option norelax
  .option norvc
  .text

# long cvm_call_raw(long a0, long a1, long a2, long a3, const void *buffer, unsigned long size, long handle and rights,
#                   unsigned long nanoseconds)
# handle and rights: handle + CVM_READ_ONLY. Floating-point state of callee and caller does not mix: every f register is
# zero afterwards.
  .globl cvm_call_raw
cvm_call_raw:
  la   t2, cvm_boot_page + SLOT_SIZE * SLOT_CALL
  andi t0, a6, CALL_HANDLES - 1
  slli t0, t0, 5
  add  t2, t2, t0
  lc   t0, 0, t2
  lc   t1, SLOT_SIZE, t2
  cgettag t2, t0
  beqz t2, call_gone
  andi t2, a6, 64                   # CVM_READ_ONLY
  mv   a6, a7
  mv   a7, t2
  cinvoke t0, t1
call_gone:
  li   a0, -EPIPE
  ret

# long cvm_stream_put(const void *bytes, unsigned long size, long handle): as many as there is room for; does not wait
  .globl cvm_stream_put
cvm_stream_put:
  la   t2, cvm_boot_page + SLOT_SIZE * SLOT_STREAM
  slli t0, a2, 5
  add  t2, t2, t0
  lc   t0, 0, t2
  lc   t1, SLOT_SIZE, t2
  cgettag t2, t0
  beqz t2, call_gone
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
