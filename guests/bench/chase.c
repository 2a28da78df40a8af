/* Pointer chase round a random cycle of 64-byte nodes; NODES decides whether they fit a cache. */
#include "bench.h"

#ifdef CHASE_MEMORY
enum { NODES = 262144 }; /* 16 MiB */
const char bench_name[] = "chase-memory";
const uint64_t bench_default_iterations = 10;
const uint64_t bench_expected = 0xde6f6ca7b2f8d0bfu;
#else
enum { NODES = 256 }; /* 16 KiB */
const char bench_name[] = "chase-cache";
const uint64_t bench_default_iterations = 20000;
const uint64_t bench_expected = 0xa2f0dc6729a7ffc0u;
#endif

struct node {
  struct node *next;
  uint64_t value;
  uint64_t padding[6];
};
static struct node nodes[NODES];
static uint32_t order[NODES];

/* Sattolo's shuffle: a permutation that is one cycle. */
static void link(void) {
  uint64_t random = 0x123456789abcdefu;
  for (uint32_t n = 0; n < NODES; n++) order[n] = n;
  for (uint32_t n = NODES - 1; n > 0; n--) {
    uint32_t other = (uint32_t)(nextRandom(&random) >> 32) % n;
    uint32_t swapped = order[n];
    order[n] = order[other];
    order[other] = swapped;
  }
  for (uint32_t n = 0; n < NODES; n++) {
    nodes[n].next = &nodes[order[n]];
    nodes[n].value = n * 7u + 1;
  }
}

static uint64_t chase(void) {
  const struct node *node = nodes;
  uint64_t sum = 0;
  do {
    sum = (sum << 1) + node->value + (sum >> 63);
    node = node->next;
  } while (node != nodes);
  return sum;
}

uint64_t bench_run(uint64_t iterations) {
  link();
  REPEAT_CHECKED(iterations, chase());
}
