# The hostile cVM's capability instructions: each probe is one attempt, called as probe(a0, a1, a2), and returns what it
# got hold of. Most of them never return. Addresses in a0.. are absolute unless a comment says otherwise.
#include "../include/cvm-abi.h"
.include "probe.inc"

# int attempt_run(probe, a0, a1, a2): 0 if it returned (result in attempt_result), 1 if it faulted.
probe attempt_run
  la   t0, attempt_state
  sd   ra, 0(t0)
  sd   sp, 8(t0)
  sd   s0, 16(t0)
  sd   s1, 24(t0)
  mv   t1, a0
  mv   a0, a1
  mv   a1, a2
  mv   a2, a3
  jalr t1
  la   t0, attempt_result
  sd   a0, 0(t0)
  li   a0, 0
  j    attempt_back
# The fault handler: the monitor comes here with (cause, value, pc) and DDC as it was at the start.
probe attempt_fault
  la   t0, attempt_cause
  sd   a0, 0(t0)
  sd   a1, 8(t0)
  li   a0, 1
attempt_back:
  la   t0, attempt_state
  ld   ra, 0(t0)
  ld   sp, 8(t0)
  ld   s0, 16(t0)
  ld   s1, 24(t0)
  ret

  .bss
  .balign 16
attempt_state:  .skip 32
  .globl attempt_result
attempt_result: .skip 8
  .globl attempt_cause
attempt_cause:  .skip 16
  .balign 16
scratch:        .skip 64
  .text

# Address of this cVM's 0: what a victim's address has to be lowered by.
probe own_origin
  cspecialrw t0, 1, zero
  cgetaddr a0, t0
  ret
# Base of its DDC, absolute.
probe own_base
  cspecialrw t0, 1, zero
  cgetbase a0, t0
  ret
probe own_length
  cspecialrw t0, 1, zero
  cgetlen a0, t0
  ret

# --- widening and pointing elsewhere
probe widen_bounds                  # DDC with a length of a1 from its own base
  cspecialrw t0, 1, zero
  cgetbase t1, t0
  csetaddr t0, t0, t1
  csetbounds t0, t0, a1
  csetaddr t0, t0, a0
  lbu_cap a0, t0
  ret
probe point_elsewhere               # DDC's bounds, another address
  cspecialrw t0, 1, zero
  csetaddr t0, t0, a0
  lbu_cap a0, t0
  ret
probe replace_ddc                   # a DDC pointed elsewhere, then a plain load of its 0
  cspecialrw t0, 1, zero
  csetaddr t0, t0, a0
  cspecialrw zero, 1, t0
  lbu  a0, 0(zero)
  ret
probe load_untagged                 # an integer as a capability
  mv   t0, a0
  lbu_cap a0, t0
  ret
probe store_untagged
  mv   t0, a0
  sd_cap a0, t0
  ret

# --- forging
probe forge_in_memory               # the bits of an almighty capability, written as data
  la   t0, scratch
  sd   a0, 0(t0)
  sd   a1, 8(t0)
  lc   t1, 0, t0
  lbu_cap a0, t1
  ret
probe forge_partly                  # overwrite the address half of a window's slot
  la   t0, cvm_boot_page
  sd   a0, SLOT_SIZE * SLOT_STREAM(t0)
  lc   t1, SLOT_SIZE * SLOT_STREAM, t0
  lbu_cap a0, t1
  ret
probe forge_set_high                # CSetHigh: the upper half from an integer
  csethigh t0, a0, a1
  lbu_cap a0, t0
  ret
probe forge_build                   # CBuildCap: may only ever shrink
  csethigh t0, a0, a1
  cspecialrw t1, 1, zero
  cbuildcap t0, t1, t0
  lbu_cap a0, t0
  ret
probe forge_from_pointer            # CFromPtr relative to its own DDC
  cspecialrw t0, 1, zero
  cgetbase t1, t0
  sub  t1, a0, t1
  cfromptr t0, t0, t1
  lbu_cap a0, t0
  ret
probe add_permissions               # Execute out of DDC by CAndPerm with all ones
  cspecialrw t0, 1, zero
  li   t1, -1
  candperm t0, t0, t1
  jalr_cap ra, t0
  ret

# --- keeping and passing on
probe store_capability
  la   t0, scratch
  cspecialrw t1, 1, zero
  sc   t1, 0, t0
  ret
probe swap_capability
  la   t0, scratch
  cspecialrw t1, 1, zero
  amoswap_c t2, t1, t0
  ret

# --- sealed things
probe load_through_sealed           # read the gate record behind its own handle
  la   t0, cvm_boot_page
  lc   t0, SLOT_SIZE * SLOT_HOSTCALL_DATA, t0
  ld_cap a0, t0
  ret
probe move_sealed                   # change the handle's address: untagged
  la   t0, cvm_boot_page
  lc   t1, SLOT_SIZE * SLOT_HOSTCALL_DATA, t0
  lc   t0, SLOT_SIZE * SLOT_HOSTCALL_CODE, t0
  cincoffsetimm t1, t1, GATE_SIZE
  cinvoke t0, t1
probe enter_elsewhere               # move the gate's entry behind its first instruction
  la   t0, cvm_boot_page
  lc   t1, SLOT_SIZE * SLOT_HOSTCALL_DATA, t0
  lc   t0, SLOT_SIZE * SLOT_HOSTCALL_CODE, t0
  cincoffsetimm t0, t0, 4
  cinvoke t0, t1
probe unseal_by_ddc                 # CUnseal with a capability that has no Unseal
  la   t0, cvm_boot_page
  lc   t1, SLOT_SIZE * SLOT_HOSTCALL_DATA, t0
  cspecialrw t0, 1, zero
  cunseal t1, t1, t0
  ld_cap a0, t1
  ret
probe seal_own_pair                 # a pair of its own making
  cspecialrw t2, 1, zero
  cspecialrw t0, 0, zero
  cseal t0, t0, t2
  cseal t1, t2, t2
  cinvoke t0, t1
probe jump_into_sealed              # CJALR to the sealed gate code
  la   t0, cvm_boot_page
  lc   t0, SLOT_SIZE * SLOT_HOSTCALL_CODE, t0
  jalr_cap ra, t0
  ret
probe invoke_swapped                # code and data of the pair in each other's place
  la   t0, cvm_boot_page
  lc   t1, SLOT_SIZE * SLOT_HOSTCALL_DATA, t0
  lc   t0, SLOT_SIZE * SLOT_HOSTCALL_CODE, t0
  cinvoke t1, t0
probe invoke_code_twice
  la   t0, cvm_boot_page
  lc   t0, SLOT_SIZE * SLOT_HOSTCALL_CODE, t0
  cinvoke t0, t0
probe invoke_hostcall_return        # one gate's code with another's record: an otype of its own per cVM and entry
  la   t0, cvm_boot_page
  lc   t1, SLOT_SIZE * SLOT_RETURN_DATA, t0
  lc   t0, SLOT_SIZE * SLOT_HOSTCALL_CODE, t0
  cinvoke t0, t1
probe invoke_return_hostcall
  la   t0, cvm_boot_page
  lc   t1, SLOT_SIZE * SLOT_HOSTCALL_DATA, t0
  lc   t0, SLOT_SIZE * SLOT_RETURN_CODE, t0
  cinvoke t0, t1
probe return_without_call           # a0, a1: where the caller would like to be, with what
  la   t0, cvm_boot_page
  lc   t1, SLOT_SIZE * SLOT_RETURN_DATA, t0
  lc   t0, SLOT_SIZE * SLOT_RETURN_CODE, t0
  cinvoke t0, t1
probe call_unbound                  # a call handle that nobody bound
  la   t0, cvm_boot_page + SLOT_SIZE * SLOT_CALL
  lc   t1, SLOT_SIZE, t0
  lc   t0, 0, t0
  cinvoke t0, t1
probe invoke_unsealed               # its own PCC and DDC, not sealed
  cspecialrw t0, 0, zero
  cspecialrw t1, 1, zero
  cinvoke t0, t1
probe invoke_foreign_data           # the gate's code with its own DDC: would put DDC where the record belongs
  la   t0, cvm_boot_page
  lc   t0, SLOT_SIZE * SLOT_HOSTCALL_CODE, t0
  cspecialrw t1, 1, zero
  cinvoke t0, t1
probe invoke_sentry                 # sealed entries have an otype too
  cspecialrw t0, 0, zero
  csealentry t0, t0
  la   t1, cvm_boot_page
  lc   t1, SLOT_SIZE * SLOT_HOSTCALL_DATA, t1
  cinvoke t0, t1

# --- jumping out
probe jump_offset                   # a0: offset from its own PCC base
  jalr a0
  ret
probe jump_capability               # a0: absolute, through a capability of its own
  cspecialrw t0, 0, zero
  csetaddr t0, t0, a0
  jalr_cap ra, t0
  ret
probe jump_data                     # its own data, through DDC
  cspecialrw t0, 1, zero
  la   t1, scratch
  cincoffset t0, t0, t1
  jalr_cap ra, t0
  ret
probe return_elsewhere              # have the switcher return to a0
  mv   ra, a0
  la   t2, cvm_boot_page
  lc   t0, SLOT_SIZE * SLOT_HOSTCALL_CODE, t2
  lc   t1, SLOT_SIZE * SLOT_HOSTCALL_DATA, t2
  li   a7, HOSTCALL_TIME
  cinvoke t0, t1
probe return_capability             # the same with a capability as return address: its DDC
  cspecialrw ra, 1, zero
  la   t2, cvm_boot_page
  lc   t0, SLOT_SIZE * SLOT_HOSTCALL_CODE, t2
  lc   t1, SLOT_SIZE * SLOT_HOSTCALL_DATA, t2
  li   a7, HOSTCALL_TIME
  cinvoke t0, t1

# --- privilege
probe do_ecall
  li   a7, HOSTCALL_TIME
  ecall
  ret
probe do_ebreak
  ebreak
  ret
probe read_mstatus
  csrr a0, mstatus
  ret
probe write_satp
  csrw satp, a0
  ret
probe write_utvec
  csrw 0x005, a0
  ret
probe read_mtcc
  cspecialrw t0, 28, zero
  lbu_cap a0, t0
  ret
probe read_utcc                     # almighty after reset, if nobody cleared it
  cspecialrw t0, 4, zero
  csetaddr t0, t0, a0
  lbu_cap a0, t0
  ret
probe do_mret
  mret
  ret
probe do_sret
  .word 0x10200073
  ret
probe do_uret
  .word 0x00200073
  ret
probe do_sfence
  sfence.vma
  ret
probe do_wfi
  wfi
  li   a0, 0
  ret

# --- modes and odd accesses
probe capability_mode_load          # capability mode, integer as base
  cspecialrw t1, 0, zero
  la   t2, 1f
  csetoffset t1, t1, t2
  li   t2, 1
  csetflags t1, t1, t2
  jalr_cap t5, t1
1:
  lbu  a0, 0(a0)
  jr   t5
probe load_tags
  cspecialrw t0, 1, zero
  andi a0, a0, -64
  csetaddr t0, t0, a0
  cloadtags a0, t0
  ret
probe reserve_and_store             # a0: relocated
  lr.d t0, (a0)
  sc.d t1, t0, (a0)
  mv   a0, t0
  ret
probe atomic_add                    # a0: relocated
  amoadd.d a0, zero, (a0)
  ret
probe load_float                    # a0: relocated
  .word 0x00053507                  # fld fa0, 0(a0)
  ret
probe misaligned_load               # a0: relocated
  ld   a0, -4(a0)
  ret
probe load_byte                     # a0: relocated
  lbu  a0, 0(a0)
  ret
probe store_byte                    # a0: relocated
  sb   zero, 0(a0)
  ret
probe write_code                    # overwrite its own text through an address that text has in PCC
  la   t0, write_code
  sw   zero, 0(t0)
  ret

# Registers after a hostcall: number of tagged capabilities among those that the switcher must clear, but for t1, which
# holds its own PCC; and t1's reach beyond that.
probe look_into_registers
  mv   s0, ra
  li   a7, HOSTCALL_TIME
  call cvm_hostcall
  cgettag a0, t0
  cgettag t0, t2
  add  a0, a0, t0
  cgettag t0, a1
  add  a0, a0, t0
  cgettag t0, a2
  add  a0, a0, t0
  cgettag t0, a3
  add  a0, a0, t0
  cgettag t0, a4
  add  a0, a0, t0
  cgettag t0, a5
  add  a0, a0, t0
  cgettag t0, a6
  add  a0, a0, t0
  cgettag t0, a7
  add  a0, a0, t0
  cgettag t0, t3
  add  a0, a0, t0
  cgettag t0, t4
  add  a0, a0, t0
  cgettag t0, t5
  add  a0, a0, t0
  cgettag t0, t6
  add  a0, a0, t0
  mv   ra, s0
  ret
probe read_through_leftover         # what t1 holds after a hostcall, pointed at the victim
  mv   s0, ra
  mv   s1, a0
  li   a7, HOSTCALL_TIME
  call cvm_hostcall
  mv   ra, s0
  csetaddr t1, t1, s1
  lbu_cap a0, t1
  ret
probe read_through_record           # c31 was the gate record while the switcher ran
  mv   s0, ra
  li   a7, HOSTCALL_TIME
  call cvm_hostcall
  mv   ra, s0
  ld_cap a0, t6
  ret
