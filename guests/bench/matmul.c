/* 48 × 48 product of double matrices. Entries are small integers: the result is exact with or without fused
 * multiply-add, so that every target gives one checksum. */
#include "bench.h"

const char bench_name[] = "matmul";
const uint64_t bench_default_iterations = 20;
const uint64_t bench_expected = 0x8ab6006b51baaae4u;

enum { SIZE = 48 };
static double left[SIZE][SIZE], right[SIZE][SIZE], product[SIZE][SIZE];

__attribute__((noinline)) static void multiply(void) {
  for (int row = 0; row < SIZE; row++) {
    for (int column = 0; column < SIZE; column++) {
      double sum = 0;
      for (int n = 0; n < SIZE; n++) sum += left[row][n] * right[n][column];
      product[row][column] = sum;
    }
  }
}

static uint64_t multiplyOnce(void) {
  uint64_t checksum = 0;
  multiply();
  for (int n = 0; n < SIZE; n++) checksum = mixChecksum(checksum, (uint64_t)(int64_t)(product[n][SIZE - 1 - n] * 64));
  return checksum;
}

uint64_t bench_run(uint64_t iterations) {
  uint64_t random = 0x123456789abcdefu;
  for (int row = 0; row < SIZE; row++) {
    for (int column = 0; column < SIZE; column++) {
      left[row][column] = (double)(int32_t)(nextRandom(&random) >> 48) / 8;
      right[row][column] = (double)(int32_t)(nextRandom(&random) >> 48) / 8;
    }
  }
  REPEAT_CHECKED(iterations, multiplyOnce());
}
