/* A file system on a disk. Its tree is in memory like every other; what changes is told to a journal, as records. Pages are
 * written to blocks that nothing durable refers to (copy on write), then the records that say where they are, so a commit
 * happens whole or not at all, whatever is torn. fsync of any file commits everything; while it waits for the disk others
 * go on, and what they change is for the next commit.
 *
 * Records from the disk are checked like a stranger's: a tree, names that can be names, blocks that are one file's. */
#include "fs/blockfs.h"

static struct blockfs blockfs[DISKS];
static u32 disk_count;

static struct blockfs *of(const struct inode *inode) {
  return container_of(inode->system, struct blockfs, system);
}

/* Blocks. A block that the last commit refers to is `freed` before it is free. */

static bool bit(const u8 *map, u64 block) {
  return map[block / 8] >> (block % 8) & 1;
}

static void set_bit(u8 *map, u64 block) {
  map[block / 8] |= (u8)(1 << (block % 8));
}

static u32 allocate(struct blockfs *fs) {
  for (u64 tries = 0; tries < fs->disk.blocks; tries++) {
    if (++fs->rotor >= fs->disk.blocks) fs->rotor = fs->journal.first_data;
    if (bit(fs->used, fs->rotor)) continue;
    set_bit(fs->used, fs->rotor);
    fs->free_blocks--;
    return (u32)fs->rotor;
  }
  return 0;
}

static void free_block(struct blockfs *fs, u32 block) {
  if (block == 0 || fs->is_loading) return;
  set_bit(fs->freed.map, block);
  fs->freed.count++;
}

/* What was freed before the commit that is durable now. */
static void reuse_freed(struct blockfs *fs) {
  if (fs->freeing.count == 0) return;
  for (u64 i = 0; i < (fs->disk.blocks + 7) / 8; i++) fs->used[i] &= (u8)~fs->freeing.map[i], fs->freeing.map[i] = 0;
  fs->free_blocks += fs->freeing.count;
  fs->freeing.count = 0;
}

/* Records of what happens. */

static void created(struct inode *inode) {
  inode->is_backed = S_ISREG(inode->mode);
  inode->observers = 1;
  list_add_tail(&inode->disk_link, &of(inode)->inodes);
}

static void changed(struct inode *inode) {
  struct blockfs *fs = of(inode);
  if (inode->names > 0 && !fs->is_loading && list_empty(&inode->changed_link)) list_add_tail(&inode->changed_link, &fs->changed);
}

static void linked(struct entry *entry) {
  struct blockfs *fs = of(entry->directory);
  if (fs->is_loading) return;
  record_inode(&fs->records, entry->inode);
  record_name(&fs->records, RECORD_LINK, entry);
  changed(entry->inode);
}

static void unlinked(struct entry *entry) {
  struct blockfs *fs = of(entry->directory);
  if (!fs->is_loading) record_name(&fs->records, RECORD_UNLINK, entry);
}

static void truncated(struct inode *inode, u64 first) {
  struct blockfs *fs = of(inode);
  bool had_blocks = false;
  for (u64 index = first; index < inode->page_capacity; index++) {
    had_blocks |= inode->pages[index].block != 0;
    free_block(fs, inode->pages[index].block);
    inode->pages[index].block = 0;
    if (inode->pages[index].is_dirty) fs->dirty_pages--;
    inode->pages[index].is_dirty = 0;
  }
  if (had_blocks && inode->names > 0) record_map(&fs->records, inode, first, MAP_TO_THE_END, 0);
}

static void release(struct inode *inode) {
  list_del(&inode->disk_link);
  list_del(&inode->changed_link);
}

/* Commit. */

static long write_page(struct blockfs *fs, struct inode *inode, u64 index) {
  inode->pages[index].is_dirty = 0;
  fs->dirty_pages--;
  if (inode->pages[index].bytes == NULL) return 0; /* it could not be read, and was not written */
  u32 block = allocate(fs);
  if (block == 0) return -ENOSPC;
  free_block(fs, inode->pages[index].block);
  inode->pages[index].block = block;
  fs->cached_pages++;
  record_map(&fs->records, inode, index, 1, block);
  return disk_write(&fs->disk, block, inode->pages[index].bytes);
}

static long write_inode(struct blockfs *fs, struct inode *inode) {
  for (u64 index = 0; index < inode->page_capacity && S_ISREG(inode->mode); index++) {
    long error = inode->pages[index].is_dirty ? write_page(fs, inode, index) : 0;
    if (error < 0) return error;
  }
  record_inode(&fs->records, inode);
  return 0;
}

/* So many pages may be in memory, clean or dirty. */
static u64 page_limit(void) {
  return max(64ul, (free_page_count() + total_page_count() / 4) / 4);
}

/* Clean pages go when there are many. */
static void drop_pages(struct blockfs *fs) {
  struct inode *inode;
  list_for_each_entry(inode, &fs->inodes, disk_link)
    for (u64 index = 0; index < inode->page_capacity && inode->names > 0; index++) {
      if (inode->pages[index].bytes == NULL || inode->pages[index].is_dirty) continue;
      free_pages(inode->pages[index].bytes, 1);
      inode->pages[index].bytes = NULL;
    }
  fs->cached_pages = 0;
}

static long write_changes(struct blockfs *fs) {
  while (!list_empty(&fs->changed)) {
    struct inode *inode = list_first_entry(&fs->changed, struct inode, changed_link);
    list_del(&inode->changed_link);
    long error = inode->names == 0 ? 0 : write_inode(fs, inode);
    if (error < 0) return error;
  }
  return 0;
}

/* Everything anew, into the journal's other area: with what has changed since the commit began, and
 * the pages of that: sizes must not be ahead of contents. */
static long checkpoint(struct blockfs *fs, bool may_sleep) {
  struct journal journal;
  journal_begin(&journal, &fs->journal);
  long error = write_changes(fs);
  if (error == 0) error = record_everything(fs, &journal);
  fs->records.size = 0;
  if (error == 0) error = journal_end(&journal, may_sleep);
  if (error == 0) fs->journal = journal;
  return error;
}

/* The pages first, then the records that say where they are. */
static long write_records(struct blockfs *fs, const struct records *records, bool may_sleep) {
  long error = records->has_failed ? -ENOMEM : disk_flush(&fs->disk, may_sleep);
  if (error == 0) error = journal_append(&fs->journal, records);
  if (error == -ENOSPC) return checkpoint(fs, may_sleep);
  return error < 0 ? error : disk_flush(&fs->disk, may_sleep);
}

static void make_commit(struct blockfs *fs, bool may_sleep) {
  fs->begun++;
  long error = write_changes(fs);
  struct records records = fs->records;
  struct freed empty = fs->freeing;
  fs->records = (struct records){0};
  fs->freeing = fs->freed;
  fs->freed = empty;
  if (error == 0 && records.size > 0) error = write_records(fs, &records, may_sleep);
  kfree(records.bytes);
  if (error == 0) reuse_freed(fs);
  else fs->error = error; /* whoever asks afterwards hears of it too: nothing is durable any more */
  if (fs->cached_pages >= page_limit()) drop_pages(fs);
  fs->finished = fs->begun;
  wake_up(&fs->done);
}

/* Until the commit that is being made, if there is one, has been. */
static void wait_for_commit(struct blockfs *fs) {
  bool was_uninterruptible = current->is_uninterruptible;
  current->is_uninterruptible = true;
  while (fs->finished != fs->begun)
    if (sleep_on(&fs->done, NO_DEADLINE) == -ERESTARTSYS) { /* it is to end, and does not sleep any more */
      unlock_kernel();
      cvm_yield();
      lock_kernel();
    }
  current->is_uninterruptible = was_uninterruptible;
}

/* Everything until now is durable: made with others' changes, by whoever comes first. */
static long commit(struct blockfs *fs) {
  u64 wanted = fs->begun + 1;
  while (fs->finished < wanted && fs->error == 0) {
    if (fs->finished != fs->begun) wait_for_commit(fs);
    else make_commit(fs, true);
  }
  return fs->error;
}

static long sync(struct inode *inode) {
  return commit(of(inode));
}

static bool is_short(const struct blockfs *fs) {
  return fs->dirty_pages + RESERVED_BLOCKS >= fs->free_blocks;
}

static long dirty(struct inode *inode, u64 index) {
  struct blockfs *fs = of(inode);
  if (fs->error < 0) return fs->error;
  if (inode->pages[index].is_dirty || inode->names == 0) return 0; /* a file without a name is memory's */
  if (fs->finished == fs->begun && (fs->dirty_pages >= page_limit() || is_short(fs))) {
    make_commit(fs, false); /* in the middle of a write: without sleeping */
    if (fs->error < 0) return fs->error;
    drop_pages(fs);
  }
  if (is_short(fs)) return -ENOSPC;
  inode->pages[index].is_dirty = 1;
  fs->dirty_pages++;
  changed(inode);
  return 0;
}

static u32 block_of(const struct inode *inode, u64 index) {
  return index < inode->page_capacity ? inode->pages[index].block : 0;
}

/* For a page more. */
static void make_room(struct blockfs *fs) {
  if (fs->cached_pages >= page_limit()) drop_pages(fs);
  fs->cached_pages++;
}

static long read_page(struct inode *inode, void *to, size_t size, u64 offset) {
  u32 block = block_of(inode, offset >> PAGE_SHIFT);
  make_room(of(inode));
  return block == 0 ? 0 : disk_read(&of(inode)->disk, block, to, false); /* it is zeros already */
}

/* Others may have changed everything meanwhile: then the page is read again by who wants it. */
static void fetch(struct inode *inode, u64 index) {
  struct blockfs *fs = of(inode);
  u32 block = block_of(inode, index);
  if (block == 0 || inode->pages[index].bytes != NULL) return;
  u8 *page = alloc_pages(1);
  u64 begun = fs->begun;
  bool is_read = page != NULL && disk_read(&fs->disk, block, page, true) == 0;
  if (is_read && fs->begun == begun && block_of(inode, index) == block && inode->pages[index].bytes == NULL) {
    make_room(fs);
    inode->pages[index].bytes = page;
  } else if (page != NULL) free_pages(page, 1);
}

/* Somebody's write is not refused because of blocks that a commit is about to free; and nobody waits for the disk with the
 * big lock, unless it is for more than memory has room for. */
static void prepare(struct inode *inode, u64 offset, size_t size, bool is_write) {
  struct blockfs *fs = of(inode);
  if (is_write && (is_short(fs) || fs->dirty_pages >= page_limit())) wait_for_commit(fs);
  u64 first = offset >> PAGE_SHIFT, end = min((offset + size + PAGE_SIZE - 1) >> PAGE_SHIFT, first + page_limit() / 2);
  for (u64 index = first; index < end && index < inode->page_capacity; index++) fetch(inode, index);
}

static const struct inode_operations operations = {.read = read_page, .created = created, .changed = changed, .linked = linked,
  .unlinked = unlinked, .dirty = dirty, .truncated = truncated, .prepare = prepare, .sync = sync, .release = release};

static u64 count_blocks(const struct file_system *system, u64 *free) {
  const struct blockfs *fs = container_of(system, struct blockfs, system);
  *free = fs->free_blocks;
  return fs->disk.blocks;
}

/* Blocks that files say are theirs: each one's only. */
static long take_blocks(struct blockfs *fs) {
  struct inode *inode;
  list_for_each_entry(inode, &fs->inodes, disk_link)
    for (u64 index = 0; index < inode->page_capacity; index++) {
      u32 block = inode->pages[index].block;
      if (block == 0) continue;
      if (block < fs->journal.first_data || block >= fs->disk.blocks || bit(fs->used, block)) return -EIO;
      set_bit(fs->used, block);
      fs->free_blocks--;
    }
  return 0;
}

static long load(struct blockfs *fs) {
  long error = journal_open(&fs->journal, &fs->disk);
  if (error < 0) return error;
  size_t bytes = (fs->disk.blocks + 7) / 8;
  fs->used = kzalloc(3 * bytes);
  if (fs->used == NULL) return -ENOMEM;
  fs->freed.map = fs->used + bytes;
  fs->freeing.map = fs->used + 2 * bytes;
  struct inode *root = root_create(&fs->system, 0755);
  root->size = PAGE_SIZE;
  fs->root = root;
  fs->free_blocks = fs->disk.blocks - fs->journal.first_data;
  fs->rotor = fs->journal.first_data;
  fs->is_loading = true;
  error = fs->journal.is_new ? checkpoint(fs, false) : replay(fs);
  if (error == 0) error = take_blocks(fs);
  fs->is_loading = false;
  return error;
}

struct inode *mount_disk(const char *send, const char *receive) {
  if (disk_count == DISKS) return ERR_PTR(-EBUSY);
  struct blockfs *fs = &blockfs[disk_count++];
  fs->system = (struct file_system){.name = "blockfs", .magic = 0x43564d46, .device = 32 + disk_count, .operations = &operations,
                                    .next_number = 1, .pages = count_blocks};
  list_init(&fs->inodes);
  list_init(&fs->changed);
  wait_queue_init(&fs->done);
  long error = disk_open(&fs->disk, send, receive);
  if (error == 0) error = load(fs);
  return error < 0 ? ERR_PTR(error) : fs->root;
}

void fs_shutdown(void) {
  for (u32 i = 0; i < disk_count; i++) commit(&blockfs[i]);
}
