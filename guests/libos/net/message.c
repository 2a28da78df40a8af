/* send and receive: buffers, vectors, and descriptors in flight. */
#include "net/socket.h"

enum { SCM_RIGHTS = 1, SCM_CREDENTIALS = 2 };

struct message {
  uaddr_t name;
  u32 name_length, pad1;
  uaddr_t vector;
  u64 vector_count;
  uaddr_t control;
  u64 control_length;
  s32 flags, pad2;
};
struct control_header {
  u64 length;
  s32 level, type;
};

static bool may_wait(const struct socket *socket, long flags) {
  return !(socket->file->flags & O_NONBLOCK) && !(flags & MSG_DONTWAIT);
}

long sys_sendto(long fd, long from, long size, long flags, long to, long to_length) {
  struct socket *socket = socket_of(fd);
  if (IS_ERR(socket)) return PTR_ERR(socket);
  const void *bytes = user_range((uaddr_t)from, (size_t)size, USER_READ);
  if (bytes == NULL) return -EFAULT;
  if (flags & MSG_OOB) return -EOPNOTSUPP;
  if (to != 0 && to_length != 0 && socket->domain == AF_UNIX) return socket->state == SOCKET_CONNECTED ? -EISCONN : -EOPNOTSUPP;
  struct file *file = socket->file;
  file_pin(file);
  long result = socket_send(socket, bytes, (size_t)size, (int)flags, may_wait(socket, flags));
  file_unpin(file);
  return result;
}

long sys_recvfrom(long fd, long to, long size, long flags, long from, long from_length) {
  struct socket *socket = socket_of(fd);
  if (IS_ERR(socket)) return PTR_ERR(socket);
  void *bytes = user_range((uaddr_t)to, (size_t)size, USER_WRITE);
  if (bytes == NULL) return -EFAULT;
  struct file *file = socket->file;
  file_pin(file);
  long result = socket_receive(socket, bytes, (size_t)size, (int)flags, may_wait(socket, flags));
  file_unpin(file);
  const u32 none = 0; /* a stream's sender is known already */
  return result >= 0 && from != 0 && copy_to_user((uaddr_t)from_length, &none, 4) < 0 ? -EFAULT : result;
}

/* Piece by piece, with the file pinned; only the first is waited for. Who peeks goes on behind the piece before, and back. */
static long transfer(struct socket *socket, const struct user_iovec *vector, u64 count, int flags, bool is_send) {
  bool wait = may_wait(socket, flags), is_peek = !is_send && flags & MSG_PEEK;
  struct ring *ring = &socket->receive;
  long done = 0, moved = 0;
  for (u64 i = 0; i < count; i++) {
    size_t size = vector[i].length;
    if (size == 0 && count > 1) continue;
    if (is_peek && done > 0 && ring_used(ring) == 0) break;
    void *bytes = user_range(vector[i].base, size, is_send ? USER_READ : USER_WRITE);
    moved = -EFAULT;
    if (bytes != NULL) moved = is_send ? socket_send(socket, bytes, size, flags, wait) : socket_receive(socket, bytes, size, flags, wait);
    if (moved < 0) break;
    done += moved;
    if (is_peek) ring->tail += (u32)moved;
    if ((size_t)moved < size || (!is_send && !list_empty(&socket->rights))) break;
    wait = wait && (is_send || (flags & MSG_WAITALL && !is_peek));
  }
  if (is_peek) ring->tail -= (u32)done;
  return done > 0 ? done : moved;
}

void rights_free(struct rights *rights) {
  if (rights == NULL) return;
  for (u32 i = 0; i < rights->count; i++) file_put(rights->files[i]);
  kfree(rights);
}

static long take_files(const s32 *fds, u32 count, struct rights **to) {
  struct rights *rights = kzalloc(sizeof *rights + count * sizeof(struct file *));
  if (rights == NULL) return -ENOMEM;
  for (; rights->count < count; rights->count++) {
    struct file *file = file_of(fds[rights->count]);
    /* Sockets in flight could hold each other for ever. */
    if (file == NULL || file->operations == &socket_operations || file->operations == &epoll_operations) {
      rights_free(rights);
      return file == NULL ? -EBADF : -EOPNOTSUPP;
    }
    rights->files[rights->count] = file_get(file);
  }
  *to = rights;
  return 0;
}

/* The descriptors that a message carries; at most one such piece of control. */
static long rights_from_user(const struct message *message, struct rights **rights) {
  struct control_header header;
  s32 fds[RIGHTS_LIMIT];
  *rights = NULL;
  if (message->control_length < sizeof header) return 0;
  if (copy_from_user(&header, message->control, sizeof header) < 0) return -EFAULT;
  if (header.length < sizeof header || header.length > message->control_length) return -EINVAL;
  if (header.level != SOL_SOCKET || header.type == SCM_CREDENTIALS) return 0;
  u64 size = header.length - sizeof header;
  if (header.type != SCM_RIGHTS || size > sizeof fds || size % 4 != 0) return -EINVAL;
  if (copy_from_user(fds, message->control + sizeof header, size) < 0) return -EFAULT;
  return size == 0 ? 0 : take_files(fds, (u32)(size / 4), rights);
}

/* Not received yet? Its address alone is looked at. */
static bool is_queued(const struct socket *peer, const struct rights *rights) {
  const struct rights *other;
  list_for_each_entry(other, &peer->rights, link)
    if (other == rights) return true;
  return false;
}

static long send_message(struct socket *socket, struct message *message, int flags) {
  struct user_iovec *vector;
  struct rights *rights = NULL;
  struct socket *peer = socket->peer;
  size_t total;
  if (flags & MSG_OOB) return -EOPNOTSUPP;
  long result = iovec_from_user(message->vector, message->vector_count, &vector, &total);
  if (result < 0) return result;
  if (socket->domain == AF_UNIX) result = rights_from_user(message, &rights);
  bool is_in_flight = rights != NULL && peer != NULL && total > 0;
  if (is_in_flight) {
    rights->position = peer->receive.head;
    list_add_tail(&rights->link, &peer->rights);
  }
  if (result == 0) result = transfer(socket, vector, message->vector_count, flags, true);
  bool comes_back = is_in_flight && result < 0 && socket->peer == peer && is_queued(peer, rights);
  if (comes_back) list_del(&rights->link);
  if (comes_back || !is_in_flight) rights_free(rights);
  kfree(vector);
  return result;
}

/* Descriptors that have come with what was read: how many bytes of control. */
static long rights_to_user(struct message *message, struct rights *rights, int flags) {
  struct control_header header = {sizeof header, SOL_SOCKET, SCM_RIGHTS};
  u64 room = message->control_length < sizeof header ? 0 : (message->control_length - sizeof header) / 4;
  u32 count = (u32)min((u64)rights->count, room);
  for (u32 i = 0; i < count; i++, header.length += 4) {
    s32 fd = (s32)fd_install(file_get(rights->files[i]), flags & MSG_CMSG_CLOEXEC);
    if (fd < 0) break;
    if (copy_to_user(message->control + header.length, &fd, 4) < 0) return -EFAULT;
  }
  if (header.length < sizeof header + rights->count * 4ul) message->flags |= MSG_CTRUNC;
  if (header.length == sizeof header) return 0;
  if (copy_to_user(message->control, &header, sizeof header) < 0) return -EFAULT;
  return (long)min(round_up(header.length, 8), message->control_length);
}

static long receive_message(struct socket *socket, struct message *message, int flags) {
  struct user_iovec *vector;
  size_t total;
  long result = iovec_from_user(message->vector, message->vector_count, &vector, &total);
  if (result < 0) return result;
  result = transfer(socket, vector, message->vector_count, flags, false);
  kfree(vector);
  if (result < 0) return result;
  long control = 0;
  message->flags = flags & MSG_CMSG_CLOEXEC;
  struct rights *rights = list_empty(&socket->rights) ? NULL : list_first_entry(&socket->rights, struct rights, link);
  if (rights != NULL && (s32)(rights->position - socket->receive.tail) < 0) { /* its byte is among them */
    list_del(&rights->link);
    control = rights_to_user(message, rights, flags);
    rights_free(rights);
    if (control < 0) return control;
  }
  message->control_length = (u64)control;
  message->name_length = 0;
  return result;
}

static long message_call(long fd, uaddr_t address, int flags, bool is_send) {
  struct socket *socket = socket_of(fd);
  struct message message;
  if (IS_ERR(socket)) return PTR_ERR(socket);
  if (copy_from_user(&message, address, sizeof message) < 0) return -EFAULT;
  if (message.vector_count > IOV_LIMIT) return -EMSGSIZE;
  struct file *file = socket->file;
  file_pin(file);
  long result = is_send ? send_message(socket, &message, flags) : receive_message(socket, &message, flags);
  file_unpin(file);
  return !is_send && result >= 0 && copy_to_user(address, &message, sizeof message) < 0 ? -EFAULT : result;
}

long sys_sendmsg(long fd, long from, long flags) { return message_call(fd, (uaddr_t)from, (int)flags, true); }

long sys_recvmsg(long fd, long to, long flags) { return message_call(fd, (uaddr_t)to, (int)flags, false); }

long sys_sendmmsg(long fd, long vector, long count, long flags) {
  enum { MMSG_SIZE = sizeof(struct message) + 8 };
  long done = 0;
  for (; done < min(count, 1024l); done++) {
    uaddr_t at = (uaddr_t)vector + (u64)done * MMSG_SIZE;
    long sent = sys_sendmsg(fd, (long)at, flags);
    u32 length = (u32)sent;
    if (sent < 0) return done > 0 ? done : sent;
    if (copy_to_user(at + sizeof(struct message), &length, 4) < 0) return -EFAULT;
  }
  return done;
}
