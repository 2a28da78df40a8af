/* The log of a disk: transactions of bytes that are there whole or not at all.
 *
 *   block 0, 1   superblocks, written in turn: which of two areas is the log, and since when
 *   area 0, 1    log blocks of one area follow each other by sequence; what the other has is of the past
 *   the rest     data
 *
 * A full area is left for the other one: a checkpoint writes there what makes everything anew, and then a superblock.
 * A torn block at the end is a transaction that nobody was told of; one before the end is a damaged disk: -EIO. */
#pragma once
#include "fs/disk.h"

struct journal {
  struct disk *disk;
  u64 generation, area_blocks, first_data;
  u64 salt; /* of this generation's blocks: what an unfinished checkpoint has left is not taken for them */
  u64 next_block; /* in the present area */
  u64 transaction;
  bool is_new;  /* the disk was empty */
  bool is_torn; /* a block of the log could not be read */
};

/* Empty disks are formatted by the first checkpoint. */
long journal_open(struct journal *journal, struct disk *disk);
/* Every transaction since the checkpoint, in order. */
long journal_replay(struct journal *journal, long (*apply)(void *context, const u8 *bytes, size_t size), void *context);
/* A transaction, durable after the disk's next flush. -ENOSPC: a checkpoint is due. */
long journal_append(struct journal *journal, const u8 *bytes, size_t size);
/* A checkpoint: begin, any number of transactions, end. */
void journal_begin(struct journal *journal, struct journal *before);
long journal_end(struct journal *journal, bool may_sleep);
