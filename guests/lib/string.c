/* The few functions of the standard library that the compiler and the examples want. Built with
 * -fno-tree-loop-distribute-patterns, so that their loops are not turned into calls of themselves. */
#include "cvm.h"

/* From here on, switching to capability mode pays. */
enum { LARGE = 192 };

void *memcpy(void *destination, const void *source, size_t sizeBytes) {
  uint8_t *to = destination;
  /* What is not this cVM's memory faults below. */
  if (sizeBytes >= LARGE && cvm_copy(destination, source, sizeBytes) == 0) return destination;
  const uint8_t *from = source;
  if ((((uintptr_t)to ^ (uintptr_t)from) & 7) == 0) {
    for (; sizeBytes > 0 && ((uintptr_t)to & 7) != 0; sizeBytes--) *to++ = *from++;
    for (; sizeBytes >= 8; sizeBytes -= 8, to += 8, from += 8) *(uint64_t *)to = *(const uint64_t *)from;
  }
  while (sizeBytes-- > 0) *to++ = *from++;
  return destination;
}

void *memmove(void *destination, const void *source, size_t sizeBytes) {
  uint8_t *to = destination;
  const uint8_t *from = source;
  if (to <= from || to >= from + sizeBytes) return memcpy(destination, source, sizeBytes);
  while (sizeBytes-- > 0) to[sizeBytes] = from[sizeBytes];
  return destination;
}

void *memset(void *destination, int value, size_t sizeBytes) {
  uint8_t *to = destination;
  uint64_t word = (uint8_t)value * 0x0101010101010101u;
  for (; sizeBytes > 0 && ((uintptr_t)to & 7) != 0; sizeBytes--) *to++ = (uint8_t)value;
  for (; sizeBytes >= 8; sizeBytes -= 8, to += 8) *(uint64_t *)to = word;
  while (sizeBytes-- > 0) *to++ = (uint8_t)value;
  return destination;
}

int memcmp(const void *a, const void *b, size_t sizeBytes) {
  const uint8_t *left = a, *right = b;
  for (size_t i = 0; i < sizeBytes; i++)
    if (left[i] != right[i]) return left[i] - right[i];
  return 0;
}

size_t strlen(const char *text) {
  size_t length = 0;
  while (text[length] != 0) length++;
  return length;
}

int strcmp(const char *a, const char *b) {
  while (*a != 0 && *a == *b) a++, b++;
  return (uint8_t)*a - (uint8_t)*b;
}

uint64_t cvm_parse_number(const char *text) {
  uint64_t value = 0;
  unsigned base = 10;
  if (text[0] == '0' && text[1] == 'x') base = 16, text += 2;
  for (;; text++) {
    unsigned digit = *text >= '0' && *text <= '9' ? (unsigned)(*text - '0') : *text >= 'a' && *text <= 'f' ? (unsigned)(*text - 'a' + 10) : 99;
    if (digit >= base) return value;
    value = value * base + digit;
  }
}
