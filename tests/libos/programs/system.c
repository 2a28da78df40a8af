// Who and where a process is: limits, names, users, clocks.
#define _GNU_SOURCE
#include "show.h"
#include <sched.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/utsname.h>
#include <time.h>

static void clocks(void) {
  struct timespec a, b, wait = {0, 3000000}, past = {0, 0};
  for (int clock = 0; clock < 8; clock++) SHOW(clock_gettime(clock, &a));
  SHOW(clock_gettime(77, &a));
  SHOW(clock_settime(77, &a));
  SHOW(clock_getres(CLOCK_MONOTONIC, NULL));
  clock_gettime(CLOCK_MONOTONIC, &a);
  SHOW(nanosleep(&wait, NULL));
  clock_gettime(CLOCK_MONOTONIC, &b);
  SHOW((b.tv_sec - a.tv_sec) * 1000000000 + b.tv_nsec - a.tv_nsec >= 3000000);
  SHOW(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &past, NULL));
  wait.tv_nsec = 1000000000;
  SHOW(nanosleep(&wait, NULL));
  struct itimerval timer = {{0, 0}, {100, 0}}, left;
  SHOW(setitimer(ITIMER_REAL, &timer, NULL));
  SHOW(getitimer(ITIMER_REAL, &left));
  SHOW(left.it_value.tv_sec == 99 || left.it_value.tv_sec == 100);
  SHOW(alarm(0) >= 99);
  SHOW(setitimer(9, &timer, NULL));
}

int main(void) {
  struct utsname names;
  struct rlimit limit;
  char name[16];
  SHOW(uname(&names));
  printf("%s %s\n", names.sysname, names.machine);
  SHOW(prctl(PR_SET_NAME, "a name that is too long"));
  SHOW(prctl(PR_GET_NAME, name));
  printf("%s\n", name);
  SHOW(prctl(12345));
  SHOW(getrlimit(99, &limit));
  SHOW(getrlimit(RLIMIT_NOFILE, &limit));
  limit.rlim_cur = 64;
  SHOW(setrlimit(RLIMIT_NOFILE, &limit));
  SHOW(getrlimit(RLIMIT_NOFILE, &limit));
  SHOW(limit.rlim_cur);
  limit.rlim_cur = limit.rlim_max, limit.rlim_cur++;
  SHOW(setrlimit(RLIMIT_NOFILE, &limit));
  char bytes[16];
  SHOW(getrandom(bytes, 16, 0));
  SHOW(getrandom(bytes, 16, 99));
  SHOW(getuid() == geteuid());
  SHOW(getpid() == syscall(SYS_gettid));
  SHOW(sched_yield());
  SHOW(sched_get_priority_max(SCHED_FIFO));
  SHOW(sched_get_priority_max(SCHED_OTHER));
  SHOW(sched_getscheduler(0));
  struct sysinfo info;
  SHOW(sysinfo(&info));
  SHOW(syscall(9999));
  SHOW(getpgid(0) > 0);
  SHOW(getsid(99999));
  SHOW(getpriority(PRIO_PROCESS, 0));
  clocks();
  return 0;
}
