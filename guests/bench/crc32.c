/* CRC-32 (ISO-HDLC) with one 256-entry table: a dependent load per byte. */
#include "bench.h"

const char bench_name[] = "crc32";
const uint64_t bench_default_iterations = 200;
const uint64_t bench_expected = 0x36ce67fcu;

enum { SIZE = 16384 };
static uint32_t table[256];
static uint8_t message[SIZE];

static void fillTable(void) {
  for (uint32_t byte = 0; byte < 256; byte++) {
    uint32_t remainder = byte;
    for (int bit = 0; bit < 8; bit++) remainder = remainder >> 1 ^ (0xedb88320u & -(remainder & 1));
    table[byte] = remainder;
  }
}

static uint32_t crc32(const uint8_t *bytes, size_t count) {
  uint32_t crc = ~0u;
  for (size_t n = 0; n < count; n++) crc = crc >> 8 ^ table[(crc ^ bytes[n]) & 0xff];
  return ~crc;
}

uint64_t bench_run(uint64_t iterations) {
  uint64_t random = 0x123456789abcdefu;
  fillTable();
  for (size_t n = 0; n < SIZE; n++) message[n] = (uint8_t)nextRandom(&random);
  if (crc32((const uint8_t *)"123456789", 9) != 0xcbf43926) return 1;
  REPEAT_CHECKED(iterations, crc32(message, SIZE));
}
