/* The big lock: 0 free, 1 held, 2 held and somebody may wait. */
#include "kernel/kernel.h"

struct kernel kernel;

RARE static void wait_for_lock(void) {
  while (__atomic_exchange_n(&kernel.lock, 2, __ATOMIC_ACQUIRE) != 0) host_block(&kernel.lock, 2, 0);
}

void lock_kernel(void) {
  u32 before;
  __asm__ volatile("amomaxu.w.aq %0, %2, %1" : "=r"(before), "+A"(kernel.lock) : "r"(1) : "memory");
  if (before != 0) wait_for_lock();
}

void unlock_kernel(void) {
  if (__atomic_exchange_n(&kernel.lock, 0, __ATOMIC_RELEASE) == 2) cvm_wake(&kernel.lock, 1);
}
