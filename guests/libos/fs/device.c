/* Character devices, by number as on Linux. */
#include "fs/file.h"
#include "kernel/host.h"
#include "kernel/string.h"

static long null_read(struct file *file, void *to, size_t size, u64 *position, int flags) {
  (void)file, (void)to, (void)size, (void)position, (void)flags;
  return 0;
}

static long null_write(struct file *file, const void *from, size_t size, u64 *position, int flags) {
  (void)file, (void)from, (void)position, (void)flags;
  return (long)size;
}

static long zero_read(struct file *file, void *to, size_t size, u64 *position, int flags) {
  (void)file, (void)position, (void)flags;
  memset(to, 0, size);
  return (long)size;
}

static long full_write(struct file *file, const void *from, size_t size, u64 *position, int flags) {
  (void)file, (void)from, (void)size, (void)position, (void)flags;
  return -ENOSPC;
}

static long random_read(struct file *file, void *to, size_t size, u64 *position, int flags) {
  (void)file, (void)position, (void)flags;
  host_entropy(to, size);
  return (long)size;
}

static const struct file_operations null_operations = {.read = null_read, .write = null_write, .has_position = true};
static const struct file_operations zero_operations = {.read = zero_read, .write = null_write, .has_position = true};
static const struct file_operations full_operations = {.read = zero_read, .write = full_write, .has_position = true};
static const struct file_operations random_operations = {.read = random_read, .write = null_write, .has_position = true};

long device_open(struct inode *inode, struct file *file) {
  switch (inode->rdev) {
    case makedev(1, 3): file->operations = &null_operations; return 0;
    case makedev(1, 5): file->operations = &zero_operations; return 0;
    case makedev(1, 7): file->operations = &full_operations; return 0;
    case makedev(1, 8): case makedev(1, 9): file->operations = &random_operations; return 0;
    case makedev(5, 0): case makedev(5, 1): return console_open(inode, file);
    default: return -ENXIO;
  }
}
