/* Options of sockets. What has no meaning here is kept and told. */
#include "net/socket.h"

enum {
  IPPROTO_IP = 0, SO_REUSEADDR = 2, SO_TYPE = 3, SO_ERROR = 4, SO_BROADCAST = 6, SO_SNDBUF = 7, SO_RCVBUF = 8, SO_KEEPALIVE = 9,
  SO_OOBINLINE = 10, SO_PRIORITY = 12, SO_LINGER = 13, SO_REUSEPORT = 15, SO_PASSCRED = 16, SO_PEERCRED = 17, SO_RCVLOWAT = 18,
  SO_RCVTIMEO = 20, SO_SNDTIMEO = 21, SO_TIMESTAMP = 29, SO_ACCEPTCONN = 30, SO_PROTOCOL = 38, SO_DOMAIN = 39, SO_INCOMING_CPU = 49,
  TCP_NODELAY = 1, TCP_MAXSEG = 2, TCP_CORK = 3, TCP_KEEPIDLE = 4, TCP_KEEPINTVL = 5, TCP_KEEPCNT = 6, TCP_DEFER_ACCEPT = 9,
  TCP_QUICKACK = 12, TCP_USER_TIMEOUT = 18, TCP_FASTOPEN = 23, IP_TOS = 1,
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

static long unknown(const struct socket *socket, int level) {
  return socket->domain == AF_UNIX && level != SOL_SOCKET ? -EOPNOTSUPP : -ENOPROTOOPT;
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

long sys_setsockopt(long fd, long level, long option_name, long from, long length) {
  struct socket *socket = socket_of(fd);
  s32 value;
  if (IS_ERR(socket)) return PTR_ERR(socket);
  int name = (int)level == SOL_SOCKET ? (int)option_name : 0;
  if (name == SO_RCVTIMEO) return set_timeout(&socket->receive_timeout, (uaddr_t)from, (u32)length);
  if (name == SO_SNDTIMEO) return set_timeout(&socket->send_timeout, (uaddr_t)from, (u32)length);
  if ((u32)length < (name == SO_LINGER ? sizeof socket->linger : sizeof value)) return -EINVAL;
  if (name == SO_LINGER) return copy_from_user(socket->linger, (uaddr_t)from, sizeof socket->linger);
  if (copy_from_user(&value, (uaddr_t)from, sizeof value) < 0) return -EFAULT;
  const struct option *option = find(socket, (int)level, (int)option_name);
  if (option != NULL) return set(socket, option, value);
  return name == SO_SNDBUF || name == SO_RCVBUF || name == SO_RCVLOWAT ? 0 : unknown(socket, (int)level);
}

union value {
  s32 number;
  u32 numbers[2];
  struct timespec time;
  struct ucred credentials;
};

static struct timespec timeval(u64 nanoseconds) {
  return (struct timespec){(s64)(nanoseconds / 1000000000), (s64)(nanoseconds % 1000000000 / 1000)};
}

/* What is told of options of SOL_SOCKET that are not in the table: its size. */
static long tell(struct socket *socket, int name, union value *value) {
  static const struct ucred nobody = {0, ~0u, ~0u};
  switch (name) {
    case SO_RCVTIMEO: value->time = timeval(socket->receive_timeout); return sizeof value->time;
    case SO_SNDTIMEO: value->time = timeval(socket->send_timeout); return sizeof value->time;
    case SO_PEERCRED: value->credentials = socket->state == SOCKET_NEW ? nobody : socket->peer_credentials; return sizeof nobody;
    case SO_LINGER: memcpy(value->numbers, socket->linger, sizeof socket->linger); return sizeof socket->linger;
    case SO_TYPE: value->number = SOCK_STREAM; break;
    case SO_ERROR: value->number = (s32)-socket_take_error(socket); break;
    case SO_SNDBUF: case SO_RCVBUF: value->number = QUEUE_ROOM; break;
    case SO_RCVLOWAT: value->number = 1; break;
    case SO_ACCEPTCONN: value->number = socket->state == SOCKET_LISTENING; break;
    case SO_DOMAIN: value->number = socket->domain; break;
    case SO_PROTOCOL: value->number = socket->domain == AF_INET ? IPPROTO_TCP : 0; break;
    case SO_INCOMING_CPU: value->number = 0; break;
    default: return -ENOPROTOOPT;
  }
  return sizeof value->number;
}

static u32 present(const struct socket *socket, const struct option *option) {
  return option->kind == FLAG ? socket->options >> option->place & 1 : socket->values[option->place] ^ option->usual;
}

long sys_getsockopt(long fd, long level, long name, long to, long to_length) {
  struct socket *socket = socket_of(fd);
  union value value;
  long size = sizeof value.number;
  if (IS_ERR(socket)) return PTR_ERR(socket);
  const struct option *option = find(socket, (int)level, (int)name);
  if (option != NULL) value.number = (s32)present(socket, option);
  else if ((int)level == SOL_SOCKET) size = tell(socket, (int)name, &value);
  else if (socket->domain == AF_INET && (int)level == IPPROTO_TCP && (int)name == TCP_MAXSEG) value.number = 32768;
  else size = unknown(socket, (int)level);
  return size < 0 ? size : answer_to_user(&value, (u32)size, false, (uaddr_t)to, (uaddr_t)to_length);
}
