// Advisory locks of processes, of open files, and flock.
#include "show.h"

#include <sys/file.h>
#include <sys/wait.h>

static int file;

static long lock(int command, int type, long start, long length) {
  struct flock lock = {.l_type = (short)type, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
  return fcntl(file, command, &lock);
}

static void who(long start, long length) {
  struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
  int result = fcntl(file, F_GETLK, &lock);
  printf("%d: type %d from %ld length %ld, mine %d\n", result, lock.l_type, (long)lock.l_start, (long)lock.l_len, lock.l_pid == getppid());
  fflush(stdout);
}

static void in_child(void (*body)(void)) {
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    body();
    fflush(stdout);
    _exit(0);
  }
  waitpid(child, NULL, 0);
}

static void other(void) {
  who(0, 0);
  SHOW(lock(F_SETLK, F_WRLCK, 5, 1));
  SHOW(lock(F_SETLK, F_WRLCK, 10, 5));
  SHOW(lock(F_SETLK, F_RDLCK, 20, 5));
  SHOW(lock(F_SETLK, F_WRLCK, 20, 5));
  SHOW(lock(F_SETLK, F_WRLCK, 30, 0));
}

static void after_close(void) {
  who(0, 0);
}

int main(void) {
  enter_scratch();
  file = open("file", O_RDWR | O_CREAT, 0644);
  SHOW(lock(F_SETLK, F_WRLCK, 0, 10));
  SHOW(lock(F_SETLK, F_RDLCK, 20, 5));
  SHOW(lock(F_SETLK, F_WRLCK, 2, 3));
  SHOW(lock(F_SETLK, F_UNLCK, 8, 2));
  SHOW(lock(F_SETLK, 77, 8, 2));
  SHOW(lock(F_SETLK, F_WRLCK, -1, 2));
  SHOW(lock(F_SETLK, F_WRLCK, 10, -5));
  in_child(other);
  SHOW(close(dup(file)));
  in_child(after_close);
  int second = open("file", O_RDONLY);
  SHOW(flock(file, LOCK_SH));
  SHOW(flock(second, LOCK_SH | LOCK_NB));
  SHOW(flock(second, LOCK_EX | LOCK_NB));
  SHOW(flock(second, LOCK_UN));
  SHOW(flock(file, LOCK_EX | LOCK_NB));
  SHOW(flock(second, LOCK_SH | LOCK_NB));
  SHOW(flock(file, 77));
  SHOW(flock(99, LOCK_SH));
  SHOW(lock(F_OFD_SETLK, F_WRLCK, 0, 10));
  int first = file;
  file = second;
  SHOW(lock(F_OFD_SETLK, F_RDLCK, 0, 10));
  SHOW(lock(F_OFD_SETLK, F_WRLCK, 0, 10));
  SHOW(lock(F_SETLK, F_WRLCK, 50, 1));
  file = first;
  SHOW(lock(F_OFD_SETLK, F_UNLCK, 0, 0));
  file = second;
  SHOW(lock(F_OFD_SETLK, F_RDLCK, 0, 10));
  return 0;
}
