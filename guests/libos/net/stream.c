#include "net/socket.h"
#include "net/stream.h"

/* Those that are waited for. */
static struct in_stream *streams[STREAM_HANDLES];
static u32 stream_count;

static bool make_ring(struct in_stream *stream, size_t capacity) {
  size_t alignment = max(capacity >> 8, PAGE_SIZE);
  stream->ring = alloc_pages_aligned((capacity + RING_CONTROL + PAGE_SIZE - 1) >> PAGE_SHIFT, alignment);
  if (stream->ring == NULL) return false;
  stream->capacity = capacity;
  stream->control = (volatile struct ring_control *)(stream->ring + capacity);
  return true;
}

long in_stream_open(struct in_stream *stream, const char *name, size_t capacity) {
  if (stream->ring == NULL && !make_ring(stream, capacity)) return -ENOMEM;
  memset(stream->ring + capacity, 0, RING_CONTROL);
  long handle = host_stream_open_receive(name, stream->ring, capacity);
  if (handle < 0) return handle;
  stream->handle = handle;
  stream->seen = stream->tail = 0;
  stream->has_ended = false;
  return 0;
}

void in_stream_listen(struct in_stream *stream) {
  if (stream->is_waited_for) return;
  stream->is_waited_for = true;
  streams[stream_count++] = stream; /* each has a handle of its own: there is room */
}

void in_stream_forget(struct in_stream *stream) {
  if (!stream->is_waited_for) return;
  stream->is_waited_for = false;
  u32 place = 0;
  while (streams[place] != stream) place++;
  streams[place] = streams[--stream_count];
}

/* Nothing is there, or nonsense. */
RARE size_t in_stream_end(struct in_stream *stream) {
  bool is_open = stream->control->state == STREAM_OPEN;
  u64 used = stream->control->head - stream->tail;
  if (used > stream->capacity || (used == 0 && !is_open)) stream->has_ended = true;
  return used > stream->capacity ? 0 : used;
}

u32 net_poll_items(struct cvm_poll_item *items) {
  struct cvm_poll_item *item = items;
  for (u32 i = 0; i < stream_count; i++, item++) {
    item->kind = POLL_RECEIVE;
    item->handle = (u32)streams[i]->handle;
    item->place = streams[i]->seen;
  }
  return stream_count + (mux_is_full ? mux_send_items(item) : 0);
}

static void look(struct in_stream *stream) {
  bool is_over = stream->control->state != STREAM_OPEN;
  stream->seen = stream->control->head;
  stream->arrived(stream);
  if (is_over || stream->has_ended) in_stream_forget(stream); /* nothing more will come */
}

void net_drain(void) {
  for (u32 i = 0; i < stream_count; i++) {
    struct in_stream *stream = streams[i];
    if (stream->control->head == stream->seen && stream->control->state == STREAM_OPEN) continue;
    look(stream);
    if (streams[i] != stream) i--; /* another has taken its place */
  }
  if (mux_is_full) mux_flush();
}

void control_start(void);

void net_start(void) {
  control_start();
  mux_start();
}
