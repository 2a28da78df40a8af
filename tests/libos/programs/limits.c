/* What a process may use, and how it is scheduled; waiting for children by waitid; small calls about time and memory. */
#include "show.h"
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/wait.h>
#include <time.h>

static void limits(void) {
  struct rlimit limit = {64, 128}, old;
  SHOW(setrlimit(RLIMIT_NOFILE, &limit));
  SHOW(getrlimit(RLIMIT_NOFILE, &old));
  printf("%lu %lu\n", old.rlim_cur, old.rlim_max);
  limit.rlim_cur = 200;
  SHOW(setrlimit(RLIMIT_NOFILE, &limit));
  SHOW(syscall(SYS_getrlimit, 99, &old));
  SHOW(syscall(SYS_getrlimit, RLIMIT_NOFILE, &old));
  SHOW(syscall(SYS_setrlimit, RLIMIT_NOFILE, &old));
  SHOW(dup2(1, 63));
  SHOW(dup2(1, 64));
  SHOW(fcntl(1, F_DUPFD, 64));
  struct rusage usage;
  SHOW(getrusage(RUSAGE_SELF, &usage));
  SHOW(getrusage(RUSAGE_CHILDREN, &usage));
  SHOW(getrusage(7, &usage));
}

static void scheduling(void) {
  struct sched_param parameter = {0};
  unsigned long mask = 1;
  unsigned cpu, node;
  SHOW(sched_getscheduler(0));
  SHOW(sched_getscheduler(-1));
  SHOW(sched_setscheduler(0, SCHED_OTHER, &parameter));
  SHOW(sched_getparam(0, &parameter));
  SHOW(parameter.sched_priority);
  SHOW(sched_setparam(0, &parameter));
  SHOW(sched_get_priority_max(SCHED_FIFO));
  SHOW(sched_get_priority_min(SCHED_RR));
  SHOW(sched_get_priority_max(SCHED_OTHER));
  SHOW(sched_get_priority_min(77));
  SHOW(syscall(SYS_sched_getaffinity, 0, 128, &mask) > 0);
  SHOW(syscall(SYS_sched_setaffinity, 0, sizeof mask, &mask));
  SHOW(syscall(SYS_sched_getaffinity, 0, 1, &mask));
  SHOW(syscall(SYS_getcpu, &cpu, &node, NULL));
  SHOW(sched_yield());
  SHOW(getpriority(PRIO_PROCESS, 0));
  SHOW(setpriority(PRIO_PROCESS, 0, 0));
  SHOW(getpriority(9, 0));
}

static void children(void) {
  siginfo_t info = {0};
  SHOW(waitid(P_ALL, 0, &info, WEXITED));
  pid_t child = fork();
  if (child == 0) _exit(7);
  SHOW(waitid(P_PID, child, &info, WEXITED | WNOWAIT));
  printf("%d %d %d %d\n", info.si_signo, info.si_code, info.si_status, info.si_pid == child);
  SHOW(waitid(P_PID, child, &info, WEXITED | WNOHANG));
  SHOW(waitid(P_PID, child, &info, WEXITED));
  SHOW(waitid(P_PID, child, &info, 0));
  SHOW(waitid(9, child, &info, WEXITED));
  child = fork();
  if (child == 0) for (;;) pause();
  SHOW(waitid(P_ALL, 0, &info, WEXITED | WNOHANG));
  SHOW(syscall(SYS_tkill, child, SIGKILL));
  SHOW(waitid(P_PGID, 0, &info, WEXITED));
  printf("%d %d %d\n", info.si_code, info.si_status, info.si_pid == child);
  SHOW(syscall(SYS_tkill, 0, 0));
  SHOW(syscall(SYS_tkill, child, 0));
}

static void times_of(void) {
  struct timespec time = {0, 1000}, left;
  struct timeval now;
  struct tms tms;
  SHOW(syscall(SYS_nanosleep, &time, &left));
  time.tv_nsec = 1000000000;
  SHOW(syscall(SYS_nanosleep, &time, &left));
  SHOW(syscall(SYS_clock_getres, CLOCK_MONOTONIC, &time));
  SHOW(syscall(SYS_clock_getres, 77, &time));
  SHOW(syscall(SYS_gettimeofday, &now, NULL));
  SHOW(times(&tms) >= 0);
  SHOW(syscall(SYS_clock_nanosleep, 99, 0, &time, NULL));
}

static void memory_and_files(void) {
  struct stat stat;
  struct mmsghdr messages[2] = {0};
  struct iovec piece = {"ab", 2};
  char text[8];
  int pair[2];
  void *page = mmap(NULL, 8192, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  SHOW(mlock(page, 8192));
  SHOW(munlock(page, 8192));
  SHOW(mlock((void *)0x10, 10));
  SHOW(personality(0xffffffff));
  int file = syscall(SYS_memfd_create, "name", 1);
  SHOW(write(file, "abc", 3));
  SHOW(syscall(SYS_fstat, file, &stat));
  SHOW(stat.st_size);
  SHOW(syscall(SYS_fstat, 77, &stat));
  SHOW(fcntl(file, F_GETFD));
  SHOW(syscall(SYS_memfd_create, "name", 0x4000));
  SHOW(syscall(SYS_memfd_create, 8, 0));
  SHOW(readahead(file, 0, 10));
  SHOW(readahead(77, 0, 10));
  SHOW(sync_file_range(file, -1, 1, 0));
  SHOW(syscall(SYS_sync_file_range, file, 0, 3, 8));
  sync();
  SHOW(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
  for (int i = 0; i < 2; i++) messages[i].msg_hdr.msg_iov = &piece, messages[i].msg_hdr.msg_iovlen = 1;
  SHOW(sendmmsg(pair[0], messages, 2, 0));
  SHOW(messages[1].msg_len);
  SHOW(read(pair[1], text, 8));
  SHOW(sendmmsg(77, messages, 2, 0));
}

/* Protections that system calls look at. */
static void protections(void) {
  int pipe_ends[2];
  char *pages = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  SHOW(mprotect(pages + 4096, 4096, PROT_NONE));
  SHOW(mprotect(pages + 8192, 4096, PROT_READ));
  SHOW(pipe(pipe_ends));
  SHOW(write(pipe_ends[1], pages, 10));
  SHOW(read(pipe_ends[0], pages + 8192, 10));
  SHOW(read(pipe_ends[0], pages + 4096, 10));
  SHOW(read(pipe_ends[0], pages, 10));
  SHOW(write(pipe_ends[1], pages + 4096, 10));
  SHOW(write(pipe_ends[1], pages + 8192, 10));
  SHOW(open(pages + 4096, O_RDONLY));
  SHOW(pipe((int *)(pages + 8192)));
  SHOW(stat("/", (struct stat *)(pages + 8192)));
  SHOW(munmap(pages, 3 * 4096));
  SHOW(write(pipe_ends[1], pages, 10));
}

int main(void) {
  scheduling();
  children();
  times_of();
  memory_and_files();
  protections();
  limits();
  return 0;
}
