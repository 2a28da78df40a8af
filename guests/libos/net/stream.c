#include "net/stream.h"

#include "cvm.h"
#include "fs/ring.h"
#include "kernel/errno.h"
#include "kernel/host.h"
#include "kernel/kmalloc.h"
#include "kernel/string.h"
#include "net/mux.h"
#include "net/net.h"

static struct in_stream *streams[STREAM_HANDLES];
static u32 stream_count;

/* What the monitor and the switcher write behind the ring. */
static inline u64 control(const struct in_stream *stream, size_t field) {
  return *(const volatile u64 *)(stream->ring + stream->capacity + field);
}

static bool make_ring(struct in_stream *stream, size_t capacity) {
  size_t alignment = max(capacity >> 8, PAGE_SIZE);
  if (stream_count == ARRAY_SIZE(streams)) return false;
  stream->ring = alloc_pages_aligned((capacity + RING_CONTROL + PAGE_SIZE - 1) >> PAGE_SHIFT, alignment);
  if (stream->ring == NULL) return false;
  stream->capacity = capacity;
  streams[stream_count++] = stream;
  return true;
}

long in_stream_open(struct in_stream *stream, const char *name, size_t capacity) {
  if (stream->ring == NULL && !make_ring(stream, capacity)) return -ENOMEM;
  memset(stream->ring + capacity, 0, RING_CONTROL);
  long handle = host_stream_open_receive(name, stream->ring, capacity);
  if (handle < 0) return handle;
  stream->handle = handle;
  stream->seen = 0;
  stream->has_ended = false;
  return 0;
}

size_t in_stream_used(struct in_stream *stream) {
  u64 used = control(stream, RING_HEAD) - control(stream, RING_TAIL);
  if (used == 0 && !stream->has_ended && control(stream, RING_STATE) != STREAM_OPEN)
    stream->has_ended = control(stream, RING_HEAD) == control(stream, RING_TAIL);
  if (used > stream->capacity) stream->has_ended = true, used = 0;
  return used;
}

u64 in_stream_head(const struct in_stream *stream) {
  return control(stream, RING_HEAD);
}

const u8 *in_stream_at(const struct in_stream *stream, u64 offset, size_t *contiguous) {
  u64 place = (control(stream, RING_TAIL) + offset) & (stream->capacity - 1);
  *contiguous = stream->capacity - place;
  return stream->ring + place;
}

void in_stream_peek(const struct in_stream *stream, u64 offset, void *to, size_t size) {
  size_t first;
  const u8 *from = in_stream_at(stream, offset, &first);
  first = min(first, size);
  copy_message(to, from, first);
  if (first < size) copy_message((u8 *)to + first, stream->ring, size - first);
}

void in_stream_take(struct in_stream *stream, size_t size) {
  *(volatile u64 *)(stream->ring + stream->capacity + RING_TAIL) += size;
}

u32 net_poll_items(struct cvm_poll_item *items, u32 room) {
  u32 count = 0;
  for (u32 i = 0; i < stream_count && count < room; i++) {
    const struct in_stream *stream = streams[i];
    if (stream->has_ended || !stream->is_waited_for) continue;
    items[count++] = (struct cvm_poll_item){.kind = POLL_RECEIVE, .handle = (u32)stream->handle, .place = stream->seen};
  }
  return count + mux_send_items(items + count, room - count);
}

void net_drain(void) {
  for (u32 i = 0; i < stream_count; i++) {
    struct in_stream *stream = streams[i];
    u64 head = control(stream, RING_HEAD);
    if (head == stream->seen && (stream->has_ended || control(stream, RING_STATE) == STREAM_OPEN)) continue;
    if (!stream->is_waited_for || stream->has_ended) continue;
    in_stream_used(stream);
    stream->seen = head;
    stream->arrived(stream);
  }
  mux_flush();
}

void control_start(void);

void net_start(void) {
  control_start();
  mux_start();
}
