/* SHA-256 (FIPS 180-4), section numbers of that document. */
#include "sha256.h"

void *memcpy(void *destination, const void *source, size_t sizeBytes);

/* 4.2.2: the first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
static const uint32_t K[64] = {
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

#define ROTR(x, n) (((x) >> (n)) | ((x) << (32 - (n))))

static inline uint32_t bigEndian(const uint8_t *bytes) {
  return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* One round of 6.2.2 step 3; the variables change places by the order in which they are passed. */
#define ROUND(a, b, c, d, e, f, g, h, k, w)                                                       \
  do {                                                                                            \
    uint32_t t1 = h + (ROTR(e, 6) ^ ROTR(e, 11) ^ ROTR(e, 25)) + (g ^ (e & (f ^ g))) + (k) + (w); \
    d += t1;                                                                                      \
    h = t1 + (ROTR(a, 2) ^ ROTR(a, 13) ^ ROTR(a, 22)) + ((a & b) | (c & (a | b)));                \
  } while (0)

/* Eight rounds a turn, after which the variables are back in place: more would be faster on a real processor, but an
 * interpreter likes code that is small. */
static void compress(uint32_t state[8], const uint8_t *block) {
  uint32_t w[64];
  uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
  uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
  for (unsigned t = 0; t < 16; t++) w[t] = bigEndian(block + 4 * t);
  for (unsigned t = 16; t < 64; t++) {
    uint32_t low = w[t - 15], high = w[t - 2];
    w[t] = (ROTR(high, 17) ^ ROTR(high, 19) ^ (high >> 10)) + w[t - 7] + (ROTR(low, 7) ^ ROTR(low, 18) ^ (low >> 3)) + w[t - 16];
  }
  for (unsigned t = 0; t < 64; t += 8) {
    ROUND(a, b, c, d, e, f, g, h, K[t], w[t]);
    ROUND(h, a, b, c, d, e, f, g, K[t + 1], w[t + 1]);
    ROUND(g, h, a, b, c, d, e, f, K[t + 2], w[t + 2]);
    ROUND(f, g, h, a, b, c, d, e, K[t + 3], w[t + 3]);
    ROUND(e, f, g, h, a, b, c, d, K[t + 4], w[t + 4]);
    ROUND(d, e, f, g, h, a, b, c, K[t + 5], w[t + 5]);
    ROUND(c, d, e, f, g, h, a, b, K[t + 6], w[t + 6]);
    ROUND(b, c, d, e, f, g, h, a, K[t + 7], w[t + 7]);
  }
  state[0] += a, state[1] += b, state[2] += c, state[3] += d;
  state[4] += e, state[5] += f, state[6] += g, state[7] += h;
}

void sha256Start(struct sha256 *hash) {
  static const uint32_t initial[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  memcpy(hash->state, initial, sizeof initial);
  hash->sizeBytes = 0;
}

void sha256Add(struct sha256 *hash, const void *bytes, size_t sizeBytes) {
  const uint8_t *from = bytes;
  size_t used = hash->sizeBytes % SHA256_BLOCK;
  hash->sizeBytes += sizeBytes;
  if (used > 0) {
    size_t part = SHA256_BLOCK - used < sizeBytes ? SHA256_BLOCK - used : sizeBytes;
    memcpy(hash->block + used, from, part);
    if (used + part < SHA256_BLOCK) return;
    compress(hash->state, hash->block);
    from += part;
    sizeBytes -= part;
  }
  for (; sizeBytes >= SHA256_BLOCK; sizeBytes -= SHA256_BLOCK, from += SHA256_BLOCK) compress(hash->state, from);
  memcpy(hash->block, from, sizeBytes);
}

void sha256Finish(struct sha256 *hash, uint8_t digest[SHA256_SIZE]) {
  static const uint8_t padding[SHA256_BLOCK] = {0x80};
  uint64_t bits = hash->sizeBytes * 8;
  uint8_t length[8];
  for (unsigned i = 0; i < 8; i++) length[i] = (uint8_t)(bits >> (56 - 8 * i));
  size_t used = hash->sizeBytes % SHA256_BLOCK;
  sha256Add(hash, padding, used < 56 ? 56 - used : 120 - used);
  sha256Add(hash, length, sizeof length);
  for (unsigned i = 0; i < SHA256_SIZE; i++) digest[i] = (uint8_t)(hash->state[i / 4] >> (24 - 8 * (i % 4)));
}
