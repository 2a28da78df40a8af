/* Reading, writing and positions, for every kind of file. */
#include "fs/file.h"

/* One call moves at most this much, as on Linux. */
#define MOVE_LIMIT 0x7ffff000ul

/* It may sleep, and the file be closed meanwhile. */
static inline __attribute__((always_inline)) long move(struct file *file, long address, long size, u64 *position, bool is_write) {
  size_t bytes = min((size_t)size, MOVE_LIMIT);
  void *buffer = user_range((uaddr_t)address, bytes, is_write ? USER_READ : USER_WRITE);
  if (buffer == NULL) return (is_write ? file_is_writable(file) : file_is_readable(file)) ? -EFAULT : -EBADF;
  file_pin(file);
  long result = is_write ? file_write(file, buffer, bytes, position, (int)file->flags) : file_read(file, buffer, bytes, position, (int)file->flags);
  file_unpin(file);
  return result;
}

long sys_read(long fd, long to, long size) {
  struct file *file = file_of((int)fd);
  return file == NULL ? -EBADF : move(file, to, size, &file->position, false);
}

long sys_write(long fd, long from, long size) {
  struct file *file = file_of((int)fd);
  return file == NULL ? -EBADF : move(file, from, size, &file->position, true);
}

static long positioned(const struct file *file, s64 position) {
  if (file == NULL) return -EBADF;
  if (position < 0) return -EINVAL;
  return file->operations->has_position ? 0 : -ESPIPE;
}

static long move_at(long fd, long address, long size, long position, bool is_write) {
  struct file *file = file_of((int)fd);
  long error = positioned(file, position);
  return error < 0 ? error : move(file, address, size, (u64 *)&position, is_write);
}

long sys_pread64(long fd, long to, long size, long position) {
  return move_at(fd, to, size, position, false);
}

long sys_pwrite64(long fd, long from, long size, long position) {
  return move_at(fd, from, size, position, true);
}

/* Piece by piece; only the first may wait. */
static long move_vector(struct file *file, const struct user_iovec *vector, u64 count, u64 *position, bool is_write) {
  long done = 0;
  int flags = (int)file->flags;
  for (u64 i = 0; i < count; i++) {
    size_t size = min(vector[i].length, MOVE_LIMIT - (size_t)done);
    if (size == 0 && !(count == 1)) continue;
    void *buffer = user_range(vector[i].base, size, is_write ? USER_READ : USER_WRITE);
    long moved = -EFAULT;
    if (buffer != NULL) moved = is_write ? file_write(file, buffer, size, position, flags) : file_read(file, buffer, size, position, flags);
    if (moved < 0) return done > 0 ? done : moved;
    done += moved;
    if ((size_t)moved < size) break;
    if (!is_write) flags |= O_NONBLOCK;
  }
  return done;
}

/* Few bytes in several pieces, to something that would send each by itself: one piece. */
enum { GATHER_LIMIT = 2048 };

static long write_gathered(struct file *file, const struct user_iovec *vector, u64 count, u64 *position) {
  u8 bytes[GATHER_LIMIT];
  size_t size = 0;
  for (u64 i = 0; i < count; size += vector[i++].length)
    if (copy_from_user(bytes + size, vector[i].base, vector[i].length) < 0) return -EFAULT;
  return file_write(file, bytes, size, position, (int)file->flags);
}

/* `at`: null, or a position instead of the file's. */
static long vector_call(long fd, long address, long count, long *at, bool is_write) {
  struct file *file = file_of((int)fd);
  long result = file == NULL ? -EBADF : at == NULL ? 0 : positioned(file, *at);
  struct user_iovec *vector;
  size_t total;
  if (result == 0 && (is_write ? !file_is_writable(file) : !file_is_readable(file))) result = -EBADF;
  if (result == 0) result = iovec_from_user((uaddr_t)address, (u64)count, &vector, &total);
  if (result < 0) return result;
  u64 *position = at == NULL ? &file->position : (u64 *)at;
  file_pin(file);
  bool gather = is_write && count > 1 && total > 0 && total <= GATHER_LIMIT && !file->operations->has_position;
  result = gather ? write_gathered(file, vector, (u64)count, position) : move_vector(file, vector, (u64)count, position, is_write);
  file_unpin(file);
  kfree(vector);
  return result;
}

long sys_readv(long fd, long vector, long count) {
  return vector_call(fd, vector, count, NULL, false);
}

long sys_writev(long fd, long vector, long count) {
  return vector_call(fd, vector, count, NULL, true);
}

long sys_preadv(long fd, long vector, long count, long position) {
  return vector_call(fd, vector, count, &position, false);
}

long sys_pwritev(long fd, long vector, long count, long position) {
  return vector_call(fd, vector, count, &position, true);
}

long sys_lseek(long fd, long offset, long whence) {
  struct file *file = file_of((int)fd);
  if (file == NULL || (file->flags & O_PATH)) return -EBADF;
  if ((file->inode->mode & S_IFMT) == 0) return (s64)file->position; /* eventfd and the like do not mind */
  if (!file->operations->has_position) return -ESPIPE;
  s64 size = (s64)file->inode->size, from = 0;
  switch ((int)whence) {
    case SEEK_SET: break;
    case SEEK_CUR: from = (s64)file->position; break;
    case SEEK_END: from = size; break;
    case SEEK_DATA: case SEEK_HOLE: /* the whole file is data */
      if (offset < 0 || offset >= size) return -ENXIO;
      if ((int)whence == SEEK_HOLE) offset = size;
      break;
    default: return -EINVAL;
  }
  s64 position;
  if (__builtin_add_overflow(from, offset, &position)) return -EOVERFLOW;
  if (position < 0) return -EINVAL;
  file->position = (u64)position;
  return position;
}

/* A page at a time from one file to another; what was read and not written is read again. */
static long copy_between(struct file *from, u64 *from_position, struct file *to, u64 *to_position, size_t size) {
  enum { PIECE = 4 * 4096 };
  u8 *buffer = alloc_pages(PIECE / PAGE_SIZE);
  if (buffer == NULL) return -ENOMEM;
  long done = 0, error = 0;
  while ((size_t)done < size && (done == 0 || !signal_is_pending())) {
    u64 at = *from_position;
    long got = file_read(from, buffer, min(size - (size_t)done, (size_t)PIECE), &at, (int)from->flags);
    long put = got <= 0 ? got : file_write(to, buffer, (size_t)got, to_position, (int)to->flags);
    if (put <= 0) {
      error = put;
      break;
    }
    *from_position += (u64)put;
    done += put;
    if (put < got) break;
  }
  free_pages(buffer, PIECE / PAGE_SIZE);
  return done > 0 ? done : error;
}

static long copy_call(struct file *from, uaddr_t from_offset, struct file *to, uaddr_t to_offset, size_t size, bool is_range) {
  u64 from_at = from->position, to_at = to->position;
  if (from_offset != 0 && copy_from_user(&from_at, from_offset, 8) < 0) return -EFAULT;
  if (to_offset != 0 && copy_from_user(&to_at, to_offset, 8) < 0) return -EFAULT;
  if ((s64)from_at < 0 || (s64)to_at < 0) return -EINVAL;
  if (is_range) size = from_at < from->inode->size ? min(size, from->inode->size - from_at) : 0;
  if (is_range && from->inode == to->inode && from_at < to_at + size && to_at < from_at + size) return -EINVAL;
  file_get(from);
  file_get(to);
  long result = copy_between(from, &from_at, to, &to_at, min(size, MOVE_LIMIT));
  if (from_offset == 0) from->position = from_at;
  else if (result >= 0 && copy_to_user(from_offset, &from_at, 8) < 0) result = -EFAULT;
  if (to_offset == 0) to->position = to_at;
  else if (result >= 0 && copy_to_user(to_offset, &to_at, 8) < 0) result = -EFAULT;
  file_put(from);
  file_put(to);
  return result;
}

long sys_sendfile(long to_fd, long from_fd, long offset, long size) {
  struct file *from = file_of((int)from_fd), *to = file_of((int)to_fd);
  if (from == NULL || to == NULL || !file_is_readable(from) || !file_is_writable(to)) return -EBADF;
  if (!from->operations->has_position) return offset != 0 ? -ESPIPE : -EINVAL;
  if (S_ISDIR(from->inode->mode) || (to->flags & O_APPEND)) return -EINVAL;
  return copy_call(from, (uaddr_t)offset, to, 0, (size_t)size, false);
}

long sys_copy_file_range(long from_fd, long from_offset, long to_fd, long to_offset, long size, long flags) {
  struct file *from = file_of((int)from_fd), *to = file_of((int)to_fd);
  if (from == NULL || to == NULL) return -EBADF;
  if (flags != 0) return -EINVAL;
  if (S_ISDIR(from->inode->mode) || S_ISDIR(to->inode->mode)) return -EISDIR;
  if (!S_ISREG(from->inode->mode) || !S_ISREG(to->inode->mode)) return -EINVAL;
  if (!file_is_readable(from) || !file_is_writable(to) || (to->flags & O_APPEND)) return -EBADF;
  return copy_call(from, (uaddr_t)from_offset, to, (uaddr_t)to_offset, (size_t)size, true);
}
