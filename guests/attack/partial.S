# Overwriting part of a capability in memory, in every width and by every kind of store. a0: where the capability lies.
.include "cheri.inc"
.option arch, +f, +d
  .option norelax
  .text

.macro way name
  .balign 4
  .globl \name
\name:
.endm

# long tag_at(address): the tag of what lies there
way tag_at
  lc   t0, 0, a0
  cgettag a0, t0
  ret
way first_byte
  lb   t0, 0(a0)
  sb   t0, 0(a0)
  ret
way last_byte
  lb   t0, 15(a0)
  sb   t0, 15(a0)
  ret
way first_half
  lh   t0, 0(a0)
  sh   t0, 0(a0)
  ret
way last_half
  lh   t0, 14(a0)
  sh   t0, 14(a0)
  ret
way middle_half                     # across the two words, misaligned for the address
  lh   t0, 7(a0)
  sh   t0, 7(a0)
  ret
way address_word
  lw   t0, 4(a0)
  sw   t0, 4(a0)
  ret
way bounds_word
  lw   t0, 8(a0)
  sw   t0, 8(a0)
  ret
way address_double
  ld   t0, 0(a0)
  addi t0, t0, 16
  sd   t0, 0(a0)
  ret
way bounds_double
  ld   t0, 8(a0)
  sd   t0, 8(a0)
  ret
way straddling_double               # half of it, and eight bytes of what follows
  ld   t0, 12(a0)
  sd   t0, 12(a0)
  ret
way straddling_before
  ld   t0, -4(a0)
  sd   t0, -4(a0)
  ret
way both_doubles                    # copied bit for bit
  ld   t0, 0(a0)
  ld   t1, 8(a0)
  sd   t0, 0(a0)
  sd   t1, 8(a0)
  ret
way compressed_store
  .option push
  .option rvc
  c.ld a1, 0(a0)
  c.sd a1, 0(a0)
  .option pop
  ret
way float_double
  fld  ft0, 0(a0)
  fsd  ft0, 0(a0)
  ret
way float_word
  flw  ft0, 12(a0)
  fsw  ft0, 12(a0)
  ret
way atomic_add_word
  amoadd.w t0, zero, (a0)
  ret
way atomic_add_double
  amoadd.d t0, zero, (a0)
  ret
way atomic_or_bounds
  addi a0, a0, 8
  amoor.d t0, zero, (a0)
  ret
way atomic_swap
  ld   t0, 0(a0)
  amoswap.d t0, t0, (a0)
  ret
way reserved_double
  lr.d t0, (a0)
  sc.d t1, t0, (a0)
  ret
way reserved_word
  lr.w t0, (a0)
  sc.w t1, t0, (a0)
  ret
way untagged_capability             # the same 128 bits, stored as a capability without a tag
  lc   t0, 0, a0
  cgetaddr t1, t0
  csetaddr t0, t0, t1
  sc   t0, 0, a0
  ret
way swapped_capability
  lc   t0, 0, a0
  cgetaddr t1, t0
  csetaddr t0, t0, t1
  amoswap_c t0, t0, a0
  ret
way explicit_byte                   # through a capability, not DDC
  cspecialrw t0, 1, zero
  cincoffset t0, t0, a0
  lbu_cap t1, t0
  sb_cap t1, t0
  ret
way explicit_double
  cspecialrw t0, 1, zero
  cincoffset t0, t0, a0
  ld_cap t1, t0
  sd_cap t1, t0
  ret
