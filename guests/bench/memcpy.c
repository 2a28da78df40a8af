/* Copies 32 KiB as a C library would (eight doublewords a turn), then in an odd size byte by byte. */
#include "bench.h"

const char bench_name[] = "memcpy";
const uint64_t bench_default_iterations = 2000;
const uint64_t bench_expected = 0x69748a472193f377u;

enum { SIZE = 32768, ODD = 509 };
static uint64_t source[SIZE / 8];
static uint64_t destination[SIZE / 8];

__attribute__((noinline)) static void copyWords(uint64_t *to, const uint64_t *from, size_t count) {
  for (; count >= 8; count -= 8, to += 8, from += 8) {
    uint64_t a = from[0], b = from[1], c = from[2], d = from[3];
    uint64_t e = from[4], f = from[5], g = from[6], h = from[7];
    to[0] = a, to[1] = b, to[2] = c, to[3] = d;
    to[4] = e, to[5] = f, to[6] = g, to[7] = h;
  }
  while (count-- != 0) *to++ = *from++;
}

__attribute__((noinline)) static void copyBytes(uint8_t *to, const uint8_t *from, size_t count) {
  while (count-- != 0) *to++ = *from++;
}

static uint64_t copyAll(void) {
  copyWords(destination, source, SIZE / 8);
  copyBytes((uint8_t *)destination + 3, (const uint8_t *)source + 1001, ODD);
  return destination[0] ^ destination[1] ^ destination[60] * 3 ^ destination[SIZE / 8 - 1] * 5;
}

uint64_t bench_run(uint64_t iterations) {
  uint64_t random = 0x123456789abcdefu;
  for (size_t n = 0; n < SIZE / 8; n++) source[n] = nextRandom(&random);
  REPEAT_CHECKED(iterations, copyAll());
}
