/* The one way to a program's memory. A range is checked against the program's mappings; then it is bytes of the library
 * OS, which other threads of the program may change at any moment: read once. Every function is for the present process. */
#pragma once
#include "kernel/kernel.h"

enum { USER_READ = 1, USER_WRITE = 2 };

/* The bytes of a range that the program may access so; null: not all of it (-EFAULT). Valid until the next sleep. A
 * range of no bytes is valid wherever it is. */
void *user_range(uaddr_t address, size_t size, int access);

/* 0 or -EFAULT. */
static inline long copy_from_user(void *to, uaddr_t from, size_t size) {
  const void *bytes = user_range(from, size, USER_READ);
  if (bytes == NULL) return -EFAULT;
  memcpy(to, bytes, size);
  return 0;
}
static inline long copy_to_user(uaddr_t to, const void *from, size_t size) {
  void *bytes = user_range(to, size, USER_WRITE);
  if (bytes == NULL) return -EFAULT;
  memcpy(bytes, from, size);
  return 0;
}
long clear_user(uaddr_t to, size_t size);
/* With its NUL into `size` bytes: the length, -EFAULT, or -ENAMETOOLONG. */
long strncpy_from_user(char *to, uaddr_t from, size_t size);

/* struct iovec of the program, checked and copied. */
struct user_iovec {
  uaddr_t base;
  u64 length;
};
enum { IOV_LIMIT = 1024 };
/* Into an array from kmalloc, for kfree; *total: bytes in all. 0, -EFAULT, -EINVAL, -ENOMEM. */
long iovec_from_user(uaddr_t address, u64 count, struct user_iovec **vector, size_t *total);

/* struct timespec of the program in nanoseconds; -EINVAL unless 0 <= tv_nsec < 1e9 and tv_sec >= 0. */
long timespec_from_user(uaddr_t address, u64 *nanoseconds);
/* 0 or -EFAULT. */
long timespec_to_user(uaddr_t address, u64 nanoseconds);
