/* Stream sockets. A socket that is connected inside this cVM has a `peer`, whose receive queue it fills; one that is
 * connected to elsewhere has a `mux`. Everything needs the big lock. */
#pragma once
#include "fs/ring.h"
#include "net/net.h"

enum { AF_UNIX = 1, AF_INET = 2, SOCK_STREAM = 1, SOCK_TYPE_MASK = 15, SOL_SOCKET = 1, IPPROTO_TCP = 6 };
enum { MSG_OOB = 1, MSG_PEEK = 2, MSG_CTRUNC = 8, MSG_DONTWAIT = 0x40, MSG_WAITALL = 0x100, MSG_NOSIGNAL = 0x4000, MSG_CMSG_CLOEXEC = 0x40000000 };
enum { SHUT_RD = 0, SHUT_WR = 1, SHUT_RDWR = 2 };
enum { UNIX_PATH = 108, QUEUE_ROOM = 256 * 1024, BACKLOG_LIMIT = 4096 };

struct address_inet {
  u16 family, port; /* port and address in network order */
  u32 address;
  u8 zero[8];
};
struct address_unix {
  u16 family;
  char path[UNIX_PATH + 1]; /* and a NUL in any case */
};
/* A Unix name of two bytes is none. What is behind `length` bytes is zero. */
struct name {
  u32 length;
  union {
    u16 family;
    struct address_inet inet;
    struct address_unix unix;
  };
};

/* Descriptors in flight (SCM_RIGHTS): they arrive with the byte at `position` of the queue. */
enum { RIGHTS_LIMIT = 64 };
struct rights {
  struct list_head link;
  u32 position, count;
  struct file *files[];
};

struct ucred {
  s32 pid;
  u32 uid, gid;
};

enum socket_state { SOCKET_NEW, SOCKET_CONNECTING, SOCKET_CONNECTED, SOCKET_LISTENING, SOCKET_CLOSED };

struct mux;
struct socket {
  enum socket_state state;
  int domain;
  struct file *file; /* null: a connection that nobody has accepted yet, or that ends by itself */
  union {
    struct {
      bool receive_end, send_end; /* nothing comes, nothing goes any more */
      bool was_shut; /* reading was shut down here */
      u8 error;      /* SO_ERROR, told once */
    };
    u32 unusual; /* any of them */
  };
  struct wait_queue queue;
  struct ring receive;
  struct list_head rights;
  struct socket *peer;
  /* Listening: those that wait to be accepted. */
  struct list_head backlog, backlog_link;
  u32 backlog_count, backlog_limit;
  struct list_head bound_link; /* all bound sockets of a domain; empty: not bound */
  struct name local, remote;
  struct inode *inode; /* that a Unix name made */
  struct ucred peer_credentials;
  /* Elsewhere. */
  struct mux *mux;
  struct socket *next; /* of the same hash */
  u32 id;
  u64 credit;   /* bytes that the other side will take */
  u32 consumed; /* bytes read that it has not been told of */
  u32 window;   /* bytes that may be unread, or read and not told of */
  bool waits_for_room;
  /* Options. */
  u64 receive_timeout, send_timeout;
  u32 options; /* bits of struct option in options.c */
  u32 values[8];
  u32 linger[2];
};

/* Null: no memory. */
struct socket *socket_create(int domain);
struct file *socket_file(struct socket *socket, int flags);
struct file *socket_open(int domain, int flags);
/* Connected to each other. */
void socket_join(struct socket *a, struct socket *b);
struct ucred own_credentials(void);
/* ERR_PTR: not a socket, not a descriptor. */
struct socket *socket_of(long fd);
long socket_send(struct socket *socket, const void *from, size_t size, int flags, bool wait);
long socket_receive(struct socket *socket, void *to, size_t size, int flags, bool wait);
/* Its file is gone, or it was never accepted. */
void socket_close(struct socket *socket);
void socket_free(struct socket *socket);
/* An error from outside; whoever waits hears of it. */
void socket_fail(struct socket *socket, int error);
/* A connection for a listening socket, named as that is: ERR_PTR(-EAGAIN) if it takes no more, -ENOMEM. */
struct socket *socket_offer(struct socket *listener);
long socket_take_error(struct socket *socket);
long socket_wait(struct socket *socket, u64 timeout);
/* As getsockname and getsockopt tell: what there is room for, and its size, or the whole's. */
long answer_to_user(const void *answer, u32 size, bool tell_whole, uaddr_t to, uaddr_t to_length);

static inline bool socket_is_bound(const struct socket *socket) { return !list_empty(&socket->bound_link); }

/* unix.c, inet.c */
long unix_bind(struct socket *socket, const struct name *name);
long unix_connect(struct socket *socket, const struct name *name, bool wait);
long inet_bind(struct socket *socket, const struct address_inet *address);
long inet_connect(struct socket *socket, const struct address_inet *address, bool wait);
long inet_listen(struct socket *socket);
struct socket *inet_listener(u16 port, u32 address);
/* message.c */
void rights_free(struct rights *rights);

#define LOOPBACK_ADDRESS 0x0100007fu /* 127.0.0.1 in network order */
#define OWN_ADDRESS 0x0100000au      /* 10.0.0.1 */
#define CONTROL_ADDRESS 0x0201000au  /* 10.0.1.2: the host itself, for files of its commands */
static inline u16 swap16(u16 value) { return (u16)(value << 8 | value >> 8); }

/* mux.c: connections to others, framed over a pair of streams for each peer (design: Network frames). */
void mux_start(void);
/* Where an address is: null, nowhere. */
struct mux *mux_of_address(u32 address);
/* Asks the other side for a connection: 0, the answer comes later; or -errno. */
long mux_connect(struct mux *mux, struct socket *socket, const struct address_inet *to);
/* How many bytes may be sent now, and sending up to that many: how many, or -errno. */
u32 mux_room(const struct socket *socket);
long mux_send(struct socket *socket, const void *from, size_t size);
/* Nothing more will be sent. */
void mux_finish(struct socket *socket);
/* Bytes were read: the other side may send as many again. */
void mux_consumed(struct socket *socket, u32 size);
/* Nobody has the socket any more: true, it may be freed; else it is freed when the other side is done. */
bool mux_close(struct socket *socket);
/* Something waits for room in a stream, or a peer has broken the rules: for those who sleep (net.h). */
extern bool mux_is_full;
u32 mux_send_items(struct cvm_poll_item *items);
void mux_flush(void);
