/* Mappings of files. A mapping is a copy in the memory of the process, made when it is mapped: there are no pages to share.
 * What the program changed in a shared one goes to the file before anybody reads or writes it through a descriptor, syncs
 * or unmaps it, and what is written comes into the mapping. Other processes see it through the file only. */
#include "fs/file.h"

static struct file_mapping *add_mapping(struct mm *mm, uaddr_t start, uaddr_t end, struct file *file, u64 offset, bool shared) {
  struct file_mapping *mapping = kmalloc(sizeof *mapping);
  if (mapping == NULL) return NULL;
  *mapping = (struct file_mapping){.start = start, .end = end, .offset = offset, .file = file_get(file), .shared = shared};
  if (shared) file->inode->observers++;
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

/* Pages that are not what the file has. */
static void write_back(struct mm *mm, const struct file_mapping *mapping, uaddr_t start, uaddr_t end) {
  struct inode *inode = mapping->file->inode;
  u64 offset = mapping->offset + (start - mapping->start);
  if (!mapping->shared || !file_is_writable(mapping->file) || offset >= inode->size) return;
  u64 size = min(end - start, inode->size - offset);
  for (u64 done = 0, piece; done < size; done += piece) {
    piece = min(size - done, PAGE_SIZE);
    long error;
    const u8 *page = inode_page(inode, (offset + done) >> PAGE_SHIFT, true, &error), *bytes = mm->slot + start + done;
    if (page != NULL && memcmp(page, bytes, piece) != 0) inode_write(inode, bytes, piece, offset + done);
  }
}

void file_write_back(struct mm *mm, uaddr_t address, u64 length) {
  struct file_mapping *mapping;
  list_for_each_entry(mapping, &mm->files, link) {
    uaddr_t start = max(address, mapping->start), end = min(address + length, mapping->end);
    if (start < end) write_back(mm, mapping, start, end);
  }
}

void mappings_write_back(struct inode *inode) {
  struct mm *mm = current->process->mm;
  const struct file_mapping *mapping;
  list_for_each_entry(mapping, &mm->files, link)
    if (mapping->file->inode == inode) write_back(mm, mapping, mapping->start, mapping->end);
}

void mappings_read_again(struct inode *inode, u64 offset, u64 size) {
  const struct mm *mm = current->process->mm;
  const struct file_mapping *mapping;
  list_for_each_entry(mapping, &mm->files, link) {
    if (!mapping->shared || mapping->file->inode != inode) continue;
    u64 from = max(offset, mapping->offset), to = min(offset + size, mapping->offset + (mapping->end - mapping->start));
    if (from < to) inode_read(inode, mm->slot + mapping->start + (from - mapping->offset), to - from, from);
  }
}

static void drop(struct file_mapping *mapping) {
  list_del(&mapping->link);
  if (mapping->shared) mapping->file->inode->observers--;
  file_put(mapping->file);
  kfree(mapping);
}

void file_unmap(struct mm *mm, uaddr_t address, u64 length) {
  struct file_mapping *mapping, *next;
  list_for_each_entry_safe(mapping, next, &mm->files, link) {
    uaddr_t start = max(address, mapping->start), end = min(address + length, mapping->end);
    if (start >= end) continue;
    write_back(mm, mapping, start, end);
    if (end < mapping->end)
      add_mapping(mm, end, mapping->end, mapping->file, mapping->offset + (end - mapping->start), mapping->shared);
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
