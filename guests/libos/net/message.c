/* sendmsg and recvmsg: vectors, and descriptors in flight. */
#include "net/socket.h"

enum { SOL_SOCKET = 1, SCM_RIGHTS = 1, SCM_CREDENTIALS = 2 };

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

static void drop(struct rights *rights) {
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
      drop(rights);
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

static long send_vector(struct socket *socket, const struct user_iovec *vector, u64 count, int flags, bool wait) {
  long done = 0;
  for (u64 i = 0; i < count; i++) {
    if (vector[i].length == 0) continue;
    const void *from = user_range(vector[i].base, vector[i].length, USER_READ);
    long sent = from == NULL ? -EFAULT : socket_send(socket, from, vector[i].length, flags, wait);
    if (sent < 0) return done > 0 ? done : sent;
    done += sent;
    if ((u64)sent < vector[i].length) break;
  }
  return done;
}

/* Not received yet? Its address alone is looked at. */
static bool is_queued(const struct socket *peer, const struct rights *rights) {
  const struct rights *other;
  list_for_each_entry(other, &peer->rights, link)
    if (other == rights) return true;
  return false;
}

static long send_message(struct socket *socket, const struct message *message, int flags, bool wait) {
  struct user_iovec *vector;
  struct rights *rights;
  size_t total;
  if (flags & MSG_OOB) return -EOPNOTSUPP;
  long result = iovec_from_user(message->vector, message->vector_count, &vector, &total);
  if (result < 0) return result;
  result = socket->domain == AF_UNIX ? rights_from_user(message, &rights) : (rights = NULL, 0);
  struct socket *peer = socket->peer;
  if (result == 0 && rights != NULL && peer != NULL && total > 0) {
    rights->position = peer->receive.head;
    list_add_tail(&rights->link, &peer->rights);
  }
  if (result == 0) result = send_vector(socket, vector, message->vector_count, flags, wait);
  bool was_in_flight = rights != NULL && peer != NULL && total > 0;
  bool comes_back = was_in_flight && result < 0 && socket->peer == peer && is_queued(peer, rights);
  if (comes_back) list_del(&rights->link);
  if (comes_back || !was_in_flight) drop(rights);
  kfree(vector);
  return result;
}

long sys_sendmsg(long fd, long from, long flags) {
  struct file *file;
  struct message message;
  long error;
  struct socket *socket = socket_of(fd, &file, &error);
  if (socket == NULL) return error;
  if (copy_from_user(&message, (uaddr_t)from, sizeof message) < 0) return -EFAULT;
  file_pin(file);
  long result = send_message(socket, &message, (int)flags, !(file->flags & O_NONBLOCK) && !(flags & MSG_DONTWAIT));
  file_unpin(file);
  return result;
}

static long receive_vector(struct socket *socket, const struct user_iovec *vector, u64 count, int flags, bool wait) {
  long done = 0;
  for (u64 i = 0; i < count; i++) {
    if (vector[i].length == 0) continue;
    void *to = user_range(vector[i].base, vector[i].length, USER_WRITE);
    long got = to == NULL ? -EFAULT : socket_receive(socket, to, vector[i].length, flags, wait);
    if (got < 0) return done > 0 ? done : got;
    done += got;
    if ((u64)got < vector[i].length || !list_empty(&socket->rights)) break;
    if (!(flags & MSG_WAITALL)) wait = false;
  }
  return done;
}

/* Descriptors that have come with what was read: how many bytes of control. */
static long rights_to_user(struct socket *socket, const struct message *message, struct rights *rights, int flags, s32 *out_flags) {
  struct control_header header = {sizeof header, SOL_SOCKET, SCM_RIGHTS};
  u64 room = message->control_length < sizeof header ? 0 : (message->control_length - sizeof header) / 4;
  u32 count = (u32)min((u64)rights->count, room);
  if (count < rights->count) *out_flags |= MSG_CTRUNC;
  for (u32 i = 0; i < count; i++) {
    long fd = fd_install(file_get(rights->files[i]), flags & MSG_CMSG_CLOEXEC);
    s32 number = (s32)fd;
    if (fd < 0) {
      *out_flags |= MSG_CTRUNC;
      break;
    }
    if (copy_to_user(message->control + header.length, &number, 4) < 0) return -EFAULT;
    header.length += 4;
  }
  if (header.length == sizeof header) return 0;
  if (copy_to_user(message->control, &header, sizeof header) < 0) return -EFAULT;
  return (long)min(round_up(header.length, 8), message->control_length);
}

static long receive_message(struct socket *socket, struct message *message, int flags, bool wait) {
  struct user_iovec *vector;
  size_t total;
  long result = iovec_from_user(message->vector, message->vector_count, &vector, &total);
  if (result < 0) return result;
  result = receive_vector(socket, vector, message->vector_count, flags, wait);
  kfree(vector);
  if (result < 0) return result;
  s32 out_flags = flags & MSG_CMSG_CLOEXEC;
  u64 control = 0;
  struct rights *rights = list_empty(&socket->rights) ? NULL : list_first_entry(&socket->rights, struct rights, link);
  if (rights != NULL && (s32)(rights->position - socket->receive.tail) < 0) { /* its byte is among them */
    list_del(&rights->link);
    long length = rights_to_user(socket, message, rights, flags, &out_flags);
    drop(rights);
    if (length < 0) return length;
    control = (u64)length;
  }
  message->control_length = control;
  message->flags = out_flags;
  message->name_length = 0;
  return result;
}

long sys_recvmsg(long fd, long to, long flags) {
  struct file *file;
  struct message message;
  long error;
  struct socket *socket = socket_of(fd, &file, &error);
  if (socket == NULL) return error;
  if (copy_from_user(&message, (uaddr_t)to, sizeof message) < 0) return -EFAULT;
  file_pin(file);
  long result = receive_message(socket, &message, (int)flags, !(file->flags & O_NONBLOCK) && !(flags & MSG_DONTWAIT));
  file_unpin(file);
  return result >= 0 && copy_to_user((uaddr_t)to, &message, sizeof message) < 0 ? -EFAULT : result;
}

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
