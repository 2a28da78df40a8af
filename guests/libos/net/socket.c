/* Stream sockets: life, and the bytes that go through them. */
#include "net/socket.h"

/* Writable from a third of the room on, as Linux; woken when it becomes so. */
enum { ROOM_TO_WRITE = QUEUE_ROOM / 3 };

struct socket *socket_create(int domain) {
  struct socket *socket = kzalloc(sizeof *socket);
  if (socket == NULL) return NULL;
  socket->domain = domain;
  wait_queue_init(&socket->queue);
  list_init(&socket->rights);
  list_init(&socket->backlog);
  list_init(&socket->backlog_link);
  list_init(&socket->bound_link);
  socket->local.length = domain == AF_INET ? sizeof(struct address_inet) : 2;
  socket->local.family = (u16)domain;
  socket->remote = socket->local;
  return socket;
}

struct ucred own_credentials(void) {
  const struct credentials *credentials = &current->process->credentials;
  return (struct ucred){current->process->pid, credentials->euid, credentials->egid};
}

void socket_join(struct socket *a, struct socket *b) {
  a->peer = b;
  b->peer = a;
  a->state = b->state = SOCKET_CONNECTED;
  a->peer_credentials = b->peer_credentials = own_credentials();
}

void socket_free(struct socket *socket) {
  struct rights *rights, *following;
  list_for_each_entry_safe(rights, following, &socket->rights, link) rights_free(rights);
  wait_queue_end(&socket->queue); /* those that wait for room in its backlog */
  ring_free(&socket->receive);
  kfree(socket);
}

void socket_fail(struct socket *socket, int error) {
  if (socket->state == SOCKET_CONNECTING) socket->state = SOCKET_NEW;
  socket->error = (u8)error;
  socket->receive_end = socket->send_end = true;
  wake_up(&socket->queue);
}

long socket_take_error(struct socket *socket) {
  int error = socket->error;
  socket->error = 0;
  return -error;
}

/* Those that nobody will accept. */
static void refuse_backlog(struct socket *socket) {
  while (!list_empty(&socket->backlog)) {
    struct socket *connection = list_first_entry(&socket->backlog, struct socket, backlog_link);
    list_del(&connection->backlog_link);
    if (connection->peer != NULL) socket_fail(connection->peer, ECONNRESET);
    socket_close(connection);
  }
}

static void part_from_peer(struct socket *socket) {
  struct socket *peer = socket->peer;
  if (peer == NULL) return;
  if (ring_used(&socket->receive) > 0 && peer->error == 0) peer->error = ECONNRESET; /* it was not read */
  peer->peer = NULL;
  peer->receive_end = peer->send_end = true;
  socket->peer = NULL;
  wake_up(&peer->queue);
}

void socket_close(struct socket *socket) {
  socket->file = NULL;
  refuse_backlog(socket);
  list_del(&socket->bound_link);
  if (socket->inode != NULL) {
    socket->inode->object = NULL;
    inode_put(socket->inode);
  }
  part_from_peer(socket);
  socket->state = SOCKET_CLOSED;
  if (socket->mux == NULL || mux_close(socket)) socket_free(socket);
}

struct socket *socket_offer(struct socket *listener) {
  if (listener->backlog_count >= listener->backlog_limit) return ERR_PTR(-EAGAIN);
  struct socket *connection = socket_create(listener->domain);
  if (connection == NULL) return ERR_PTR(-ENOMEM);
  connection->local = listener->local;
  if (listener->domain == AF_INET) {
    connection->options = listener->options;
    memcpy(connection->values, listener->values, sizeof connection->values);
  }
  listener->backlog_count++;
  list_add_tail(&connection->backlog_link, &listener->backlog);
  wake_up_events(&listener->queue, POLL_READABLE);
  return connection;
}

/* Bytes that may be sent now. */
static u32 socket_room(const struct socket *socket) {
  if (socket->mux != NULL) return mux_is_full ? mux_room(socket) : (u32)socket->credit;
  u32 used = socket->peer == NULL ? 0 : ring_used(&socket->peer->receive);
  return used < QUEUE_ROOM ? QUEUE_ROOM - used : 0;
}

long socket_wait(struct socket *socket, u64 timeout) {
  long error = sleep_on_network(&socket->queue, timeout == 0 ? NO_DEADLINE : deadline_after(timeout));
  if (error == -ETIMEDOUT) return -EAGAIN;
  return error == -ERESTARTSYS && timeout != 0 ? -EINTR : error;
}

static long broken_pipe(int flags) {
  if (!(flags & MSG_NOSIGNAL)) raise_signal(SIGPIPE);
  return -EPIPE;
}

/* Why it cannot send; -EAGAIN: not yet. */
RARE static long send_error(struct socket *socket, int flags) {
  if (socket->error != 0) return socket_take_error(socket);
  if (socket->send_end) return broken_pipe(flags);
  if (socket->state == SOCKET_CONNECTING) return -EAGAIN;
  return socket->domain == AF_UNIX ? -ENOTCONN : broken_pipe(flags);
}

/* As much as there is room for, or -EAGAIN. */
static long send_piece(struct socket *socket, const void *from, size_t size) {
  if (size == 0) return 0;
  if (socket->mux != NULL) return mux_send(socket, from, size);
  struct socket *peer = socket->peer;
  size = min(size, (size_t)socket_room(socket));
  if (size == 0) return -EAGAIN;
  if (!ring_reserve(&peer->receive, size)) return -ENOBUFS;
  ring_put(&peer->receive, from, size);
  wake_up_events(&peer->queue, POLL_READABLE);
  return (long)size;
}

RARE static long wait_for_room(struct socket *socket, bool wait) {
  socket->waits_for_room = true; /* an edge-triggered watch too */
  if (wait) return socket_wait(socket, socket->send_timeout);
  net_drain(); /* who tries again and again hears of room too */
  return -EAGAIN;
}

long socket_send(struct socket *socket, const void *from, size_t size, int flags, bool wait) {
  size_t done = 0;
  for (;;) {
    bool may_send = socket->state == SOCKET_CONNECTED && (socket->unusual == 0 || (!socket->send_end && socket->error == 0));
    long sent = may_send ? send_piece(socket, (const u8 *)from + done, size - done) : send_error(socket, flags);
    if (sent >= 0 && (done += (size_t)sent) == size) return (long)done;
    if (sent == -EAGAIN) sent = wait_for_room(socket, wait);
    if (sent < 0) return done > 0 ? (long)done : sent;
  }
}

/* The other side may have waited for what was taken. */
static void taken(struct socket *socket, u32 before, size_t size) {
  if (socket->mux != NULL) mux_consumed(socket, (u32)size);
  else if (socket->peer != NULL && before > QUEUE_ROOM - ROOM_TO_WRITE) wake_up_events(&socket->peer->queue, POLL_WRITABLE);
}

/* Bytes up to the next descriptors in flight: one call takes either side of them. */
static size_t up_to_rights(const struct socket *socket, size_t size) {
  if (list_empty(&socket->rights)) return size;
  const struct rights *rights = list_first_entry(&socket->rights, struct rights, link);
  u32 distance = rights->position - socket->receive.tail;
  return distance > 0 ? min(size, (size_t)distance) : size;
}

static size_t take_bytes(struct socket *socket, void *to, size_t size, int flags) {
  size = up_to_rights(socket, size);
  if (flags & MSG_PEEK) return ring_peek(&socket->receive, to, size);
  u32 before = ring_used(&socket->receive);
  size_t got = ring_take(&socket->receive, to, size);
  taken(socket, before, got);
  return got;
}

/* Nothing is there: may it be waited for? 1: yes. */
RARE static long receive_end(struct socket *socket) {
  if (socket->error != 0) return socket_take_error(socket);
  if (socket->receive_end || socket->was_shut) return 0;
  if (socket->state == SOCKET_CONNECTED || socket->state == SOCKET_CONNECTING) return 1;
  return socket->domain == AF_UNIX ? -EINVAL : -ENOTCONN;
}

long socket_receive(struct socket *socket, void *to, size_t size, int flags, bool wait) {
  if (flags & MSG_OOB) return -EINVAL;
  if (size == 0) return 0;
  if (ring_used(&socket->receive) == 0) net_drain();
  for (size_t done = 0;;) {
    if (ring_used(&socket->receive) > 0) done += take_bytes(socket, (u8 *)to + done, size - done, flags);
    bool is_enough = done == size || !(flags & MSG_WAITALL) || (flags & MSG_PEEK);
    if (done > 0 && is_enough) return (long)done;
    long more = receive_end(socket);
    if (more > 0) more = wait ? socket_wait(socket, socket->receive_timeout) : -EAGAIN;
    else if (more == 0) return (long)done;
    if (more < 0) return done > 0 ? (long)done : more;
  }
}

long sys_shutdown(long fd, long type) {
  struct socket *socket = socket_of(fd);
  int how = (int)type;
  if (IS_ERR(socket)) return PTR_ERR(socket);
  if (how < SHUT_RD || how > SHUT_RDWR) return -EINVAL;
  if (socket->state != SOCKET_CONNECTED) return -ENOTCONN;
  if (how != SHUT_WR) socket->was_shut = true;
  if (how != SHUT_RD && !socket->send_end) {
    socket->send_end = true;
    if (socket->mux != NULL) mux_finish(socket);
  }
  if (socket->peer != NULL) {
    if (how != SHUT_RD) socket->peer->receive_end = true;
    if (how != SHUT_WR && socket->domain == AF_UNIX) socket->peer->send_end = true;
    wake_up(&socket->peer->queue);
  }
  wake_up(&socket->queue);
  return 0;
}

/* As a file. */

static long read_socket(struct file *file, void *to, size_t size, u64 *position, int flags) {
  return socket_receive(file->object, to, size, 0, !(flags & O_NONBLOCK));
}

static long write_socket(struct file *file, const void *from, size_t size, u64 *position, int flags) {
  return socket_send(file->object, from, size, 0, !(flags & O_NONBLOCK));
}

RARE static u32 poll_unusual(const struct socket *socket, u32 events) {
  if (socket->state == SOCKET_LISTENING) return list_empty(&socket->backlog) ? 0 : POLL_READABLE;
  bool no_more = socket->receive_end || socket->was_shut;
  if (no_more) events |= POLL_READABLE | POLLRDHUP;
  if (socket->error != 0) events |= POLLERR;
  if (socket->state == SOCKET_NEW || (no_more && socket->send_end)) events |= POLLHUP;
  if (socket->state == SOCKET_NEW || socket->send_end) events |= POLL_WRITABLE;
  return events;
}

static u32 poll_socket(struct file *file) {
  struct socket *socket = file->object;
  u32 events = ring_used(&socket->receive) > 0 ? POLL_READABLE : 0;
  if (socket->state != SOCKET_CONNECTED || socket->unusual != 0) {
    events = poll_unusual(socket, events);
    if (socket->state != SOCKET_CONNECTED || socket->send_end) return events;
  }
  if (socket_room(socket) >= (socket->mux != NULL ? 1 : ROOM_TO_WRITE)) return events | POLL_WRITABLE;
  socket->waits_for_room = true;
  return events;
}

static long ioctl_socket(struct file *file, u32 command, uaddr_t argument) {
  const struct socket *socket = file->object;
  s32 value = command == FIONREAD ? (s32)ring_used(&socket->receive) : 0;
  if (command != FIONREAD && command != SIOCATMARK) return -ENOTTY;
  return copy_to_user(argument, &value, 4);
}

static void release_socket(struct file *file) { socket_close(file->object); }

const struct file_operations socket_operations = {
    .read = read_socket, .write = write_socket, .poll = poll_socket, .ioctl = ioctl_socket, .release = release_socket};

struct file *socket_file(struct socket *socket, int flags) {
  return socket->file = file_create_pathless(&socket_operations, S_IFSOCK | 0777, O_RDWR | (flags & O_NONBLOCK), socket, &socket->queue);
}

struct file *socket_open(int domain, int flags) {
  struct socket *socket = socket_create(domain);
  if (socket == NULL) return NULL;
  struct file *file = socket_file(socket, flags);
  if (file == NULL) socket_free(socket);
  return file;
}

struct socket *socket_of(long fd) {
  struct file *file = file_of((int)fd);
  if (file == NULL) return ERR_PTR(-EBADF);
  return file->operations == &socket_operations ? file->object : ERR_PTR(-ENOTSOCK);
}
