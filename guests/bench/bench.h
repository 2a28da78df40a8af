/* What a kernel and its start-up code know of each other. One source serves three targets: RISC-V without an operating
 * system, RISC-V as a Linux program (the same image, see start.S) and the build machine's own processor. */
#ifndef BENCH_H
#define BENCH_H

#include <stddef.h>
#include <stdint.h>

/* Provided by each kernel. */
extern const char bench_name[];
/* Iterations when the harness asks for none: roughly 10 to 50 million instructions. */
extern const uint64_t bench_default_iterations;
/* What bench_run must return whatever the number of iterations (at least 1): the check of the work itself. */
extern const uint64_t bench_expected;
/* Repeats the same work `iterations` times, so that instructions retired are linear in the count, and returns the
 * last iteration's checksum; any iteration that disagrees with bench_expected ends the run there. */
uint64_t bench_run(uint64_t iterations);

/* Provided by platform.c, for the compiler's own calls too. */
void *memcpy(void *destination, const void *source, size_t sizeBytes);
void *memset(void *destination, int value, size_t sizeBytes);

/* Hides a value's origin from the optimiser: without it an iteration that repeats the last one could be dropped. */
#define OPAQUE(value) __asm__ volatile("" : "+r"(value) : : "memory")

/* Repeats `work`, an expression that yields the checksum. */
#define REPEAT_CHECKED(iterations, work)              \
  do {                                                \
    uint64_t checksum = 0;                            \
    for (uint64_t n = 0; n < (iterations); n++) {     \
      checksum = (work);                              \
      OPAQUE(checksum);                               \
      if (checksum != bench_expected) break;          \
    }                                                 \
    return checksum;                                  \
  } while (0)

/* Marsaglia's xorshift64: the inputs of every kernel. */
static inline uint64_t nextRandom(uint64_t *state) {
  uint64_t x = *state;
  x ^= x << 13;
  x ^= x >> 7;
  x ^= x << 17;
  *state = x;
  return x;
}

static inline uint64_t mixChecksum(uint64_t checksum, uint64_t value) {
  return (checksum ^ value) * 0x9e3779b97f4a7c15u + (checksum >> 29);
}

#endif
