/* Whoever connects to port 7000 is sent 24 MiB as fast as it takes them, whoever connects to 7001 a few bytes. */
#include "../../libos/programs/show.h"
#include <netinet/in.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>

enum { PORT = 7000, FILES = 64, PERIOD = 251, ALL = 24 << 20, PIECE = 100 * PERIOD };
static char bytes[2 * PIECE];
static long sent[FILES];

static int listen_at(int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  int server = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (bind(server, (void *)&address, sizeof address) != 0 || listen(server, 16) != 0) exit(1);
  return server;
}

static void pour(int fd) {
  long left = ALL - sent[fd], size = write(fd, bytes + sent[fd] % PERIOD, left < PIECE ? left : PIECE);
  if (size > 0) sent[fd] += size;
  if (size < 0 ? errno != EAGAIN : sent[fd] == ALL) close(fd);
}

int main(void) {
  int epoll = epoll_create1(0), servers[2] = {listen_at(PORT), listen_at(PORT + 1)};
  signal(SIGPIPE, SIG_IGN);
  for (int i = 0; i < (int)sizeof bytes; i++) bytes[i] = (char)(i % PERIOD);
  for (int i = 0; i < 2; i++) epoll_ctl(epoll, EPOLL_CTL_ADD, servers[i], &(struct epoll_event){EPOLLIN, {.fd = servers[i]}});
  write(1, "listening\n", 10);
  for (;;) {
    struct epoll_event event;
    if (epoll_wait(epoll, &event, 1, -1) != 1) continue;
    int fd = event.data.fd, made;
    if (fd != servers[0] && fd != servers[1]) {
      pour(fd);
      continue;
    }
    while ((made = accept4(fd, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
      sent[made] = fd == servers[0] ? 0 : ALL - PERIOD;
      epoll_ctl(epoll, EPOLL_CTL_ADD, made, &(struct epoll_event){EPOLLOUT, {.fd = made}});
    }
  }
}
