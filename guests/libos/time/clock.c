/* Clocks, and sleeping by them. */
#include "time/clock.h"
#include "mm/uaccess.h"
#include "process/process.h"

enum { TIMER_ABSTIME = 1 };

static u64 epoch;

void clock_start(void) {
  epoch = config_number("epoch", 0);
}

u64 clock_epoch(void) {
  return epoch;
}

u64 clock_realtime(void) {
  return host_time() + epoch;
}

u64 deadline_after(u64 nanoseconds) {
  u64 deadline;
  return __builtin_add_overflow(host_time(), nanoseconds, &deadline) ? NO_DEADLINE : deadline;
}

long deadline_from_user(uaddr_t timeout, u64 *deadline) {
  u64 nanoseconds;
  *deadline = NO_DEADLINE;
  if (timeout == 0) return 0;
  long error = timespec_from_user(timeout, &nanoseconds);
  if (error == 0) *deadline = nanoseconds == 0 ? 0 : deadline_after(nanoseconds);
  return error;
}

static bool is_calendar(int clock) {
  return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_TAI;
}

u64 clock_to_host(int clock, u64 time) {
  if (!is_calendar(clock)) return time;
  return time > epoch ? time - epoch : 0;
}

/* Negative ones name a process or thread: only one's own. -1: there is no such clock. */
static int known_clock(long clock) {
  int id = (int)clock;
  if (id < 0 && (id & 7) == 2) return CLOCK_PROCESS_CPUTIME;
  if (id < 0 && (id & 7) == 6) return CLOCK_THREAD_CPUTIME;
  return (id >= CLOCK_REALTIME && id <= CLOCK_BOOTTIME) || id == CLOCK_TAI ? id : -1;
}

/* Time of the processor is not measured by process: it is the time since the start. */
static u64 clock_now(int clock) {
  if (is_calendar(clock)) return clock_realtime();
  u64 now = host_time();
  return clock == CLOCK_PROCESS_CPUTIME || clock == CLOCK_THREAD_CPUTIME ? now - current->process->start_time : now;
}

long sys_clock_gettime(long clock, long to) {
  int id = known_clock(clock);
  return id < 0 ? -EINVAL : timespec_to_user((uaddr_t)to, clock_now(id));
}

long sys_clock_getres(long clock, long to) {
  if (known_clock(clock) < 0) return -EINVAL;
  return to == 0 ? 0 : timespec_to_user((uaddr_t)to, CLOCK_STEP);
}

long sys_clock_settime(long clock, long from) {
  return known_clock(clock) < 0 ? -EINVAL : -EPERM;
}

long sys_gettimeofday(long to, long zone) {
  struct timespec time = timespec_of(clock_realtime());
  time.nanoseconds /= 1000;
  if (to != 0 && copy_to_user((uaddr_t)to, &time, sizeof time) < 0) return -EFAULT;
  return zone == 0 ? 0 : clear_user((uaddr_t)zone, 8);
}

static long sleep_to(u64 deadline, bool absolute, uaddr_t remaining) {
  long result;
  do result = thread_sleep(deadline, false);
  while (result == 0);
  if (result == -ETIMEDOUT) return 0;
  if (absolute) return -ERESTARTNOHAND;
  u64 now = host_time();
  if (remaining != 0 && timespec_to_user(remaining, deadline > now ? deadline - now : 0) < 0) return -EFAULT;
  return -EINTR;
}

long sys_clock_nanosleep(long clock, long flags, long request, long remaining) {
  u64 time;
  int id = known_clock(clock);
  if (id < 0 || id == CLOCK_THREAD_CPUTIME) return -EINVAL;
  long result = timespec_from_user((uaddr_t)request, &time);
  if (result < 0) return result;
  bool absolute = flags & TIMER_ABSTIME;
  return sleep_to(absolute ? clock_to_host(id, time) : host_time() + time, absolute, (uaddr_t)remaining);
}

long sys_nanosleep(long request, long remaining) {
  return sys_clock_nanosleep(CLOCK_MONOTONIC, 0, request, remaining);
}

long sys_times(long to) {
  s64 ticks = (s64)(host_time() / 10000000), times[4] = {(s64)((host_time() - current->process->start_time) / 10000000), 0, 0, 0};
  if (to != 0 && copy_to_user((uaddr_t)to, times, sizeof times) < 0) return -EFAULT;
  return ticks;
}
