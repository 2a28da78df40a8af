# Copying through capabilities in the c-list: shared files, loans, the buffer of a call. And within this cVM's memory,
# because it is the fastest way: a capability-sized load and store move any 128 bits in two instructions. The
# capabilities lack LoadCap and StoreCap, so whatever is copied is data.
#
# And crossings into others: CInvoke of the pair of a call or of a stream. They are here because the peer may end at any
# moment, between the look at a pair and its use too.
#
# Between cvm_copy_begin and cvm_copy_end a tag violation means that the capability was taken away: the monitor goes on
# at cvm_copy_landing with -EREVOKED in a0 (cvm.c tells it so).
#include "../include/cvm-abi.h"
.include "cheri.inc"
#define SMALL 128
  .option norelax
  .option norvc                     # compressed loads and stores mean other things in capability mode
  .text

.macro file_slot                    # a0 = handle: t2 = where its capability is
  li   t1, FILE_HANDLES
  bgeu a0, t1, word_no_file
  la   t2, cvm_boot_page + SLOT_SIZE * SLOT_FILE
  slli a0, a0, 4
  add  t2, t2, a0
.endm
.macro file_part                    # a0 = handle, a1 = offset, a3 = size: ca0 = the file, a3 and t4 what there is of it
  file_slot
  lc   a0, 0, t2
  cgettag t1, a0
  beqz t1, file_revoked
  cgetlen t1, a0
  bgeu a1, t1, file_end
  sub  t1, t1, a1                   # bytes from there to the end
  bltu a3, t1, 1f
  mv   a3, t1
1:
  mv   t4, a3
.endm
.macro file_word                    # a0 = handle, a1 = offset: ct0 = the word there
  file_slot
  lc   t0, 0, t2
  cgetlen t1, t0
  addi t1, t1, -4
  bltu t1, a1, word_outside
  cincoffset t0, t0, a1
.endm

# long cvm_capability_size(long slot): bytes, or -EREVOKED
  .globl cvm_capability_size
cvm_capability_size:
  la   t2, cvm_boot_page
  slli a0, a0, 4
  add  t2, t2, a0
  lc   t0, 0, t2
  li   a0, -EREVOKED
  cgettag t1, t0
  beqz t1, 1f
  cgetlen a0, t0
1:
  cmove t0, zero
  ret

  .globl cvm_copy_begin
cvm_copy_begin:
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

# long cvm_file_write(long handle, unsigned long offset, const void *from, unsigned long size): how many bytes, fewer at the
# file's end, or an error
  .globl cvm_file_write
cvm_file_write:
  file_part
  cincoffset a0, a0, a1
  cspecialrw t0, 1, zero            # DDC: its address is this cVM's address 0
  cincoffset a2, t0, a2
  j    copy

# long cvm_file_read(long handle, unsigned long offset, void *to, unsigned long size): likewise
  .globl cvm_file_read
cvm_file_read:
  file_part
  cincoffset t1, a0, a1
  cspecialrw t0, 1, zero
  cincoffset a0, t0, a2
  cmove a2, t1
  j    copy
file_revoked:
  li   a0, -EREVOKED
  ret
file_end:
  li   a0, 0
  ret

# long cvm_argument_read(unsigned long offset, void *to, unsigned long size): out of the buffer that came with a call. 0
# A few whole granules are copied in integer mode: switching modes would cost more.
  .globl cvm_argument_read
cvm_argument_read:
  cincoffset t0, s11, a0
  cgetaddr t1, t0
  or   t1, t1, a1
  or   t1, t1, a2
  andi t1, t1, 15
  li   t2, SMALL
  bnez t1, 2f
  bltu t2, a2, 2f
  beqz a2, 3f
1:
  lc_cap t1, t0
  sc   t1, 0, a1
  cincoffsetimm t0, t0, 16
  addi a1, a1, 16
  addi a2, a2, -16
  bnez a2, 1b
  j    3f
2:
  li   t4, 0
  mv   a3, a2
  cincoffset a2, s11, a0
  cspecialrw t0, 1, zero
  cincoffset a0, t0, a1
  j    copy

# long cvm_argument_write(unsigned long offset, const void *from, unsigned long size): into it. 0
  .globl cvm_argument_write
cvm_argument_write:
  cincoffset t0, s11, a0
  cgetaddr t1, t0
  or   t1, t1, a1
  or   t1, t1, a2
  andi t1, t1, 15
  li   t2, SMALL
  bnez t1, 2f
  bltu t2, a2, 2f
  beqz a2, 3f
1:
  lc   t1, 0, a1
  sc_cap t1, t0
  cincoffsetimm t0, t0, 16
  addi a1, a1, 16
  addi a2, a2, -16
  bnez a2, 1b
  j    3f
2:
  li   t4, 0
  mv   a3, a2
  cspecialrw t0, 1, zero
  cincoffset a2, t0, a1
  cincoffset a0, s11, a0
  j    copy

# void cvm_copy(void *to, const void *from, unsigned long size): within this cVM's memory
  .globl cvm_copy
cvm_copy:
  li   t4, 0
  mv   a3, a2
  cspecialrw t0, 1, zero
  cincoffset a2, t0, a1
  cincoffset a0, t0, a0
  j    copy

# long cvm_file_load(long handle, unsigned long offset): the 32-bit word there, or -EBADF, -EINVAL, -EREVOKED. An empty
# slot has no tag, so the load goes to the landing. In a file of less than four bytes it is a fault.
  .globl cvm_file_load
cvm_file_load:
  file_word
  lwu_cap a0, t0
  cmove t0, zero
  ret

# long cvm_file_store(long handle, unsigned long offset, uint32_t value): 0, or the same errors
  .globl cvm_file_store
cvm_file_store:
  file_word
  sw_cap a2, t0
  cmove t0, zero
  li   a0, 0
  ret
word_no_file:
  li   a0, -EBADF
  ret
word_outside:
  cmove t0, zero
  li   a0, -EINVAL
  ret

# Atlas in capability mode
#   ca0 destination, moves up     ca2 source, moves up     a3 bytes left     ct5 way back, integer mode     t4 result
copy:
  cspecialrw t1, 0, zero            # PCC, in capability mode, at copy_capability_mode
  la   t2, copy_capability_mode
  csetoffset t1, t1, t2
  li   t2, 1
  csetflags t1, t1, t2
  jalr_cap t5, t1
  cmove t0, zero
  cmove t1, zero
  mv   a0, t4
  .globl cvm_copy_landing
cvm_copy_landing:                   # the copy changes neither ra nor sp: from here it is an ordinary return
  ret
3:
  cmove t0, zero
  cmove t1, zero
  li   a0, 0
  ret

copy_capability_mode:
  cgetaddr t0, a0
  cgetaddr t1, a2
  xor  t1, t0, t1
  andi t2, t1, 15
  bnez t2, copy_unlike
  neg  t0, t0
  andi t0, t0, 15                   # bytes up to the first granule
  bltu t0, a3, copy_head
  mv   t0, a3
copy_head:
  sub  a3, a3, t0
copy_head_byte:
  beqz t0, copy_granules
  lbu  t1, 0(a2)
  sb   t1, 0(a0)
  cincoffsetimm a2, a2, 1
  cincoffsetimm a0, a0, 1
  addi t0, t0, -1
  j    copy_head_byte

copy_granules:
  li   t0, 128
  bltu a3, t0, copy_granule
copy_eight_granules:
  lc   t1, 0, a2
  lc   t2, 16, a2
  lc   a1, 32, a2
  lc   a4, 48, a2
  lc   a5, 64, a2
  lc   a6, 80, a2
  lc   a7, 96, a2
  lc   t3, 112, a2
  sc   t1, 0, a0
  sc   t2, 16, a0
  sc   a1, 32, a0
  sc   a4, 48, a0
  sc   a5, 64, a0
  sc   a6, 80, a0
  sc   a7, 96, a0
  sc   t3, 112, a0
  addi a3, a3, -128
  cincoffsetimm a2, a2, 128
  cincoffsetimm a0, a0, 128
  bgeu a3, t0, copy_eight_granules
copy_granule:
  li   t0, 16
  bltu a3, t0, copy_bytes
1:
  lc   t1, 0, a2
  sc   t1, 0, a0
  addi a3, a3, -16
  cincoffsetimm a2, a2, 16
  cincoffsetimm a0, a0, 16
  bgeu a3, t0, 1b
  j    copy_bytes

# Source and destination differ in their place within a granule: eight bytes at a time, the load may be misaligned.
copy_unlike:
  li   t0, 64
  bltu a3, t0, copy_words
1:
  ld   t1, 0(a2)
  ld   t2, 8(a2)
  ld   a1, 16(a2)
  ld   a4, 24(a2)
  ld   a5, 32(a2)
  ld   a6, 40(a2)
  ld   a7, 48(a2)
  ld   t3, 56(a2)
  sd   t1, 0(a0)
  sd   t2, 8(a0)
  sd   a1, 16(a0)
  sd   a4, 24(a0)
  sd   a5, 32(a0)
  sd   a6, 40(a0)
  sd   a7, 48(a0)
  sd   t3, 56(a0)
  addi a3, a3, -64
  cincoffsetimm a2, a2, 64
  cincoffsetimm a0, a0, 64
  bgeu a3, t0, 1b
copy_words:
  li   t0, 8
  bltu a3, t0, copy_bytes
1:
  ld   t1, 0(a2)
  sd   t1, 0(a0)
  addi a3, a3, -8
  cincoffsetimm a2, a2, 8
  cincoffsetimm a0, a0, 8
  bgeu a3, t0, 1b

copy_bytes:
  beqz a3, copy_done
  lbu  t1, 0(a2)
  sb   t1, 0(a0)
  cincoffsetimm a2, a2, 1
  cincoffsetimm a0, a0, 1
  addi a3, a3, -1
  j    copy_bytes

copy_done:
  cmove a0, zero                    # neither window nor source capability goes on living in a register
  cmove a2, zero
  jr   t5                           # capability mode: c.jr is CJALR, the sealed entry unseals and switches back
  .globl cvm_copy_end
cvm_copy_end:
