// Pipes and FIFOs: order, ends, non-blocking, poll, sizes.
#include "show.h"

#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

static char buffer[100000];

static int events(int fd) {
  struct pollfd one = {fd, POLLIN | POLLOUT, 0};
  return poll(&one, 1, 0) < 0 ? -1 : one.revents;
}

int main(void) {
  enter_scratch();
  signal(SIGPIPE, SIG_IGN);
  int fds[2], count;
  SHOW(pipe2(fds, O_NONBLOCK));
  SHOW(pipe2(fds, 12345));
  SHOW(read(fds[0], buffer, 10));
  SHOW(write(fds[0], buffer, 10));
  SHOW(read(fds[1], buffer, 10));
  printf("events %x %x\n", events(fds[0]), events(fds[1]));
  SHOW(write(fds[1], "hello", 5));
  SHOW(ioctl(fds[0], FIONREAD, &count));
  SHOW(count);
  printf("events %x %x\n", events(fds[0]), events(fds[1]));
  SHOW(read(fds[0], buffer, 3));
  SHOW(read(fds[0], buffer, 3));
  SHOW(write(fds[1], buffer, 70000));
  SHOW(write(fds[1], buffer, 1));
  printf("events %x %x\n", events(fds[0]), events(fds[1]));
  SHOW(read(fds[0], buffer, 4095));
  SHOW(write(fds[1], buffer, 4096));
  SHOW(read(fds[0], buffer, 100000));
  SHOW(fcntl(fds[0], F_GETPIPE_SZ));
  SHOW(fcntl(fds[0], F_SETPIPE_SZ, 5000));
  SHOW(fcntl(fds[1], F_GETPIPE_SZ));
  SHOW(write(fds[1], buffer, 10000));
  SHOW(close(fds[1]));
  printf("events %x\n", events(fds[0]));
  SHOW(read(fds[0], buffer, 100000));
  SHOW(read(fds[0], buffer, 100000));
  printf("events %x\n", events(fds[0]));
  SHOW(close(fds[0]));
  SHOW(pipe(fds));
  SHOW(close(fds[0]));
  printf("events %x\n", events(fds[1]));
  SHOW(write(fds[1], buffer, 1));
  SHOW(close(fds[1]));
  SHOW(mkfifo("fifo", 0600));
  SHOW(open("fifo", O_WRONLY | O_NONBLOCK));
  SHOW(open("fifo", O_RDONLY | O_NONBLOCK));
  printf("events %x\n", events(3));
  SHOW(read(3, buffer, 10));
  SHOW(open("fifo", O_WRONLY | O_NONBLOCK));
  SHOW(read(3, buffer, 10));
  SHOW(write(4, "through", 7));
  SHOW(read(3, buffer, 10));
  SHOW(close(4));
  printf("events %x\n", events(3));
  SHOW(open("fifo", O_RDWR));
  SHOW(write(4, "x", 1));
  SHOW(read(4, buffer, 10));
  return 0;
}
