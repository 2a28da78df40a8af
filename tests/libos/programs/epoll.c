// epoll: level and edge triggered, one-shot, nested, errors.
#include "show.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

static int epoll;

static long control(int operation, int fd, unsigned events, unsigned long data) {
  struct epoll_event event = {.events = events, .data.u64 = data};
  return epoll_ctl(epoll, operation, fd, &event);
}

static void wait_and_show(int timeout) {
  struct epoll_event events[8];
  int count = epoll_wait(epoll, events, 8, timeout);
  printf("%d ready", count);
  for (int i = 0; i < count; i++) printf(" [%lx %x]", (unsigned long)events[i].data.u64, events[i].events);
  puts("");
}

int main(void) {
  struct epoll_event event;
  char text[16];
  epoll = epoll_create1(EPOLL_CLOEXEC);
  SHOW(epoll_create1(77));
  SHOW(epoll_create(0));
  int fds[2], pair[2];
  SHOW(pipe2(fds, O_NONBLOCK));
  SHOW(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair));
  wait_and_show(0);
  SHOW(control(EPOLL_CTL_ADD, fds[0], EPOLLIN, 0xa));
  SHOW(control(EPOLL_CTL_ADD, fds[0], EPOLLIN, 0xa));
  SHOW(control(EPOLL_CTL_MOD, fds[1], EPOLLIN, 0xa));
  SHOW(control(EPOLL_CTL_DEL, fds[1], 0, 0));
  SHOW(control(EPOLL_CTL_ADD, 99, EPOLLIN, 0));
  SHOW(control(EPOLL_CTL_ADD, epoll, EPOLLIN, 0));
  SHOW(control(99, fds[0], EPOLLIN, 0));
  SHOW(epoll_ctl(fds[0], EPOLL_CTL_ADD, fds[1], &event));
  SHOW(epoll_ctl(99, EPOLL_CTL_ADD, fds[1], &event));
  SHOW(epoll_ctl(epoll, EPOLL_CTL_ADD, fds[1], (void *)8));
  SHOW(epoll_wait(epoll, &event, 0, 0));
  SHOW(epoll_wait(epoll, &event, -1, 0));
  SHOW(epoll_wait(epoll, &event, 1 << 30, 0));
  SHOW(epoll_wait(fds[0], &event, 1, 0));
  int file = open("/tmp", O_RDONLY);
  SHOW(control(EPOLL_CTL_ADD, file, EPOLLIN, 0));

  puts("level");
  wait_and_show(0);
  SHOW(write(fds[1], "ab", 2));
  wait_and_show(0);
  SHOW(read(fds[0], text, 1));
  wait_and_show(1000);
  SHOW(read(fds[0], text, 1));
  wait_and_show(0);
  SHOW(control(EPOLL_CTL_ADD, fds[1], EPOLLOUT, 0xb));
  wait_and_show(0);
  wait_and_show(0);
  SHOW(control(EPOLL_CTL_DEL, fds[1], 0, 0));

  puts("edge");
  SHOW(control(EPOLL_CTL_MOD, fds[0], EPOLLIN | EPOLLET, 0xc));
  SHOW(write(fds[1], "cd", 2));
  wait_and_show(0);
  wait_and_show(0);
  SHOW(write(fds[1], "e", 1));
  wait_and_show(0);
  SHOW(read(fds[0], text, 16));
  wait_and_show(0);
  SHOW(write(fds[1], "f", 1));
  SHOW(control(EPOLL_CTL_MOD, fds[0], EPOLLIN | EPOLLET, 0xd));
  wait_and_show(0);
  wait_and_show(0);

  puts("one-shot");
  SHOW(control(EPOLL_CTL_MOD, fds[0], EPOLLIN | EPOLLONESHOT, 0xe));
  wait_and_show(0);
  wait_and_show(0);
  SHOW(write(fds[1], "g", 1));
  wait_and_show(0);
  SHOW(control(EPOLL_CTL_MOD, fds[0], EPOLLIN | EPOLLONESHOT, 0xf));
  wait_and_show(0);

  puts("sockets");
  SHOW(control(EPOLL_CTL_ADD, pair[0], EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, 0x10));
  wait_and_show(0);
  wait_and_show(0);
  SHOW(write(pair[1], "x", 1));
  wait_and_show(0);
  SHOW(shutdown(pair[1], SHUT_WR));
  wait_and_show(0);
  SHOW(close(pair[1]));
  wait_and_show(0);
  SHOW(read(pair[0], text, 16));
  SHOW(read(pair[0], text, 16));
  SHOW(close(pair[0]));
  wait_and_show(0);

  puts("the last descriptor counts");
  int copy = dup(fds[0]);
  SHOW(control(EPOLL_CTL_MOD, fds[0], EPOLLIN, 0x11));
  SHOW(control(EPOLL_CTL_ADD, copy, EPOLLIN, 0x12));
  wait_and_show(0);
  SHOW(close(copy));
  SHOW(control(EPOLL_CTL_DEL, fds[0], 0, 0));
  wait_and_show(0);

  puts("hang-up");
  SHOW(pipe(fds));
  SHOW(control(EPOLL_CTL_ADD, fds[0], EPOLLIN, 0x13));
  SHOW(control(EPOLL_CTL_ADD, fds[1], EPOLLOUT | EPOLLET, 0x14));
  wait_and_show(0);
  SHOW(close(fds[1]));
  wait_and_show(0);
  SHOW(close(fds[0]));
  wait_and_show(0);

  puts("nested");
  int outer = epoll_create1(0), number = eventfd(0, 0), timer = timerfd_create(CLOCK_MONOTONIC, 0);
  SHOW(control(EPOLL_CTL_ADD, number, EPOLLIN, 0x15));
  int inner = epoll;
  epoll = outer;
  SHOW(control(EPOLL_CTL_ADD, inner, EPOLLIN, 0x16));
  wait_and_show(0);
  struct pollfd one = {outer, POLLIN, 0};
  SHOW(poll(&one, 1, 0));
  uint64_t value = 1;
  SHOW(write(number, &value, 8));
  wait_and_show(0);
  SHOW(poll(&one, 1, 0));
  epoll = inner;
  SHOW(control(EPOLL_CTL_ADD, outer, EPOLLIN, 0x17));
  SHOW(read(number, &value, 8));
  SHOW(control(EPOLL_CTL_ADD, timer, EPOLLIN, 0x18));
  struct itimerspec setting = {{0, 0}, {0, 20000000}};
  SHOW(timerfd_settime(timer, 0, &setting, NULL));
  wait_and_show(0);
  wait_and_show(5000);
  SHOW(read(timer, &value, 8));
  wait_and_show(30);
  SHOW(control(EPOLL_CTL_ADD, eventfd(1, 0), EPOLLIN | EPOLLEXCLUSIVE, 0x19));
  wait_and_show(0);
  return 0;
}
