/* Streams that the library OS receives: from peers, from the standard input, from a disk. */
#pragma once
#include "cvm-abi.h"
#include "kernel/string.h"

/* Behind the ring; monitor and switcher write head and state. */
struct ring_control {
  u64 head, tail, state;
};
_Static_assert(offsetof(struct ring_control, head) == RING_HEAD && offsetof(struct ring_control, tail) == RING_TAIL, "layout");
_Static_assert(offsetof(struct ring_control, state) == RING_STATE, "layout");

struct in_stream {
  long handle;
  u8 *ring;
  volatile struct ring_control *control;
  u64 capacity;
  u64 tail; /* as in control */
  u64 seen; /* of its head: what came later wakes who waits; for those that network sleepers look at: */
  u64 *told;
  bool has_ended;
  u32 item; /* of those that network sleepers look at; 0: none */
  /* Something came, or it has ended; must not sleep. */
  void (*arrived)(struct in_stream *stream);
  void *owner;
};

/* 0 or -errno. `capacity` is a power of two. */
long in_stream_open(struct in_stream *stream, const char *name, size_t capacity);
/* From now on `arrived` is called; until it ends, or until it is forgotten. */
void in_stream_listen(struct in_stream *stream);
void in_stream_forget(struct in_stream *stream);
/* How many bytes there are; sets has_ended when nothing more will come. */
size_t in_stream_end(struct in_stream *stream);
static inline size_t in_stream_used(struct in_stream *stream) {
  u64 used = stream->control->head - stream->tail;
  return used - 1 < stream->capacity ? used : in_stream_end(stream);
}

/* Both pieces of a range, as they lie in the ring. */
static inline const u8 *in_stream_at(const struct in_stream *stream, u64 offset, size_t *contiguous) {
  u64 place = (stream->tail + offset) & (stream->capacity - 1);
  *contiguous = stream->capacity - place;
  return stream->ring + place;
}
/* Copies without taking; they must be there. */
static inline void in_stream_peek(const struct in_stream *stream, u64 offset, void *to, size_t size) {
  size_t first;
  const u8 *from = in_stream_at(stream, offset, &first);
  if (size <= first) {
    memcpy(to, from, size);
  } else {
    memcpy(to, from, first);
    memcpy((u8 *)to + first, stream->ring, size - first);
  }
}
static inline void in_stream_take(struct in_stream *stream, size_t size) {
  stream->control->tail = stream->tail += size;
}
