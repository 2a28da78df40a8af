#include "net/socket.h"
#include "net/stream.h"

/* Those that are waited for, 1 .. stream_count, and what a poll is told of them: their heads as far as they were looked at.
 * Item 0 is the word of whom they are lent to. */
static struct in_stream *streams[1 + STREAM_HANDLES];
static struct cvm_poll_item items[POLL_ITEMS];
static u32 stream_count;
static bool are_items_lent;

/* From this something came last; null: none. Others cost nothing until a poll names them, or so many looks are over: who
 * always finds something ready does not sleep, and a poll names the first of those that something came from. */
static struct in_stream *latest;
enum { LOOKS = 32 };
static u32 looks;

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
  if (stream->item != 0) return;
  stream->item = ++stream_count; /* each has a handle of its own: there is room */
  streams[stream->item] = stream;
  stream->told = &items[stream->item].place;
  items[stream->item] = (struct cvm_poll_item){.kind = POLL_RECEIVE, .handle = (u32)stream->handle, .place = stream->seen};
}

void in_stream_forget(struct in_stream *stream) {
  u32 item = stream->item;
  if (item == 0) return;
  if (latest == stream) latest = NULL;
  items[item] = items[stream_count];
  streams[item] = streams[stream_count--];
  streams[item]->item = item;
  streams[item]->told = &items[item].place;
  stream->item = 0;
}

/* Nothing is there, or nonsense. */
RARE size_t in_stream_end(struct in_stream *stream) {
  bool is_open = stream->control->state == STREAM_OPEN;
  u64 used = stream->control->head - stream->tail;
  if (used > stream->capacity || (used == 0 && !is_open)) stream->has_ended = true;
  return used > stream->capacity ? 0 : used;
}

static inline void look(struct in_stream *stream) {
  bool is_over = stream->control->state != STREAM_OPEN;
  u64 head = stream->control->head;
  if (head == *stream->told && !is_over) return;
  *stream->told = head;
  stream->arrived(stream);
  if (is_over || stream->has_ended) in_stream_forget(stream); /* nothing more will come */
}

void net_drain(void) {
  for (u32 item = stream_count; item > 0; item--) look(streams[item]);
  if (mux_is_full) mux_flush();
}

void net_look(void) {
  if (++looks % LOOKS == 0) return net_drain();
  if (latest != NULL) look(latest);
  if (mux_is_full) mux_flush();
}

long net_wait(const volatile u32 *word, u64 nanoseconds) {
  struct cvm_poll_item own[POLL_ITEMS], *asked = are_items_lent ? own : items;
  u32 count = 1 + stream_count;
  if (are_items_lent) memcpy(own, items, count * sizeof *own);
  if (mux_is_full) count += mux_send_items(asked + count);
  asked[0].place = (u64)word; /* of kind POLL_WORD, which is 0 */
  if (asked == items) are_items_lent = true;
  unlock_kernel();
  long ready = host_poll(asked, count, nanoseconds);
  lock_kernel();
  if (asked == items) are_items_lent = false;
  return ready;
}

void net_woken(long ready) {
  bool is_same = ready <= 0 || ready > (long)stream_count || streams[ready] == latest;
  if (is_same) return net_look();
  latest = streams[ready];
  net_drain(); /* several send: what there is of others is taken too */
}

void control_start(void);

void net_start(void) {
  control_start();
  mux_start();
}
