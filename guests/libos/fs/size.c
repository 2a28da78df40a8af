/* Sizes of files, and getting them to the disk. */
#include "fs/file.h"

long sys_ftruncate(long fd, long size) {
  struct file *file = file_of((int)fd);
  if (file == NULL) return -EBADF;
  if (size < 0 || !file_is_writable(file) || !S_ISREG(file->inode->mode)) return -EINVAL;
  file_pin(file);
  file_prepare(file, (u64)size, 1, true);
  long error = inode_truncate(file->inode, (u64)size);
  file_unpin(file);
  return error;
}

static long truncate_inode(struct inode *inode, void *size) {
  if (!S_ISREG(inode->mode)) return S_ISDIR(inode->mode) ? -EISDIR : -EINVAL;
  long error = inode_permission(inode, MAY_WRITE);
  return error < 0 ? error : inode_truncate(inode, *(u64 *)size);
}

long sys_truncate(long path, long size) {
  return size < 0 ? -EINVAL : on_path(AT_FDCWD, path, 0, truncate_inode, &size);
}

/* Room is not reserved: a page is taken when it is written. */
long sys_fallocate(long fd, long mode, long offset, long size) {
  struct file *file = file_of((int)fd);
  if (file == NULL || !file_is_writable(file)) return -EBADF;
  if (offset < 0 || size <= 0) return -EINVAL;
  if (!S_ISREG(file->inode->mode)) return S_ISFIFO(file->inode->mode) ? -ESPIPE : -ENODEV;
  if (mode & ~(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE)) return -EOPNOTSUPP;
  u64 end;
  if (__builtin_add_overflow((u64)offset, (u64)size, &end) || (s64)end < 0) return -EFBIG;
  if (mode & FALLOC_FL_PUNCH_HOLE) return mode & FALLOC_FL_KEEP_SIZE ? inode_zero(file->inode, (u64)offset, (u64)size) : -EOPNOTSUPP;
  long error = mode & FALLOC_FL_ZERO_RANGE ? inode_zero(file->inode, (u64)offset, (u64)size) : 0;
  if (error < 0 || (mode & FALLOC_FL_KEEP_SIZE) || end <= file->inode->size) return error;
  return inode_truncate(file->inode, end);
}

long sys_fsync(long fd) {
  struct file *file = file_of((int)fd);
  if (file == NULL || (file->flags & O_PATH)) return -EBADF;
  struct inode *inode = file->inode;
  if (!S_ISREG(inode->mode) && !S_ISDIR(inode->mode)) return -EINVAL;
  if (inode->observers > 0) mappings_write_back(inode);
  if (inode->operations->sync == NULL) return 0;
  file_get(file); /* it may be closed while the disk is waited for */
  long error = inode->operations->sync(inode);
  file_put(file);
  return error;
}

long sys_fdatasync(long fd) SAME_AS(fsync);

long sys_sync_file_range(long fd, long offset, long size, long flags) {
  if (offset < 0 || size < 0 || (flags & ~7)) return -EINVAL;
  return sys_fsync(fd);
}

long sys_sync(void) {
  fs_shutdown();
  return 0;
}

long sys_fadvise64(long fd, long offset, long size, long advice) {
  struct file *file = file_of((int)fd);
  if (file == NULL) return -EBADF;
  if (S_ISFIFO(file->inode->mode)) return -ESPIPE;
  return size < 0 || (int)advice < 0 || (int)advice > 5 ? -EINVAL : 0;
}

long sys_readahead(long fd, long offset, long size) {
  struct file *file = file_of((int)fd);
  if (file == NULL || !file_is_readable(file)) return -EBADF;
  return S_ISREG(file->inode->mode) ? 0 : -EINVAL;
}
