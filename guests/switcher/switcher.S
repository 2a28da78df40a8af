# The switcher: the only code that crosses between cVMs, and between them and the monitor. Trusted; budget: 300
# instructions.
#
# It runs in U mode, in capability mode, without AccessSystemRegisters, and its PCC covers this file only. It has no
# ambient authority: everything it can touch, it reaches through c31, the record that CInvoke unsealed. DDC is what
# the caller made it and is never used (capability-mode loads and stores go through registers), only replaced.
#
# Who may come here: anybody who holds the sealed pair of a gate, which the monitor put into one c-list and which
# nobody can store elsewhere. He chooses every register but pc and c31, the moment, and the state of his own memory.
# Nothing else enters: the code capabilities are sealed, and there is no other way to point PCC here.
#
# The monitor may take the processor away after any instruction, run other threads through here, and come back, or
# never come back. All state is per thread (the thread record), but the places of stacks in entry records and the locks
# of streams: those are taken by one atomic instruction. The labels with "_trap" and "_window" tell the monitor where a
# thread is.
#
# A trap in here other than at a _trap label is the caller's doing (say, a return address outside his text); the
# monitor charges it to the cVM that the thread is in; or, in send_window, answers for the switcher: with an error, behind
# send_sent with what a0 says.

#include "../include/cvm-abi.h"
.include "cheri.inc"

#define PERMISSIONS_OF_SOURCE 4         /* Load */
#define PERMISSIONS_OF_BUFFER 12        /* Load, Store */

# Stores or loads ra, sp, gp, tp, s0 .. s11 in a frame.
.macro each_saved operation, frame
  .set  offset, FRAME_RA
  .irp  register, ra, sp, gp, tp, s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11
  \operation \register, offset(\frame)
  .set  offset, offset + 8
  .endr
.endm

.macro clear_floating_point
  .irp  quarter, 0, 1, 2, 3
  fpclear \quarter, 0xff
  .endr
  csrw  fcsr, zero
.endm

# What the monitor knows by name.
  .globl gate_hostcall, hostcall_trap, gate_call, call_window, call_window_end, call_refused, gate_return
  .globl return_window, return_window_end, return_trap, gate_send, send_window, send_sent, send_window_end
  .globl send_end

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
gate_hostcall:
hostcall_trap:
  ebreak                            # the monitor knows this pc, takes identity from c31, sets a0, goes on behind it

# Atlas here: as above, but a0 = result. Registers are as the monitor left them: the same thread's, unless it was
# killed. The return target can only be the cVM's own text: its PCC comes from the record, ra supplies the offset.
# Leaves: a0 result; ra, sp, gp, tp, s0..s11 the caller's own; t1 its own PCC; every other register cleared, so that
# neither c31 nor anything the monitor touched goes out.
go_back:
  lc    t1, GATE_PCC, t6            # protects the switcher: PCC is never taken from the caller
  csetoffset t1, t1, ra             # out of representable range: untagged, and the jump below traps
  cclear 0, 0xa0                    # t0, t2
  cclear 1, 0xf8                    # a1 .. a5
  cclear 2, 0x03                    # a6, a7
  cclear 3, 0xf0                    # t3 .. t6
  jalr_cap zero, t1                 # integer mode again: the record's PCC has flag 0

# --- gate_call: a thread goes into another cVM ----------------------------------------------------------------------
#
# Atlas at entry
#   c31  bind record of caller and entry, read-only
#   a0 .. a3  arguments, integers        a4, a5  address and size of a buffer of the caller's, size 0: none
#   a6  nanoseconds that the call may last, 0: no limit; the monitor looks after it       a7  not 0: the buffer is read-only
#   ra   where the caller wants to go on; sp, gp, tp, s0..s11 the caller's own, given back to it as integers
#   rest the caller's; hostile; not read
# Goes to the entry with: a0 .. a3; c4 of the arguments, ca4: the buffer, Load, Store unless a7 was set, exact, or untagged; a5 its
# size; a6 badge; sp a stack of the callee's that no other call uses; t1 the callee's PCC; everything else zero,
# floating point too. DDC and PCC are the callee's own, from its record.
# Refuses, with -EAGAIN at the caller, when calls are nested too deep or no stack of the caller's share is free.
gate_call:
  lc    t0, BIND_GATE, t6
  lc    t0, GATE_CURRENT, t0
  lc    t0, 0, t0                   # ct0: record of this thread
  ld    t1, THREAD_TOP(t0)
  ld    t2, THREAD_LIMIT(t0)
  bgeu  t1, t2, call_refused
  cincoffset t1, t0, t1             # ct1: its next frame, nobody's business until THREAD_TOP says it counts
  sc    t6, FRAME_BIND, t1
  each_saved sd, t1
  csrr  t2, time
  sd    t2, FRAME_SINCE(t1)
  sd    a6, FRAME_LIMIT(t1)
  lc    t3, BIND_ENTRY, t6          # ct3: entry record
  lc    t5, BIND_STACKS, t6         # protects other callers: this one cannot hold their share of the stacks
  cgetlen t4, t5                    # of this very share: the monitor may deal them out anew at any moment
call_claim:
  beqz  t4, call_refused
  amoswap.d t2, zero, (t5)          # t2: top of a stack that is now this call's, or 0: in use
call_window:                        # up to call_window_end the stack t2, if any, is this thread's and no frame says so
  bnez  t2, call_claimed
  cincoffsetimm t5, t5, 8
  addi  t4, t4, -8
  j     call_claim
call_claimed:
  sc    t5, FRAME_SLOT, t1
  sd    t2, FRAME_STACK(t1)
  ld    t4, THREAD_TOP(t0)
  addi  t4, t4, FRAME_SIZE
  sd    t4, THREAD_TOP(t0)          # from here on the thread is in the callee
call_window_end:
  lc    t4, BIND_GATE, t6
  lc    t4, GATE_DDC, t4            # the caller's own DDC, not what he has made of it: cannot be somebody's window
  cincoffset t4, t4, a4
  csetboundsexact t4, t4, a5
  li    t5, PERMISSIONS_OF_BUFFER
  beqz  a7, 2f
  li    t5, PERMISSIONS_OF_SOURCE
2:
  candperm a4, t4, t5
  bnez  a5, 1f
  mv    a4, zero
1:
  mv    sp, t2
  ld    a6, BIND_BADGE(t6)
  lc    t4, ENTRY_GATE, t3
  lc    t5, GATE_DDC, t4
  cspecialrw zero, 1, t5
  lc    t1, GATE_PCC, t4
  ld    t5, ENTRY_PC(t3)
  csetoffset t1, t1, t5             # the monitor checked that it is in the callee's text
  mv    a0, a0                      # integers only: no capability goes across but the buffer
  mv    a1, a1
  mv    a2, a2
  mv    a3, a3
  mv    a5, a5
  cclear 0, 0xba                    # ra, gp, tp, t0, t2
  cclear 1, 0x03                    # s0, s1
  cclear 2, 0xfe                    # a7, s2 .. s7
  cclear 3, 0xff                    # s8 .. s11, t3 .. t6
  clear_floating_point
  jalr_cap zero, t1

# Back to the caller, who is still where the thread is. As gate_hostcall's end, with the caller's gate record.
call_refused:
  li    a0, -EAGAIN
  lc    t6, BIND_GATE, t6
  j     go_back

# --- gate_return: a thread goes back where it came from -------------------------------------------------------------
#
# Atlas at entry
#   c31  gate record of the cVM that returns, read-only
#   a0, a1  results, integers
#   rest the callee's; hostile; not read
# Only the callee of the thread's innermost call may return, and only to the caller of that call: the frame says where.
# Leaves: a0, a1; ra, sp, gp, tp, s0..s11 as the caller had them; t1 the caller's PCC; everything else zero, floating
# point too; DDC the caller's own.
gate_return:
  lc    t0, GATE_CURRENT, t6
  lc    t0, 0, t0
  cgettag t1, t0
  beqz  t1, return_trap             # the thread has no record: it never called anybody
  ld    t1, THREAD_TOP(t0)
  li    t2, THREAD_FRAMES
  bgeu  t2, t1, return_trap         # protects the switcher: nobody called
  addi  t1, t1, -FRAME_SIZE
  cincoffset t2, t0, t1             # ct2: innermost frame
  lc    t3, FRAME_BIND, t2
  lc    t4, BIND_ENTRY, t3
  lc    t4, ENTRY_GATE, t4
  cgetaddr t4, t4
  cgetaddr t5, t6
  bne   t4, t5, return_trap         # protects caller and callee: somebody else wants to return for the callee
  lc    t4, FRAME_SLOT, t2
  ld    t5, FRAME_STACK(t2)
  sd    t1, THREAD_TOP(t0)          # from here on the thread is in the caller
return_window:                      # until the next is done, the stack t5 is nobody's and not yet free
  sd    t5, 0(t4)
return_window_end:
  lc    t3, BIND_GATE, t3
  lc    t1, GATE_DDC, t3
  cspecialrw zero, 1, t1
  each_saved ld, t2
  mv    a0, a0
  mv    a1, a1
  lc    t1, GATE_PCC, t3
  csetoffset t1, t1, ra             # the caller chose ra; outside its text the jump traps, and it is the caller's fault
  cclear 0, 0xa0                    # t0, t2
  cclear 1, 0xf0                    # a2 .. a5
  cclear 2, 0x03                    # a6, a7
  cclear 3, 0xf0                    # t3 .. t6
  clear_floating_point
  jalr_cap zero, t1

# A return without a call: the monitor takes it for a fault of the cVM that tried.
return_trap:
  ebreak

# --- gate_send: bytes go into a stream ------------------------------------------------------------------------------
#
# Atlas at entry
#   c31  stream record, the sender's        a0, a1  address and size of what it sends, hostile
#   ra   where the sender wants to go on; rest the sender's; hostile; not read
# Copies as much as the ring has room for, and returns how many bytes, or -EAGAIN (no room, or nobody listens yet),
# -EPIPE (the receiver is gone), -EFAULT (not the sender's memory), -EBUSY (another thread is sending).
# The ring lies in the receiver's memory, and so do head and tail: the receiver may write there what it likes and spoils
# nothing but its own input, because the place is masked and the ring's capability has bounds. The sender holds no
# capability to it, and what it sent is out of its reach.
#
# Atlas from send_window on
#   ct0 source, Load only: a capability loaded through it is plain data       ct1 destination      a2 bytes of this piece
#   ct3 ring's control     t4 head afterwards     a3 bytes of the second piece, from the ring's beginning     a0 result
#   t2 0 while the lock is this thread's     c31 record
gate_send:
  lc    t0, STREAM_GATE, t6
  lc    t0, GATE_DDC, t0
  li    t2, PERMISSIONS_OF_SOURCE
  candperm t0, t0, t2
  cincoffset t0, t0, a0
  cincoffsetimm t1, t6, STREAM_LOCK
  li    t2, 1
  amoswap.d t2, t2, (t1)
send_window:
  bnez  t2, send_busy
  lc    t3, STREAM_CONTROL, t6
  cgettag a0, t3
  beqz  a0, send_closed
  ld    t4, RING_HEAD(t3)
  ld    a2, RING_TAIL(t3)
  ld    a4, STREAM_CAPACITY(t6)
  sub   a2, t4, a2
  sub   a2, a4, a2                  # room
  bltu  a4, a2, send_full           # protects nothing but the sender's patience: head and tail are nonsense
  bltu  a2, a1, 1f
  mv    a2, a1
1:
  beqz  a2, send_full
  mv    a0, a2
  addi  a5, a4, -1
  and   a5, a5, t4                  # place in the ring
  add   t4, t4, a2
  lc    t1, STREAM_RING, t6
  cincoffset t1, t1, a5
  sub   a4, a4, a5                  # bytes to the ring's end
  mv    a3, zero
  bgeu  a4, a2, send_piece
  sub   a3, a2, a4
  mv    a2, a4

send_piece:                         # a2 bytes from ct0 to ct1
  cgetaddr a4, t0
  cgetaddr a5, t1
  xor   a4, a4, a5
  andi  a4, a4, 15
  bnez  a4, send_words              # granules do not meet
  neg   a5, a5
  andi  a5, a5, 15                  # bytes up to the first granule
  add   a4, a5, 16
  bltu  a2, a4, send_words
  sub   a2, a2, a5
  beqz  a5, send_granules
1:
  lbu   a4, 0(t0)
  sb    a4, 0(t1)
  cincoffsetimm t0, t0, 1
  cincoffsetimm t1, t1, 1
  addi  a5, a5, -1
  bnez  a5, 1b
send_granules:
  li    a5, 128
  bltu  a2, a5, send_granule
1:
  .irp  at, 0, 16, 32, 48, 64, 80, 96, 112
  lc    a4, \at, t0
  sc    a4, \at, t1
  .endr
  cincoffsetimm t0, t0, 128
  cincoffsetimm t1, t1, 128
  addi  a2, a2, -128
  bgeu  a2, a5, 1b
send_granule:
  li    a5, 16
  bltu  a2, a5, send_words
1:
  lc    a4, 0, t0
  sc    a4, 0, t1
  cincoffsetimm t0, t0, 16
  cincoffsetimm t1, t1, 16
  addi  a2, a2, -16
  bgeu  a2, a5, 1b
send_words:
  li    a5, 8
  bltu  a2, a5, send_bytes
1:
  ld    a4, 0(t0)
  sd    a4, 0(t1)
  cincoffsetimm t0, t0, 8
  cincoffsetimm t1, t1, 8
  addi  a2, a2, -8
  bgeu  a2, a5, 1b
send_bytes:
  beqz  a2, send_copied
1:
  lbu   a4, 0(t0)
  sb    a4, 0(t1)
  cincoffsetimm t0, t0, 1
  cincoffsetimm t1, t1, 1
  addi  a2, a2, -1
  bnez  a2, 1b
send_copied:
  lc    t1, STREAM_RING, t6
  mv    a2, a3
  mv    a3, zero
  beqz  a2, send_publish
  j     send_piece

send_full:
  li    a0, -EAGAIN
  j     send_unlock
send_closed:
  ld    a0, STREAM_ERROR(t6)
  j     send_unlock
send_publish:
  sd    t4, RING_HEAD(t3)           # from here on the bytes are the receiver's
send_sent:                          # a0 is the answer, whatever happens up to send_window_end
  lc    t0, STREAM_BELL, t6
  ld    t1, STREAM_BIT(t6)
  amoor.d zero, t1, (t0)            # the monitor looks at it when a turn ends
send_unlock:
  sd    zero, STREAM_LOCK(t6)
send_window_end:
  lc    t6, STREAM_GATE, t6
  j     go_back
send_busy:
  li    a0, -EBUSY
  j     send_window_end
send_end:
