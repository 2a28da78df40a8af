/* eventfd, timerfd and memfd: objects that are only descriptors. */
#include "fs/file.h"

enum { EFD_SEMAPHORE = 1 };
#define COUNT_LIMIT (~0ul - 1)

struct eventfd {
  struct wait_queue queue;
  u64 count;
  bool is_semaphore;
};

static long event_read(struct file *file, void *to, size_t size, u64 *position, int flags) {
  struct eventfd *event = file->object;
  if (size < 8) return -EINVAL;
  while (event->count == 0) {
    if (flags & O_NONBLOCK) return -EAGAIN;
    long error = sleep_on(&event->queue, NO_DEADLINE);
    if (error < 0) return error;
  }
  u64 value = event->is_semaphore ? 1 : event->count;
  event->count -= value;
  __builtin_memcpy(to, &value, 8);
  wake_up_events(&event->queue, POLL_WRITABLE);
  return 8;
}

static long event_write(struct file *file, const void *from, size_t size, u64 *position, int flags) {
  struct eventfd *event = file->object;
  u64 value;
  if (size < 8) return -EINVAL;
  __builtin_memcpy(&value, from, 8);
  if (value == ~0ul) return -EINVAL;
  while (value > COUNT_LIMIT - event->count) {
    if (flags & O_NONBLOCK) return -EAGAIN;
    long error = sleep_on(&event->queue, NO_DEADLINE);
    if (error < 0) return error;
  }
  event->count += value;
  wake_up_events(&event->queue, POLL_READABLE);
  return 8;
}

static u32 event_poll(struct file *file) {
  const struct eventfd *event = file->object;
  return (event->count > 0 ? POLL_READABLE : 0u) | (event->count < COUNT_LIMIT ? POLL_WRITABLE : 0u);
}

static void free_object(struct file *file) {
  kfree(file->object);
}

static const struct file_operations event_operations = {.read = event_read, .write = event_write, .poll = event_poll, .release = free_object};

/* A copy of the object, which begins with its queue. */
static long install(const void *from, size_t size, const struct file_operations *operations, long flags) {
  void *object = kzalloc(size);
  struct file *file = object == NULL ? NULL : file_create_pathless(operations, 0600, O_RDWR | ((int)flags & O_NONBLOCK), object, object);
  if (file == NULL) kfree(object);
  if (file == NULL) return -ENOMEM;
  memcpy(object, from, size);
  wait_queue_init(object);
  return fd_install(file, flags & O_CLOEXEC);
}

long sys_eventfd2(long count, long flags) {
  if (flags & ~(EFD_SEMAPHORE | O_NONBLOCK | O_CLOEXEC)) return -EINVAL;
  const struct eventfd event = {.count = (u32)count, .is_semaphore = flags & EFD_SEMAPHORE};
  return install(&event, sizeof event, &event_operations, flags);
}

/* Timers: nothing runs when they expire; whoever reads or polls looks at the clock, and sleeps until the deadline. */

enum { TFD_TIMER_ABSTIME = 1 };

struct timerfd {
  struct wait_queue queue;
  u64 deadline, interval; /* of host_time(); deadline 0: disarmed */
  bool is_realtime;
};
struct itimerspec {
  struct timespec interval, value;
};

static bool has_expired(const struct timerfd *timer) {
  return timer->deadline != 0 && host_time() >= timer->deadline;
}

static long timer_read(struct file *file, void *to, size_t size, u64 *position, int flags) {
  struct timerfd *timer = file->object;
  if (size < 8) return -EINVAL;
  while (!has_expired(timer)) {
    if (flags & O_NONBLOCK) return -EAGAIN;
    long error = sleep_on(&timer->queue, timer->deadline == 0 ? NO_DEADLINE : timer->deadline);
    if (error < 0 && error != -ETIMEDOUT) return error;
  }
  u64 count = 1;
  if (timer->interval == 0) timer->deadline = 0;
  else {
    count += (host_time() - timer->deadline) / timer->interval;
    timer->deadline += count * timer->interval;
  }
  __builtin_memcpy(to, &count, 8);
  return 8;
}

static u32 timer_poll(struct file *file) {
  return has_expired(file->object) ? POLL_READABLE : 0;
}

static const struct file_operations timer_operations = {.read = timer_read, .poll = timer_poll, .release = free_object};

bool file_is_timer(const struct file *file) {
  return file->operations == &timer_operations;
}

u64 file_deadline(const struct file *file) {
  if (!file_is_timer(file)) return NO_DEADLINE;
  const struct timerfd *timer = file->object;
  return timer->deadline == 0 ? NO_DEADLINE : timer->deadline;
}

long sys_timerfd_create(long clock, long flags) {
  if (flags & ~(O_NONBLOCK | O_CLOEXEC)) return -EINVAL;
  if ((int)clock != CLOCK_REALTIME && (int)clock != CLOCK_MONOTONIC && (int)clock != CLOCK_BOOTTIME) return -EINVAL;
  const struct timerfd timer = {.is_realtime = (int)clock == CLOCK_REALTIME};
  return install(&timer, sizeof timer, &timer_operations, flags);
}

static struct timerfd *timer_of(long fd, long *error) {
  struct file *file = file_of((int)fd);
  *error = file == NULL ? -EBADF : file->operations != &timer_operations ? -EINVAL : 0;
  return *error < 0 ? NULL : file->object;
}

static struct itimerspec setting_of(const struct timerfd *timer) {
  u64 now = host_time(), deadline = timer->deadline;
  if (deadline != 0 && deadline <= now && timer->interval != 0) deadline += ((now - deadline) / timer->interval + 1) * timer->interval;
  u64 left = deadline == 0 || (deadline <= now && timer->interval == 0) ? 0 : deadline - now;
  return (struct itimerspec){timespec_of(timer->interval), timespec_of(left)};
}

long sys_timerfd_gettime(long fd, long to) {
  long error;
  const struct timerfd *timer = timer_of(fd, &error);
  if (timer == NULL) return error;
  struct itimerspec setting = setting_of(timer);
  return copy_to_user((uaddr_t)to, &setting, sizeof setting);
}

static u64 deadline_of(const struct timerfd *timer, u64 value, bool is_absolute) {
  u64 now = host_time(), deadline;
  if (!is_absolute) return __builtin_add_overflow(now, value, &deadline) ? NO_DEADLINE - 1 : deadline;
  u64 start = timer->is_realtime ? clock_realtime() - now : 0;
  return value > start ? value - start : 1;
}

long sys_timerfd_settime(long fd, long flags, long from, long before) {
  u64 interval, value;
  long error;
  if (flags & ~3) return -EINVAL;
  if ((error = timespec_from_user((uaddr_t)from, &interval)) < 0) return error;
  if ((error = timespec_from_user((uaddr_t)from + sizeof(struct timespec), &value)) < 0) return error;
  struct timerfd *timer = timer_of(fd, &error);
  if (timer == NULL) return error;
  struct itimerspec setting = setting_of(timer);
  if (before != 0 && copy_to_user((uaddr_t)before, &setting, sizeof setting) < 0) return -EFAULT;
  timer->deadline = value == 0 ? 0 : deadline_of(timer, value, flags & TFD_TIMER_ABSTIME);
  timer->interval = interval;
  wake_up(&timer->queue); /* who sleeps looks at the new deadline */
  return 0;
}

long sys_memfd_create(long name, long flags) {
  char text[250];
  if (flags & ~0x1f) return -EINVAL;
  long length = strncpy_from_user(text, (uaddr_t)name, sizeof text);
  if (length < 0) return length == -ENAMETOOLONG ? -EINVAL : length;
  struct file *file = file_open_new(tmpfs_system(), 0777, O_RDWR);
  return IS_ERR(file) ? PTR_ERR(file) : fd_install(file, flags & 1);
}
