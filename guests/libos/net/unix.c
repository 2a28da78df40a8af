/* Unix stream sockets: names in the file system, abstract names, descriptors in flight. */
#include "net/socket.h"

static struct list_head bound = LIST_HEAD_INIT(bound);

static bool is_abstract(const struct address_unix *address, u32 length) {
  return length > 2 && address->path[0] == 0;
}

static bool same_name(const struct socket *socket, const struct address_unix *address, u32 length) {
  return socket->inode == NULL && socket->name_length == length && memcmp(socket->name, address, length) == 0;
}

static struct socket *find_abstract(const struct address_unix *address, u32 length) {
  struct socket *socket;
  list_for_each_entry(socket, &bound, bound_link)
    if (same_name(socket, address, length)) return socket;
  return NULL;
}

/* The path ends at its first NUL, or at the end of the address. */
static long path_of(const struct address_unix *address, u32 length, char path[UNIX_PATH + 1]) {
  size_t size = strnlen(address->path, length - 2);
  memcpy(path, address->path, size);
  path[size] = 0;
  return size == 0 ? -EINVAL : 0;
}

static long make_node(struct socket *socket, const struct address_unix *address, u32 length) {
  char path[UNIX_PATH + 1];
  struct walk walk;
  long error = path_of(address, length, path);
  if (error == 0) error = walk_path(fs_working_directory(), path, WALK_PARENT, &walk);
  if (error < 0) return error;
  if (walk.inode != NULL) error = -EADDRINUSE;
  else error = inode_make(walk.parent, walk.name, walk.length, S_IFSOCK | (0777 & ~fs_umask()), 0, &socket->inode);
  walk_end(&walk);
  return error;
}

static bool copy_name(struct address_unix **to, u32 *to_length, const struct address_unix *from, u32 length) {
  *to = kzalloc(sizeof **to);
  if (*to == NULL) return false;
  memcpy(*to, from, length);
  *to_length = length;
  return true;
}

static bool exists(const struct address_unix *address, u32 length) {
  char path[UNIX_PATH + 1];
  struct walk walk;
  if (length <= 2 || is_abstract(address, length) || path_of(address, length, path) < 0) return false;
  if (walk_path(fs_working_directory(), path, 0, &walk) < 0) return false;
  walk_end(&walk);
  return true;
}

/* A name that nobody has. */
static u32 autobind(struct address_unix *address) {
  static u32 next;
  address->family = AF_UNIX;
  snprintf(address->path + 1, UNIX_PATH - 1, "%05x", next++ & 0xfffff);
  address->path[0] = 0;
  return 2 + 1 + 5;
}

long unix_bind(struct socket *socket, const struct address_unix *address, u32 length) {
  struct address_unix automatic;
  if (socket->is_bound) return exists(address, length) ? -EADDRINUSE : -EINVAL;
  if (length == 2) address = &automatic, length = autobind(&automatic);
  if (is_abstract(address, length) && find_abstract(address, length) != NULL) return -EADDRINUSE;
  if (!copy_name(&socket->name, &socket->name_length, address, length)) return -ENOMEM;
  long error = is_abstract(address, length) ? 0 : make_node(socket, address, length);
  if (error < 0) {
    kfree(socket->name);
    socket->name = NULL;
    socket->name_length = 0;
    return error;
  }
  if (socket->inode != NULL) socket->inode->object = socket;
  socket->is_bound = true;
  list_add(&socket->bound_link, &bound);
  return 0;
}

void unix_unbind(struct socket *socket) {
  if (!socket->is_bound) return;
  list_del(&socket->bound_link);
  if (socket->inode == NULL) return;
  socket->inode->object = NULL;
  inode_put(socket->inode);
  socket->inode = NULL;
}

/* The socket that listens there. */
static struct socket *listener_at(const struct address_unix *address, u32 length, long *error) {
  char path[UNIX_PATH + 1];
  struct walk walk;
  struct socket *socket = NULL;
  if (is_abstract(address, length)) {
    socket = find_abstract(address, length);
  } else {
    *error = path_of(address, length, path);
    if (*error == 0) *error = walk_path(fs_working_directory(), path, WALK_FOLLOW, &walk);
    if (*error < 0) return NULL;
    *error = inode_permission(walk.inode, MAY_WRITE);
    if (*error == 0 && S_ISSOCK(walk.inode->mode)) socket = walk.inode->object;
    walk_end(&walk);
    if (*error < 0) return NULL;
  }
  *error = socket == NULL || socket->state != SOCKET_LISTENING ? -ECONNREFUSED : 0;
  return *error < 0 ? NULL : socket;
}

static long connect_to(struct socket *socket, struct socket *listener) {
  struct socket *connection = socket_create(AF_UNIX, socket->type);
  if (connection == NULL) return -ENOMEM;
  bool has_names = copy_name(&connection->name, &connection->name_length, listener->name, listener->name_length) &&
                   copy_name(&socket->peer_name, &socket->peer_name_length, listener->name, listener->name_length) &&
                   (socket->name == NULL || copy_name(&connection->peer_name, &connection->peer_name_length, socket->name, socket->name_length));
  if (!has_names || !socket_offer(listener, connection)) {
    socket_free(connection);
    kfree(socket->peer_name);
    socket->peer_name = NULL;
    return has_names ? -EAGAIN : -ENOMEM;
  }
  struct ucred server = listener->peer_credentials;
  socket_join(socket, connection);
  socket->peer_credentials = server;
  return 0;
}

long unix_connect(struct socket *socket, const struct address_unix *address, u32 length, bool wait) {
  for (;;) {
    long error;
    if (socket->state == SOCKET_CONNECTED) return -EISCONN;
    if (socket->state == SOCKET_LISTENING || length <= 2) return -EINVAL;
    struct socket *listener = listener_at(address, length, &error);
    if (listener == NULL) return error;
    if (listener->type != socket->type) return -EPROTOTYPE;
    error = connect_to(socket, listener);
    if (error != -EAGAIN || !wait) return error;
    error = socket_wait(listener, socket->send_timeout);
    if (error < 0) return error;
  }
}

void rights_free(struct socket *socket) {
  struct rights *rights, *following;
  list_for_each_entry_safe(rights, following, &socket->rights, link) {
    list_del(&rights->link);
    for (u32 i = 0; i < rights->count; i++) file_put(rights->files[i]);
    kfree(rights);
  }
}
