# The switcher: the only code that crosses between cVMs and the monitor. Trusted; budget: 300 instructions.
#
# It runs in U mode, in capability mode, without AccessSystemRegisters, and its PCC covers this file only. It owns no
# ambient authority: everything it can touch, it reaches through c31, the record that CInvoke unsealed. DDC stays what
# the caller made it and is never used (capability-mode loads and stores go through registers).
#
# Who may come here: anybody who holds the sealed pair of a gate, which the monitor put into one c-list and which
# nobody can store elsewhere. He chooses every register but pc and c31, the moment, and the state of his own memory.
# Nothing else enters: the code capabilities are sealed, and there is no other way to point PCC here.
#
# A trap in here other than at hostcall_trap is the caller's doing (say, a return address outside his text); the
# monitor charges it to the cVM that the thread belongs to.

#include "../include/cvm-abi.h"
.include "cheri.inc"

  .option norvc
  .option norelax
  .text

# --- gate_hostcall: a cVM asks the monitor for a service ------------------------------------------------------------
#
# Atlas at entry
#   pcc  this file, capability mode (from the sealed code capability; address = gate_hostcall, so no entry but here)
#   c31  gate record of the calling cVM, read-only (from the sealed data capability with the same otype)
#   ddc  the caller's, possibly hostile or untagged; unused
#   ra   where the caller wants to go on, an offset in its own text; hostile
#   a7   number, a0..a5 arguments; hostile; only the monitor looks at them
#   rest the caller's; hostile; not read
  .globl gate_hostcall
gate_hostcall:
  .globl hostcall_trap
hostcall_trap:
  ebreak                            # the monitor knows this pc, takes identity from c31, sets a0, goes on behind it

# Atlas here: as above, but a0 = result. Registers are as the monitor left them: the same thread's, unless it was
# killed. The return target can only be the cVM's own text: its PCC comes from the record, ra supplies the offset.
# Leaves: a0 result; ra, sp, gp, tp, s0..s11 the caller's own; t1 its own PCC; every other register cleared, so that
# neither c31 nor anything the monitor touched goes out.
  lc    t1, GATE_PCC, t6            # protects the switcher: PCC is never taken from the caller
  csetoffset t1, t1, ra             # out of representable range: untagged, and the jump below traps
  cclear 0, 0xa0                    # t0, t2
  cclear 1, 0xf8                    # a1 .. a5
  cclear 2, 0x03                    # a6, a7
  cclear 3, 0xf0                    # t3 .. t6
  jalr_cap zero, t1                 # integer mode again: the record's PCC has flag 0
