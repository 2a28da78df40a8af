/* SHA-256 (FIPS 180-4): straight-line 32-bit arithmetic with little memory traffic. */
#include "bench.h"

const char bench_name[] = "sha256";
const uint64_t bench_default_iterations = 60;
const uint64_t bench_expected = 0x150c0cc563c304cdu;

enum { SIZE = 16384 };
static uint8_t message[SIZE];

static const uint32_t K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static inline uint32_t rotateRight(uint32_t x, int count) { return x >> count | x << (32 - count); }

static void compress(uint32_t state[8], const uint8_t *block) {
  uint32_t w[64];
  uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
  uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
  for (int n = 0; n < 16; n++) {
    const uint8_t *p = block + 4 * n;
    w[n] = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
  }
  for (int n = 16; n < 64; n++) {
    uint32_t s0 = rotateRight(w[n - 15], 7) ^ rotateRight(w[n - 15], 18) ^ w[n - 15] >> 3;
    uint32_t s1 = rotateRight(w[n - 2], 17) ^ rotateRight(w[n - 2], 19) ^ w[n - 2] >> 10;
    w[n] = w[n - 16] + s0 + w[n - 7] + s1;
  }
  for (int n = 0; n < 64; n++) {
    uint32_t s1 = rotateRight(e, 6) ^ rotateRight(e, 11) ^ rotateRight(e, 25);
    uint32_t t1 = h + s1 + ((e & f) ^ (~e & g)) + K[n] + w[n];
    uint32_t s0 = rotateRight(a, 2) ^ rotateRight(a, 13) ^ rotateRight(a, 22);
    uint32_t t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
    h = g, g = f, f = e, e = d + t1, d = c, c = b, b = a, a = t1 + t2;
  }
  state[0] += a, state[1] += b, state[2] += c, state[3] += d;
  state[4] += e, state[5] += f, state[6] += g, state[7] += h;
}

static uint64_t sha256(const uint8_t *bytes, size_t count) {
  uint32_t state[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  uint8_t last[128] = {0};
  size_t whole = count / 64 * 64;
  size_t rest = count - whole;
  size_t padded = rest < 56 ? 64 : 128;
  for (size_t n = 0; n < whole; n += 64) compress(state, bytes + n);
  for (size_t n = 0; n < rest; n++) last[n] = bytes[whole + n];
  last[rest] = 0x80;
  for (int n = 0; n < 8; n++) last[padded - 1 - n] = (uint8_t)((uint64_t)count * 8 >> 8 * n);
  for (size_t n = 0; n < padded; n += 64) compress(state, last + n);
  return (uint64_t)state[0] << 32 | state[7];
}

uint64_t bench_run(uint64_t iterations) {
  uint64_t random = 0x123456789abcdefu;
  for (size_t n = 0; n < SIZE; n++) message[n] = (uint8_t)nextRandom(&random);
  /* "abc" → ba7816bf … f20015ad, the standard's first example. */
  if (sha256((const uint8_t *)"abc", 3) != 0xba7816bff20015adu) return 1;
  REPEAT_CHECKED(iterations, sha256(message, SIZE));
}
