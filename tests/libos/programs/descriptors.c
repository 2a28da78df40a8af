// Descriptors: dup, dup3, fcntl, close_range, limits.
#include "show.h"

#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

int main(void) {
  enter_scratch();
  int fd = open("file", O_RDWR | O_CREAT, 0644);
  SHOW(fd);
  SHOW(dup(fd));
  SHOW(dup(99));
  SHOW(dup2(fd, 10));
  SHOW(dup2(fd, fd));
  SHOW(dup2(99, 5));
  SHOW(dup2(fd, -1));
  SHOW(dup2(fd, 1 << 20));
  SHOW(dup3(fd, fd, 0));
  SHOW(dup3(fd, 11, O_CLOEXEC));
  SHOW(dup3(fd, 11, O_APPEND));
  SHOW(fcntl(11, F_GETFD));
  SHOW(fcntl(10, F_GETFD));
  SHOW(fcntl(10, F_SETFD, FD_CLOEXEC));
  SHOW(fcntl(10, F_GETFD));
  SHOW(ioctl(10, FIONCLEX));
  SHOW(fcntl(10, F_GETFD));
  SHOW(ioctl(10, FIOCLEX));
  SHOW(fcntl(10, F_GETFD));
  SHOW(fcntl(fd, F_DUPFD, 20));
  SHOW(fcntl(fd, F_DUPFD_CLOEXEC, 20));
  SHOW(fcntl(fd, F_DUPFD, -1));
  SHOW(fcntl(21, F_GETFD));
  SHOW(fcntl(fd, F_GETFL) & (O_ACCMODE | O_APPEND | O_NONBLOCK));
  SHOW(fcntl(fd, F_SETFL, O_APPEND | O_NONBLOCK));
  SHOW(fcntl(10, F_GETFL) & (O_ACCMODE | O_APPEND | O_NONBLOCK));
  int off = 0;
  SHOW(ioctl(10, FIONBIO, &off));
  SHOW(fcntl(fd, F_GETFL) & (O_ACCMODE | O_APPEND | O_NONBLOCK));
  SHOW(fcntl(fd, 12345));
  SHOW(fcntl(99, F_GETFD));
  SHOW(write(10, "abc", 3));
  SHOW(lseek(fd, 0, SEEK_CUR));
  SHOW(close(fd));
  SHOW(open("file", O_RDONLY));
  SHOW(syscall(SYS_close_range, 10, 21, 4));
  SHOW(fcntl(20, F_GETFD));
  SHOW(syscall(SYS_close_range, 10, ~0u, 0));
  SHOW(fcntl(10, F_GETFD));
  SHOW(syscall(SYS_close_range, 9, 8, 0));
  struct rlimit limit = {8, 8};
  SHOW(setrlimit(RLIMIT_NOFILE, &limit));
  SHOW(dup(3));
  SHOW(dup(3));
  SHOW(dup(3));
  SHOW(dup(3));
  SHOW(dup(3));
  SHOW(open("file", O_RDONLY));
  SHOW(fcntl(3, F_DUPFD, 8));
  int pair[2];
  SHOW(pipe(pair));
  SHOW(close(7));
  SHOW(pipe(pair));
  SHOW(dup(3));
  return 0;
}
