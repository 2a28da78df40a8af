/* The system calls of memory. */
#include "fs/file.h"

enum { MREMAP_MAYMOVE = 1, MREMAP_FIXED = 2, MREMAP_DONTUNMAP = 4 };
enum { MS_ASYNC = 1, MS_INVALIDATE = 2, MS_SYNC = 4 };
enum { MADV_DONTNEED = 4, MADV_FREE = 8, MADV_LAST = 25, MADV_HUGEPAGE = 14 };

static struct mm *current_mm(void) {
  return current->process->mm;
}

/* Whole pages from the beginning of one on, of which all are mapped; `size` may be 0. */
static long mapped_pages(long address, long length, u64 *size) {
  *size = round_up((u64)length, PAGE_SIZE);
  if ((u64)address % PAGE_SIZE != 0) return -EINVAL;
  if (*size < (u64)length) return -ENOMEM;
  return *size == 0 || mm_is_mapped(current_mm(), (uaddr_t)address, *size, 0) ? 0 : -ENOMEM;
}

long sys_brk(long wanted) {
  struct mm *mm = current_mm();
  uaddr_t end = (uaddr_t)wanted, old_top = round_up(mm->brk, PAGE_SIZE), new_top = round_up(end, PAGE_SIZE);
  if (end < mm->brk_start || end > mm->size) return (long)mm->brk;
  if (new_top > old_top) {
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE;
    if (mm_map(mm, old_top, new_top - old_top, PROT_READ | PROT_WRITE, flags, NULL, 0) < 0) return (long)mm->brk;
  } else if (new_top < old_top) mm_unmap(mm, new_top, old_top - new_top);
  mm->brk = end;
  return (long)end;
}

/* Linux's order: the file descriptor first, then what it allows. */
static long check_file(const struct file *file, int protection, int flags) {
  int type = flags & MAP_TYPE;
  if (type < MAP_SHARED || type > 3) return -EINVAL;
  if (!file_is_readable(file)) return -EACCES;
  if (type != MAP_PRIVATE && protection & PROT_WRITE && !file_is_writable(file)) return -EACCES;
  if (!file_is_regular(file)) return -ENODEV;
  return 0;
}

long sys_mmap(long address, long length, long protection, long flags, long fd, long offset) {
  struct file *file = NULL;
  if ((u64)offset % PAGE_SIZE != 0) return -EINVAL;
  if ((flags & MAP_ANONYMOUS) == 0 && (file = file_of((int)fd)) == NULL) return -EBADF;
  int type = (int)flags & MAP_TYPE;
  if (length == 0 || (file == NULL && type != MAP_SHARED && type != MAP_PRIVATE)) return -EINVAL;
  long refused = file == NULL ? 0 : check_file(file, (int)protection, (int)flags);
  if (refused < 0) return refused;
  struct code_info code;
  /* Nothing is both writable and executable, and only what the image has as code executes. */
  if (protection & PROT_EXEC && (protection & PROT_WRITE || file == NULL || !file_code(file, &code))) return -EACCES;
  if (file == NULL) return mm_map(current_mm(), (uaddr_t)address, (u64)length, (int)protection, (int)flags, NULL, 0);
  file_pin(file);
  file_prepare(file, (u64)offset, (u64)length, false);
  long result = mm_map(current_mm(), (uaddr_t)address, (u64)length, (int)protection, (int)flags, file, (u64)offset);
  file_unpin(file);
  return result;
}

long sys_munmap(long address, long length) {
  return mm_unmap(current_mm(), (uaddr_t)address, (u64)length);
}

long sys_mprotect(long address, long length, long protection) {
  struct mm *mm = current_mm();
  u64 size;
  long error = mapped_pages(address, length, &size);
  if (error < 0 || size == 0) return error;
  if (protection & PROT_EXEC && (protection & PROT_WRITE || !mm_is_mapped(mm, (uaddr_t)address, size, PAGE_FILE))) return -EACCES;
  for (u64 page = (u64)address >> PAGE_SHIFT; page < ((u64)address + size) >> PAGE_SHIFT; page++) {
    mm->pages[page] = (u8)((mm->pages[page] & ~PAGE_PROTECTION) | (protection & PAGE_PROTECTION));
    if (protection & PROT_WRITE) mm->pages[page] |= PAGE_USED;
  }
  return 0;
}

/* Elsewhere, at `to` or anywhere; the old range goes. */
static long move_mapping(struct mm *mm, uaddr_t from, u64 old_size, u64 new_size, bool fixed, uaddr_t to) {
  u8 flags = mm->pages[from >> PAGE_SHIFT];
  int how = MAP_PRIVATE | MAP_ANONYMOUS | (fixed ? MAP_FIXED : 0);
  long place = mm_map(mm, to, new_size, flags & PAGE_PROTECTION, how, NULL, 0);
  if (place < 0) return place;
  memcpy(mm->slot + place, mm->slot + from, min(old_size, new_size));
  for (u64 page = 0; page < min(old_size, new_size) >> PAGE_SHIFT; page++)
    mm->pages[((u64)place >> PAGE_SHIFT) + page] |= PAGE_USED;
  mm_unmap(mm, from, old_size);
  return place;
}

long sys_mremap(long address, long old_length, long new_length, long flags, long new_address) {
  struct mm *mm = current_mm();
  uaddr_t from = (uaddr_t)address, to = (uaddr_t)new_address;
  u64 old_size = round_up((u64)old_length, PAGE_SIZE), new_size = round_up((u64)new_length, PAGE_SIZE);
  if (flags & ~(MREMAP_MAYMOVE | MREMAP_FIXED) || from % PAGE_SIZE != 0 || new_size == 0 || old_size == 0) return -EINVAL;
  if (flags & MREMAP_FIXED) {
    if (!(flags & MREMAP_MAYMOVE) || to % PAGE_SIZE != 0 || (to < from + old_size && from < to + new_size)) return -EINVAL;
  }
  if (!mm_is_mapped(mm, from, old_size, 0)) return -EFAULT;
  if (flags & MREMAP_FIXED) return move_mapping(mm, from, old_size, new_size, true, to);
  if (new_size <= old_size) {
    if (new_size < old_size) mm_unmap(mm, from + new_size, old_size - new_size);
    return address;
  }
  int how = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE;
  int protection = mm->pages[from >> PAGE_SHIFT] & PAGE_PROTECTION;
  if (mm_map(mm, from + old_size, new_size - old_size, protection, how, NULL, 0) >= 0) return address;
  return flags & MREMAP_MAYMOVE ? move_mapping(mm, from, old_size, new_size, false, 0) : -ENOMEM;
}

/* What was there before anybody wrote: zeros, or the file's bytes. */
static void forget_page(struct mm *mm, uaddr_t address) {
  struct file_mapping *mapping = mm->pages[address >> PAGE_SHIFT] & PAGE_FILE ? file_mapping_at(mm, address) : NULL;
  u8 *page = mm->slot + address;
  if (mapping != NULL && mapping->shared) return;
  clear_pages(page, PAGE_SIZE);
  if (mapping != NULL) file_read_at(mapping->file, page, PAGE_SIZE, mapping->offset + (address - mapping->start));
}

long sys_madvise(long address, long length, long advice) {
  struct mm *mm = current_mm();
  u64 size;
  if (round_up((u64)length, PAGE_SIZE) < (u64)length || advice < 0 || advice > MADV_LAST || (advice > 4 && advice < 8)) return -EINVAL;
  long error = mapped_pages(address, length, &size);
  if (error < 0 || advice != MADV_DONTNEED) return error;
  for (u64 at = (u64)address; at < (u64)address + size; at += PAGE_SIZE)
    if (mm->pages[at >> PAGE_SHIFT] & PAGE_USED) forget_page(mm, at);
  return 0;
}

long sys_msync(long address, long length, long flags) {
  u64 size;
  if (flags & ~(MS_ASYNC | MS_INVALIDATE | MS_SYNC) || (flags & (MS_ASYNC | MS_SYNC)) == (MS_ASYNC | MS_SYNC)) return -EINVAL;
  long error = mapped_pages(address, length, &size);
  if (error == 0) file_write_back(current_mm(), (uaddr_t)address, size);
  return error;
}

long sys_mlock(long address, long length) {
  u64 start = round_down((u64)address, PAGE_SIZE), end = round_up((u64)address + (u64)length, PAGE_SIZE);
  if (end < start) return -EINVAL;
  return end == start || mm_is_mapped(current_mm(), start, end - start, 0) ? 0 : -ENOMEM;
}

long sys_munlock(long address, long length) SAME_AS(mlock);

long sys_mincore(long address, long length, long vector) {
  u64 size;
  long error = mapped_pages(address, length, &size);
  if (error < 0) return error;
  u8 *to = user_range((uaddr_t)vector, size >> PAGE_SHIFT, USER_WRITE);
  if (to == NULL) return -EFAULT;
  memset(to, 1, size >> PAGE_SHIFT);
  return 0;
}
