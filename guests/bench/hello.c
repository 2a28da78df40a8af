/* Nothing but the start and the end: the cost that is not the kernel's. */
#include "bench.h"

const char bench_name[] = "hello";
const uint64_t bench_default_iterations = 1;
const uint64_t bench_expected = 1;

uint64_t bench_run(uint64_t iterations) { REPEAT_CHECKED(iterations, 1); }
