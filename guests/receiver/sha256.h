/* SHA-256 (FIPS 180-4). */
#ifndef SHA256_H
#define SHA256_H

#include <stddef.h>
#include <stdint.h>

enum { SHA256_SIZE = 32, SHA256_BLOCK = 64 };

struct sha256 {
  uint32_t state[8];
  uint64_t sizeBytes;
  uint8_t block[SHA256_BLOCK];
};

void sha256Start(struct sha256 *hash);
void sha256Add(struct sha256 *hash, const void *bytes, size_t sizeBytes);
void sha256Finish(struct sha256 *hash, uint8_t digest[SHA256_SIZE]);

#endif
