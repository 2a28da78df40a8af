/* Shared mappings of files. A mapping is a copy in the memory of the process: there are no pages to share. What the program
 * changed goes to the file before anybody reads or writes it through a descriptor, syncs or unmaps it, and what is written
 * comes into the mapping. Other processes see it through the file only. */
#include "fs/file.h"
#include "kernel/string.h"
#include "process/process.h"

static void write_back(struct inode *inode, const struct file_mapping *mapping, const u8 *slot) {
  u64 size = min(mapping->end - mapping->start, inode->size > mapping->offset ? inode->size - mapping->offset : 0);
  for (u64 done = 0, piece; done < size; done += piece) {
    piece = min(size - done, PAGE_SIZE);
    long error;
    u64 offset = mapping->offset + done;
    const u8 *page = inode_page(inode, offset >> PAGE_SHIFT, true, &error);
    const u8 *bytes = slot + mapping->start + done;
    if (page != NULL && memcmp(page, bytes, piece) != 0) inode_write(inode, bytes, piece, offset);
  }
}

void mappings_write_back(struct inode *inode) {
  const struct mm *mm = current->process->mm;
  const struct file_mapping *mapping;
  list_for_each_entry(mapping, &mm->files, link)
    if (mapping->shared && mapping->file->inode == inode && file_is_writable(mapping->file)) write_back(inode, mapping, mm->slot);
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
