/* Always has something ready that it waits for, and so never sleeps: greets who connects, one found by poll, one by epoll. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PORT = 7000 };

static void greet(int listener) { write(accept(listener, NULL, NULL), "hello", 5); }

static void wait_by_poll(int listener, int ready) {
  struct pollfd files[2] = {{.fd = ready, .events = POLLOUT}, {.fd = listener, .events = POLLIN}};
  while (files[1].revents == 0) poll(files, 2, -1);
  greet(listener);
}

static void wait_by_epoll(int listener, int ready) {
  struct epoll_event event = {.events = EPOLLOUT, .data.fd = ready};
  int epoll = epoll_create1(0);
  epoll_ctl(epoll, EPOLL_CTL_ADD, ready, &event);
  event = (struct epoll_event){.events = EPOLLIN, .data.fd = listener};
  epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
  do epoll_wait(epoll, &event, 1, -1);
  while (event.data.fd != listener);
  greet(listener);
}

int main(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(PORT)};
  int listener = socket(AF_INET, SOCK_STREAM, 0), ends[2];
  if (bind(listener, (void *)&address, sizeof address) != 0 || listen(listener, 16) != 0 || pipe(ends) != 0) return 1;
  write(1, "listening\n", 10);
  wait_by_poll(listener, ends[1]);
  wait_by_epoll(listener, ends[1]);
  pause();
}
