# Hostcalls: the one way out of a cVM. CInvoke of the sealed pair in the c-list enters the switcher's hostcall gate,
# which comes back to ra with the result in a0 and the temporaries cleared.
#include "../include/cvm-abi.h"
.include "cheri.inc"
  .option norelax
  .text

# long cvm_hostcall(long a0, long a1, long a2, long a3, long a4, long a5, long unused, long number)
  .globl cvm_hostcall
cvm_hostcall:
  la   t2, cvm_boot_page
  lc   t0, SLOT_SIZE * SLOT_HOSTCALL_CODE, t2
  lc   t1, SLOT_SIZE * SLOT_HOSTCALL_DATA, t2
  cinvoke t0, t1
