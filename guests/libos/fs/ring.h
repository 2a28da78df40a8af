/* A queue of bytes that grows up to a limit: of pipes and sockets. */
#pragma once
#include "kernel/types.h"

struct ring {
  u8 *bytes;
  u32 capacity; /* 0 or a power of two */
  u32 head, tail; /* written, read: differences count */
};

static inline u32 ring_used(const struct ring *ring) {
  return ring->head - ring->tail;
}
/* Room for so many bytes more: false if there is no memory. */
bool ring_grow(struct ring *ring, size_t size);
static inline bool ring_reserve(struct ring *ring, size_t size) {
  return ring_used(ring) + size <= ring->capacity || ring_grow(ring, size);
}
/* An empty one: what comes next lies as this address does in its granule, which makes the copy cheaper. */
static inline void ring_align(struct ring *ring, uintptr_t address) {
  ring->tail = ring->head += (address - ring->head) % 16;
}
/* There is room. */
void ring_put(struct ring *ring, const void *from, size_t size);
/* Up to `size` bytes: how many. */
size_t ring_peek(const struct ring *ring, void *to, size_t size);
size_t ring_take(struct ring *ring, void *to, size_t size);
void ring_free(struct ring *ring);
