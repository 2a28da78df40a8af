/* Big code: 512 different functions in some 100 KiB, each called four times an iteration in a scattered order.
 * Decoding, translating and finding code costs more here than running it. The preprocessor writes the functions; the
 * constant in each decides which of eight bodies remains and what it computes. */
#include "bench.h"

const char bench_name[] = "bigcode";
const uint64_t bench_default_iterations = 100;
const uint64_t bench_expected = 0x7b7928b0439cfdfeu;

enum { FUNCTIONS = 512, CALLS = 2048 };
static uint32_t memory[1024];

#define SEED(n) ((n) * 2654435761u % 65521u)

static inline __attribute__((always_inline)) uint64_t straight(uint64_t x, uint32_t n) {
  uint64_t a = x ^ SEED(n), b = x + n * 3, c = x >> (n % 13 + 1);
  a += b << (n % 5 + 1), b ^= c + SEED(n + 1), c += a >> 3;
  a ^= c << (n % 7 + 2), b += a * (n % 31 + 3), c ^= b >> (n % 11 + 1);
  a -= b ^ SEED(n + 2), b ^= c << 5, c += a & SEED(n + 3);
  return a + (b ^ c);
}

static inline __attribute__((always_inline)) uint64_t ladder(uint64_t x, uint32_t n) {
  if (x & 1u << n % 16) x += SEED(n);
  if ((x >> 3 & 63) > n % 64) x ^= x >> 7;
  else x += n * 5;
  if ((x & 255) < n % 200) x = x * (n % 9 + 2) + 1;
  if ((int64_t)x < 0) x = ~x + n;
  if (x % 1024 > SEED(n) % 1024) x -= SEED(n + 5);
  return x ^ (x << (n % 9 + 1));
}

static inline __attribute__((always_inline)) uint64_t table(uint64_t x, uint32_t n) {
  uint32_t *cell = &memory[SEED(n) % 1000];
  cell[0] += (uint32_t)x;
  cell[3] ^= cell[1] + n;
  cell[1] = cell[2] * (n % 17 + 3) + cell[0];
  cell[2] += (uint32_t)(x >> 32) ^ cell[3];
  return x + cell[n % 4] * (uint64_t)SEED(n);
}

static inline __attribute__((always_inline)) uint64_t loop(uint64_t x, uint32_t n) {
  for (uint32_t turn = 0; turn < n % 6 + 2; turn++) x = (x >> 1 ^ SEED(n + turn)) + (x & 1 ? n * 7 : turn);
  return x;
}

static inline __attribute__((always_inline)) uint64_t choose(uint64_t x, uint32_t n) {
  switch (x % 6) {
    case 0: return x + SEED(n);
    case 1: return x ^ SEED(n + 1) << 3;
    case 2: return x * (n % 13 + 3);
    case 3: return (x >> 5) - n;
    case 4: return x - (x << (n % 6 + 1));
    default: return ~x + SEED(n + 2);
  }
}

static inline __attribute__((always_inline)) uint64_t body(uint64_t x, uint32_t n) {
  switch (n % 8) {
    case 0: return ladder(straight(x, n), n + 1);
    case 1: return table(x, n) + straight(x, n + 9);
    case 2: return loop(ladder(x, n), n);
    case 3: return choose(straight(x, n), n);
    case 4: return table(ladder(x, n), n + 3);
    case 5: return straight(straight(x, n), n + 77);
    case 6: return loop(x, n) ^ choose(x, n + 5);
    default: return straight(choose(ladder(x, n), n), n + 13);
  }
}

#define FUNCTION(n) \
  static __attribute__((noinline)) uint64_t function##n(uint64_t x) { return body(x, 0##n); }
#define ADDRESS(n) function##n,

/* Octal digits make the numbers 000 … 777 by pasting, which are also their values. */
#define EIGHT(m, p) m(p##0) m(p##1) m(p##2) m(p##3) m(p##4) m(p##5) m(p##6) m(p##7)
#define SIXTY_FOUR(m, p) \
  EIGHT(m, p##0) EIGHT(m, p##1) EIGHT(m, p##2) EIGHT(m, p##3) EIGHT(m, p##4) EIGHT(m, p##5) EIGHT(m, p##6) EIGHT(m, p##7)
#define ALL(m)                                                                                                    \
  SIXTY_FOUR(m, 0) SIXTY_FOUR(m, 1) SIXTY_FOUR(m, 2) SIXTY_FOUR(m, 3) SIXTY_FOUR(m, 4) SIXTY_FOUR(m, 5) SIXTY_FOUR(m, 6) \
  SIXTY_FOUR(m, 7)

ALL(FUNCTION)
static uint64_t (*const functions[FUNCTIONS])(uint64_t) = {ALL(ADDRESS)};

static uint64_t callAll(void) {
  uint64_t x = 0x123456789abcdefu;
  uint32_t at = 0;
  for (int n = 0; n < 1024; n++) memory[n] = (uint32_t)n;
  for (int n = 0; n < CALLS; n++) {
    at = at * 5 + 3; /* full period modulo a power of two: every function equally often */
    x = functions[(at + (at >> 11)) % FUNCTIONS](x);
  }
  return x;
}

uint64_t bench_run(uint64_t iterations) { REPEAT_CHECKED(iterations, callAll()); }
