/* Mappings of files are copies, made when they are mapped; shared ones are written back when they are unmapped, by
 * msync and at the end. */
#include "fs/vfs.h"
#include "kernel/errno.h"
#include "kernel/kmalloc.h"
#include "kernel/string.h"
#include "mm/mm.h"

static struct file_mapping *add_mapping(struct mm *mm, uaddr_t start, uaddr_t end, struct file *file, u64 offset, bool shared) {
  struct file_mapping *mapping = kmalloc(sizeof *mapping);
  if (mapping == NULL) return NULL;
  *mapping = (struct file_mapping){.start = start, .end = end, .offset = offset, .file = file_get(file), .shared = shared};
  if (shared) file_mapped(file, 1);
  list_add_tail(&mapping->link, &mm->files);
  return mapping;
}

long file_map(struct mm *mm, uaddr_t address, u64 length, struct file *file, u64 offset, bool shared) {
  u8 *to = mm->slot + address;
  long got = file_read_at(file, to, length, offset);
  if (got < 0) return got;
  memset(to + got, 0, length - (u64)got);
  return add_mapping(mm, address, address + length, file, offset, shared) == NULL ? -ENOMEM : 0;
}

static void write_back(struct mm *mm, const struct file_mapping *mapping, uaddr_t start, uaddr_t end) {
  u64 offset = mapping->offset + (start - mapping->start), size = file_size(mapping->file);
  if (!mapping->shared || !file_is_writable(mapping->file) || offset >= size) return;
  file_write_at(mapping->file, mm->slot + start, min(end - start, size - offset), offset);
}

void file_write_back(struct mm *mm, uaddr_t address, u64 length) {
  struct file_mapping *mapping;
  list_for_each_entry(mapping, &mm->files, link) {
    uaddr_t start = max(address, mapping->start), end = min(address + length, mapping->end);
    if (start < end) write_back(mm, mapping, start, end);
  }
}

static void drop(struct file_mapping *mapping) {
  list_del(&mapping->link);
  if (mapping->shared) file_mapped(mapping->file, -1);
  file_put(mapping->file);
  kfree(mapping);
}

void file_unmap(struct mm *mm, uaddr_t address, u64 length) {
  struct file_mapping *mapping, *next;
  uaddr_t from = address, to = address + length;
  list_for_each_entry_safe(mapping, next, &mm->files, link) {
    uaddr_t start = max(from, mapping->start), end = min(to, mapping->end);
    if (start >= end) continue;
    write_back(mm, mapping, start, end);
    uaddr_t last = mapping->end;
    if (end < last)
      add_mapping(mm, end, last, mapping->file, mapping->offset + (end - mapping->start), mapping->shared);
    mapping->end = start;
    if (mapping->start == start) drop(mapping);
  }
}

void file_mappings_copy(struct mm *to, const struct mm *from) {
  const struct file_mapping *mapping;
  list_for_each_entry(mapping, &from->files, link)
    add_mapping(to, mapping->start, mapping->end, mapping->file, mapping->offset, false);
}

struct file_mapping *file_mapping_at(struct mm *mm, uaddr_t address) {
  struct file_mapping *mapping;
  list_for_each_entry(mapping, &mm->files, link)
    if (mapping->start <= address && address < mapping->end) return mapping;
  return NULL;
}
