/* The system calls of sockets. */
#include "net/socket.h"

union address {
  u16 family;
  struct address_inet inet;
  struct address_unix unix;
  u8 bytes[ADDRESS_SIZE];
};

long sys_socket(long domain, long type, long protocol) {
  int kind = (int)type & SOCK_TYPE_MASK;
  if (type & ~(SOCK_TYPE_MASK | O_NONBLOCK | O_CLOEXEC)) return -EINVAL;
  if ((int)domain != AF_UNIX && (int)domain != AF_INET) return -EAFNOSUPPORT;
  if (kind != SOCK_STREAM) return -ESOCKTNOSUPPORT;
  if ((int)domain == AF_INET ? protocol != 0 && protocol != 6 : protocol != 0 && protocol != AF_UNIX) return -EPROTONOSUPPORT;
  struct socket *socket = socket_create((int)domain, kind);
  if (socket == NULL) return -ENOBUFS;
  struct file *file = socket_file(socket, (int)type);
  if (file != NULL) return fd_install(file, type & O_CLOEXEC);
  socket_free(socket);
  return -ENFILE;
}

long sys_socketpair(long domain, long type, long protocol, long to) {
  if (type & ~(SOCK_TYPE_MASK | O_NONBLOCK | O_CLOEXEC)) return -EINVAL;
  if ((int)domain == AF_INET) return -EOPNOTSUPP;
  if ((int)domain != AF_UNIX) return -EAFNOSUPPORT;
  if (((int)type & SOCK_TYPE_MASK) != SOCK_STREAM) return -ESOCKTNOSUPPORT;
  if (protocol != 0 && protocol != AF_UNIX) return -EPROTONOSUPPORT;
  struct socket *a = socket_create(AF_UNIX, SOCK_STREAM), *b = socket_create(AF_UNIX, SOCK_STREAM);
  struct file *first = a == NULL || b == NULL ? NULL : socket_file(a, (int)type);
  struct file *second = first == NULL ? NULL : socket_file(b, (int)type);
  if (second != NULL) {
    socket_join(a, b);
    return fd_install_pair(first, second, type & O_CLOEXEC, (uaddr_t)to);
  }
  if (first != NULL) file_put(first);
  else if (a != NULL) socket_free(a);
  if (b != NULL) socket_free(b);
  return -ENFILE;
}

static long address_from_user(const struct socket *socket, union address *address, uaddr_t from, u32 length) {
  size_t least = socket->domain == AF_INET ? sizeof address->inet : 2;
  memset(address, 0, sizeof *address);
  if (length > sizeof address->unix && socket->domain == AF_UNIX) return -EINVAL;
  if (length < least) return -EINVAL;
  if (copy_from_user(address, from, min(length, (u32)ADDRESS_SIZE)) < 0) return -EFAULT;
  return 0;
}

static long address_to_user(const void *address, u32 length, uaddr_t to, uaddr_t to_length) {
  s32 room;
  if (copy_from_user(&room, to_length, 4) < 0) return -EFAULT;
  if (room < 0) return -EINVAL;
  if (copy_to_user(to, address, min((u32)room, length)) < 0) return -EFAULT;
  return copy_to_user(to_length, &length, 4);
}

static long name_to_user(const struct socket *socket, bool is_peer, uaddr_t to, uaddr_t to_length) {
  static const struct address_unix nameless = {.family = AF_UNIX};
  if (socket->domain == AF_INET)
    return address_to_user(is_peer ? &socket->remote : &socket->local, sizeof(struct address_inet), to, to_length);
  const struct address_unix *name = is_peer ? socket->peer_name : socket->name;
  u32 length = is_peer ? socket->peer_name_length : socket->name_length;
  if (name == NULL) return address_to_user(&nameless, 2, to, to_length);
  if (name->path[0] != 0) length = 2 + (u32)strnlen(name->path, UNIX_PATH - 1) + 1;
  return address_to_user(name, length, to, to_length);
}

long sys_bind(long fd, long from, long length) {
  struct file *file;
  union address address;
  long error;
  struct socket *socket = socket_of(fd, &file, &error);
  if (socket == NULL || (error = address_from_user(socket, &address, (uaddr_t)from, (u32)length)) < 0) return error;
  if (address.family != socket->domain) return socket->domain == AF_UNIX ? -EINVAL : -EAFNOSUPPORT;
  return socket->domain == AF_UNIX ? unix_bind(socket, &address.unix, (u32)length) : inet_bind(socket, &address.inet);
}

long sys_listen(long fd, long backlog) {
  struct file *file;
  long error;
  struct socket *socket = socket_of(fd, &file, &error);
  if (socket == NULL) return error;
  if (socket->state != SOCKET_NEW && socket->state != SOCKET_LISTENING) return -EINVAL;
  if (socket->domain == AF_UNIX && !socket->is_bound) return -EINVAL;
  if (socket->domain == AF_INET && (error = inet_listen(socket)) < 0) return error;
  const struct credentials *credentials = &current->process->credentials;
  socket->peer_credentials = (struct ucred){current->process->pid, credentials->euid, credentials->egid};
  socket->backlog_limit = min((u32)backlog, (u32)BACKLOG_LIMIT) + 1;
  socket->state = SOCKET_LISTENING;
  return 0;
}

static long take_connection(struct socket *listener, int flags) {
  struct socket *connection = list_first_entry(&listener->backlog, struct socket, backlog_link);
  struct file *file = socket_file(connection, flags);
  if (file == NULL) return -ENFILE;
  list_del(&connection->backlog_link);
  connection->listener = NULL;
  listener->backlog_count--;
  wake_up_events(&listener->queue, POLL_WRITABLE); /* those who wait for room in the backlog */
  return fd_install(file, flags & O_CLOEXEC);
}

long sys_accept4(long fd, long to, long to_length, long flags) {
  struct file *file, *accepted;
  long error;
  struct socket *listener = socket_of(fd, &file, &error);
  if (listener == NULL) return error;
  if (flags & ~(O_NONBLOCK | O_CLOEXEC)) return -EINVAL;
  if (listener->state != SOCKET_LISTENING) return -EINVAL;
  file_pin(file);
  if (list_empty(&listener->backlog)) net_drain();
  while (error == 0 && list_empty(&listener->backlog))
    error = file->flags & O_NONBLOCK ? -EAGAIN : socket_wait(listener, listener->receive_timeout);
  long result = error < 0 ? error : take_connection(listener, (int)flags);
  file_unpin(file);
  if (result < 0 || to == 0) return result;
  struct socket *connection = socket_of(result, &accepted, &error);
  error = name_to_user(connection, true, (uaddr_t)to, (uaddr_t)to_length);
  if (error == 0) return result;
  file_put(fd_remove((int)result));
  return error;
}

long sys_accept(long fd, long to, long to_length) {
  return sys_accept4(fd, to, to_length, 0);
}

long sys_connect(long fd, long from, long length) {
  struct file *file;
  union address address;
  long error;
  struct socket *socket = socket_of(fd, &file, &error);
  if (socket == NULL || (error = address_from_user(socket, &address, (uaddr_t)from, (u32)length)) < 0) return error;
  if (address.family != socket->domain) return socket->domain == AF_UNIX ? -EINVAL : -EAFNOSUPPORT;
  bool wait = !(file->flags & O_NONBLOCK);
  file_pin(file);
  error = socket->domain == AF_UNIX ? unix_connect(socket, &address.unix, (u32)length, wait) : inet_connect(socket, &address.inet, wait);
  file_unpin(file);
  return error;
}

long sys_getsockname(long fd, long to, long to_length) {
  struct file *file;
  long error;
  const struct socket *socket = socket_of(fd, &file, &error);
  return socket == NULL ? error : name_to_user(socket, false, (uaddr_t)to, (uaddr_t)to_length);
}

long sys_getpeername(long fd, long to, long to_length) {
  struct file *file;
  long error;
  const struct socket *socket = socket_of(fd, &file, &error);
  if (socket == NULL) return error;
  if (socket->state != SOCKET_CONNECTED) return -ENOTCONN;
  return name_to_user(socket, true, (uaddr_t)to, (uaddr_t)to_length);
}

long sys_shutdown(long fd, long how) {
  struct file *file;
  long error;
  struct socket *socket = socket_of(fd, &file, &error);
  if (socket == NULL) return error;
  if ((int)how < SHUT_RD || (int)how > SHUT_RDWR) return -EINVAL;
  if (socket->state != SOCKET_CONNECTED) return -ENOTCONN;
  socket_shutdown(socket, (int)how);
  return 0;
}

static bool may_wait(const struct file *file, long flags) {
  return !(file->flags & O_NONBLOCK) && !(flags & MSG_DONTWAIT);
}

long sys_sendto(long fd, long from, long size, long flags, long to, long to_length) {
  struct file *file;
  long error;
  struct socket *socket = socket_of(fd, &file, &error);
  if (socket == NULL) return error;
  const void *buffer = user_range((uaddr_t)from, (size_t)size, USER_READ);
  if (buffer == NULL) return -EFAULT;
  if (flags & MSG_OOB) return -EOPNOTSUPP;
  if (to != 0 && to_length != 0 && socket->domain == AF_UNIX) return socket->state == SOCKET_CONNECTED ? -EISCONN : -EOPNOTSUPP;
  file_pin(file);
  long result = socket_send(socket, buffer, (size_t)size, (int)flags, may_wait(file, flags));
  file_unpin(file);
  return result;
}

long sys_recvfrom(long fd, long to, long size, long flags, long from, long from_length) {
  struct file *file;
  long error;
  struct socket *socket = socket_of(fd, &file, &error);
  if (socket == NULL) return error;
  void *buffer = user_range((uaddr_t)to, (size_t)size, USER_WRITE);
  if (buffer == NULL) return -EFAULT;
  file_pin(file);
  long result = socket_receive(socket, buffer, (size_t)size, (int)flags, may_wait(file, flags));
  file_unpin(file);
  const u32 none = 0; /* a stream's sender is known already */
  if (result >= 0 && from != 0 && copy_to_user((uaddr_t)from_length, &none, 4) < 0) return -EFAULT;
  return result;
}
