/* The records of a disk's journal: written, and read again with distrust. */
#include "fs/blockfs.h"

#define FILE_LIMIT (1ul << 36)
#define PACKED __attribute__((packed))
enum { PIECE = 32768, BUCKETS = 1024 };

struct PACKED record {
  u8 type, name_length;
  u16 size; /* with what follows */
  u32 inode;
};
struct PACKED inode_record {
  struct record record;
  u32 mode, uid, gid, target_length;
  u64 size, atime, mtime, ctime, rdev;
};
struct PACKED name_record {
  struct record record;
  u32 directory, pad;
};
struct PACKED map_record {
  struct record record;
  u32 first, count, block, pad;
};

void records_add(struct records *records, const void *bytes, size_t size) {
  if (records->size + size > records->room) {
    size_t room = max((records->size + size) * 2, (size_t)1024);
    u8 *larger = krealloc(records->bytes, records->size, room);
    if (larger == NULL) records->has_failed = true;
    if (larger == NULL) return;
    records->bytes = larger;
    records->room = room;
  }
  memcpy(records->bytes + records->size, bytes, size);
  records->size += size;
}

/* With a name or path behind it. */
static void add(struct records *records, const void *record, size_t size, const char *text, size_t length) {
  records->last = records->size;
  records_add(records, record, size);
  if (length > 0) records_add(records, text, length);
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
  struct map_record *last = (struct map_record *)(records->bytes + records->last);
  if (records->size == 0 || last->record.type != RECORD_MAP || last->record.inode != number || last->block == 0 || block == 0) return false;
  if (last->first + last->count != first || last->block + last->count != block) return false;
  last->count++;
  return true;
}

void record_map(struct records *records, const struct inode *inode, u64 first, u64 count, u32 block) {
  if (count == 1 && extend_map(records, (u32)inode->number, first, block)) return;
  struct map_record record = {{RECORD_MAP, 0, sizeof record, (u32)inode->number}, (u32)first, (u32)count, block, 0};
  add(records, &record, sizeof record, NULL, 0);
}

/* Everything. */

static void record_file(struct records *records, const struct inode *inode) {
  record_inode(records, inode);
  for (u64 index = 0; index < inode->page_capacity; index++)
    if (inode->pages[index].block != 0) record_map(records, inode, index, 1, inode->pages[index].block);
}

static void record_names(struct records *records, const struct inode *directory) {
  const struct entry *entry;
  list_for_each_entry(entry, &directory->entries, link)
    if (entry->inode != NULL) record_name(records, RECORD_LINK, entry);
}

long record_everything(struct blockfs *fs, struct journal *to) {
  struct records records = {0};
  long error = 0;
  for (int pass = 0; pass < 2; pass++) { /* names after all that they name */
    const struct inode *inode;
    list_for_each_entry(inode, &fs->inodes, disk_link) {
      if (inode->names == 0 || error < 0) continue;
      if (pass == 0) record_file(&records, inode);
      else record_names(&records, inode);
      if (records.size < PIECE) continue;
      error = journal_append(to, &records);
      records.size = 0;
    }
  }
  if (error == 0 && records.size > 0) error = journal_append(to, &records);
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

static struct inode *find_or_make(struct reader *reader, u32 number, u32 mode) {
  struct inode *inode = find(reader, number);
  if (inode != NULL || (inode = inode_create(&reader->fs->system, mode)) == NULL) return inode;
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
  if (!S_ISLNK(record->mode) && record->target_length > 0) return -EIO;
  struct inode *inode = find_or_make(reader, number, record->mode);
  if (inode == NULL) return -ENOMEM;
  if ((inode->mode ^ record->mode) & S_IFMT) return -EIO;
  if (record->target_length > 0 && inode->target == NULL) {
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
  return length > 0 && !is_dots(name, length);
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
  if (!IS_ERR(present) || (S_ISDIR(inode->mode) && (inode->names > 0 || is_above(inode, directory)))) return -EIO;
  u64 mtime = directory->mtime, ctime = directory->ctime;
  long error = directory_link(directory, name, length, inode);
  directory->mtime = mtime;
  directory->ctime = ctime;
  return error;
}

static long apply_map(struct reader *reader, const struct map_record *record) {
  struct inode *inode = find(reader, record->record.inode);
  if (inode == NULL || !S_ISREG(inode->mode)) return -EIO;
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
    case RECORD_MAP: return record->size != sizeof(struct map_record) ? -EIO : apply_map(reader, (const void *)record);
    default: return -EIO;
  }
}

static long apply(struct reader *reader, const struct records *records) {
  for (size_t at = 0; at < records->size;) {
    const struct record *record = (const struct record *)(records->bytes + at);
    size_t left = records->size - at;
    if (left < sizeof *record || record->size < sizeof *record || record->size > left) return -EIO;
    long error = apply_record(reader, record);
    if (error < 0) return error;
    at += record->size;
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
  struct records records = {0};
  long error;
  while ((error = journal_next(&fs->journal, &records)) == 0 && (error = apply(reader, &records)) == 0) records.size = 0;
  if (error == -ENOENT) error = finish(reader);
  kfree(records.bytes);
  kfree(reader);
  return error;
}
