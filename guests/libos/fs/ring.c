#include "fs/file.h"
#include "fs/ring.h"

enum { LEAST_CAPACITY = 1024 };

void ring_put(struct ring *ring, const void *from, size_t size) {
  u32 place = ring->head & (ring->capacity - 1), first = ring->capacity - place;
  memcpy(ring->bytes + place, from, min(size, (size_t)first));
  if (first < size) memcpy(ring->bytes, (const u8 *)from + first, size - first);
  ring->head += (u32)size;
}

/* What was written keeps its number. */
bool ring_grow(struct ring *ring, size_t size) {
  u32 used = ring_used(ring);
  u64 capacity = max(ring->capacity, (u32)LEAST_CAPACITY);
  while (capacity < used + size) capacity *= 2;
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

static inline size_t peek(const struct ring *ring, void *to, size_t size) {
  u32 place = ring->tail & (ring->capacity - 1), first = ring->capacity - place;
  size = min(size, (size_t)ring_used(ring));
  memcpy(to, ring->bytes + place, min(size, (size_t)first));
  if (first < size) memcpy((u8 *)to + first, ring->bytes, size - first);
  return size;
}

size_t ring_peek(const struct ring *ring, void *to, size_t size) {
  return peek(ring, to, size);
}

size_t ring_take(struct ring *ring, void *to, size_t size) {
  size = peek(ring, to, size);
  ring->tail += (u32)size;
  return size;
}

void ring_free(struct ring *ring) {
  kfree(ring->bytes);
  *ring = (struct ring){0};
}
