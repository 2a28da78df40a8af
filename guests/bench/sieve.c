/* Sieve of Eratosthenes over bytes: short loops, byte stores with a stride. */
#include "bench.h"

const char bench_name[] = "sieve";
const uint64_t bench_default_iterations = 20;
const uint64_t bench_expected = 17984; /* primes below 200,000 */

enum { LIMIT = 200000 };
static uint8_t isComposite[LIMIT];

static uint64_t countPrimes(void) {
  uint64_t count = 0;
  for (uint32_t n = 0; n < LIMIT; n++) isComposite[n] = 0;
  for (uint32_t n = 2; n < LIMIT; n++) {
    if (isComposite[n]) continue;
    count++;
    for (uint64_t multiple = (uint64_t)n * n; multiple < LIMIT; multiple += n) isComposite[multiple] = 1;
  }
  return count;
}

uint64_t bench_run(uint64_t iterations) { REPEAT_CHECKED(iterations, countPrimes()); }
