# Capabilities through the buffer of a call (cs11, see guests/lib/call.S).
.include "cheri.inc"
  .option norelax
  .text

  .globl store_through_buffer
store_through_buffer:
  cspecialrw t0, 1, zero
  sc_cap t0, s11
  li   a0, 1
  ret

# The tag of what lies at the buffer's beginning: the caller passed its c-list.
  .globl load_through_buffer
load_through_buffer:
  lc_cap t0, s11
  cgettag a0, t0
  ret
