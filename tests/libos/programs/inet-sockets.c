// INET stream sockets through the loopback: names, ports, ends, options.
#include "show.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>

static int events(int fd) {
  struct pollfd one = {fd, POLLIN | POLLOUT | POLLRDHUP, 0};
  return poll(&one, 1, 100) < 0 ? -1 : one.revents;
}

static struct sockaddr_in address_of(const char *text, int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  inet_pton(AF_INET, text, &address.sin_addr);
  return address;
}

static int port_of(int fd, int (*get)(int, struct sockaddr *, socklen_t *)) {
  struct sockaddr_in address;
  socklen_t length = sizeof address;
  char text[32];
  if (get(fd, (struct sockaddr *)&address, &length) != 0) {
    printf("no name: %s\n", strerrorname_np(errno));
    return 0;
  }
  printf("family %d length %d address %s\n", address.sin_family, (int)length, inet_ntop(AF_INET, &address.sin_addr, text, sizeof text));
  return ntohs(address.sin_port);
}

static void show_option(int fd, int level, int name, int value) {
  int before = -1, after = -1;
  socklen_t length = sizeof before;
  getsockopt(fd, level, name, &before, &length);
  int result = setsockopt(fd, level, name, &value, sizeof value);
  int error = errno;
  length = sizeof after;
  getsockopt(fd, level, name, &after, &length);
  printf("option %d/%d: %d, set %d%s%s, %d\n", level, name, before, result, result < 0 ? " " : "", result < 0 ? strerrorname_np(error) : "", after);
}

int main(void) {
  char text[64] = {0};
  signal(SIGPIPE, SIG_IGN);
  int server = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
  SHOW(socket(AF_INET, SOCK_STREAM, 99));
  SHOW(bind(server, (void *)&(struct sockaddr_in){.sin_family = AF_UNIX}, sizeof(struct sockaddr_in)));
  struct sockaddr_in address = address_of("127.0.0.1", 0), elsewhere = address_of("192.0.2.7", 0);
  SHOW(bind(server, (void *)&elsewhere, sizeof elsewhere));
  SHOW(bind(server, (void *)&address, 3));
  SHOW(bind(server, (void *)&address, sizeof address));
  SHOW(bind(server, (void *)&address, sizeof address));
  int port = port_of(server, getsockname);
  SHOW(port > 1024);
  SHOW(port_of(server, getpeername));
  SHOW(accept(server, NULL, NULL));
  address.sin_port = htons((uint16_t)port);
  int client = socket(AF_INET, SOCK_STREAM, 0);
  SHOW(connect(client, (void *)&address, sizeof address));
  SHOW(listen(server, 10));
  SHOW(accept(server, NULL, NULL));
  int second = socket(AF_INET, SOCK_STREAM, 0);
  SHOW(bind(second, (void *)&address, sizeof address));
  int one = 1;
  SHOW(setsockopt(second, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one));
  SHOW(bind(second, (void *)&address, sizeof address));
  SHOW(send(second, "x", 1, 0));
  SHOW(recv(second, text, 1, 0));
  SHOW(shutdown(second, SHUT_WR));
  printf("events %x %x\n", events(second), events(server));
  SHOW(connect(client, (void *)&address, sizeof address));
  SHOW(connect(client, (void *)&address, sizeof address));
  printf("events %x %x\n", events(client), events(server));
  SHOW(port_of(client, getpeername) == port);
  struct sockaddr_in peer;
  socklen_t length = sizeof peer;
  int accepted = accept4(server, (void *)&peer, &length, 0);
  SHOW(length);
  SHOW(ntohs(peer.sin_port) == port_of(client, getsockname));
  SHOW(fcntl(accepted, F_GETFL) & O_NONBLOCK);
  SHOW(write(client, "request", 7));
  SHOW(read(accepted, text, 64));
  SHOW(write(accepted, "answer", 6));
  SHOW(recv(client, text, 64, 0));
  SHOW(recv(client, text, 64, MSG_DONTWAIT));
  struct timeval timeout = {0, 20000};
  SHOW(setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout));
  SHOW(recv(client, text, 64, 0));
  timeout = (struct timeval){0, 1000000};
  SHOW(setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout));
  show_option(client, IPPROTO_TCP, TCP_NODELAY, 1);
  show_option(client, IPPROTO_TCP, TCP_CORK, 1);
  show_option(client, IPPROTO_TCP, TCP_KEEPIDLE, 300);
  show_option(client, IPPROTO_TCP, TCP_KEEPIDLE, 0);
  show_option(client, IPPROTO_TCP, TCP_KEEPINTVL, 100);
  show_option(client, IPPROTO_TCP, TCP_KEEPCNT, 3);
  show_option(client, IPPROTO_TCP, TCP_KEEPCNT, 128);
  show_option(client, SOL_SOCKET, SO_KEEPALIVE, 1);
  show_option(client, SOL_SOCKET, SO_REUSEPORT, 1);
  show_option(client, SOL_SOCKET, 12345, 1);
  show_option(client, 12345, 1, 1);
  show_option(server, SOL_SOCKET, SO_ACCEPTCONN, 0);
  int value;
  length = 2;
  SHOW(getsockopt(client, SOL_SOCKET, SO_TYPE, &value, &length));
  SHOW(length);
  SHOW(setsockopt(client, SOL_SOCKET, SO_KEEPALIVE, &value, 2));
  SHOW(setsockopt(1, SOL_SOCKET, SO_KEEPALIVE, &value, 4));
  struct linger linger = {0, 0};
  length = sizeof linger;
  SHOW(getsockopt(client, SOL_SOCKET, SO_LINGER, &linger, &length));
  SHOW(linger.l_onoff);
  SHOW(shutdown(client, SHUT_WR));
  printf("events %x\n", events(accepted));
  SHOW(read(accepted, text, 64));
  SHOW(write(accepted, "late", 4));
  SHOW(read(client, text, 64));
  SHOW(write(client, "x", 1));
  SHOW(shutdown(client, 77));
  SHOW(close(accepted));
  printf("events %x\n", events(client));
  SHOW(read(client, text, 64));
  SHOW(close(client));
  client = socket(AF_INET, SOCK_STREAM, 0);
  SHOW(connect(client, (void *)&address, sizeof address));
  SHOW(close(server));
  SHOW(close(client));
  client = socket(AF_INET, SOCK_STREAM, 0);
  SHOW(connect(client, (void *)&address, sizeof address));
  SHOW(accept(1, NULL, NULL));
  SHOW(accept(99, NULL, NULL));
  return 0;
}
