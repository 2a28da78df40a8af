/* Unix stream sockets: names in the file system, abstract names. */
#include "net/socket.h"

static struct list_head bound = LIST_HEAD_INIT(bound);

static bool is_abstract(const struct name *name) { return name->length > 2 && name->unix.path[0] == 0; }

static struct socket *find_abstract(const struct name *name) {
  struct socket *socket;
  list_for_each_entry(socket, &bound, bound_link)
    if (socket->local.length == name->length && memcmp(&socket->local.unix, &name->unix, name->length) == 0) return socket;
  return NULL;
}

static long walk_name(const struct name *name, int flags, struct walk *walk) {
  return name->unix.path[0] == 0 ? -EINVAL : walk_path(fs_context()->working_directory, name->unix.path, flags, walk);
}

static long make_node(struct socket *socket, const struct name *name) {
  struct walk walk;
  long error = walk_name(name, WALK_PARENT, &walk);
  if (error < 0) return error;
  if (walk.inode != NULL) error = -EADDRINUSE;
  else error = inode_make(&walk, S_IFSOCK | (0777 & ~fs_context()->umask), 0, NULL, &socket->inode);
  walk_end(&walk);
  if (error == 0) socket->inode->object = socket;
  return error;
}

static bool exists(const struct name *name) {
  struct walk walk;
  if (walk_name(name, 0, &walk) < 0) return false;
  walk_end(&walk);
  return true;
}

/* A name that nobody has. */
static void autobind(struct name *name) {
  static u32 next;
  name->length = 2 + 1 + 5;
  snprintf(name->unix.path + 1, UNIX_PATH - 1, "%05x", next++ & 0xfffff);
}

long unix_bind(struct socket *socket, const struct name *wanted) {
  struct name name = *wanted;
  if (socket_is_bound(socket)) return exists(wanted) ? -EADDRINUSE : -EINVAL;
  if (name.length == 2) autobind(&name);
  if (is_abstract(&name)) {
    if (find_abstract(&name) != NULL) return -EADDRINUSE;
  } else {
    long error = make_node(socket, &name);
    if (error < 0) return error;
    name.length = 2 + (u32)strnlen(name.unix.path, UNIX_PATH - 1) + 1;
  }
  socket->local = name;
  list_add(&socket->bound_link, &bound);
  return 0;
}

/* The socket that listens there. */
static struct socket *listener_at(const struct name *name) {
  struct socket *socket = NULL;
  if (is_abstract(name)) {
    socket = find_abstract(name);
  } else {
    struct walk walk;
    long error = walk_name(name, WALK_FOLLOW, &walk);
    if (error < 0) return ERR_PTR(error);
    error = inode_permission(walk.inode, MAY_WRITE);
    if (error == 0 && S_ISSOCK(walk.inode->mode)) socket = walk.inode->object;
    walk_end(&walk);
    if (error < 0) return ERR_PTR(error);
  }
  return socket == NULL || socket->state != SOCKET_LISTENING ? ERR_PTR(-ECONNREFUSED) : socket;
}

static long connect_to(struct socket *socket, struct socket *listener) {
  struct socket *connection = socket_offer(listener);
  if (IS_ERR(connection)) return PTR_ERR(connection);
  connection->remote = socket->local;
  socket->remote = listener->local;
  socket_join(socket, connection);
  socket->peer_credentials = listener->peer_credentials;
  return 0;
}

long unix_connect(struct socket *socket, const struct name *name, bool wait) {
  for (;;) {
    if (socket->state == SOCKET_CONNECTED) return -EISCONN;
    if (socket->state == SOCKET_LISTENING || name->length <= 2) return -EINVAL;
    struct socket *listener = listener_at(name);
    long error = IS_ERR(listener) ? PTR_ERR(listener) : connect_to(socket, listener);
    if (error != -EAGAIN || !wait) return error;
    error = socket_wait(listener, socket->send_timeout);
    if (error < 0) return error;
  }
}
