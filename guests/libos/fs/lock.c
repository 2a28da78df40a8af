/* Advisory locks. A lock is a range of one owner: a descriptor table (fcntl), an open file (OFD and, over everything and
 * apart from the others, flock). */
#include "fs/file.h"

#define LOCK_END (~0ul >> 1)

struct lock {
  struct list_head link;
  const void *owner;
  u64 start, end; /* inclusive */
  s32 pid;        /* -1: an open file's */
  bool is_exclusive, is_flock;
};

static bool overlaps(const struct lock *a, const struct lock *b) {
  return a->is_flock == b->is_flock && a->start <= b->end && b->start <= a->end;
}

static struct lock *conflict(struct inode *inode, const struct lock *wanted) {
  struct lock *lock;
  list_for_each_entry(lock, &inode->locks, link)
    if (overlaps(lock, wanted) && lock->owner != wanted->owner && (lock->is_exclusive || wanted->is_exclusive)) return lock;
  return NULL;
}

static long add_copy(struct inode *inode, const struct lock *from, u64 start, u64 end) {
  struct lock *lock = kmalloc(sizeof *lock);
  if (lock == NULL) return -ENOMEM;
  *lock = *from;
  lock->start = start;
  lock->end = end;
  list_add(&lock->link, &inode->locks);
  return 0;
}

static void drop(struct lock *lock) {
  list_del(&lock->link);
  kfree(lock);
}

/* The owner has nothing in this range any more; what it has around it stays. Who waits looks again when the caller is done. */
static long cut(struct inode *inode, const struct lock *range) {
  struct lock *lock, *following;
  long error = 0;
  list_for_each_entry_safe(lock, following, &inode->locks, link) {
    if (lock->owner != range->owner || !overlaps(lock, range)) continue;
    if (lock->start < range->start) error = min(error, add_copy(inode, lock, lock->start, range->start - 1));
    if (lock->end > range->end) error = min(error, add_copy(inode, lock, range->end + 1, lock->end));
    drop(lock);
  }
  wake_up(&inode->lock_queue);
  return error;
}

/* Neighbours of the same kind become one with it. */
static void merge(const struct inode *inode, struct lock *wanted) {
  const struct lock *lock;
  list_for_each_entry(lock, &inode->locks, link) {
    if (lock->owner != wanted->owner || lock->is_flock != wanted->is_flock || lock->is_exclusive != wanted->is_exclusive) continue;
    if (lock->start > wanted->end + 1 || wanted->start > lock->end + 1) continue;
    wanted->start = min(wanted->start, lock->start);
    wanted->end = max(wanted->end, lock->end);
  }
}

static long wait_and_set(struct inode *inode, struct lock *wanted, bool wait) {
  while (conflict(inode, wanted) != NULL) {
    if (!wait) return -EAGAIN;
    long error = sleep_on(&inode->lock_queue, NO_DEADLINE);
    if (error < 0) return error;
  }
  merge(inode, wanted);
  long error = cut(inode, wanted);
  if (error == 0) error = add_copy(inode, wanted, wanted->start, wanted->end);
  return error;
}

/* The file may be closed meanwhile; then there is no lock. */
static long set_lock(struct file *file, struct lock *wanted, bool wait) {
  file_get(file);
  long error = wait_and_set(file->inode, wanted, wait);
  if (error == 0 && file->references == 1) locks_release_owner(file->inode, wanted->owner);
  file_put(file);
  return error;
}

void locks_release_owner(struct inode *inode, const void *owner) {
  if (list_empty(&inode->locks)) return;
  struct lock *lock, *following;
  list_for_each_entry_safe(lock, following, &inode->locks, link)
    if (lock->owner == owner) drop(lock);
  wake_up(&inode->lock_queue);
}

/* struct flock to an absolute range. */
static long range_of(struct file *file, const struct flock *flock, struct lock *lock) {
  s64 start = flock->start;
  if (flock->whence == SEEK_CUR) start += (s64)file->position;
  else if (flock->whence == SEEK_END) start += (s64)file->inode->size;
  else if (flock->whence != SEEK_SET) return -EINVAL;
  s64 length = flock->length;
  if (length < 0) start += length, length = -length;
  if (start < 0) return -EINVAL;
  if (length > 0 && (u64)start + (u64)length - 1 > LOCK_END) return -EOVERFLOW;
  lock->start = (u64)start;
  lock->end = length == 0 ? LOCK_END : (u64)start + (u64)length - 1;
  return 0;
}

static long get_lock(struct inode *inode, const struct lock *wanted, struct flock *flock, uaddr_t argument) {
  const struct lock *other = conflict(inode, wanted);
  if (other == NULL) flock->type = F_UNLCK;
  else
    *flock = (struct flock){other->is_exclusive ? F_WRLCK : F_RDLCK, SEEK_SET, (s64)other->start,
                            other->end == LOCK_END ? 0 : (s64)(other->end - other->start + 1), other->pid};
  return copy_to_user(argument, flock, sizeof *flock);
}

long lock_control(struct file *file, int command, uaddr_t argument) {
  bool is_open_file = command >= F_OFD_GETLK;
  int what = is_open_file ? command - F_OFD_GETLK + F_GETLK : command;
  struct flock flock;
  if (copy_from_user(&flock, argument, sizeof flock) < 0) return -EFAULT;
  if (file->flags & O_PATH) return -EBADF;
  if (is_open_file && flock.pid != 0) return -EINVAL;
  struct lock lock = {.owner = is_open_file ? (const void *)file : current->process->files,
                      .pid = is_open_file ? -1 : current->process->pid,
                      .is_exclusive = flock.type == F_WRLCK};
  long error = range_of(file, &flock, &lock);
  if (error < 0) return error;
  if (flock.type != F_RDLCK && flock.type != F_WRLCK && (flock.type != F_UNLCK || what == F_GETLK)) return -EINVAL;
  if (what == F_GETLK) return get_lock(file->inode, &lock, &flock, argument);
  if (flock.type == F_UNLCK) return cut(file->inode, &lock);
  if (flock.type == F_RDLCK ? !file_is_readable(file) : !file_is_writable(file)) return -EBADF;
  return set_lock(file, &lock, what == F_SETLKW);
}

long sys_flock(long fd, long operation) {
  struct file *file = file_of((int)fd);
  if (file == NULL || (file->flags & O_PATH)) return -EBADF;
  int what = (int)operation & ~LOCK_NB;
  struct lock lock = {.owner = file, .end = LOCK_END, .pid = -1, .is_exclusive = what == LOCK_EX, .is_flock = true};
  if (what == LOCK_SH || what == LOCK_EX) return set_lock(file, &lock, !(operation & LOCK_NB));
  if (what != LOCK_UN) return -EINVAL;
  return cut(file->inode, &lock);
}
