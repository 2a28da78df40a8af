/* ITIMER_REAL of every process, by one thread of the library OS that sleeps until the next is due. */
#include "mm/uaccess.h"
#include "process/process.h"

/* LEAST_DELAY: from one ring to the next, so that rings never take all the time. */
enum { ITIMER_REAL, ITIMER_PROF = 2, MICROSECOND = 1000, LEAST_DELAY = 100000 };

static struct thread *alarm_thread;

static u64 next_deadline(void) {
  u64 next = NO_DEADLINE;
  struct process *process;
  list_for_each_entry(process, &all_processes, link)
    if (process->alarm_deadline != 0) next = min(next, process->alarm_deadline);
  return next;
}

static void ring(struct process *process, u64 now) {
  struct signal_info info = {.number = SIGALRM, .code = SI_KERNEL};
  process->alarm_deadline = process->alarm_interval == 0 ? 0 : max(process->alarm_deadline + process->alarm_interval, now + LEAST_DELAY);
  send_signal(process, &info);
}

/* Never goes to a program. */
static void alarm_loop(struct thread *self) {
  lock_kernel();
  for (;;) {
    thread_sleep(next_deadline(), false);
    u64 now = host_time();
    struct process *process, *next;
    list_for_each_entry_safe(process, next, &all_processes, link)
      if (process->alarm_deadline != 0 && process->alarm_deadline <= now) ring(process, now);
  }
}

/* The thread is made when somebody sets the first timer. */
static long wake_alarm_thread(void) {
  if (alarm_thread == NULL) {
    struct thread *thread = kernel_thread_create(alarm_loop);
    if (IS_ERR(thread)) return PTR_ERR(thread);
    alarm_thread = thread;
  }
  thread_wake(alarm_thread);
  return 0;
}

static void get(const struct process *process, s64 *value) {
  u64 now = host_time(), left = process->alarm_deadline > now ? process->alarm_deadline - now : 0;
  if (process->alarm_deadline != 0 && left < MICROSECOND) left = MICROSECOND;
  struct timespec interval = timespec_of(process->alarm_interval), rest = timespec_of(left);
  const s64 as_timevals[4] = {interval.seconds, interval.nanoseconds / MICROSECOND, rest.seconds, rest.nanoseconds / MICROSECOND};
  memcpy(value, as_timevals, sizeof as_timevals);
}

long sys_getitimer(long which, long to) {
  s64 value[4] = {0};
  if (which < ITIMER_REAL || which > ITIMER_PROF) return -EINVAL;
  if (which == ITIMER_REAL) get(current->process, value);
  return copy_to_user((uaddr_t)to, value, sizeof value);
}

/* A struct timeval; false: it is none. */
static bool nanoseconds_of(const s64 *value, u64 *nanoseconds) {
  *nanoseconds = min((u64)value[0], 9000000000ul) * 1000000000 + (u64)value[1] * MICROSECOND;
  return value[0] >= 0 && value[1] >= 0 && value[1] < 1000000;
}

/* The timers of processor time can be stopped, not set. */
long sys_setitimer(long which, long from, long old) {
  s64 value[4] = {0}, before[4] = {0};
  u64 delay, interval;
  struct process *process = current->process;
  if (which < ITIMER_REAL || which > ITIMER_PROF) return -EINVAL;
  if (from != 0 && copy_from_user(value, (uaddr_t)from, sizeof value) < 0) return -EFAULT;
  if (!nanoseconds_of(value, &interval) || !nanoseconds_of(value + 2, &delay)) return -EINVAL;
  if (which != ITIMER_REAL && delay != 0) return -EINVAL;
  if (which == ITIMER_REAL) get(process, before);
  if (old != 0 && copy_to_user((uaddr_t)old, before, sizeof before) < 0) return -EFAULT;
  if (which != ITIMER_REAL) return 0;
  process->alarm_deadline = delay == 0 ? 0 : host_time() + delay;
  process->alarm_interval = interval;
  return delay == 0 ? 0 : wake_alarm_thread();
}
