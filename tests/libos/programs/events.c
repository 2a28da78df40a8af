// eventfd, timerfd, poll, select.
#include "show.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/timerfd.h>
#include <time.h>

static int events(int fd, int asked) {
  struct pollfd one = {fd, (short)asked, 0};
  return poll(&one, 1, 0) < 0 ? -1 : one.revents;
}

static long milliseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void show_selected(fd_set *in, fd_set *out, int limit) {
  for (int fd = 0; fd < limit; fd++)
    if (FD_ISSET(fd, in) || FD_ISSET(fd, out)) printf("fd %d%s%s\n", fd, FD_ISSET(fd, in) ? " in" : "", FD_ISSET(fd, out) ? " out" : "");
}

int main(void) {
  uint64_t value = 0;
  int event = eventfd(3, EFD_NONBLOCK);
  SHOW(event);
  SHOW(eventfd(0, 77));
  printf("events %x\n", events(event, POLLIN | POLLOUT));
  SHOW(read(event, &value, 8));
  SHOW(value);
  SHOW(read(event, &value, 8));
  SHOW(read(event, &value, 4));
  printf("events %x\n", events(event, POLLIN | POLLOUT));
  value = ~0ul - 1;
  SHOW(write(event, &value, 8));
  printf("events %x\n", events(event, POLLIN | POLLOUT));
  value = 1;
  SHOW(write(event, &value, 8));
  value = ~0ul;
  SHOW(write(event, &value, 8));
  SHOW(write(event, &value, 7));
  int semaphore = eventfd(2, EFD_SEMAPHORE | EFD_NONBLOCK);
  SHOW(read(semaphore, &value, 8));
  SHOW(value);
  SHOW(read(semaphore, &value, 8));
  SHOW(read(semaphore, &value, 8));
  SHOW(lseek(semaphore, 0, SEEK_SET));
  SHOW(pread(semaphore, &value, 8, 0));

  int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
  SHOW(timerfd_create(99, 0));
  SHOW(timerfd_create(CLOCK_MONOTONIC, 99));
  struct itimerspec setting = {{0, 10000000}, {0, 20000000}}, before;
  SHOW(read(timer, &value, 8));
  SHOW(timerfd_gettime(timer, &before));
  SHOW(before.it_value.tv_nsec);
  SHOW(timerfd_settime(timer, 0, &setting, NULL));
  printf("events %x\n", events(timer, POLLIN | POLLOUT));
  struct pollfd one = {timer, POLLIN, 0};
  long start = milliseconds();
  SHOW(poll(&one, 1, 5000));
  long took = milliseconds() - start;
  puts(took >= 19 && took < 4000 ? "in time" : "not in time");
  SHOW(read(timer, &value, 8));
  SHOW(value >= 1);
  SHOW(timerfd_settime(timer, 0, &(struct itimerspec){{0, 0}, {0, 0}}, &before));
  SHOW(before.it_interval.tv_nsec);
  SHOW(poll(&one, 1, 30));
  SHOW(timerfd_settime(timer, 0, &(struct itimerspec){{0, 0}, {0, 1000000000}}, NULL));
  SHOW(timerfd_settime(timer, TFD_TIMER_ABSTIME, &(struct itimerspec){{0, 0}, {1, 0}}, NULL));
  SHOW(poll(&one, 1, 1000));
  SHOW(timerfd_settime(event, 0, &setting, NULL));
  SHOW(timerfd_settime(99, 0, &setting, NULL));

  int fds[2];
  SHOW(pipe(fds));
  start = milliseconds();
  one = (struct pollfd){fds[0], POLLIN, 0};
  SHOW(poll(&one, 1, 50));
  took = milliseconds() - start;
  puts(took >= 49 && took < 4000 ? "in time" : "not in time");
  struct pollfd several[3] = {{fds[0], POLLIN, 0}, {-1, POLLIN, 77}, {99, POLLIN, 0}};
  SHOW(poll(several, 3, 1000));
  printf("%x %x %x\n", several[0].revents, several[1].revents, several[2].revents);
  SHOW(poll(NULL, 0, 10));
  SHOW(poll((struct pollfd *)8, 1, 0));
  SHOW(ppoll(several, 3, &(struct timespec){0, 1000000000}, NULL));
  fd_set in, out;
  FD_ZERO(&in);
  FD_ZERO(&out);
  FD_SET(fds[0], &in);
  FD_SET(fds[1], &out);
  FD_SET(event, &in);
  SHOW(select(20, &in, &out, NULL, NULL));
  show_selected(&in, &out, 20);
  FD_ZERO(&in);
  FD_SET(fds[0], &in);
  SHOW(select(20, &in, NULL, NULL, &(struct timeval){0, 20000}));
  show_selected(&in, &in, 20);
  FD_SET(19, &in);
  SHOW(select(20, &in, NULL, NULL, NULL));
  SHOW(select(-1, &in, NULL, NULL, NULL));
  return 0;
}
