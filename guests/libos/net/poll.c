/* poll and select: what several files are ready for, and waiting for the first of them. */

#include "net/net.h"

struct pollfd {
  s32 fd;
  int16_t events, revents;
};

/* One file that is waited for. */
struct poll_wait {
  struct wait_entry entry;
  struct file *file;
};

/* How many are ready. */
static long scan(struct pollfd *fds, u64 count) {
  long ready = 0;
  for (u64 i = 0; i < count; i++) {
    if (fds[i].fd < 0) {
      fds[i].revents = 0;
      continue;
    }
    struct file *file = file_of(fds[i].fd);
    u32 events = file == NULL || (file->flags & O_PATH) ? POLLNVAL : file_poll(file);
    fds[i].revents = (int16_t)(events & ((u16)fds[i].events | POLLERR | POLLHUP | POLLNVAL));
    ready += fds[i].revents != 0;
  }
  return ready;
}

static u64 enqueue(const struct pollfd *fds, u64 count, struct poll_wait *waits, u64 deadline) {
  for (u64 i = 0; i < count; i++) {
    struct file *file = fds[i].fd < 0 ? NULL : file_of(fds[i].fd);
    waits[i].file = file == NULL || file->queue == NULL ? NULL : file_get(file);
    if (waits[i].file == NULL) continue;
    wait_add(file->queue, &waits[i].entry);
    deadline = min(deadline, file_deadline(file));
  }
  return deadline;
}

static void dequeue(struct poll_wait *waits, u64 count) {
  for (u64 i = 0; i < count; i++) {
    if (waits[i].file == NULL) continue;
    wait_remove(&waits[i].entry);
    file_put(waits[i].file);
  }
}

static long wait_for_any(struct pollfd *fds, u64 count, u64 deadline) {
  struct poll_wait *waits = kzalloc(count * sizeof *waits + 1);
  if (waits == NULL) return -ENOMEM;
  u64 earliest = enqueue(fds, count, waits, deadline);
  long result;
  while ((result = scan(fds, count)) == 0) {
    long error = thread_sleep(earliest, true);
    if (error == 0) continue;
    result = error != -ETIMEDOUT ? -EINTR : scan(fds, count);
    if (result != 0 || earliest == deadline) break;
    earliest = deadline; /* a timer has gone off that this call does not ask for */
  }
  dequeue(waits, count);
  kfree(waits);
  return result;
}

static long poll_files(struct pollfd *fds, u64 count, u64 deadline) {
  if (deadline == 0) net_drain();
  else net_look();
  long ready = scan(fds, count);
  return ready > 0 || deadline == 0 ? ready : wait_for_any(fds, count, deadline);
}

static long poll_user(uaddr_t address, u64 count, u64 deadline) {
  struct pollfd few[8], *fds = few;
  if (count > current->process->limits[RLIMIT_NOFILE].soft) return -EINVAL;
  size_t size = count * sizeof *fds;
  if (count > ARRAY_SIZE(few) && (fds = kmalloc(size)) == NULL) return -ENOMEM;
  long result = copy_from_user(fds, address, size);
  if (result == 0) result = poll_files(fds, count, deadline);
  if (result >= 0 && copy_to_user(address, fds, size) < 0) result = -EFAULT;
  if (fds != few) kfree(fds);
  return result;
}

long sys_ppoll(long fds, long count, long timeout, long mask, long mask_size) {
  u64 deadline;
  long error = deadline_from_user((uaddr_t)timeout, &deadline);
  if (error < 0) return error;
  if ((error = mask_begin((uaddr_t)mask, (size_t)mask_size)) < 0) return error;
  return mask_end((uaddr_t)mask, poll_user((uaddr_t)fds, (u32)count, deadline));
}

/* select: three sets of bits. */
enum { SELECT_LIMIT = 1024, SET_WORDS = SELECT_LIMIT / 64, SET_IN = 0, SET_OUT = 1, SET_EXCEPT = 2 };
static const u32 set_events[3] = {POLL_READABLE | POLLHUP | POLLERR | POLLRDBAND, POLL_WRITABLE | POLLERR | POLLWRBAND, POLLPRI};

static bool has(const u64 *set, int fd) { return set[fd / 64] >> (fd % 64) & 1; }

static long sets_of_fds(const struct pollfd *fds, u64 count, u64 sets[3][SET_WORDS]) {
  long ready = 0;
  for (u64 i = 0; i < count; i++)
    for (int set = 0; set < 3; set++) {
      if (!has(sets[set], fds[i].fd)) continue;
      if (fds[i].revents & (int16_t)set_events[set]) ready++;
      else sets[set][fds[i].fd / 64] &= ~(1ul << (fds[i].fd % 64));
    }
  return ready;
}

static long select_sets(u64 sets[3][SET_WORDS], int limit, u64 deadline) {
  struct pollfd *fds = kmalloc((size_t)limit * sizeof *fds + 1);
  u64 count = 0;
  long result = fds == NULL ? -ENOMEM : 0;
  for (int fd = 0; fd < limit && result == 0; fd++) {
    u32 events = 0;
    for (int set = 0; set < 3; set++)
      if (has(sets[set], fd)) events |= set_events[set];
    if (events == 0) continue;
    fds[count++] = (struct pollfd){fd, (int16_t)events, 0};
    if (file_of(fd) == NULL) result = -EBADF;
  }
  if (result == 0) result = poll_files(fds, count, deadline);
  if (result >= 0) result = sets_of_fds(fds, count, sets);
  kfree(fds);
  return result;
}

static long select_user(int limit, const uaddr_t users[3], u64 deadline) {
  u64 sets[3][SET_WORDS] = {0};
  if (limit < 0) return -EINVAL;
  limit = min(limit, (int)SELECT_LIMIT);
  size_t size = (size_t)(limit + 63) / 64 * 8;
  for (int set = 0; set < 3; set++)
    if (users[set] != 0 && copy_from_user(sets[set], users[set], size) < 0) return -EFAULT;
  long result = select_sets(sets, limit, deadline);
  for (int set = 0; set < 3 && result >= 0; set++)
    if (users[set] != 0 && copy_to_user(users[set], sets[set], size) < 0) return -EFAULT;
  return result;
}

long sys_pselect6(long limit, long in, long out, long except, long timeout, long mask_and_size) {
  u64 deadline, mask[2] = {0, 8};
  long error = deadline_from_user((uaddr_t)timeout, &deadline);
  if (error < 0) return error;
  if (mask_and_size != 0 && copy_from_user(mask, (uaddr_t)mask_and_size, sizeof mask) < 0) return -EFAULT;
  if ((error = mask_begin(mask[0], mask[1])) < 0) return error;
  const uaddr_t users[3] = {(uaddr_t)in, (uaddr_t)out, (uaddr_t)except};
  return mask_end(mask[0], select_user((int)limit, users, deadline));
}
