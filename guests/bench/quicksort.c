/* Quicksort with the median of three, insertion sort below 12: unpredictable branches, recursion. */
#include "bench.h"

const char bench_name[] = "quicksort";
const uint64_t bench_default_iterations = 20;
const uint64_t bench_expected = 0x4c5511e6532a02b0u;

enum { COUNT = 10000, SMALL = 12 };
static uint32_t values[COUNT];

static void swap(uint32_t *a, uint32_t *b) {
  uint32_t old = *a;
  *a = *b;
  *b = old;
}

static void insertionSort(uint32_t *first, int64_t count) {
  for (int64_t n = 1; n < count; n++) {
    uint32_t value = first[n];
    int64_t at = n;
    for (; at > 0 && first[at - 1] > value; at--) first[at] = first[at - 1];
    first[at] = value;
  }
}

static uint32_t medianOfThree(uint32_t *first, int64_t count) {
  uint32_t *middle = first + count / 2;
  uint32_t *last = first + count - 1;
  if (*middle < *first) swap(middle, first);
  if (*last < *first) swap(last, first);
  if (*last < *middle) swap(last, middle);
  return *middle;
}

__attribute__((noinline)) static void quicksort(uint32_t *first, int64_t count) {
  if (count < SMALL) {
    insertionSort(first, count);
    return;
  }
  uint32_t pivot = medianOfThree(first, count);
  int64_t low = -1;
  int64_t high = count;
  for (;;) {
    do low++;
    while (first[low] < pivot);
    do high--;
    while (first[high] > pivot);
    if (low >= high) break;
    swap(first + low, first + high);
  }
  quicksort(first, high + 1);
  quicksort(first + high + 1, count - high - 1);
}

static uint64_t sortOnce(void) {
  uint64_t random = 0x123456789abcdefu;
  uint64_t checksum = 0;
  for (int n = 0; n < COUNT; n++) values[n] = (uint32_t)(nextRandom(&random) >> 32);
  quicksort(values, COUNT);
  for (int n = 1; n < COUNT; n++) {
    if (values[n - 1] > values[n]) return 1;
    checksum = mixChecksum(checksum, values[n]);
  }
  return checksum;
}

uint64_t bench_run(uint64_t iterations) { REPEAT_CHECKED(iterations, sortOnce()); }
