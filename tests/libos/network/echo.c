// `serve` returns what comes, to several at once, until all have gone (or, with a number, for so many milliseconds); `ask ADDRESS` sends and compares.
#include "../programs/show.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>

enum { PORT = 7000, CONNECTIONS = 5, LARGEST = 1 << 20 };
static char sent[LARGEST], got[LARGEST];

static struct sockaddr_in address_of(const char *text) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(PORT)};
  inet_pton(AF_INET, text, &address.sin_addr);
  return address;
}

static int serve(int milliseconds) {
  int server = socket(AF_INET, SOCK_STREAM, 0), epoll = epoll_create1(0), open = 0, served = 0;
  struct sockaddr_in address = address_of("0.0.0.0");
  struct epoll_event event = {.events = EPOLLIN, .data.fd = server};
  if (bind(server, (void *)&address, sizeof address) != 0 || listen(server, 50) != 0) return 1;
  epoll_ctl(epoll, EPOLL_CTL_ADD, server, &event);
  while (milliseconds > 0 || served < CONNECTIONS || open > 0) {
    if (epoll_wait(epoll, &event, 1, milliseconds > 0 ? milliseconds : -1) <= 0) break;
    int fd = event.data.fd;
    if (fd == server) {
      event.data.fd = accept(server, NULL, NULL);
      if (event.data.fd >= 0 && epoll_ctl(epoll, EPOLL_CTL_ADD, event.data.fd, &event) == 0) open++, served++;
      continue;
    }
    ssize_t size = read(fd, got, 20000);
    if (size > 0 && send(fd, got, (size_t)size, MSG_NOSIGNAL) == size) continue;
    close(fd);
    open--;
  }
  puts("served");
  return 0;
}

static int connect_to(const char *text) {
  struct sockaddr_in address = address_of(text);
  for (int tries = 0; tries < 1000; tries++) {
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(fd, (void *)&address, sizeof address) == 0) return fd;
    close(fd);
    usleep(1000);
  }
  return -1;
}

static void exchange(int fd, int number, int size) {
  for (int i = 0; i < size; i++) sent[i] = (char)(i * 13 + number * 7 + i / 999);
  for (int out = 0, in = 0; in < size;) {
    int piece = size - out < 60000 ? size - out : 60000;
    if (piece > 0) out += (int)write(fd, sent + out, (size_t)piece);
    ssize_t came = read(fd, got + in, (size_t)(out - in));
    if (came <= 0) {
      printf("connection %d ended at %d of %d\n", number, in, size);
      return;
    }
    in += (int)came;
  }
  if (memcmp(sent, got, (size_t)size) != 0) printf("connection %d: wrong bytes of %d\n", number, size);
}

static int ask(const char *text) {
  int fds[CONNECTIONS];
  for (int i = 0; i < CONNECTIONS; i++) fds[i] = connect_to(text);
  for (int size = 1; size < LARGEST; size = size * 3 + 1)
    for (int i = 0; i < CONNECTIONS; i++) exchange(fds[i], i, size);
  struct sockaddr_in name;
  socklen_t length = sizeof name;
  char peer[32];
  getpeername(fds[0], (void *)&name, &length);
  printf("peer %s:%d\n", inet_ntop(AF_INET, &name.sin_addr, peer, sizeof peer), ntohs(name.sin_port));
  struct sockaddr_in nowhere = address_of(text);
  nowhere.sin_port = htons(1);
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  SHOW(connect(fd, (void *)&nowhere, sizeof nowhere));
  nowhere = address_of("10.0.0.77");
  SHOW(connect(fd, (void *)&nowhere, sizeof nowhere));
  for (int i = 0; i < CONNECTIONS; i++) shutdown(fds[i], SHUT_WR);
  for (int i = 0; i < CONNECTIONS; i++) printf("%ld\n", (long)read(fds[i], got, 10));
  return 0;
}

/* Accepts until nobody has come for so long, and reads nothing. */
static int hoard(int milliseconds) {
  struct sockaddr_in address = address_of("0.0.0.0");
  struct pollfd server = {.fd = socket(AF_INET, SOCK_STREAM, 0), .events = POLLIN};
  struct rlimit many = {2048, 2048};
  int first = 0, last = 0, pair[2], size;
  long total = 0;
  setrlimit(RLIMIT_NOFILE, &many);
  if (bind(server.fd, (void *)&address, sizeof address) != 0 || listen(server.fd, 50) != 0) return 1;
  while (poll(&server, 1, milliseconds) > 0) {
    last = accept(server.fd, NULL, NULL);
    if (first == 0) first = last;
  }
  for (int fd = first; fd <= last; fd++)
    if (ioctl(fd, FIONREAD, &size) == 0) total += size;
  printf("hoarded %d, %ld bytes\n", last - first + 1, total);
  socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
  printf("beside it %ld\n", (long)send(pair[0], sent, 200000, MSG_DONTWAIT));
  return 0;
}

/* One connection that says nothing; then nobody comes any more, for a second. */
static int wait_for_one(void) {
  int server = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = address_of("0.0.0.0");
  struct pollfd wanted = {.events = POLLIN};
  if (bind(server, (void *)&address, sizeof address) != 0 || listen(server, 50) != 0) return 1;
  int fd = accept(server, NULL, NULL);
  SHOW(read(fd, got, 1000));
  wanted.fd = server;
  return poll(&wanted, 1, 1000);
}

int main(int argc, char **argv) {
  if (strcmp(argv[1], "serve") == 0) return serve(argc > 2 ? atoi(argv[2]) : 0);
  if (strcmp(argv[1], "wait") == 0) return wait_for_one();
  return strcmp(argv[1], "hoard") == 0 ? hoard(atoi(argv[2])) : ask(argv[2]);
}
