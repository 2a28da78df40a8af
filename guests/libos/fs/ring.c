#include "fs/ring.h"

#include "kernel/kmalloc.h"
#include "kernel/string.h"

enum { LEAST_CAPACITY = 1024, LARGE = 192 };

/* The machine loads and stores words at any address; the compiler is told not to count on it. */
static inline void copy_word(void *to, const void *from) {
  u64 word;
  __asm__ volatile("ld %0, (%1)\n\tsd %0, (%2)" : "=&r"(word) : "r"(from), "r"(to) : "memory");
}

void copy_message(void *to, const void *from, size_t size) {
  u8 *target = to;
  const u8 *source = from, *end = source + size;
  if (size >= LARGE) {
    memcpy(to, from, size);
  } else if (size >= 8) {
    for (; source + 8 < end; source += 8, target += 8) copy_word(target, source);
    copy_word((u8 *)to + size - 8, end - 8);
  } else {
    while (source < end) *target++ = *source++;
  }
}

void ring_put(struct ring *ring, const void *from, size_t size) {
  u32 place = ring->head & (ring->capacity - 1);
  size_t first = min(size, (size_t)(ring->capacity - place));
  copy_message(ring->bytes + place, from, first);
  if (first < size) copy_message(ring->bytes, (const u8 *)from + first, size - first);
  ring->head += (u32)size;
}

/* What was written keeps its number. */
bool ring_reserve(struct ring *ring, size_t size) {
  u32 used = ring_used(ring);
  u64 capacity = max(ring->capacity, (u32)LEAST_CAPACITY);
  while (capacity < used + size) capacity *= 2;
  if (capacity == ring->capacity) return true;
  struct ring larger = {kmalloc(capacity), (u32)capacity, ring->tail, ring->tail};
  if (larger.bytes == NULL) return false;
  if (used > 0) {
    u32 place = ring->tail & (ring->capacity - 1), first = min(used, ring->capacity - place);
    ring_put(&larger, ring->bytes + place, first);
    ring_put(&larger, ring->bytes, used - first);
  }
  kfree(ring->bytes);
  *ring = larger;
  return true;
}

size_t ring_peek(const struct ring *ring, void *to, size_t size) {
  size = min(size, (size_t)ring_used(ring));
  if (size == 0) return 0;
  u32 place = ring->tail & (ring->capacity - 1);
  size_t first = min(size, (size_t)(ring->capacity - place));
  copy_message(to, ring->bytes + place, first);
  if (first < size) copy_message((u8 *)to + first, ring->bytes, size - first);
  return size;
}

size_t ring_take(struct ring *ring, void *to, size_t size) {
  size = ring_peek(ring, to, size);
  ring->tail += (u32)size;
  return size;
}

void ring_free(struct ring *ring) {
  kfree(ring->bytes);
  *ring = (struct ring){0};
}
