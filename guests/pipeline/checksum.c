/* CP_Call: a service, CRC-32 (as in gzip) of the buffer that comes with a call. Callers' threads run it, each on a stack of
 * its own; between calls it has nothing to do. */
#include "cvm.h"

enum { POLYNOMIAL = 0xedb88320, PIECE = 4096, STACK_BYTES = 2 * PIECE, STACKS = 3 };
static uint8_t stacks[STACKS][STACK_BYTES] __attribute__((aligned(16)));
/* table[i][b]: what byte b does to the remainder, i bytes before the last of a word. */
static uint32_t table[4][256];

static void fillTable(void) {
  for (uint32_t byte = 0; byte < 256; byte++) {
    uint32_t remainder = byte;
    for (unsigned bit = 0; bit < 8; bit++) remainder = remainder >> 1 ^ (remainder & 1 ? POLYNOMIAL : 0);
    table[0][byte] = remainder;
  }
  for (unsigned i = 1; i < 4; i++)
    for (unsigned byte = 0; byte < 256; byte++)
      table[i][byte] = table[i - 1][byte] >> 8 ^ table[0][table[i - 1][byte] & 255];
}

static uint32_t addBytes(uint32_t crc, const uint8_t *bytes, size_t sizeBytes) {
  for (; sizeBytes >= 4; sizeBytes -= 4, bytes += 4) {
    crc ^= *(const uint32_t *)(const void *)bytes;
    crc = table[3][crc & 255] ^ table[2][crc >> 8 & 255] ^ table[1][crc >> 16 & 255] ^ table[0][crc >> 24];
  }
  for (; sizeBytes > 0; sizeBytes--) crc = crc >> 8 ^ table[0][(crc ^ *bytes++) & 255];
  return crc;
}

/* The buffer is copied out piece by piece: the caller's other threads could change it meanwhile. */
static long checksum(long count, long a1, long a2, long a3, size_t sizeBytes, long caller) {
  (void)a1, (void)a2, (void)a3, (void)caller;
  uint8_t piece[PIECE] __attribute__((aligned(16)));
  if (count < 0 || (size_t)count > sizeBytes) return -EINVAL;
  uint32_t crc = 0xffffffff;
  for (size_t at = 0, left = (size_t)count; left > 0;) {
    size_t part = left < PIECE ? left : PIECE;
    long result = cvm_argument_read(at, piece, part);
    if (result < 0) return result;
    crc = addBytes(crc, piece, part);
    at += part;
    left -= part;
  }
  return (long)(crc ^ 0xffffffff);
}

int main(void) {
  static volatile uint32_t never;
  fillTable();
  long result = cvm_call_offer("checksum", checksum, stacks, STACK_BYTES, STACKS);
  if (result < 0) return 1;
  for (;;) cvm_block(&never, 0, 0);
}
