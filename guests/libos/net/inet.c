/* INET stream sockets: addresses, ports, connections inside this cVM; what leads elsewhere is mux.c's. */
#include "net/socket.h"

enum { FIRST_EPHEMERAL = 32768, LAST_EPHEMERAL = 60999, OPTION_REUSE_ADDRESS = 1 };

static struct list_head bound = LIST_HEAD_INIT(bound);

static bool is_own(u32 address) {
  return (address & 0xff) == 127 || address == OWN_ADDRESS || address == 0;
}

static bool is_taken(u16 port, u32 address, bool reuse) {
  const struct socket *socket;
  list_for_each_entry(socket, &bound, bound_link) {
    if (socket->local.port != port) continue;
    if (socket->local.address != 0 && address != 0 && socket->local.address != address) continue;
    if (!(reuse && (socket->options & OPTION_REUSE_ADDRESS) && socket->state != SOCKET_LISTENING)) return true;
  }
  return false;
}

/* A port of its own for a socket that asks for none. */
static u16 ephemeral(u32 address) {
  static u32 next = FIRST_EPHEMERAL;
  for (u32 tries = FIRST_EPHEMERAL; tries <= LAST_EPHEMERAL; tries++) {
    u16 port = swap16((u16)next);
    next = next == LAST_EPHEMERAL ? FIRST_EPHEMERAL : next + 1;
    if (!is_taken(port, address, false)) return port;
  }
  return 0;
}

static long take_name(struct socket *socket, u32 address, u16 port) {
  if (port == 0 && (port = ephemeral(address)) == 0) return -EADDRINUSE;
  socket->local.address = address;
  socket->local.port = port;
  socket->is_bound = true;
  list_add(&socket->bound_link, &bound);
  return 0;
}

long inet_bind(struct socket *socket, const struct address_inet *address) {
  if (socket->is_bound || socket->state != SOCKET_NEW) return -EINVAL;
  if (!is_own(address->address)) return -EADDRNOTAVAIL;
  u16 port = swap16(address->port);
  if (port != 0 && port < 1024 && current->process->credentials.euid != 0) return -EACCES;
  if (port != 0 && is_taken(address->port, address->address, socket->options & OPTION_REUSE_ADDRESS)) return -EADDRINUSE;
  return take_name(socket, address->address, address->port);
}

void inet_unbind(struct socket *socket) {
  if (socket->is_bound) list_del(&socket->bound_link);
  socket->is_bound = false;
}

long inet_listen(struct socket *socket) {
  if (!socket->is_bound) return take_name(socket, 0, 0);
  const struct socket *other;
  list_for_each_entry(other, &bound, bound_link)
    if (other != socket && other->state == SOCKET_LISTENING && other->local.port == socket->local.port &&
        (other->local.address == 0 || socket->local.address == 0 || other->local.address == socket->local.address))
      return -EADDRINUSE;
  return 0;
}

struct socket *inet_listener(u16 port, u32 address) {
  struct socket *socket;
  list_for_each_entry(socket, &bound, bound_link)
    if (socket->state == SOCKET_LISTENING && socket->local.port == port && (socket->local.address == 0 || socket->local.address == address))
      return socket;
  return NULL;
}

static long connect_inside(struct socket *socket, const struct address_inet *to) {
  struct socket *listener = inet_listener(to->port, to->address == 0 ? LOOPBACK_ADDRESS : to->address);
  if (listener == NULL) return -ECONNREFUSED;
  struct socket *connection = socket_create(AF_INET, SOCK_STREAM);
  if (connection == NULL) return -ENOMEM;
  if (!socket_offer(listener, connection)) {
    socket_free(connection);
    return -ECONNREFUSED;
  }
  connection->options = listener->options;
  memcpy(connection->values, listener->values, sizeof connection->values);
  socket->remote = connection->local = *to;
  connection->remote = socket->local;
  socket_join(socket, connection);
  return 0;
}

static long wait_for_answer(struct socket *socket) {
  while (socket->state == SOCKET_CONNECTING) {
    long error = socket_wait(socket, socket->send_timeout);
    if (error < 0) return error == -EAGAIN ? -EINPROGRESS : error;
  }
  return socket_take_error(socket);
}

static long connect_outside(struct socket *socket, const struct address_inet *to, bool wait) {
  struct mux *mux = mux_of_address(to->address);
  if (mux == NULL) return -ENETUNREACH;
  long error = mux_connect(mux, socket, to);
  if (error < 0) return error;
  return wait ? wait_for_answer(socket) : -EINPROGRESS;
}

long inet_connect(struct socket *socket, const struct address_inet *to, bool wait) {
  switch (socket->state) {
    case SOCKET_CONNECTED: return -EISCONN;
    case SOCKET_LISTENING: return -EISCONN;
    case SOCKET_CONNECTING: return wait ? wait_for_answer(socket) : -EALREADY;
    default: break;
  }
  if (socket->error != 0) return socket_take_error(socket); /* of an earlier attempt */
  bool inside = is_own(to->address);
  u32 own = to->address == 0 || (to->address & 0xff) == 127 ? LOOPBACK_ADDRESS : OWN_ADDRESS;
  if (to->port == 0) return -ECONNREFUSED;
  long error = socket->is_bound ? 0 : take_name(socket, own, 0);
  if (error < 0) return error;
  if (socket->local.address == 0) socket->local.address = own;
  socket->receive_end = socket->send_end = false;
  struct address_inet target = *to;
  if (target.address == 0) target.address = LOOPBACK_ADDRESS;
  socket->remote = target;
  return inside ? connect_inside(socket, &target) : connect_outside(socket, &target, wait);
}

static struct file *make_socket(void) {
  struct socket *socket = socket_create(AF_INET, SOCK_STREAM);
  struct file *file = socket == NULL ? NULL : socket_file(socket, 0);
  if (file == NULL && socket != NULL) socket_free(socket);
  return file;
}

long net_connect_host(u32 port) {
  struct address_inet host = {.family = AF_INET, .port = swap16((u16)port), .address = CONTROL_ADDRESS};
  struct file *file = make_socket();
  if (file == NULL) return -ENOMEM;
  long error = inet_connect(file->object, &host, true);
  if (error == 0) return min(fd_install(file, false), 0);
  file_put(file);
  return error;
}
