# Otype confusion: CInvoke of any two things, and the ways to give a capability another otype.
#include "../include/cvm-abi.h"
.include "probe.inc"

.macro slots code, data               # the capabilities of two slots, their numbers in a0 and a1
  la   t2, cvm_boot_page
  slli a0, a0, 4
  add  t0, t2, a0
  lc   \code, 0, t0
  slli a1, a1, 4
  add  t1, t2, a1
  lc   \data, 0, t1
  li   a7, HOSTCALL_TIME
  li   a4, 0
  li   a5, 0
  li   a6, 0
.endm

probe invoke_slots
  slots t0, t1
  cinvoke t0, t1
probe slot_tag                      # is there anything in slot a0?
  slli a0, a0, 4
  la   t0, cvm_boot_page
  add  t0, t0, a0
  lc   t0, 0, t0
  cgettag a0, t0
  ret
probe invoke_with_ddc               # gate code a0 with its own DDC, given the type of a1 by CCSeal
  slots t0, t1
  cspecialrw t2, 1, zero
  ccseal t1, t2, t1
  cinvoke t0, t1
probe invoke_with_copied_type       # ... by CCopyType and CSeal
  slots t0, t1
  cspecialrw t2, 1, zero
  ccopytype t3, t2, t1
  cseal t1, t2, t3
  cinvoke t0, t1
probe invoke_built                  # ... by CBuildCap from the bits of the sealed one
  slots t0, t1
  cspecialrw t2, 1, zero
  cgetaddr t3, t1
  cmove t4, t1
  csetaddr t4, t4, t3
  cbuildcap t1, t2, t4
  cinvoke t0, t1
probe invoke_code_of_own            # the record a1 with its own code, sealed likewise
  slots t0, t1
  cspecialrw t2, 0, zero
  la   t3, 1f
  csetoffset t2, t2, t3
  ccseal t0, t2, t1
  cinvoke t0, t1
1:
  ld   a0, 0(t6)
  ret
probe unseal_by_ddc_at_type         # CUnseal with DDC pointed at the type's number
  slots t0, t1
  cgettype t2, t1
  cspecialrw t3, 1, zero
  csetaddr t3, t3, t2
  cunseal t1, t1, t3
  ld_cap a0, t1
  ret
probe unseal_by_sealed              # CUnseal with a sealed capability as the authority
  slots t0, t1
  cunseal t1, t1, t0
  ld_cap a0, t1
  ret
probe sealed_narrowed               # derive from a sealed capability, then use what came of it
  slots t0, t1
  li   t2, 16
  csetbounds t1, t1, t2
  ld_cap a0, t1
  ret
probe sealed_without_permissions
  slots t0, t1
  li   t2, 4
  candperm t1, t1, t2
  ld_cap a0, t1
  ret
probe sealed_flagged                # the gate's code in integer mode
  slots t0, t1
  li   t2, 0
  csetflags t0, t0, t2
  cinvoke t0, t1
probe sealed_readdressed            # the gate's code at another gate's place
  slots t0, t1
  cgetaddr t2, t0
  addi t2, t2, 64
  csetaddr t0, t0, t2
  cinvoke t0, t1
probe jump_to_sealed
  slots t0, t1
  jalr_cap ra, t0
  ret
probe load_by_sealed
  slots t0, t1
  ld_cap a0, t1
  ret
probe store_by_sealed
  slots t0, t1
  sd_cap zero, t1
  li   a0, 1
  ret
probe sealed_as_ddc
  slots t0, t1
  cspecialrw zero, 1, t1
  ld   a0, 0(zero)
  ret
probe sentry_with_record            # a sealed entry is no gate
  slots t0, t1
  cspecialrw t2, 0, zero
  csealentry t0, t2
  cinvoke t0, t1
probe sentry_of_gate                # a sealed entry of the gate's code
  slots t0, t1
  csealentry t0, t0
  jalr_cap ra, t0
  ret
