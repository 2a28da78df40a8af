/* The big lock. Every system call that the table does not mark otherwise holds it; sleeping releases it. Who holds it
 * may be preempted, but not interrupted: signals come on the way back to the program. */
#pragma once
#include "kernel/types.h"

struct kernel {
  volatile u32 lock;
  /* For the host, which looks here (src/services/statistics.ts): */
  u32 processes;
  u64 calls;             /* of those that take the lock or are traced */
  u64 pages, most_pages; /* that processes have mapped */
};
extern struct kernel kernel;

void lock_kernel(void);
void unlock_kernel(void);
