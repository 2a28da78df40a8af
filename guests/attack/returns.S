# Returns and stack pointers that are not what they ought to be.
#include "../include/cvm-abi.h"
.include "probe.inc"

.macro pair slot                    # the sealed pair of a slot in ct0, ct1
  la   t2, cvm_boot_page + SLOT_SIZE * \slot
  lc   t0, 0, t2
  lc   t1, SLOT_SIZE, t2
.endm
.macro sum_of_guard                 # verb 1: a1 + a2 + a3
  li   a0, 1
  li   a1, 20
  li   a2, 300
  li   a3, 4000
  li   a4, 0
  li   a5, 0
  li   a6, 0
  li   a7, 0
.endm

# Each with a0 as stack pointer: 0 if all went as with a right one, and sp came back as it was.
probe hostcall_with_sp
  mv   s0, sp
  mv   s1, a0
  la   s2, 1f
  mv   s3, ra
  mv   sp, a0
  mv   ra, s2
  li   a7, HOSTCALL_TIME
  pair SLOT_HOSTCALL_CODE
  cinvoke t0, t1
1:
  sub  a0, sp, s1
  mv   sp, s0
  mv   ra, s3
  ret
probe call_with_sp
  mv   s0, sp
  mv   s1, a0
  la   s2, 1f
  mv   s3, ra
  mv   sp, a0
  mv   ra, s2
  sum_of_guard
  pair SLOT_CALL
  cinvoke t0, t1
1:
  addi a0, a0, -2048
  addi a0, a0, -2048
  addi a0, a0, -224
  sub  t0, sp, s1
  or   a0, a0, t0
  mv   sp, s0
  mv   ra, s3
  ret
probe call_with_sp_capability       # sp is DDC: comes back as a number; its tag
  mv   s0, sp
  la   s2, 1f
  mv   s3, ra
  cspecialrw sp, 1, zero
  mv   ra, s2
  sum_of_guard
  pair SLOT_CALL
  cinvoke t0, t1
1:
  cgettag a0, sp
  mv   sp, s0
  mv   ra, s3
  ret

# Each with a0 as the place to go back to.
probe hostcall_to
  mv   ra, a0
  li   a7, HOSTCALL_TIME
  pair SLOT_HOSTCALL_CODE
  cinvoke t0, t1
probe call_to
  mv   ra, a0
  sum_of_guard
  pair SLOT_CALL
  cinvoke t0, t1
probe call_to_ddc                   # a capability to its own data
  cspecialrw ra, 1, zero
  sum_of_guard
  pair SLOT_CALL
  cinvoke t0, t1
probe call_to_sealed                # the sealed code of the hostcall gate
  la   t2, cvm_boot_page
  lc   ra, SLOT_SIZE * SLOT_HOSTCALL_CODE, t2
  sum_of_guard
  pair SLOT_CALL
  cinvoke t0, t1
probe refused_call_to               # the same where the switcher refuses the call: a0 the place, a1 the handle
  mv   ra, a0
  la   t2, cvm_boot_page + SLOT_SIZE * SLOT_CALL
  slli t0, a1, 5
  add  t2, t2, t0
  lc   t0, 0, t2
  lc   t1, SLOT_SIZE, t2
  cinvoke t0, t1

# Returning where there is nothing to return from.
probe return_now
  pair SLOT_RETURN_CODE
  cinvoke t0, t1
  .globl return_thread
return_thread:                      # the same as a thread's first act
  pair SLOT_RETURN_CODE
  cinvoke t0, t1
