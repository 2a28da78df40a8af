/* Checked access to the memory of the present process. */
#include "mm/uaccess.h"
#include "process/process.h"

/* What is not mapped has no protection bits, nor has what is below MAP_LOWEST. */
void *user_range(uaddr_t address, size_t size, int access) {
  const struct mm *mm = current->process->mm;
  u64 last = address + size - 1;
  if (size == 0) return mm->slot + MAP_LOWEST;
  if (last < address || last >= mm->size) return NULL;
  u8 enough = access & USER_WRITE ? PROT_WRITE : PROT_READ | PROT_WRITE;
  const u8 *page = mm->pages + (address >> PAGE_SHIFT), *end = mm->pages + (last >> PAGE_SHIFT);
  do if ((*page & enough) == 0) return NULL;
  while (page++ != end);
  return mm->slot + address;
}

long clear_user(uaddr_t to, size_t size) {
  void *bytes = user_range(to, size, USER_WRITE);
  if (bytes == NULL) return -EFAULT;
  memset(bytes, 0, size);
  return 0;
}

long strncpy_from_user(char *to, uaddr_t from, size_t size) {
  for (size_t length = 0; length < size;) {
    size_t part = min(size - length, PAGE_SIZE - (from + length) % PAGE_SIZE);
    const volatile char *bytes = user_range(from + length, part, USER_READ);
    if (bytes == NULL) return -EFAULT;
    for (size_t i = 0; i < part; i++, length++)
      if ((to[length] = bytes[i]) == 0) return (long)length;
  }
  return -ENAMETOOLONG;
}

long iovec_from_user(uaddr_t address, u64 count, struct user_iovec **vector, size_t *total) {
  *vector = NULL;
  *total = 0;
  if (count > IOV_LIMIT) return -EINVAL;
  struct user_iovec *copy = kmalloc(max(count, 1ul) * sizeof *copy);
  if (copy == NULL) return -ENOMEM;
  long result = copy_from_user(copy, address, count * sizeof *copy);
  for (u64 i = 0; i < count && result == 0; i++) {
    if ((s64)copy[i].length < 0 || (s64)(*total + copy[i].length) < 0) result = -EINVAL;
    *total += copy[i].length;
  }
  if (result < 0) kfree(copy);
  else *vector = copy;
  return result;
}

long timespec_from_user(uaddr_t address, u64 *nanoseconds) {
  s64 time[2];
  if (copy_from_user(time, address, sizeof time) < 0) return -EFAULT;
  if (time[0] < 0 || time[1] < 0 || time[1] >= 1000000000) return -EINVAL;
  u64 seconds = min((u64)time[0], 9000000000ul); /* 285 years: the longest that nanoseconds express */
  *nanoseconds = seconds * 1000000000 + (u64)time[1];
  return 0;
}

long timespec_to_user(uaddr_t address, u64 nanoseconds) {
  struct timespec time = timespec_of(nanoseconds);
  return copy_to_user(address, &time, sizeof time);
}
