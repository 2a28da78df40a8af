/* A callee that takes its own faults, so many as its manifest allows; "exhaust allowance" tries to use them up for it. */
#include "attack.h"

long return_now(long, long, long);

static uint8_t stacks[2][1024] __attribute__((aligned(16)));
static volatile uint32_t stumble;
static uint32_t home;

static long serve(long verb, long x, long y, long z, size_t size, long caller) {
  (void)y, (void)z, (void)size, (void)caller;
  if (verb == 0) return *(volatile long *)x;
  if (verb == 1) {
    stumble = 1;
    return cvm_wake((const uint32_t *)&stumble, 1);
  }
  return 5;
}

/* Faults at home are told; those in calls go back to the caller. */
static void handle(uint64_t cause, uint64_t value, uint64_t pc) {
  (void)cause, (void)value, (void)pc;
  if (!home) return_now(0, 0, 0);
  cvm_print("took its fault\n");
  for (;;) cvm_sleep(1000000000);
}

int main(void) {
  cvm_on_fault(handle);
  cvm_call_offer("careful", serve, stacks, sizeof stacks[0], 2);
  while (!stumble) cvm_block((const uint32_t *)&stumble, 0, 0);
  home = 1;
  return *(volatile int *)(uintptr_t)stumble;
}
