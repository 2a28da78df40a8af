/* Options of sockets. What has no meaning here is kept and told. */
#include "net/socket.h"

enum {
  SOL_SOCKET = 1, IPPROTO_IP = 0, IPPROTO_TCP = 6, IPPROTO_IPV6 = 41,
  SO_REUSEADDR = 2, SO_TYPE = 3, SO_ERROR = 4, SO_BROADCAST = 6, SO_SNDBUF = 7, SO_RCVBUF = 8, SO_KEEPALIVE = 9, SO_OOBINLINE = 10,
  SO_PRIORITY = 12, SO_LINGER = 13, SO_REUSEPORT = 15, SO_PASSCRED = 16, SO_PEERCRED = 17, SO_RCVLOWAT = 18, SO_RCVTIMEO = 20,
  SO_SNDTIMEO = 21, SO_TIMESTAMP = 29, SO_ACCEPTCONN = 30, SO_PROTOCOL = 38, SO_DOMAIN = 39, SO_INCOMING_CPU = 49, SO_ZEROCOPY = 60,
  TCP_NODELAY = 1, TCP_MAXSEG = 2, TCP_CORK = 3, TCP_KEEPIDLE = 4, TCP_KEEPINTVL = 5, TCP_KEEPCNT = 6, TCP_SYNCNT = 7, TCP_LINGER2 = 8,
  TCP_DEFER_ACCEPT = 9, TCP_INFO = 11, TCP_QUICKACK = 12, TCP_USER_TIMEOUT = 18, TCP_FASTOPEN = 23, IP_TOS = 1, IP_TTL = 2,
};

/* Options that are a bit of `options`, or a number of `values`. */
enum kind { FLAG, NUMBER };
static const struct option {
  int level, name;
  enum kind kind;
  u32 place; /* bit, or index */
  u32 usual, least, most;
} options[] = {
    {SOL_SOCKET, SO_REUSEADDR, FLAG, 0, 0, 0, 0},     {SOL_SOCKET, SO_KEEPALIVE, FLAG, 1, 0, 0, 0},  {SOL_SOCKET, SO_BROADCAST, FLAG, 2, 0, 0, 0},
    {SOL_SOCKET, SO_OOBINLINE, FLAG, 3, 0, 0, 0},     {SOL_SOCKET, SO_REUSEPORT, FLAG, 4, 0, 0, 0},  {SOL_SOCKET, SO_PASSCRED, FLAG, 5, 0, 0, 0},
    {SOL_SOCKET, SO_TIMESTAMP, FLAG, 6, 0, 0, 0},     {IPPROTO_TCP, TCP_NODELAY, FLAG, 7, 0, 0, 0},  {IPPROTO_TCP, TCP_CORK, FLAG, 8, 0, 0, 0},
    {IPPROTO_TCP, TCP_QUICKACK, FLAG, 9, 1, 0, 0},    {IPPROTO_TCP, TCP_KEEPIDLE, NUMBER, 0, 7200, 1, 32767},
    {IPPROTO_TCP, TCP_KEEPINTVL, NUMBER, 1, 75, 1, 32767}, {IPPROTO_TCP, TCP_KEEPCNT, NUMBER, 2, 9, 1, 127},
    {IPPROTO_TCP, TCP_USER_TIMEOUT, NUMBER, 3, 0, 0, 0x7fffffff}, {IPPROTO_TCP, TCP_DEFER_ACCEPT, NUMBER, 4, 0, 0, 0x7fffffff},
    {IPPROTO_TCP, TCP_FASTOPEN, NUMBER, 5, 0, 0, 0x7fffffff}, {IPPROTO_IP, IP_TOS, NUMBER, 6, 0, 0, 255}, {SOL_SOCKET, SO_PRIORITY, NUMBER, 7, 0, 0, 6},
};

static const struct option *find(const struct socket *socket, int level, int name) {
  if (socket->domain == AF_UNIX && level != SOL_SOCKET) return NULL;
  for (size_t i = 0; i < ARRAY_SIZE(options); i++)
    if (options[i].level == level && options[i].name == name) return &options[i];
  return NULL;
}

static long set(struct socket *socket, const struct option *option, s32 value) {
  if (option->kind == FLAG) {
    u32 bit = 1u << option->place;
    socket->options = value != 0 ? socket->options | bit : socket->options & ~bit;
    return 0;
  }
  if (value < (s32)option->least || value > (s32)option->most) return -EINVAL;
  socket->values[option->place] = (u32)value ^ option->usual; /* so that zero is the usual */
  return 0;
}

static long set_timeout(u64 *timeout, uaddr_t from, u32 length) {
  struct timespec time; /* struct timeval: microseconds */
  if (length < sizeof time) return -EINVAL;
  if (copy_from_user(&time, from, sizeof time) < 0) return -EFAULT;
  if (time.nanoseconds < 0 || time.nanoseconds >= 1000000) return -EDOM;
  *timeout = time.seconds < 0 ? 0 : (u64)time.seconds * 1000000000 + (u64)time.nanoseconds * 1000;
  return 0;
}

long sys_setsockopt(long fd, long level, long name, long from, long length) {
  struct file *file;
  long error;
  s32 value;
  struct socket *socket = socket_of(fd, &file, &error);
  if (socket == NULL) return error;
  if ((int)level == SOL_SOCKET && (int)name == SO_RCVTIMEO) return set_timeout(&socket->receive_timeout, (uaddr_t)from, (u32)length);
  if ((int)level == SOL_SOCKET && (int)name == SO_SNDTIMEO) return set_timeout(&socket->send_timeout, (uaddr_t)from, (u32)length);
  if ((u32)length < 4) return -EINVAL;
  if ((int)level == SOL_SOCKET && (int)name == SO_LINGER)
    return (u32)length < 8 ? -EINVAL : copy_from_user(socket->linger, (uaddr_t)from, sizeof socket->linger);
  if (copy_from_user(&value, (uaddr_t)from, 4) < 0) return -EFAULT;
  const struct option *option = find(socket, (int)level, (int)name);
  if (option != NULL) return set(socket, option, value);
  if ((int)level == SOL_SOCKET) return (int)name == SO_SNDBUF || (int)name == SO_RCVBUF || (int)name == SO_RCVLOWAT ? 0 : -ENOPROTOOPT;
  return socket->domain == AF_UNIX ? -EOPNOTSUPP : -ENOPROTOOPT;
}

/* Options of SOL_SOCKET that are numbers made here. */
static long number_of(struct socket *socket, int name, s32 *value) {
  switch (name) {
    case SO_TYPE: *value = socket->type; return 0;
    case SO_ERROR: *value = (s32)-socket_take_error(socket); return 0;
    case SO_SNDBUF: case SO_RCVBUF: *value = QUEUE_ROOM; return 0;
    case SO_RCVLOWAT: *value = 1; return 0;
    case SO_ACCEPTCONN: *value = socket->state == SOCKET_LISTENING; return 0;
    case SO_DOMAIN: *value = socket->domain; return 0;
    case SO_PROTOCOL: *value = socket->domain == AF_INET ? IPPROTO_TCP : 0; return 0;
    case SO_INCOMING_CPU: *value = 0; return 0;
    default: return -ENOPROTOOPT;
  }
}

static long answer(const void *value, u32 size, uaddr_t to, uaddr_t to_length) {
  s32 room;
  if (copy_from_user(&room, to_length, 4) < 0) return -EFAULT;
  if (room < 0) return -EINVAL;
  size = min(size, (u32)room);
  if (copy_to_user(to, value, size) < 0) return -EFAULT;
  return copy_to_user(to_length, &size, 4);
}

static struct timespec timeval(u64 nanoseconds) {
  return (struct timespec){(s64)(nanoseconds / 1000000000), (s64)(nanoseconds % 1000000000 / 1000)};
}

static u32 present(const struct socket *socket, const struct option *option) {
  return option->kind == FLAG ? socket->options >> option->place & 1 : socket->values[option->place] ^ option->usual;
}

long sys_getsockopt(long fd, long level, long name, long to, long to_length) {
  struct file *file;
  long error;
  s32 value = 0;
  struct socket *socket = socket_of(fd, &file, &error);
  if (socket == NULL) return error;
  if ((int)level == SOL_SOCKET && ((int)name == SO_RCVTIMEO || (int)name == SO_SNDTIMEO)) {
    struct timespec time = timeval((int)name == SO_RCVTIMEO ? socket->receive_timeout : socket->send_timeout);
    return answer(&time, sizeof time, (uaddr_t)to, (uaddr_t)to_length);
  }
  if ((int)level == SOL_SOCKET && (int)name == SO_LINGER) return answer(socket->linger, sizeof socket->linger, (uaddr_t)to, (uaddr_t)to_length);
  if ((int)level == SOL_SOCKET && (int)name == SO_PEERCRED) {
    static const struct ucred nobody = {0, ~0u, ~0u};
    return answer(socket->state == SOCKET_NEW ? &nobody : &socket->peer_credentials, sizeof nobody, (uaddr_t)to, (uaddr_t)to_length);
  }
  const struct option *option = find(socket, (int)level, (int)name);
  if (option != NULL) value = (s32)present(socket, option);
  else if ((int)level == SOL_SOCKET) error = number_of(socket, (int)name, &value);
  else if (socket->domain == AF_INET && (int)level == IPPROTO_TCP && (int)name == TCP_MAXSEG) value = 32768;
  else error = socket->domain == AF_UNIX ? -EOPNOTSUPP : -ENOPROTOOPT;
  return error < 0 ? error : answer(&value, 4, (uaddr_t)to, (uaddr_t)to_length);
}
