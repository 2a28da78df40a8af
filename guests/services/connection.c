#include "connection.h"

#include "cvm.h"

enum frame_type { OPEN = 1, OPENED, REFUSED, DATA, CREDIT, FIN, RESET };
enum { HEADER = CONNECTION_HEADROOM, FRAME_BYTES = 65536, WINDOW = 262144, CREDIT_STEP = WINDOW / 4, RING_BYTES = 262144 };

struct frame {
  uint32_t connection;
  uint8_t type, zero;
  uint16_t port;
  uint32_t length, value;
};
_Static_assert(sizeof(struct frame) == HEADER, "layout");

static uint8_t ring[RING_BYTES + RING_CONTROL] __attribute__((aligned(4096)));
static long out, in;
static uint32_t id;
static size_t credit;  /* bytes that the other side takes */
static size_t taken;   /* bytes that it was not told of yet */
static size_t pending; /* of the data frame whose header was read, not taken yet */

static long emit(enum frame_type type, unsigned port, uint32_t value) {
  struct frame frame = {id, (uint8_t)type, 0, (uint16_t)port, 0, value};
  return cvm_stream_send(out, &frame, sizeof frame);
}

static inline uint32_t word_at(const uint8_t *at) {
  uint32_t word;
  __builtin_memcpy(&word, at, sizeof word);
  return word;
}

/* A header whose rest is at the ring's beginning, or has not come yet. */
__attribute__((noinline)) static const uint8_t *header_in_pieces(uint8_t *header) {
  size_t piece;
  for (size_t got = 0; got < HEADER; got += piece) {
    if (cvm_stream_wait(in, 0) <= 0) return NULL;
    const uint8_t *from = cvm_stream_peek(in, &piece);
    if (piece > HEADER - got) piece = HEADER - got;
    memcpy(header + got, from, piece);
    cvm_stream_consume(in, piece);
  }
  return header;
}

/* The next frame's header, what it says done: its type, or -EPIPE. */
static long next_frame(void) {
  uint8_t copy[HEADER];
  size_t piece;
  if (cvm_stream_wait(in, 0) <= 0) return -EPIPE;
  const uint8_t *header = cvm_stream_peek(in, &piece);
  int is_whole = piece >= HEADER;
  if (!is_whole) header = header_in_pieces(copy);
  if (header == NULL || word_at(header) != id) return -EPIPE;
  enum frame_type type = header[4];
  uint32_t length = word_at(header + 8), value = word_at(header + 12);
  if (is_whole) cvm_stream_consume(in, HEADER); /* from now on the other side may write there */
  if (type == DATA) return pending = length, DATA;
  if (length != 0 || type == REFUSED || type == FIN || type == RESET) return -EPIPE;
  if (type == OPENED || type == CREDIT) credit += value;
  return type;
}

long connection_open(const char *send, const char *receive, unsigned port) {
  id = strcmp(send, receive) < 0 ? 1 : 2;
  in = cvm_stream_open_receive(receive, ring, sizeof ring);
  if (in < 0) return in;
  out = cvm_stream_open_send(send);
  if (out < 0) return out;
  long result = emit(OPEN, port, WINDOW);
  return result < 0 ? result : next_frame() == OPENED ? 0 : -EPIPE;
}

/* How many of these bytes may go now, once the other side has read what it must. */
static long wait_for_credit(size_t size) {
  if (size <= credit && size <= FRAME_BYTES) return (long)size;
  while (credit == 0) {
    long type = pending > 0 ? -EAGAIN : next_frame();
    if (type < 0) return type;
  }
  size_t most = credit < FRAME_BYTES ? credit : FRAME_BYTES;
  return (long)(size < most ? size : most);
}

long connection_send(uint8_t *bytes, size_t size) {
  long headroom = CONNECTION_HEADROOM; /* behind the first frame there is none */
  while (size > 0) {
    long piece = wait_for_credit(size);
    if (piece < 0) return piece;
    struct frame frame = {id, DATA, 0, 0, (uint32_t)piece, 0};
    long result = 0;
    if (headroom > 0) *(struct frame *)(bytes - headroom) = frame;
    else result = cvm_stream_send(out, &frame, sizeof frame);
    if (result >= 0) result = cvm_stream_send(out, bytes - headroom, (size_t)(headroom + piece));
    if (result < 0) return result;
    headroom = 0;
    credit -= (size_t)piece;
    bytes += piece;
    size -= (size_t)piece;
  }
  return 0;
}

const uint8_t *connection_peek(size_t *size) {
  while (pending == 0)
    if (next_frame() < 0) return NULL;
  const uint8_t *from = cvm_stream_peek(in, size);
  if (*size == 0) {
    if (cvm_stream_wait(in, 0) <= 0) return NULL;
    from = cvm_stream_peek(in, size);
  }
  if (*size > pending) *size = pending;
  return from;
}

long connection_consume(size_t size) {
  cvm_stream_consume(in, size);
  pending -= size;
  taken += size;
  if (taken < CREDIT_STEP) return 0;
  long result = emit(CREDIT, 0, (uint32_t)taken);
  taken = 0;
  return result < 0 ? result : 0;
}

long connection_receive(uint8_t *to, size_t size) {
  size_t piece;
  const uint8_t *from = connection_peek(&piece);
  if (from == NULL) return -EPIPE;
  if (piece > size) piece = size;
  memcpy(to, from, piece);
  long result = connection_consume(piece);
  return result < 0 ? result : (long)piece;
}
