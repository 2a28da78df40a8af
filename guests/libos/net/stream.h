/* Streams that the library OS receives: from peers, from the standard input, from a disk. */
#ifndef LIBOS_NET_STREAM_H
#define LIBOS_NET_STREAM_H

#include "kernel/types.h"

struct in_stream {
  long handle;
  u8 *ring;
  u64 capacity;
  u64 seen; /* of its head: what came later wakes who waits */
  bool has_ended;
  bool is_waited_for; /* network sleepers look at it */
  /* Something came, or it has ended; must not sleep. */
  void (*arrived)(struct in_stream *stream);
  void *owner;
};

/* Registers it: 0 or -errno. `capacity` is a power of two. */
long in_stream_open(struct in_stream *stream, const char *name, size_t capacity);
/* How many bytes there are; sets has_ended when nothing more will come. */
size_t in_stream_used(struct in_stream *stream);
/* How many bytes have ever come. */
u64 in_stream_head(const struct in_stream *stream);
/* Copies without taking; they must be there. */
void in_stream_peek(const struct in_stream *stream, u64 offset, void *to, size_t size);
void in_stream_take(struct in_stream *stream, size_t size);
/* Both pieces of a range, as they lie in the ring. */
const u8 *in_stream_at(const struct in_stream *stream, u64 offset, size_t *contiguous);
#endif
