/* What blockfs.c and records.c know of each other. */
#pragma once
#include "fs/inode.h"
#include "fs/journal.h"

enum { DISKS = 2, RESERVED_BLOCKS = 8, MAP_TO_THE_END = 0x7fffffff };
enum record_type { RECORD_INODE = 1, RECORD_LINK, RECORD_UNLINK, RECORD_MAP };

/* Bytes of records for the journal. */
struct records {
  u8 *bytes;
  size_t size, room, last; /* where the last one begins */
  bool has_failed; /* no memory: the next commit fails */
};

struct blockfs {
  struct file_system system;
  struct disk disk;
  struct journal journal;
  struct inode *root;
  struct list_head inodes, changed;
  struct records records;
  u8 *used; /* a bit for each block */
  /* Blocks that the last commit refers to and nothing later does; those of the commit that is being made. */
  struct freed {
    u8 *map;
    u64 count;
  } freed, freeing;
  u64 rotor, free_blocks;
  u64 dirty_pages, cached_pages;
  long error; /* a commit failed */
  u64 begun, finished; /* commits; they differ while one is being made */
  struct wait_queue done;
  bool is_loading;
};

/* Everything until now is durable: made with others' changes, by whoever comes first. */
long blockfs_commit(struct blockfs *fs);

void record_inode(struct records *records, const struct inode *inode);
void record_name(struct records *records, enum record_type type, const struct entry *entry);
/* Pages from `first` on are in blocks from `block` on; block 0: nowhere. */
void record_map(struct records *records, const struct inode *inode, u64 first, u64 count, u32 block);
/* The whole file system, in pieces. */
long record_everything(struct blockfs *fs, long (*append)(void *context, const u8 *bytes, size_t size), void *context);
/* Makes the tree of the journal's records. */
long replay(struct blockfs *fs);
