/* epoll. A watch waits in its file's queue; a wake-up puts it on the list of those that may be ready, and whoever waits asks
 * the files on that list. Level-triggered ones stay there until their file says it is not ready. */
#include "net/net.h"

enum { EPOLL_CTL_ADD = 1, EPOLL_CTL_DEL = 2, EPOLL_CTL_MOD = 3, NESTING_LIMIT = 5, WATCHERS_LIMIT = 4, MOST_EVENTS = 0x7fffffff / 16 };
#define EPOLLEXCLUSIVE (1u << 28)
#define EPOLLWAKEUP (1u << 29)
#define EPOLLONESHOT (1u << 30)
#define EPOLLET (1u << 31)
#define PRIVATE_BITS (EPOLLEXCLUSIVE | EPOLLWAKEUP | EPOLLONESHOT | EPOLLET)

struct epoll_event {
  u32 events, pad;
  u64 data;
};

struct epoll {
  struct file *file; /* its own */
  struct list_head watches, ready;
  struct wait_queue queue;
  u32 timers; /* watches of timerfds */
};

struct watch {
  struct wait_entry entry;
  struct list_head epoll_link, file_link, ready_link;
  struct epoll *epoll;
  struct file *file; /* its end ends the watch: no reference */
  int fd;
  u32 events;
  u64 data;
  u64 expired; /* deadline of a timerfd that it has been told of */
};

static void set_ready(struct watch *watch) {
  if (list_empty(&watch->ready_link)) list_add_tail(&watch->ready_link, &watch->epoll->ready);
}

static void watch_woken(struct wait_entry *entry, u32 events) {
  struct watch *watch = entry->owner;
  if (events != 0 && !(events & (watch->events | POLLERR | POLLHUP))) return;
  set_ready(watch);
  wake_up_events(&watch->epoll->queue, POLL_READABLE);
}

static u32 watch_poll(const struct watch *watch) {
  if ((watch->events & ~PRIVATE_BITS) == 0) return 0; /* a one-shot that was */
  return watch->file->operations->poll(watch->file) & (watch->events | POLLERR | POLLHUP);
}

static void drop(struct watch *watch) {
  list_del(&watch->ready_link);
  if (watch->file->queue != NULL) wait_remove(&watch->entry);
  watch->epoll->timers -= file_is_timer(watch->file);
  list_del(&watch->epoll_link);
  list_del(&watch->file_link);
  kfree(watch);
}

void epoll_forget(struct file *file) {
  while (!list_empty(&file->watches)) drop(list_first_entry(&file->watches, struct watch, file_link));
}

static u32 epoll_poll(struct file *file) {
  struct epoll *epoll = file->object;
  struct watch *watch, *following;
  list_for_each_entry_safe(watch, following, &epoll->ready, ready_link) {
    if (watch_poll(watch) != 0) return POLL_READABLE;
    list_del(&watch->ready_link);
  }
  return 0;
}

static void epoll_release(struct file *file) {
  struct epoll *epoll = file->object;
  while (!list_empty(&epoll->watches)) drop(list_first_entry(&epoll->watches, struct watch, epoll_link));
  kfree(epoll);
}

const struct file_operations epoll_operations = {.poll = epoll_poll, .release = epoll_release};

long sys_epoll_create1(long flags) {
  if (flags & ~O_CLOEXEC) return -EINVAL;
  struct epoll *epoll = kzalloc(sizeof *epoll);
  if (epoll == NULL) return -ENOMEM;
  list_init(&epoll->watches);
  list_init(&epoll->ready);
  wait_queue_init(&epoll->queue);
  struct file *file = file_create_pathless(&epoll_operations, 0600, O_RDWR, epoll, &epoll->queue);
  epoll->file = file;
  if (file != NULL) return fd_install(file, flags & O_CLOEXEC);
  kfree(epoll);
  return -ENOMEM;
}

/* Epolls that watch it, one above the other. */
static int nesting_above(const struct file *file) {
  int deepest = 0;
  const struct watch *watch;
  list_for_each_entry(watch, &file->watches, file_link) deepest = max(deepest, 1 + nesting_above(watch->epoll->file));
  return deepest;
}

/* And that it watches; too many if `itself` is among them. */
static int nesting_below(const struct file *file, const struct file *itself) {
  const struct epoll *epoll = file->object;
  const struct watch *watch;
  int deepest = file == itself ? NESTING_LIMIT : 0;
  list_for_each_entry(watch, &epoll->watches, epoll_link)
    if (watch->file->operations == &epoll_operations && deepest < NESTING_LIMIT) deepest = max(deepest, 1 + nesting_below(watch->file, itself));
  return deepest;
}

/* Epolls of epolls: no circles, not many levels, and few paths from a file to those that watch it. */
static long may_nest(const struct file *file, const struct file *target) {
  if (nesting_above(file) + 1 + nesting_below(target, file) > NESTING_LIMIT) return -ELOOP;
  u32 watchers = 0;
  const struct watch *watch;
  list_for_each_entry(watch, &target->watches, file_link) watchers++;
  return watchers < WATCHERS_LIMIT ? 0 : -EINVAL;
}

static struct watch *find(const struct epoll *epoll, const struct file *file, int fd) {
  struct watch *watch;
  list_for_each_entry(watch, &file->watches, file_link)
    if (watch->epoll == epoll && watch->fd == fd) return watch;
  return NULL;
}

/* It may be ready already. */
static void look(struct watch *watch) {
  if (watch_poll(watch) == 0) return;
  set_ready(watch);
  wake_up_events(&watch->epoll->queue, POLL_READABLE);
}

static long add(struct file *file, struct epoll *epoll, struct file *target, int fd, const struct epoll_event *event) {
  if (target->operations == &epoll_operations && (event->events & EPOLLEXCLUSIVE)) return -EINVAL;
  long error = target->operations == &epoll_operations ? may_nest(file, target) : 0;
  if (error < 0) return error;
  struct watch *watch = kmalloc(sizeof *watch);
  if (watch == NULL) return -ENOMEM;
  watch->entry.wake = watch_woken;
  watch->entry.owner = watch;
  list_init(&watch->ready_link);
  watch->epoll = epoll;
  watch->file = target;
  watch->fd = fd;
  watch->events = event->events;
  watch->data = event->data;
  watch->expired = 0;
  list_add_tail(&watch->epoll_link, &epoll->watches);
  list_add_tail(&watch->file_link, &target->watches);
  if (target->queue != NULL) wait_add(target->queue, &watch->entry);
  epoll->timers += file_is_timer(target);
  look(watch);
  return 0;
}

static long modify(struct watch *watch, const struct epoll_event *event) {
  if ((event->events | watch->events) & EPOLLEXCLUSIVE) return -EINVAL;
  watch->events = event->events;
  watch->data = event->data;
  look(watch);
  return 0;
}

long sys_epoll_ctl(long epoll_fd, long operation, long fd, long from) {
  struct epoll_event event = {0};
  if ((int)operation != EPOLL_CTL_DEL && copy_from_user(&event, (uaddr_t)from, sizeof event) < 0) return -EFAULT;
  struct file *file = file_of((int)epoll_fd), *target = file_of((int)fd);
  if (file == NULL || target == NULL) return -EBADF;
  if (target->operations->poll == NULL) return -EPERM;
  if (file == target || file->operations != &epoll_operations) return -EINVAL;
  struct epoll *epoll = file->object;
  struct watch *watch = find(epoll, target, (int)fd);
  switch ((int)operation) {
    case EPOLL_CTL_ADD: return watch != NULL ? -EEXIST : add(file, epoll, target, (int)fd, &event);
    case EPOLL_CTL_MOD: return watch == NULL ? -ENOENT : modify(watch, &event);
    case EPOLL_CTL_DEL:
      if (watch == NULL) return -ENOENT;
      drop(watch);
      return 0;
    default: return -EINVAL;
  }
}

/* Timers wake nobody by themselves: who waits knows the earliest, and looks at those that are over. */
RARE static u64 look_at_timers(struct epoll *epoll, u64 deadline) {
  struct watch *watch;
  u64 now = host_time();
  list_for_each_entry(watch, &epoll->watches, epoll_link) {
    u64 expires = file_deadline(watch->file);
    if (expires > now) deadline = min(deadline, expires);
    else if (watch->expired != expires) {
      watch->expired = expires;
      set_ready(watch);
    }
  }
  return deadline;
}

/* Tells of one, which is in no list now: 1, 0 if it is not ready, or -EFAULT. */
static long tell(struct watch *watch, uaddr_t to) {
  struct epoll_event event = {.events = watch_poll(watch), .data = watch->data};
  if (event.events == 0) return 0;
  long error = copy_to_user(to, &event, sizeof event);
  if (error == 0 && watch->events & EPOLLONESHOT) watch->events &= PRIVATE_BITS;
  else if (error < 0 || !(watch->events & EPOLLET)) set_ready(watch);
  return error < 0 ? error : 1;
}

/* Tells of at most `most` of the list. */
static long collect(struct epoll *epoll, uaddr_t to, int most) {
  struct list_head *last = epoll->ready.prev, *link;
  int told = 0;
  do {
    link = epoll->ready.next;
    list_del(link);
    long one = tell(list_entry(link, struct watch, ready_link), to + (u64)told * sizeof(struct epoll_event));
    if (one < 0) return told > 0 ? told : one;
    told += (int)one;
  } while (link != last && told < most);
  return told;
}

static long wait(struct epoll *epoll, uaddr_t to, int most, u64 deadline) {
  if (deadline == 0) net_drain();
  else net_look();
  for (bool is_over = deadline == 0;;) {
    u64 earliest = epoll->timers > 0 ? look_at_timers(epoll, deadline) : deadline;
    long told = list_empty(&epoll->ready) ? 0 : collect(epoll, to, most);
    if (told != 0 || is_over) return told;
    long error = sleep_on_network(&epoll->queue, earliest);
    if (error == -ETIMEDOUT) is_over = earliest == deadline;
    else if (error < 0) return -EINTR;
  }
}

static long wait_user(long fd, uaddr_t to, int most, u64 deadline, uaddr_t mask, size_t mask_size) {
  struct file *file = file_of((int)fd);
  if (most <= 0 || most > MOST_EVENTS) return -EINVAL;
  if (file == NULL) return -EBADF;
  if (file->operations != &epoll_operations) return -EINVAL;
  long error = mask_begin(mask, mask_size);
  if (error < 0) return error;
  file_pin(file);
  long result = wait(file->object, to, most, deadline);
  file_unpin(file);
  return mask_end(mask, result);
}

long sys_epoll_pwait(long fd, long to, long most, long timeout, long mask, long mask_size) {
  int milliseconds = (int)timeout;
  u64 deadline = milliseconds < 0 ? NO_DEADLINE : milliseconds == 0 ? 0 : deadline_after((u64)milliseconds * 1000000);
  return wait_user(fd, (uaddr_t)to, (int)most, deadline, (uaddr_t)mask, (size_t)mask_size);
}

long sys_epoll_pwait2(long fd, long to, long most, long timeout, long mask, long mask_size) {
  u64 deadline;
  long error = deadline_from_user((uaddr_t)timeout, &deadline);
  return error < 0 ? error : wait_user(fd, (uaddr_t)to, (int)most, deadline, (uaddr_t)mask, (size_t)mask_size);
}
