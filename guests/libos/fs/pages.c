/* Contents of files in memory, by page. What memory has not is in the backing store, or zero. An inode of the read-only
 * image is copied up whole before it changes. */
#include "fs/file.h"

/* The largest file: 2^40 bytes would need 2 GiB of page table already. */
#define SIZE_LIMIT (1ul << 36)

long inode_reserve(struct inode *inode, u64 pages) {
  u64 before = inode->page_capacity, after = before == 0 ? 4 : before;
  if (pages <= before) return 0;
  while (after < pages) after *= 2;
  struct page *larger = krealloc(inode->pages, before * sizeof *larger, after * sizeof *larger);
  if (larger == NULL) return -ENOMEM;
  inode->pages = larger;
  inode->page_capacity = after;
  return 0;
}

u8 *inode_page(struct inode *inode, u64 index, bool create, long *error) {
  *error = 0;
  if (index < inode->page_capacity && inode->pages[index].bytes != NULL) return inode->pages[index].bytes;
  bool is_stored = inode->is_backed && index << PAGE_SHIFT < inode->size;
  if (!is_stored && !create) return NULL;
  if ((*error = inode_reserve(inode, index + 1)) < 0) return NULL;
  u8 *page = alloc_pages(1);
  if (page == NULL) {
    *error = -ENOMEM;
    return NULL;
  }
  memset(page, 0, PAGE_SIZE);
  u64 offset = index << PAGE_SHIFT;
  if (is_stored) *error = inode->operations->read(inode, page, min(inode->size - offset, PAGE_SIZE), offset);
  if (*error == 0) return inode->pages[index].bytes = page;
  free_pages(page, 1);
  return NULL;
}

static long read_pages(struct inode *inode, u8 *to, size_t size, u64 offset) {
  for (size_t done = 0, piece; done < size; done += piece, offset += piece) {
    size_t place = offset & (PAGE_SIZE - 1);
    piece = min(size - done, PAGE_SIZE - place);
    long error;
    const u8 *page = inode_page(inode, offset >> PAGE_SHIFT, false, &error);
    if (error < 0) return done > 0 ? (long)done : error;
    if (page != NULL) memcpy(to + done, page + place, piece);
    else memset(to + done, 0, piece);
  }
  return (long)size;
}

long inode_read(struct inode *inode, void *to, size_t size, u64 offset) {
  if (offset >= inode->size || size == 0) return 0;
  size = min(size, inode->size - offset);
  if (!inode->is_backed || inode->operations->dirty != NULL) return read_pages(inode, to, size, offset);
  long error = inode->operations->read(inode, to, size, offset);
  return error < 0 ? error : (long)size;
}

/* From now on memory is what counts. */
static long copy_up(struct inode *inode, u64 size) {
  if (!inode->is_backed || inode->operations->dirty != NULL) return 0;
  for (u64 offset = 0; offset < min(size, inode->size); offset += PAGE_SIZE) {
    long error;
    if (inode_page(inode, offset >> PAGE_SHIFT, true, &error) == NULL) return error;
  }
  inode->is_backed = false;
  return 0;
}

/* A disk is told first: it may make room by writing and dropping pages, this one too. */
static u8 *page_for_writing(struct inode *inode, u64 index, long *error) {
  if (inode->operations->dirty != NULL) {
    if ((*error = inode_reserve(inode, index + 1)) < 0) return NULL;
    if ((*error = inode->operations->dirty(inode, index)) < 0) return NULL;
  }
  return inode_page(inode, index, true, error);
}

long inode_write(struct inode *inode, const void *from, size_t size, u64 offset) {
  if (offset >= SIZE_LIMIT) return -EFBIG;
  size = min(size, SIZE_LIMIT - offset);
  long error = copy_up(inode, ~0ul);
  if (error < 0) return error;
  size_t done = 0;
  for (size_t piece; done < size; done += piece, offset += piece) {
    size_t place = offset & (PAGE_SIZE - 1);
    piece = min(size - done, PAGE_SIZE - place);
    u8 *page = page_for_writing(inode, offset >> PAGE_SHIFT, &error);
    if (page == NULL) break;
    memcpy(page + place, (const u8 *)from + done, piece);
    inode->size = max(inode->size, offset + piece);
  }
  if (done == 0 && size > 0) return error == -ENOMEM ? -ENOSPC : error;
  inode_modified(inode);
  return (long)done;
}

void inode_free_pages(struct inode *inode, u64 first) {
  if (inode->operations->truncated != NULL) inode->operations->truncated(inode, first);
  for (u64 index = first; index < inode->page_capacity; index++) {
    if (inode->pages[index].bytes != NULL) free_pages(inode->pages[index].bytes, 1);
    inode->pages[index].bytes = NULL;
  }
}

long inode_zero(struct inode *inode, u64 offset, u64 size) {
  for (u64 end = min(offset + size, inode->size), piece; offset < end; offset += piece) {
    u64 place = offset & (PAGE_SIZE - 1);
    piece = min(end - offset, PAGE_SIZE - place);
    long error;
    if (inode_page(inode, offset >> PAGE_SHIFT, false, &error) == NULL && error == 0) continue;
    u8 *page = page_for_writing(inode, offset >> PAGE_SHIFT, &error);
    if (page == NULL) return error;
    memset(page + place, 0, piece);
  }
  return 0;
}

long inode_truncate(struct inode *inode, u64 size) {
  if (size >= SIZE_LIMIT) return -EFBIG;
  long error = copy_up(inode, size);
  if (error < 0) return error;
  if (size < inode->size) {
    u64 rest = size & (PAGE_SIZE - 1);
    if (rest != 0 && (error = inode_zero(inode, size, PAGE_SIZE - rest)) < 0) return error;
    inode_free_pages(inode, (size + PAGE_SIZE - 1) >> PAGE_SHIFT);
  }
  inode->size = size;
  inode_modified(inode);
  return 0;
}

u64 inode_blocks(const struct inode *inode) {
  if (inode->is_backed && inode->operations->dirty == NULL) return (inode->size + 511) / 512;
  u64 pages = 0;
  for (u64 index = 0; index < inode->page_capacity; index++)
    pages += inode->pages[index].bytes != NULL || inode->pages[index].block != 0;
  return pages * (PAGE_SIZE / 512);
}
