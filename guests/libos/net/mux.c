/* Connections to other cVMs and to the host: frames over a pair of streams for each peer. The peer may be hostile: every
 * field is checked; nonsense ends all connections with that peer and nothing else. What does not fit into the stream at
 * once waits in the outbox, and as long as something does, sockets have no room. Half of the memory is for what they have
 * not read, so many bytes for each peer; the windows of its connections, which OPEN, OPENED and CREDIT tell it, are parts of that. */

#include "net/socket.h"
#include "net/stream.h"

enum frame_type { FRAME_OPEN = 1, FRAME_OPENED, FRAME_REFUSED, FRAME_DATA, FRAME_CREDIT, FRAME_FIN, FRAME_RESET };
enum { HEADER = 16, PAYLOAD_LIMIT = 65536, TEXT_LIMIT = 64 };
/* What a peer may send before it is read: at first, at least and at most. */
enum { WINDOW = 32768, LEAST_WINDOW = 4096, MOST_WINDOW = QUEUE_ROOM };
enum { GRANULE = 16, LARGE = 256, PIECE = 8192 /* of what is sent */ };
enum { BUCKETS = 64, CONNECTIONS = 1024, OUTBOX_LIMIT = 65536, RING_CAPACITY = 262144, PEERS = 7, NAME_SIZE = 64 };

struct frame {
  u32 connection;
  u8 type, zero;
  u16 port;
  u32 length, value;
};
_Static_assert(sizeof(struct frame) == HEADER, "layout");

struct mux {
  struct in_stream in;
  long out;
  char name[NAME_SIZE], send[NAME_SIZE], receive[NAME_SIZE];
  u32 address; /* of the peer; 0: the uplink, for all others */
  bool is_open, is_broken;
  u64 sent; /* bytes so far */
  u32 next_id, parity; /* of ids that this side gives */
  u32 connections;
  size_t pool, left; /* memory for what its connections have not read, and how much no window has */
  struct socket *buckets[BUCKETS];
  struct ring outbox;
};

static struct mux muxes[PEERS];
static u32 mux_count;

/* Some mux has bytes in its outbox or is broken: mux_flush has something to do. */
bool mux_is_full;

RARE static void broken(struct mux *mux) { mux->is_broken = mux_is_full = true; }

/* Sending. */

RARE static bool flush(struct mux *mux) {
  while (ring_used(&mux->outbox) > 0) {
    u32 place = mux->outbox.tail & (mux->outbox.capacity - 1);
    u32 size = min(ring_used(&mux->outbox), mux->outbox.capacity - place);
    long sent = host_stream_send(mux->out, mux->outbox.bytes + place, size);
    if (sent < 0 && sent != -EAGAIN) broken(mux);
    if (sent < 0) return false;
    mux->outbox.tail += (u32)sent;
    mux->sent += (u64)sent;
  }
  return true;
}

RARE static void put_off(struct mux *mux, const u8 *bytes, size_t size) {
  mux_is_full = true;
  if (ring_reserve(&mux->outbox, size)) ring_put(&mux->outbox, bytes, size);
  else broken(mux);
}

/* All of it, at once or by the outbox. */
static void emit(struct mux *mux, const void *bytes, size_t size) {
  if (mux->is_broken) return;
  long sent = ring_used(&mux->outbox) == 0 ? host_stream_send(mux->out, bytes, size) : 0;
  if (sent > 0) mux->sent += (u64)sent;
  if (sent == (long)size) return;
  if (sent == -EAGAIN) sent = 0;
  if (sent < 0) broken(mux);
  else put_off(mux, (const u8 *)bytes + sent, size - (size_t)sent);
}

static void emit_frame(struct mux *mux, u32 id, enum frame_type type, u16 port, u32 value) {
  struct frame frame = {id, (u8)type, 0, port, 0, value};
  emit(mux, &frame, sizeof frame);
}

u32 mux_room(const struct socket *socket) { return ring_used(&socket->mux->outbox) > 0 ? 0 : (u32)socket->credit; }

/* Header and payload go together, from where a copy to their place in the stream moves sixteen bytes at a time. */
long mux_send(struct socket *socket, const void *from, size_t size) {
  static _Alignas(GRANULE) u8 buffer[GRANULE + HEADER + PIECE];
  struct mux *mux = socket->mux;
  if (mux->is_broken) return -EPIPE;
  size = min(size, min(mux_is_full ? (size_t)mux_room(socket) : socket->credit, (size_t)PIECE));
  if (size == 0) return -EAGAIN;
  u8 *at = buffer + (size < LARGE ? 0 : mux->sent % GRANULE);
  struct frame frame = {socket->id, FRAME_DATA, 0, 0, (u32)size, 0};
  memcpy(at, &frame, HEADER);
  memcpy(at + HEADER, from, size);
  emit(mux, at, HEADER + size);
  socket->credit -= size;
  return (long)size;
}

/* Connections by id. */

static struct socket **place_of(struct mux *mux, u32 id) {
  struct socket **place = &mux->buckets[(id >> 1) % BUCKETS];
  while (*place != NULL && (*place)->id != id) place = &(*place)->next;
  return place;
}

static bool is_full(const struct mux *mux) { return mux->connections >= CONNECTIONS || mux->left < LEAST_WINDOW; }

static void remember(struct mux *mux, struct socket *socket, u32 id, u32 credit) {
  struct socket **bucket = &mux->buckets[(id >> 1) % BUCKETS];
  socket->mux = mux;
  socket->id = id;
  socket->credit = credit;
  socket->consumed = 0;
  socket->window = mux->left > max(mux->pool / 2, (size_t)WINDOW) ? WINDOW : LEAST_WINDOW;
  mux->left -= socket->window;
  socket->next = *bucket;
  *bucket = socket;
  mux->connections++;
}

static void forget(struct socket *socket) {
  *place_of(socket->mux, socket->id) = socket->next;
  socket->mux->connections--;
  socket->mux->left += socket->window;
  socket->mux = NULL;
}

/* The connection is over; who has the socket hears of it, unless it was told of an orderly end before. */
RARE static void end(struct socket *socket, int error) {
  forget(socket);
  if (socket->state == SOCKET_CLOSED) return socket_free(socket);
  if (socket->state == SOCKET_CONNECTING && error == ECONNRESET) error = ECONNREFUSED;
  socket_fail(socket, socket->receive_end ? 0 : error);
}

RARE static void close_all(struct mux *mux) {
  for (u32 i = 0; i < BUCKETS; i++)
    while (mux->buckets[i] != NULL) end(mux->buckets[i], ECONNRESET);
  ring_free(&mux->outbox);
  host_stream_close(mux->out);
  host_stream_close(mux->in.handle);
  mux->in.has_ended = true;
  in_stream_forget(&mux->in);
  mux->is_open = mux->is_broken = false;
}

RARE static void nonsense(struct mux *mux) {
  char text[NAME_SIZE + 64];
  host_console_write(CONSOLE_ERRORS, text, (size_t)snprintf(text, sizeof text, "library OS: nonsense from %s, connections closed\n", mux->name));
  broken(mux);
}

/* Receiving. */

static void parse_address(const char *text, struct address_inet *address) {
  u32 parts[4] = {0}, part = 0;
  for (; *text != 0 && *text != ':'; text++) {
    if (*text == '.' && part < 3) part++;
    else if (*text >= '0' && *text <= '9') parts[part] = parts[part] * 10 + (u32)(*text - '0');
  }
  address->address = (parts[0] & 255) | (parts[1] & 255) << 8 | (parts[2] & 255) << 16 | (parts[3] & 255) << 24;
  if (*text == ':') address->port = swap16((u16)cvm_parse_number(text + 1));
}

static bool accept_open(struct mux *mux, const struct frame *frame, const char *from) {
  struct socket *listener = is_full(mux) ? NULL : inet_listener(swap16(frame->port), OWN_ADDRESS);
  struct socket *socket = listener == NULL ? ERR_PTR(-ECONNREFUSED) : socket_offer(listener);
  if (IS_ERR(socket)) return false;
  socket->state = SOCKET_CONNECTED;
  socket->local.inet.address = OWN_ADDRESS;
  socket->remote.inet.address = mux->address == 0 ? LOOPBACK_ADDRESS : mux->address;
  socket->remote.inet.port = swap16((u16)(frame->connection >> 1 | 0x8000));
  if (from[0] != 0) parse_address(from, &socket->remote.inet);
  remember(mux, socket, frame->connection, frame->value);
  return true;
}

RARE static void on_open(struct mux *mux, const struct frame *frame) {
  char from[TEXT_LIMIT + 1];
  bool is_new = (frame->connection & 1) != mux->parity && *place_of(mux, frame->connection) == NULL;
  if (!is_new || frame->value > MOST_WINDOW) return nonsense(mux);
  in_stream_peek(&mux->in, HEADER, from, frame->length);
  from[frame->length] = 0;
  if (accept_open(mux, frame, from)) emit_frame(mux, frame->connection, FRAME_OPENED, 0, (*place_of(mux, frame->connection))->window);
  else emit_frame(mux, frame->connection, FRAME_REFUSED, 0, ECONNREFUSED);
}

RARE static void on_answer(struct socket *socket, const struct frame *frame) {
  if (socket->state == SOCKET_CLOSED) { /* nobody waits any more */
    if (frame->type == FRAME_OPENED) emit_frame(socket->mux, socket->id, FRAME_RESET, 0, 0);
    return end(socket, 0);
  }
  if (socket->state != SOCKET_CONNECTING) return nonsense(socket->mux);
  if (frame->type == FRAME_REFUSED) return end(socket, frame->value > 0 && frame->value < 134 ? (int)frame->value : ECONNREFUSED);
  if (frame->value > MOST_WINDOW) return nonsense(socket->mux);
  socket->credit = frame->value;
  socket->state = SOCKET_CONNECTED;
  wake_up(&socket->queue);
}

/* Nobody has a use for it, or no memory. */
RARE static void refuse(struct mux *mux, struct socket *socket, int error) {
  emit_frame(mux, socket->id, FRAME_RESET, 0, 0);
  end(socket, error);
}

static void on_data(struct mux *mux, struct socket *socket, u32 size) {
  if (socket->state == SOCKET_CLOSED) return refuse(mux, socket, 0);
  bool is_late = socket->state != SOCKET_CONNECTED || socket->receive_end;
  if (is_late || ring_used(&socket->receive) + socket->consumed + size > socket->window) return nonsense(mux);
  if (!ring_reserve(&socket->receive, size)) return refuse(mux, socket, ENOBUFS);
  size_t first;
  const u8 *from = in_stream_at(&mux->in, HEADER, &first);
  if (ring_used(&socket->receive) == 0) ring_align(&socket->receive, (uintptr_t)from);
  ring_put(&socket->receive, from, min(first, (size_t)size));
  if (first < size) ring_put(&socket->receive, mux->in.ring, size - first);
  wake_up_events(&socket->queue, POLL_READABLE);
}

RARE static void on_credit(struct socket *socket, u32 value) {
  if (socket->credit + value > MOST_WINDOW) return nonsense(socket->mux);
  socket->credit += value;
  if (!socket->waits_for_room) return;
  socket->waits_for_room = false;
  wake_up_events(&socket->queue, POLL_WRITABLE);
}

RARE static void on_fin(struct socket *socket) {
  socket->receive_end = true;
  if (socket->state == SOCKET_CLOSED || socket->send_end) return end(socket, 0);
  wake_up(&socket->queue);
}

RARE static void on_signal(struct mux *mux, struct socket *socket, const struct frame *frame) {
  switch (frame->type) {
    case FRAME_OPENED: case FRAME_REFUSED: return on_answer(socket, frame);
    case FRAME_CREDIT: return on_credit(socket, frame->value);
    case FRAME_FIN: return on_fin(socket);
    case FRAME_RESET: return end(socket, ECONNRESET);
    default: return on_open(mux, frame);
  }
}

static void on_frame(struct mux *mux, const struct frame *frame) {
  struct socket *socket = *place_of(mux, frame->connection);
  /* A connection that is over here, and the other side does not know yet, gets nothing. */
  if (frame->type == FRAME_DATA && socket != NULL) on_data(mux, socket, frame->length);
  else if (frame->type != FRAME_DATA && (socket != NULL || frame->type == FRAME_OPEN)) on_signal(mux, socket, frame);
}

static bool is_sound(const struct frame *frame) {
  if (frame->type < FRAME_OPEN || frame->type > FRAME_RESET || frame->zero != 0) return false;
  if (frame->type == FRAME_DATA) return frame->length > 0 && frame->length <= PAYLOAD_LIMIT;
  return frame->length == 0 || (frame->type == FRAME_OPEN && frame->length <= TEXT_LIMIT);
}

RARE static long open_streams(struct mux *mux);

/* The next frame, whole and sound; *is_short: more of it is to come. */
static bool next_frame(struct mux *mux, size_t used, struct frame *frame, bool *is_short) {
  *is_short = used < HEADER;
  if (*is_short) return false;
  in_stream_peek(&mux->in, 0, frame, HEADER);
  if (!is_sound(frame)) {
    nonsense(mux);
    return false;
  }
  *is_short = used < HEADER + frame->length;
  return !*is_short;
}

static void arrived(struct in_stream *stream) {
  struct mux *mux = stream->owner;
  bool is_over = stream->control->state != STREAM_OPEN, is_short = false;
  if (!mux->is_open && !mux->is_broken && open_streams(mux) < 0) { /* no way to answer yet */
    if (is_over) host_stream_close(stream->handle);
    return;
  }
  struct frame frame;
  size_t used = in_stream_used(stream);
  while (!mux->is_broken && ring_used(&mux->outbox) < OUTBOX_LIMIT && next_frame(mux, used, &frame, &is_short)) {
    on_frame(mux, &frame);
    in_stream_take(stream, HEADER + frame.length);
    used -= HEADER + frame.length;
  }
  if (is_short && (is_over || stream->has_ended)) broken(mux);
}

/* Opening. */

static long open_streams(struct mux *mux) {
  if (mux->is_open) return 0;
  long error = mux->in.item != 0 ? 0 : in_stream_open(&mux->in, mux->receive, RING_CAPACITY);
  if (error < 0) return error;
  in_stream_listen(&mux->in);
  mux->out = host_stream_open_send(mux->send);
  if (mux->out < 0) return mux->out;
  mux->is_open = true;
  mux->sent = 0;
  return 0;
}

struct mux *mux_of_address(u32 address) {
  struct mux *uplink = NULL;
  for (u32 i = 0; i < mux_count; i++) {
    if (muxes[i].address == address) return &muxes[i];
    if (muxes[i].address == 0) uplink = &muxes[i];
  }
  return (address & 0x00ffffff) == (OWN_ADDRESS & 0x00ffffff) ? NULL : uplink;
}

long mux_connect(struct mux *mux, struct socket *socket, const struct address_inet *to) {
  if (mux->is_broken) close_all(mux);
  if (open_streams(mux) < 0) return -ECONNREFUSED; /* it does not run */
  if (is_full(mux)) return -EAGAIN;
  while (*place_of(mux, mux->next_id) != NULL) mux->next_id += 2;
  remember(mux, socket, mux->next_id, 0);
  mux->next_id += 2;
  socket->state = SOCKET_CONNECTING;
  struct {
    struct frame frame;
    char text[TEXT_LIMIT];
  } open = {.frame = {socket->id, FRAME_OPEN, 0, swap16(to->port), 0, socket->window}};
  u32 a = to->address;
  if (mux->address == 0)
    open.frame.length = (u32)snprintf(open.text, TEXT_LIMIT, "%u.%u.%u.%u:%u", a & 255, a >> 8 & 255, a >> 16 & 255, a >> 24, swap16(to->port));
  emit(mux, &open, HEADER + open.frame.length);
  return 0;
}

void mux_finish(struct socket *socket) {
  emit_frame(socket->mux, socket->id, FRAME_FIN, 0, 0);
  if (socket->receive_end) end(socket, 0);
}

/* By how much its window grows, while there is much left, or shrinks, when there is little. */
RARE static long change_window(struct socket *socket) {
  const struct mux *mux = socket->mux;
  if (mux->left > mux->pool / 2) return socket->window < MOST_WINDOW ? socket->window : 0;
  bool may_shrink = socket->window > LEAST_WINDOW && socket->consumed > socket->window / 2 && ring_used(&socket->receive) == 0;
  if (mux->left > mux->pool / 4 || !may_shrink) return 0;
  ring_free(&socket->receive);
  return -(long)(socket->window / 2);
}

void mux_consumed(struct socket *socket, u32 size) {
  socket->consumed += size;
  if (socket->consumed < socket->window / 4 || socket->receive_end) return;
  long change = change_window(socket);
  socket->window += change;
  socket->mux->left -= change;
  emit_frame(socket->mux, socket->id, FRAME_CREDIT, 0, socket->consumed + (u32)change);
  socket->consumed = 0;
}

bool mux_close(struct socket *socket) {
  bool is_unread = ring_used(&socket->receive) > 0;
  if (!is_unread && !socket->send_end) emit_frame(socket->mux, socket->id, FRAME_FIN, 0, 0);
  if (is_unread) emit_frame(socket->mux, socket->id, FRAME_RESET, 0, 0);
  else if (!socket->receive_end) return false; /* until the other side's end */
  forget(socket);
  return true;
}

/* Waiting. */

u32 mux_send_items(struct cvm_poll_item *items) {
  u32 count = 0;
  for (u32 i = 0; i < mux_count; i++)
    if (muxes[i].is_open && ring_used(&muxes[i].outbox) > 0)
      items[count++] = (struct cvm_poll_item){.kind = POLL_SEND, .handle = (u32)muxes[i].out};
  return count;
}

static void wake_writers(struct mux *mux) {
  for (u32 i = 0; i < BUCKETS; i++)
    for (struct socket *socket = mux->buckets[i]; socket != NULL; socket = socket->next)
      if (socket->waits_for_room) socket->waits_for_room = false, wake_up_events(&socket->queue, POLL_WRITABLE);
}

void mux_flush(void) {
  mux_is_full = false;
  for (u32 i = 0; i < mux_count; i++) {
    struct mux *mux = &muxes[i];
    if (ring_used(&mux->outbox) > 0 && !mux->is_broken && flush(mux)) {
      wake_writers(mux);
      arrived(&mux->in); /* it may have stopped for the outbox */
    }
    if (mux->is_broken) close_all(mux);
    if (ring_used(&mux->outbox) > 0) mux_is_full = true;
  }
}

/* The first word of a text: what comes behind it. */
static const char *word(const char *text, char to[NAME_SIZE]) {
  size_t length = 0;
  for (; *text != 0 && *text != ' '; text++)
    if (length < NAME_SIZE - 1) to[length++] = *text;
  to[length] = 0;
  return *text == ' ' ? text + 1 : text;
}

/* "[NAME of a peer] SEND RECEIVE [odd|even]": which ids this side gives. */
static void add(const char *text, u32 address) {
  char parity[NAME_SIZE];
  if (mux_count == PEERS) panic("more than %d peers", PEERS);
  struct mux *mux = &muxes[mux_count++];
  if (address == 0) strlcpy(mux->name, "the host", NAME_SIZE);
  else text = word(text, mux->name);
  word(word(word(text, mux->send), mux->receive), parity);
  mux->address = address;
  mux->parity = parity[0] != 0 ? parity[0] == 'o' : address == 0 || strcmp(mux->send, mux->receive) < 0;
  mux->next_id = mux->parity == 1 ? 1 : 2;
  mux->in.arrived = arrived;
  mux->in.owner = mux;
  open_streams(mux); /* who is not there yet will be when it is asked for */
}

void mux_start(void) {
  u32 number = 2;
  for (const char *peer = NULL; (peer = config_next("peer", peer)) != NULL;) add(peer, 10 | number++ << 24);
  const char *uplink = config_text("uplink");
  if (uplink != NULL) add(uplink, 0);
  for (u32 i = 0; i < mux_count; i++) muxes[i].pool = muxes[i].left = free_page_count() * PAGE_SIZE / 2 / mux_count;
}
