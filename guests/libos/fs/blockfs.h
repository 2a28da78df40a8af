/* What the parts of a file system on a disk know of each other: disk.c, journal.c, records.c, blockfs.c. */
#pragma once
#include "fs/file.h"
#include "net/stream.h"

/* A block device: a pair of streams to host code, which keeps the blocks (encrypted, authenticated). Its answers are checked,
 * its contents not believed. It answers in the order of the requests. Who `may_sleep` lets others go on until it has. */
enum { BLOCK_SIZE = 4096 };

struct disk {
  struct in_stream in;
  long out;
  u64 blocks;
  u32 sent, answered; /* requests; their tags are these numbers */
  long write_error; /* of writes since the last flush */
  struct list_head waiting; /* struct request; writes are not waited for */
  struct wait_queue queue; /* of who sleeps until there is an answer */
  u32 sleepers;
  bool has_failed; /* gone, or it answered nonsense: -EIO from now on */
};

/* 0 or -errno; then `blocks` is known. */
long disk_open(struct disk *disk, const char *send, const char *receive);
long disk_read(struct disk *disk, u64 block, void *to, bool may_sleep);
/* Goes its way; disk_flush tells whether it has arrived. */
long disk_write(struct disk *disk, u64 block, const void *from);
/* Everything written before is durable. One at a time. */
long disk_flush(struct disk *disk, bool may_sleep);

/* Bytes of records. */
struct records {
  u8 *bytes;
  size_t size, room, last; /* where the last one begins */
  bool has_failed; /* no memory: the next commit fails */
};
void records_add(struct records *records, const void *bytes, size_t size);

/* The log of a disk: transactions of bytes that are there whole or not at all.
 *
 *   block 0, 1   superblocks, written in turn: which of two areas is the log, and since when
 *   area 0, 1    log blocks of one area follow each other by sequence; what the other has is of the past
 *   the rest     data
 *
 * A full area is left for the other one: a checkpoint writes there what makes everything anew, and then a superblock.
 * A torn block at the end is a transaction that nobody was told of; one before the end is a damaged disk: -EIO. */
struct journal {
  struct disk *disk;
  u64 generation, area_blocks, first_data;
  u64 salt; /* of this generation's blocks: what an unfinished checkpoint has left is not taken for them */
  u64 next_block; /* in the present area */
  u64 transaction;
  bool is_new; /* the disk was empty */
  bool is_torn; /* a block of the log could not be read */
};

/* Empty disks are formatted by the first checkpoint. */
long journal_open(struct journal *journal, struct disk *disk);
/* The next transaction since the checkpoint: 0, -ENOENT: that was the last, -errno. */
long journal_next(struct journal *journal, struct records *records);
/* A transaction, durable after the disk's next flush. -ENOSPC: a checkpoint is due. */
long journal_append(struct journal *journal, const struct records *records);
/* A checkpoint: begin, any number of transactions, end. */
void journal_begin(struct journal *journal, const struct journal *before);
long journal_end(struct journal *journal, bool may_sleep);

enum { DISKS = 2, RESERVED_BLOCKS = 8, MAP_TO_THE_END = 0x7fffffff };

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

enum record_type { RECORD_INODE = 1, RECORD_LINK, RECORD_UNLINK, RECORD_MAP };
void record_inode(struct records *records, const struct inode *inode);
void record_name(struct records *records, enum record_type type, const struct entry *entry);
/* Pages from `first` on are in blocks from `block` on; block 0: nowhere. */
void record_map(struct records *records, const struct inode *inode, u64 first, u64 count, u32 block);
/* The whole file system, in pieces. */
long record_everything(struct blockfs *fs, struct journal *to);
/* Makes the tree of the journal's records. */
long replay(struct blockfs *fs);
