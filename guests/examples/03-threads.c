/* Example 3: threads that share the cVM's memory. A mutex and a latch out of block and wake, and what a fault does. */
#include "example.h"

enum { THREADS = 4, ROUNDS = 1000, STACK_BYTES = 4096 };
static uint8_t stacks[THREADS][STACK_BYTES] __attribute__((aligned(16)));

/* Mutex: 0 free, 1 held, 2 held and somebody waits. Only who has to wait asks the monitor. */
static uint32_t mutex;
static uint64_t counter;
/* Latch: how many threads are still at work. */
static uint32_t working = THREADS;

static void lock(uint32_t *word) {
  uint32_t free = 0;
  if (__atomic_compare_exchange_n(word, &free, 1, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) return;
  while (__atomic_exchange_n(word, 2, __ATOMIC_ACQUIRE) != 0) cvm_block(word, 2, 0);
}

static void unlock(uint32_t *word) {
  if (__atomic_exchange_n(word, 0, __ATOMIC_RELEASE) == 2) cvm_wake(word, 1);
}

static void work(void *argument) {
  for (int i = 0; i < ROUNDS; i++) {
    lock(&mutex);
    uint64_t seen = counter;
    if (i % 100 == 0) cvm_yield(); /* in the middle: without the mutex counts would be lost here */
    counter = seen + 1;
    unlock(&mutex);
  }
  if (argument != NULL) cvm_printf("%s is done\n", (const char *)argument);
  /* Block compares the word again before it waits: a wake that comes first is not lost. */
  if (__atomic_sub_fetch(&working, 1, __ATOMIC_RELEASE) == 0) cvm_wake(&working, 1);
}

/* Runs on the stack of the thread that faulted; must not return. */
static void onFault(uint64_t cause, uint64_t value, uint64_t pc) {
  (void)pc;
  cvm_printf("fault of cause %lu taken, capability check %lu\n", cause, value & 31);
  cvm_exit(counter == THREADS * ROUNDS ? 0 : 1);
}

int main(void) {
  for (int i = 0; i < THREADS; i++)
    need("thread_create", cvm_thread_create(work, i == THREADS - 1 ? "the last one" : NULL, stacks[i], STACK_BYTES));
  for (uint32_t left; (left = __atomic_load_n(&working, __ATOMIC_ACQUIRE)) != 0;) cvm_block(&working, left, 0);
  cvm_printf("%d threads counted to %lu\n", THREADS, counter);

  /* A time-out instead of waiting for ever. */
  uint32_t never = 0;
  cvm_printf("nobody wakes: %s\n", cvm_error_name(cvm_block(&never, 0, 1000)));

  /* Without a handler a fault ends the cVM, and no other. The manifest says how many may be handled. */
  need("on_fault", cvm_on_fault(onFault));
  *(volatile uint8_t *)0 = 1; /* page 0 is in nobody's memory */
  return 1;
}
