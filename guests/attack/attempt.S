# Running a probe so that its fault comes back to C. One attempt at a time, one thread.
#include "../include/cvm-abi.h"
.include "cheri.inc"
  .option norelax
  .text

.macro keep operation
  \operation ra, 0(t0)
  \operation sp, 8(t0)
  \operation gp, 16(t0)
  \operation tp, 24(t0)
  \operation s0, 32(t0)
  \operation s1, 40(t0)
  \operation s2, 48(t0)
  \operation s3, 56(t0)
  \operation s4, 64(t0)
  \operation s5, 72(t0)
  \operation s6, 80(t0)
  \operation s7, 88(t0)
  \operation s8, 96(t0)
  \operation s9, 104(t0)
  \operation s10, 112(t0)
  \operation s11, 120(t0)
.endm

# int try_run(probe, a0, a1, a2): 0 it came back (its result in try_result), 1 it faulted.
  .globl try_run
try_run:
  la   t0, try_state
  keep sd
  mv   t1, a0
  mv   a0, a1
  mv   a1, a2
  mv   a2, a3
  jalr t1
  la   t0, try_result
  sd   a0, 0(t0)
  li   a0, 0
  j    try_back
# The fault handler: (cause, value, pc), DDC as it was at the start, every other register as the probe left it.
  .globl try_fault
try_fault:
  la   t0, try_fault_cause
  sd   a0, 0(t0)
  la   t0, try_fault_value
  sd   a1, 0(t0)
  li   a0, 1
try_back:
  la   t0, try_state
  keep ld
  ret

# Address of this cVM's 0, base and length of its DDC, absolute.
  .globl own_origin
own_origin:
  cspecialrw t0, 1, zero
  cgetaddr a0, t0
  ret
  .globl own_base
own_base:
  cspecialrw t0, 1, zero
  cgetbase a0, t0
  ret
  .globl own_length
own_length:
  cspecialrw t0, 1, zero
  cgetlen a0, t0
  ret

  .bss
  .balign 16
try_state:  .skip 128
  .globl try_result, try_fault_cause, try_fault_value
try_result: .skip 8
try_fault_cause: .skip 8
try_fault_value: .skip 8
