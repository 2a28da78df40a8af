/* Single precision: Mandelbrot set (compare and multiply), a recursive filter and a sine series (convert, divide).
 * Built without contraction (see the Makefile): every product is rounded by itself, on every target alike. */
#include "bench.h"

const char bench_name[] = "float";
const uint64_t bench_default_iterations = 20;
const uint64_t bench_expected = 0xd3cafd2060a48035u;

enum { WIDTH = 48, HEIGHT = 32, DEPTH = 60, SAMPLES = 2048 };
static float samples[SAMPLES];

static uint32_t escapeTime(float cx, float cy) {
  float x = 0, y = 0;
  uint32_t count = 0;
  while (count < DEPTH) {
    float xx = x * x, yy = y * y;
    if (xx + yy > 4.0f) break;
    y = 2.0f * x * y + cy;
    x = xx - yy + cx;
    count++;
  }
  return count;
}

static uint64_t mandelbrot(void) {
  uint64_t checksum = 0;
  for (int row = 0; row < HEIGHT; row++) {
    for (int column = 0; column < WIDTH; column++) {
      float cx = (float)column * (3.0f / WIDTH) - 2.25f;
      float cy = (float)row * (2.4f / HEIGHT) - 1.2f;
      checksum = mixChecksum(checksum, escapeTime(cx, cy));
    }
  }
  return checksum;
}

static float sine(float angle) {
  float squared = angle * angle, term = angle, sum = angle;
  for (int n = 2; n < 12; n += 2) {
    term = term * squared / (float)(-n * (n + 1));
    sum += term;
  }
  return sum;
}

static uint64_t filter(void) {
  uint64_t checksum = 0;
  float before = 0, earlier = 0;
  for (int n = 0; n < SAMPLES; n++) samples[n] = sine((float)(n % 64 - 32) * 0.09f);
  for (int n = 0; n < SAMPLES; n++) {
    float out = 0.2f * samples[n] + 1.1f * before - 0.4f * earlier;
    earlier = before;
    before = out;
    checksum = mixChecksum(checksum, (uint64_t)(int64_t)(out * 65536.0f));
  }
  return checksum;
}

uint64_t bench_run(uint64_t iterations) { REPEAT_CHECKED(iterations, mixChecksum(mandelbrot(), filter())); }
