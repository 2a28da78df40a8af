/* Against host code that serves an entry. `impatient` calls from many threads and gives up after every possible time;
 * `patient` calls meanwhile and wants answers that are its own: bytes one higher than what it sent, and its number. */
#include "cvm.h"

enum { THREADS = 6, STACK_BYTES = 4096, BYTES = 256, CALLS = 200, WANTED = 40 };

static long entry;
static uint8_t stacks[THREADS][STACK_BYTES] __attribute__((aligned(16)));
static uint8_t buffers[THREADS][BYTES] __attribute__((aligned(16)));
static uint32_t working = THREADS, results[3];

static int rank(long result) {
  return result == -ETIMEDOUT ? 1 : result == -EAGAIN ? 2 : 0;
}

static void hurry(void *argument) {
  uint64_t self = (uint64_t)argument;
  for (uint64_t n = 0; n < CALLS; n++) {
    uint8_t number = (uint8_t)(128 + (n * THREADS + self) % 100);
    memset(buffers[self], number, BYTES);
    struct cvm_call call = {
        .arguments = {number},
        .buffer = buffers[self],
        .sizeBytes = BYTES,
        .nanoseconds = 1 + (n * THREADS + self) * 61 % 9000,
    };
    __atomic_fetch_add(&results[rank(cvm_call_with(entry, &call))], 1, __ATOMIC_RELAXED);
  }
  if (__atomic_sub_fetch(&working, 1, __ATOMIC_RELEASE) == 0) cvm_wake(&working, 1);
}

static int impatient(void) {
  for (uint64_t i = 0; i < THREADS; i++) cvm_thread_create(hurry, (void *)i, stacks[i], STACK_BYTES);
  for (uint32_t left; (left = __atomic_load_n(&working, __ATOMIC_ACQUIRE)) != 0;) cvm_block(&working, left, 0);
  cvm_printf("answered %u, gave up %u, refused %u\n", results[0], results[1], results[2]);
  return 0;
}

static int patient(void) {
  unsigned wrong = 0, got = 0;
  while (got < WANTED) {
    uint8_t number = (uint8_t)(got + 1);
    memset(buffers[0], number, BYTES);
    long result = cvm_call(entry, number, 0, 0, 0, buffers[0], BYTES);
    if (result == -EAGAIN) {
      cvm_sleep(1000);
      continue;
    }
    got++;
    wrong += result != number;
    for (unsigned i = 0; i < BYTES; i++) wrong += buffers[0][i] != (uint8_t)(number + 1);
  }
  cvm_printf("%u answers, %u wrong\n", got, wrong);
  return 0;
}

int main(int argc, char **argv) {
  while ((entry = cvm_call_bind("sum")) == -EAGAIN) cvm_sleep(1000);
  return argc > 0 && strcmp(argv[0], "patient") == 0 ? patient() : impatient();
}
