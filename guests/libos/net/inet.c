/* INET stream sockets: addresses, ports, connections inside this cVM; what leads elsewhere is mux.c's. */
#include "net/socket.h"

enum { FIRST_EPHEMERAL = 32768, LAST_EPHEMERAL = 60999, OPTION_REUSE_ADDRESS = 1 };

static struct list_head bound = LIST_HEAD_INIT(bound);

static bool is_own(u32 address) { return (address & 0xff) == 127 || address == OWN_ADDRESS || address == 0; }

static bool has_name(const struct socket *socket, u16 port, u32 address) {
  const struct address_inet *own = &socket->local.inet;
  return own->port == port && (own->address == 0 || address == 0 || own->address == address);
}

static bool is_taken(u16 port, u32 address, bool reuse) {
  const struct socket *socket;
  list_for_each_entry(socket, &bound, bound_link) {
    bool is_shared = reuse && (socket->options & OPTION_REUSE_ADDRESS) && socket->state != SOCKET_LISTENING;
    if (!is_shared && has_name(socket, port, address)) return true;
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
  socket->local.inet.address = address;
  socket->local.inet.port = port;
  list_add(&socket->bound_link, &bound);
  return 0;
}

long inet_bind(struct socket *socket, const struct address_inet *address) {
  if (socket_is_bound(socket) || socket->state != SOCKET_NEW) return -EINVAL;
  if (!is_own(address->address)) return -EADDRNOTAVAIL;
  u16 port = swap16(address->port);
  if (port != 0 && port < 1024 && current->process->credentials.euid != 0) return -EACCES;
  if (port != 0 && is_taken(address->port, address->address, socket->options & OPTION_REUSE_ADDRESS)) return -EADDRINUSE;
  return take_name(socket, address->address, address->port);
}

long inet_listen(struct socket *socket) {
  if (!socket_is_bound(socket)) return take_name(socket, 0, 0);
  const struct socket *other = inet_listener(socket->local.inet.port, socket->local.inet.address);
  return other == NULL || other == socket ? 0 : -EADDRINUSE;
}

struct socket *inet_listener(u16 port, u32 address) {
  struct socket *socket;
  list_for_each_entry(socket, &bound, bound_link)
    if (socket->state == SOCKET_LISTENING && has_name(socket, port, address)) return socket;
  return NULL;
}

static long connect_inside(struct socket *socket, const struct address_inet *to) {
  struct socket *listener = inet_listener(to->port, to->address);
  struct socket *connection = listener == NULL ? ERR_PTR(-ECONNREFUSED) : socket_offer(listener);
  if (IS_ERR(connection)) return PTR_ERR(connection) == -EAGAIN ? -ECONNREFUSED : PTR_ERR(connection);
  socket->remote.inet = connection->local.inet = *to;
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
  long error = socket_is_bound(socket) ? 0 : take_name(socket, own, 0);
  if (error < 0) return error;
  if (socket->local.inet.address == 0) socket->local.inet.address = own;
  socket->receive_end = socket->send_end = false;
  struct address_inet target = *to;
  if (target.address == 0) target.address = LOOPBACK_ADDRESS;
  socket->remote.inet = target;
  return inside ? connect_inside(socket, &target) : connect_outside(socket, &target, wait);
}

long net_connect_host(u32 port) {
  struct address_inet host = {.family = AF_INET, .port = swap16((u16)port), .address = CONTROL_ADDRESS};
  struct file *file = socket_open(AF_INET, 0);
  if (file == NULL) return -ENOMEM;
  long error = inet_connect(file->object, &host, true);
  if (error == 0) return min(fd_install(file, false), 0);
  file_put(file);
  return error;
}
