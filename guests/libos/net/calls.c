/* The system calls of sockets and their names. */
#include "net/socket.h"

static long check_kind(long domain, long type, long protocol) {
  if (type & ~(SOCK_TYPE_MASK | O_NONBLOCK | O_CLOEXEC)) return -EINVAL;
  if ((int)domain != AF_UNIX && (int)domain != AF_INET) return -EAFNOSUPPORT;
  if ((type & SOCK_TYPE_MASK) != SOCK_STREAM) return -ESOCKTNOSUPPORT;
  bool is_usual = protocol == 0 || protocol == ((int)domain == AF_INET ? IPPROTO_TCP : AF_UNIX);
  return is_usual ? 0 : -EPROTONOSUPPORT;
}

long sys_socket(long domain, long type, long protocol) {
  long error = check_kind(domain, type, protocol);
  if (error < 0) return error;
  struct file *file = socket_open((int)domain, (int)type);
  return file == NULL ? -ENFILE : fd_install(file, type & O_CLOEXEC);
}

long sys_socketpair(long domain, long type, long protocol, long to) {
  long error = check_kind(domain, type, protocol);
  if (error < 0) return error;
  if ((int)domain == AF_INET) return -EOPNOTSUPP;
  struct file *first = socket_open(AF_UNIX, (int)type), *second = socket_open(AF_UNIX, (int)type);
  if (first != NULL && second != NULL) {
    socket_join(first->object, second->object);
    return fd_install_pair(first, second, type & O_CLOEXEC, (uaddr_t)to);
  }
  if (first != NULL) file_put(first);
  if (second != NULL) file_put(second);
  return -ENFILE;
}

static long name_from_user(const struct socket *socket, struct name *name, uaddr_t from, u32 length) {
  bool is_unix = socket->domain == AF_UNIX;
  u32 least = is_unix ? 2 : sizeof name->inet, most = is_unix ? 2 + UNIX_PATH : sizeof name->inet;
  if (length < least || (is_unix && length > most)) return -EINVAL;
  *name = (struct name){.length = min(length, most)};
  if (copy_from_user(&name->family, from, name->length) < 0) return -EFAULT;
  if (name->family == socket->domain) return 0;
  return is_unix ? -EINVAL : -EAFNOSUPPORT;
}

long answer_to_user(const void *answer, u32 size, bool tell_whole, uaddr_t to, uaddr_t to_length) {
  s32 room;
  if (copy_from_user(&room, to_length, 4) < 0) return -EFAULT;
  if (room < 0) return -EINVAL;
  u32 told = min((u32)room, size);
  if (copy_to_user(to, answer, told) < 0) return -EFAULT;
  return copy_to_user(to_length, tell_whole ? &size : &told, 4);
}

static long name_to_user(const struct name *name, long to, long to_length) {
  return answer_to_user(&name->family, name->length, true, (uaddr_t)to, (uaddr_t)to_length);
}

long sys_bind(long fd, long from, long length) {
  struct socket *socket = socket_of(fd);
  struct name name;
  if (IS_ERR(socket)) return PTR_ERR(socket);
  long error = name_from_user(socket, &name, (uaddr_t)from, (u32)length);
  if (error < 0) return error;
  return socket->domain == AF_UNIX ? unix_bind(socket, &name) : inet_bind(socket, &name.inet);
}

long sys_listen(long fd, long backlog) {
  struct socket *socket = socket_of(fd);
  if (IS_ERR(socket)) return PTR_ERR(socket);
  if (socket->state != SOCKET_NEW && socket->state != SOCKET_LISTENING) return -EINVAL;
  if (socket->domain == AF_UNIX && !socket_is_bound(socket)) return -EINVAL;
  long error = socket->domain == AF_INET ? inet_listen(socket) : 0;
  if (error < 0) return error;
  socket->peer_credentials = own_credentials();
  socket->backlog_limit = min((u32)backlog, (u32)BACKLOG_LIMIT) + 1;
  socket->state = SOCKET_LISTENING;
  return 0;
}

static long take_connection(struct socket *listener, int flags) {
  struct socket *connection = list_first_entry(&listener->backlog, struct socket, backlog_link);
  struct file *file = socket_file(connection, flags);
  if (file == NULL) return -ENFILE;
  list_del(&connection->backlog_link);
  listener->backlog_count--;
  wake_up_events(&listener->queue, POLL_WRITABLE); /* those who wait for room in the backlog */
  return fd_install(file, flags & O_CLOEXEC);
}

long sys_accept4(long fd, long to, long to_length, long flags) {
  struct socket *listener = socket_of(fd);
  if (IS_ERR(listener)) return PTR_ERR(listener);
  if (flags & ~(O_NONBLOCK | O_CLOEXEC) || listener->state != SOCKET_LISTENING) return -EINVAL;
  struct file *file = listener->file;
  long error = 0;
  file_pin(file);
  if (list_empty(&listener->backlog)) net_drain();
  while (error == 0 && list_empty(&listener->backlog))
    error = file->flags & O_NONBLOCK ? -EAGAIN : socket_wait(listener, listener->receive_timeout);
  long result = error < 0 ? error : take_connection(listener, (int)flags);
  file_unpin(file);
  if (result < 0 || to == 0) return result;
  error = name_to_user(&socket_of(result)->remote, to, to_length);
  if (error == 0) return result;
  file_put(fd_remove((int)result));
  return error;
}

long sys_accept(long fd, long to, long to_length) { return sys_accept4(fd, to, to_length, 0); }

long sys_connect(long fd, long from, long length) {
  struct socket *socket = socket_of(fd);
  struct name name;
  if (IS_ERR(socket)) return PTR_ERR(socket);
  long error = name_from_user(socket, &name, (uaddr_t)from, (u32)length);
  if (error < 0) return error;
  struct file *file = socket->file;
  bool wait = !(file->flags & O_NONBLOCK);
  file_pin(file);
  error = socket->domain == AF_UNIX ? unix_connect(socket, &name, wait) : inet_connect(socket, &name.inet, wait);
  file_unpin(file);
  return error;
}

long sys_getsockname(long fd, long to, long to_length) {
  const struct socket *socket = socket_of(fd);
  return IS_ERR(socket) ? PTR_ERR(socket) : name_to_user(&socket->local, to, to_length);
}

long sys_getpeername(long fd, long to, long to_length) {
  const struct socket *socket = socket_of(fd);
  if (IS_ERR(socket)) return PTR_ERR(socket);
  return socket->state == SOCKET_CONNECTED ? name_to_user(&socket->remote, to, to_length) : -ENOTCONN;
}
