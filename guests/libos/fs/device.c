/* Character devices, by number as on Linux. */
#include "fs/file.h"

enum { DEVICE_NULL = makedev(1, 3), DEVICE_ZERO = makedev(1, 5), DEVICE_FULL = makedev(1, 7), DEVICE_RANDOM = makedev(1, 8), DEVICE_URANDOM };

static long device_read(struct file *file, void *to, size_t size, u64 *position, int flags) {
  u64 device = file->inode->rdev;
  if (device == DEVICE_NULL) return 0;
  if (device >= DEVICE_RANDOM) host_entropy(to, size);
  else memset(to, 0, size);
  return (long)size;
}

static long device_write(struct file *file, const void *from, size_t size, u64 *position, int flags) {
  return file->inode->rdev == DEVICE_FULL ? -ENOSPC : (long)size;
}

static const struct file_operations device_operations = {.read = device_read, .write = device_write, .has_position = true};

long device_open(struct inode *inode, struct file *file) {
  switch (inode->rdev) {
    case DEVICE_NULL: case DEVICE_ZERO: case DEVICE_FULL: case DEVICE_RANDOM: case DEVICE_URANDOM: file->operations = &device_operations; return 0;
    case makedev(5, 0): case makedev(5, 1): case CONSOLE_ERRORS_DEVICE: return console_open(inode, file);
    default: return -ENXIO;
  }
}
