# Looks into registers at every place where a thread comes into a cVM, and fills them wherever it goes out.
#include "../include/cvm-abi.h"
#include "spy.inc"
  .option norelax
  .text

# long cross(struct registers *found, long code slot, long data slot, long filling, long a7)
# CInvoke of the pair with every register full: filling 1 DDC, 2 PCC, 3 sealed data of the hostcall gate, 4 sealed code
# of the return gate. What is in the registers afterwards goes to *found. The result of whoever answered.
  .globl cross
cross:
  addi sp, sp, -144
  sd   ra, 16(sp)
  sd   s0, 24(sp)
  sd   s1, 32(sp)
  sd   s2, 40(sp)
  sd   s3, 48(sp)
  sd   s4, 56(sp)
  sd   s5, 64(sp)
  sd   s6, 72(sp)
  sd   s7, 80(sp)
  sd   s8, 88(sp)
  sd   s9, 96(sp)
  sd   s10, 104(sp)
  sd   s11, 112(sp)
  sd   gp, 120(sp)
  sd   tp, 128(sp)
  sd   a0, 136(sp)
  mv   a7, a4
  li   a6, 0
  la   t2, cvm_boot_page
  slli a1, a1, 4
  add  a1, a1, t2
  lc   t0, 0, a1
  slli a2, a2, 4
  add  a2, a2, t2
  lc   t1, 0, a2
  li   t3, 1
  beq  a3, t3, 1f
  li   t3, 2
  beq  a3, t3, 2f
  li   t3, 3
  beq  a3, t3, 3f
  lc   t2, SLOT_SIZE * SLOT_RETURN_CODE, t2
  j    4f
1:
  cspecialrw t2, 1, zero
  j    4f
2:
  cspecialrw t2, 0, zero
  j    4f
3:
  lc   t2, SLOT_SIZE * SLOT_HOSTCALL_DATA, t2
4:
  spread
  la   ra, cross_back
  cinvoke t0, t1
cross_back:
  dump cross_found
  mv   a1, a0
  ld   a0, 136(sp)
  la   t1, cross_found
  li   t2, DUMP_DDC + 32
5:
  add  t3, t1, t2
  ld   t4, -8(t3)
  add  t3, a0, t2
  sd   t4, -8(t3)
  addi t2, t2, -8
  bnez t2, 5b
  mv   a0, a1
  ld   ra, 16(sp)
  ld   s0, 24(sp)
  ld   s1, 32(sp)
  ld   s2, 40(sp)
  ld   s3, 48(sp)
  ld   s4, 56(sp)
  ld   s5, 64(sp)
  ld   s6, 72(sp)
  ld   s7, 80(sp)
  ld   s8, 88(sp)
  ld   s9, 96(sp)
  ld   s10, 104(sp)
  ld   s11, 112(sp)
  ld   gp, 120(sp)
  ld   tp, 128(sp)
  addi sp, sp, 144
  ret

# An entry for calls: notes what came in, goes back with its DDC in every register.
  .globl spy_entry
spy_entry:
  dump spy_found
  la   t2, cvm_boot_page
  lc   t0, SLOT_SIZE * SLOT_RETURN_CODE, t2
  lc   t1, SLOT_SIZE * SLOT_RETURN_DATA, t2
  cspecialrw t2, 1, zero
  spread
  cinvoke t0, t1

# The same, back with the caller's buffer as DDC and in every register.
  .globl spy_entry_buffer
spy_entry_buffer:
  dump spy_found
  la   t2, cvm_boot_page
  lc   t0, SLOT_SIZE * SLOT_RETURN_CODE, t2
  lc   t1, SLOT_SIZE * SLOT_RETURN_DATA, t2
  cmove t2, a4
  cspecialrw zero, 1, a4
  spread
  cinvoke t0, t1

# Where a thread begins: notes, wakes who waits for spy_done, ends.
  .globl spy_thread
spy_thread:
  dump spy_found
  la   a0, spy_done
  li   t0, 1
  sw   t0, 0(a0)
  li   a1, 1
  li   a7, HOSTCALL_WAKE
  call cvm_hostcall
1:
  li   a7, HOSTCALL_THREAD_EXIT
  call cvm_hostcall
  j    1b

# Where a fault goes: notes, then as any attempt's fault.
  .globl spy_fault
spy_fault:
  dump spy_found
  j    try_fault

# Fills every register with DDC, then loads from null.
  .globl fault_with_everything
fault_with_everything:
  cspecialrw t2, 1, zero
  spread
  lb   zero, 0(zero)

  .bss
  .balign 16
cross_found: .skip DUMP_DDC + 32
  .globl spy_found, spy_done
spy_found: .skip DUMP_DDC + 32
spy_done: .skip 8
