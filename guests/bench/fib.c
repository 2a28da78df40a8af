/* Doubly recursive Fibonacci: calls, returns and the stack. */
#include "bench.h"

const char bench_name[] = "fib";
const uint64_t bench_default_iterations = 60;
const uint64_t bench_expected = 10946;

/* Kept as written: GCC would otherwise unroll the recursion into loops. */
__attribute__((noinline, noclone, optimize("no-optimize-sibling-calls", "no-inline"))) static uint64_t
fibonacci(uint64_t n) {
  return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

static uint64_t run(void) {
  uint64_t n = 21;
  OPAQUE(n);
  return fibonacci(n);
}

uint64_t bench_run(uint64_t iterations) { REPEAT_CHECKED(iterations, run()); }
