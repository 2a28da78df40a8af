/* The records of a disk's journal: written, and read again with distrust. */
#include "kernel/kernel.h"
#include "fs/blockfs.h"

#define FILE_LIMIT (1ul << 36)
enum { PIECE = 32768, BUCKETS = 1024 };

struct record {
  u8 type, name_length;
  u16 size; /* with what follows */
  u32 inode;
};
struct inode_record {
  struct record record;
  u32 mode, uid, gid, target_length;
  u64 size, atime, mtime, ctime, rdev;
};
struct name_record {
  struct record record;
  u32 directory, pad;
};
struct map_record {
  struct record record;
  u32 first, count, block, pad;
};

static void add(struct records *records, const void *bytes, size_t size, const void *more, size_t more_size) {
  size_t needed = records->size + size + more_size;
  if (needed > records->room) {
    size_t room = max(needed * 2, (size_t)1024);
    u8 *larger = kmalloc(room);
    if (larger == NULL) {
      records->has_failed = true;
      return;
    }
    if (records->size > 0) memcpy(larger, records->bytes, records->size);
    kfree(records->bytes);
    records->bytes = larger;
    records->room = room;
  }
  memcpy(records->bytes + records->size, bytes, size);
  if (more_size > 0) memcpy(records->bytes + records->size + size, more, more_size);
  records->last = records->size;
  records->size = needed;
}

void record_inode(struct records *records, const struct inode *inode) {
  size_t target = inode->target == NULL ? 0 : strlen(inode->target);
  struct inode_record record = {{RECORD_INODE, 0, (u16)(sizeof record + target), (u32)inode->number},
                                inode->mode, inode->uid, inode->gid, (u32)target, inode->size, inode->atime, inode->mtime, inode->ctime, inode->rdev};
  add(records, &record, sizeof record, inode->target, target);
}

void record_name(struct records *records, enum record_type type, const struct entry *entry) {
  struct name_record record = {{(u8)type, entry->length, (u16)(sizeof record + entry->length), (u32)entry->inode->number}, (u32)entry->directory->number, 0};
  add(records, &record, sizeof record, entry->name, entry->length);
}

/* The last record goes on if it can. */
static bool extend_map(struct records *records, u32 number, u64 first, u32 block) {
  struct map_record last;
  if (records->size < sizeof last || block == 0) return false;
  memcpy(&last, records->bytes + records->last, sizeof last.record);
  if (last.record.type != RECORD_MAP || last.record.inode != number) return false;
  memcpy(&last, records->bytes + records->last, sizeof last);
  if (last.block == 0 || last.first + last.count != first || last.block + last.count != block) return false;
  last.count++;
  memcpy(records->bytes + records->last, &last, sizeof last);
  return true;
}

void record_map(struct records *records, const struct inode *inode, u64 first, u64 count, u32 block) {
  if (count == 1 && extend_map(records, (u32)inode->number, first, block)) return;
  struct map_record record = {{RECORD_MAP, 0, sizeof record, (u32)inode->number}, (u32)first, (u32)count, block, 0};
  add(records, &record, sizeof record, NULL, 0);
}

/* Everything. */

static void record_blocks(struct records *records, const struct inode *inode) {
  for (u64 index = 0, first; index < inode->page_capacity; index++) {
    if (inode->pages[index].block == 0) continue;
    for (first = index; index + 1 < inode->page_capacity && inode->pages[index + 1].block == inode->pages[index].block + 1;) index++;
    record_map(records, inode, first, index - first + 1, inode->pages[first].block);
  }
}

static void record_names(struct records *records, const struct inode *directory) {
  const struct entry *entry;
  list_for_each_entry(entry, &directory->entries, link)
    if (entry->inode != NULL) record_name(records, RECORD_LINK, entry);
}

long record_everything(struct blockfs *fs, long (*append)(void *context, const u8 *bytes, size_t size), void *context) {
  struct records records = {0};
  long error = 0;
  for (int pass = 0; pass < 2; pass++) { /* names after all that they name */
    const struct inode *inode;
    list_for_each_entry(inode, &fs->inodes, disk_link) {
      if (inode->names == 0 || error < 0) continue;
      if (pass == 0) record_inode(&records, inode), record_blocks(&records, inode);
      else record_names(&records, inode);
      if (records.size < PIECE) continue;
      error = append(context, records.bytes, records.size);
      records.size = 0;
    }
  }
  if (error == 0 && records.size > 0) error = append(context, records.bytes, records.size);
  if (records.has_failed) error = -ENOMEM;
  kfree(records.bytes);
  return error;
}

/* Reading. */

struct reader {
  struct blockfs *fs;
  struct inode *buckets[BUCKETS]; /* by number; linked by `object` */
};

static struct inode *find(const struct reader *reader, u32 number) {
  struct inode *inode = reader->buckets[number % BUCKETS];
  while (inode != NULL && inode->number != number) inode = inode->object;
  return inode;
}

static bool is_mode(u32 mode) {
  u32 type = mode & S_IFMT;
  bool is_known = type == S_IFREG || type == S_IFDIR || type == S_IFLNK || type == S_IFIFO || type == S_IFSOCK || type == S_IFCHR || type == S_IFBLK;
  return is_known && mode <= 0177777;
}

static struct inode *new_inode(struct reader *reader, u32 number, u32 mode) {
  struct inode *inode = inode_create(&reader->fs->system, mode);
  if (inode == NULL) return NULL;
  inode->number = number;
  inode->is_backed = S_ISREG(mode);
  inode->object = reader->buckets[number % BUCKETS];
  reader->buckets[number % BUCKETS] = inode;
  return inode;
}

static long apply_inode(struct reader *reader, const struct inode_record *record) {
  u32 number = record->record.inode;
  if (!is_mode(record->mode) || number == 0 || record->size > FILE_LIMIT) return -EIO;
  if (record->target_length >= PATH_LIMIT || record->target_length != record->record.size - sizeof *record) return -EIO;
  if (S_ISLNK(record->mode) != (record->target_length > 0)) return -EIO;
  struct inode *inode = find(reader, number);
  if (inode == NULL) inode = new_inode(reader, number, record->mode);
  if (inode == NULL) return -ENOMEM;
  if ((inode->mode ^ record->mode) & S_IFMT) return -EIO;
  if (S_ISLNK(record->mode) && inode->target == NULL) {
    inode->target = kzalloc(record->target_length + 1);
    if (inode->target == NULL) return -ENOMEM;
    memcpy(inode->target, record + 1, record->target_length);
  }
  inode->mode = record->mode;
  inode->uid = record->uid;
  inode->gid = record->gid;
  inode->size = record->size;
  inode->atime = record->atime;
  inode->mtime = record->mtime;
  inode->ctime = record->ctime;
  inode->rdev = record->rdev;
  reader->fs->system.next_number = max(reader->fs->system.next_number, (u64)number + 1);
  return 0;
}

static bool is_name(const char *name, size_t length) {
  for (size_t i = 0; i < length; i++)
    if (name[i] == '/' || name[i] == 0) return false;
  return length > 0 && !(name[0] == '.' && (length == 1 || (length == 2 && name[1] == '.')));
}

/* Would the directory be inside itself? */
static bool is_inside(const struct inode *directory, const struct inode *inode) {
  for (; directory != NULL; directory = directory->parent) {
    if (directory == inode) return true;
    if (directory->parent == directory) return false;
  }
  return false;
}

static long apply_name(struct reader *reader, const struct name_record *record) {
  struct inode *directory = find(reader, record->directory), *inode = find(reader, record->record.inode);
  const char *name = (const char *)(record + 1);
  size_t length = record->record.name_length;
  if (length != record->record.size - sizeof *record || !is_name(name, length)) return -EIO;
  if (directory == NULL || inode == NULL || !S_ISDIR(directory->mode)) return -EIO;
  struct inode *present = directory_lookup(directory, name, length);
  if (!IS_ERR(present)) inode_put(present);
  if (record->record.type == RECORD_UNLINK) {
    if (present != inode || (S_ISDIR(inode->mode) && !directory_is_empty(inode))) return -EIO;
    directory_unlink(directory, name, length);
    return 0;
  }
  if (!IS_ERR(present) || (S_ISDIR(inode->mode) && (inode->names > 0 || is_inside(directory, inode)))) return -EIO;
  u64 mtime = directory->mtime, ctime = directory->ctime;
  long error = directory_link(directory, name, length, inode);
  directory->mtime = mtime;
  directory->ctime = ctime;
  return error;
}

static long apply_map(struct reader *reader, const struct map_record *record) {
  struct inode *inode = find(reader, record->record.inode);
  if (record->record.size != sizeof *record || inode == NULL || !S_ISREG(inode->mode)) return -EIO;
  if (record->block == 0) {
    for (u64 index = record->first; index < inode->page_capacity; index++) inode->pages[index].block = 0;
    return record->count == MAP_TO_THE_END ? 0 : -EIO;
  }
  u64 end = (u64)record->first + record->count, last = (u64)record->block + record->count;
  if (record->count == 0 || end > FILE_LIMIT >> PAGE_SHIFT || record->block < reader->fs->journal.first_data || last > reader->fs->disk.blocks) return -EIO;
  if (inode_reserve(inode, end) < 0) return -ENOMEM;
  for (u64 i = 0; i < record->count; i++) inode->pages[record->first + i].block = (u32)(record->block + i);
  return 0;
}

static long apply_record(struct reader *reader, const struct record *record) {
  switch (record->type) {
    case RECORD_INODE: return record->size < sizeof(struct inode_record) ? -EIO : apply_inode(reader, (const void *)record);
    case RECORD_LINK:
    case RECORD_UNLINK: return record->size < sizeof(struct name_record) ? -EIO : apply_name(reader, (const void *)record);
    case RECORD_MAP: return apply_map(reader, (const void *)record);
    default: return -EIO;
  }
}

static long apply(void *context, const u8 *bytes, size_t size) {
  u64 aligned[(sizeof(struct inode_record) + PATH_LIMIT) / 8];
  for (size_t at = 0; at < size;) {
    struct record head;
    if (size - at < sizeof head) return -EIO;
    memcpy(&head, bytes + at, sizeof head);
    if (head.size < sizeof head || head.size > size - at || head.size > sizeof aligned) return -EIO;
    memcpy(aligned, bytes + at, head.size);
    long error = apply_record(context, (const struct record *)aligned);
    if (error < 0) return error;
    at += head.size;
  }
  return 0;
}

/* What has no name now had none when the disk was left, and goes. */
static long finish(struct reader *reader) {
  long error = 0;
  for (u32 i = 0; i < BUCKETS; i++)
    for (struct inode *inode = reader->buckets[i], *next; inode != NULL; inode = next) {
      next = inode->object;
      inode->object = NULL;
      if (inode == reader->fs->root) continue;
      if (inode->names == 0 && S_ISDIR(inode->mode) && !directory_is_empty(inode)) error = -EIO;
      else inode_put(inode);
    }
  return error;
}

long replay(struct blockfs *fs) {
  struct reader *reader = kzalloc(sizeof *reader);
  if (reader == NULL) return -ENOMEM;
  reader->fs = fs;
  reader->buckets[fs->root->number % BUCKETS] = fs->root;
  long error = journal_replay(&fs->journal, apply, reader);
  if (error == 0) error = finish(reader);
  kfree(reader);
  return error;
}
