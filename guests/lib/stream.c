/* Streams and loans: the parts that need no capability. Sending is in call.S, reading a loan in copy.S. */
#include "cvm.h"

extern uint8_t cvm_boot_page[];
long cvm_stream_put(const void *bytes, size_t sizeBytes, long handle);

/* What monitor, switcher and receiver know of a ring (cvm-abi.h). */
struct control {
  uint64_t head, tail, state;
};
_Static_assert(offsetof(struct control, head) == RING_HEAD && offsetof(struct control, tail) == RING_TAIL, "layout");
_Static_assert(offsetof(struct control, state) == RING_STATE, "layout");

/* Rings that this cVM receives into, by handle. */
static struct ring {
  const uint8_t *bytes;
  volatile struct control *control; /* null: none */
  uint64_t capacity;
  uint64_t unused; /* a power of two finds its place faster */
} rings[STREAM_HANDLES];

static int isReceiver(long handle) {
  return (unsigned long)handle < STREAM_HANDLES && rings[handle].control != NULL;
}

static long openStream(const char *name, long direction, void *ring, size_t sizeBytes) {
  return cvm_hostcall((long)name, (long)strlen(name), direction, (long)ring, (long)sizeBytes, 0, 0, HOSTCALL_STREAM_OPEN);
}

static long waitOn(long handle, long direction, uint64_t seen, uint64_t nanoseconds) {
  return cvm_hostcall(handle, direction, (long)seen, (long)nanoseconds, 0, 0, 0, HOSTCALL_STREAM_WAIT);
}

long cvm_stream_open_send(const char *name) {
  return openStream(name, STREAM_SEND, NULL, 0);
}

long cvm_stream_open_receive(const char *name, void *ring, size_t sizeBytes) {
  long handle = openStream(name, STREAM_RECEIVE, ring, sizeBytes);
  if (handle < 0) return handle;
  size_t capacity = sizeBytes - RING_CONTROL;
  rings[handle] = (struct ring){ring, (volatile struct control *)((uint8_t *)ring + capacity), capacity, 0};
  return handle;
}

long cvm_stream_close(long handle) {
  if ((unsigned long)handle < STREAM_HANDLES) rings[handle].control = NULL;
  return cvm_hostcall(handle, 0, 0, 0, 0, 0, 0, HOSTCALL_STREAM_CLOSE);
}

long cvm_stream_send_some(long handle, const void *bytes, size_t sizeBytes, uint64_t nanoseconds) {
  if ((unsigned long)handle >= STREAM_HANDLES) return -EBADF;
  for (;;) {
    long sent = cvm_stream_put(bytes, sizeBytes, handle);
    if (sent == -EREVOKED) return -EPIPE; /* the receiver went at the moment of the send */
    if (sent == -EBUSY) cvm_yield();
    else if (sent != -EAGAIN || sizeBytes == 0) return sizeBytes == 0 && sent == -EAGAIN ? 0 : sent;
    else if ((sent = waitOn(handle, STREAM_SEND, 0, nanoseconds)) < 0) return sent;
  }
}

/* What did not go at once. */
__attribute__((noinline)) static long sendRest(long handle, const uint8_t *from, size_t sizeBytes) {
  for (size_t left = sizeBytes; left > 0;) {
    long sent = cvm_stream_send_some(handle, from, left, 0);
    if (sent < 0) return sent;
    from += sent;
    left -= (size_t)sent;
  }
  return 0;
}

long cvm_stream_send(long handle, const void *bytes, size_t sizeBytes) {
  if ((unsigned long)handle >= STREAM_HANDLES) return -EBADF;
  if (sizeBytes == 0) return 0;
  long sent = cvm_stream_put(bytes, sizeBytes, handle);
  if (sent == (long)sizeBytes) return sent;
  if (sent == -EAGAIN || sent == -EBUSY || sent == -EREVOKED) sent = 0; /* the long way knows what to do */
  if (sent < 0) return sent;
  long result = sendRest(handle, (const uint8_t *)bytes + sent, sizeBytes - (size_t)sent);
  return result < 0 ? result : (long)sizeBytes;
}

__attribute__((noinline)) static long waitForBytes(long handle, uint64_t nanoseconds) {
  if (!isReceiver(handle)) return -EBADF;
  volatile struct control *control = rings[handle].control;
  for (;;) {
    uint64_t head = control->head, used = head - control->tail;
    if (used > 0) return (long)used;
    uint64_t state = control->state;
    if (state != STREAM_OPEN) return state == STREAM_ENDED ? 0 : -EPIPE;
    long result = waitOn(handle, STREAM_RECEIVE, head, nanoseconds);
    if (result < 0) return result;
    if (!isReceiver(handle)) return -EBADF; /* another thread has closed it */
  }
}

long cvm_stream_wait(long handle, uint64_t nanoseconds) {
  if (isReceiver(handle)) {
    volatile struct control *control = rings[handle].control;
    uint64_t used = control->head - control->tail;
    if (used > 0) return (long)used;
  }
  return waitForBytes(handle, nanoseconds);
}

const void *cvm_stream_peek(long handle, size_t *sizeBytes) {
  const struct ring *ring = &rings[handle];
  uint64_t tail = ring->control->tail, used = ring->control->head - tail;
  size_t place = tail & (ring->capacity - 1), toEnd = ring->capacity - place;
  *sizeBytes = used < toEnd ? used : toEnd;
  return ring->bytes + place;
}

void cvm_stream_consume(long handle, size_t sizeBytes) {
  rings[handle].control->tail += sizeBytes;
}

long cvm_stream_receive(long handle, void *buffer, size_t sizeBytes, uint64_t nanoseconds) {
  long ready = cvm_stream_wait(handle, nanoseconds);
  if (ready <= 0) return ready;
  uint8_t *to = buffer;
  size_t left = sizeBytes < (size_t)ready ? sizeBytes : (size_t)ready;
  size_t taken = left;
  while (left > 0) {
    size_t piece;
    const void *from = cvm_stream_peek(handle, &piece);
    if (piece > left) piece = left;
    memcpy(to, from, piece);
    cvm_stream_consume(handle, piece);
    to += piece;
    left -= piece;
  }
  return (long)taken;
}

struct cvm_poll_item cvm_poll_receive(long handle) {
  uint64_t seen = isReceiver(handle) ? rings[handle].control->tail : 0;
  return (struct cvm_poll_item){.kind = POLL_RECEIVE, .handle = (uint32_t)handle, .place = seen};
}

long cvm_loan_lend(long handle, const void *buffer, size_t sizeBytes) {
  return cvm_hostcall(handle, (long)buffer, (long)sizeBytes, 0, 0, 0, 0, HOSTCALL_LOAN_LEND);
}

long cvm_loan_borrow(long handle, uint64_t nanoseconds) {
  struct cvm_poll_item item = {.kind = POLL_BORROW, .handle = (uint32_t)handle};
  for (;;) {
    long slot = cvm_hostcall(handle, 0, 0, 0, 0, 0, 0, HOSTCALL_LOAN_BORROW);
    if (slot != -EAGAIN) return slot;
    long result = cvm_poll(&item, 1, nanoseconds);
    if (result < 0) return result;
  }
}

long cvm_loan_wait(long handle, long loan, uint64_t nanoseconds) {
  struct cvm_poll_item item = {.kind = POLL_RETURNED, .handle = (uint32_t)handle, .place = (uint64_t)loan};
  return cvm_poll(&item, 1, nanoseconds);
}

long cvm_loan_recall(long handle, long loan) {
  return cvm_hostcall(handle, loan, 0, 0, 0, 0, 0, HOSTCALL_LOAN_RECALL);
}
