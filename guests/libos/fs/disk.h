/* A block device: a pair of streams to host code, which keeps the blocks (encrypted, authenticated). Its answers are checked,
 * its contents not believed (blockfs.c). Who waits until it is durable lets others go on; who reads holds the big lock. */
#pragma once
#include "kernel/wait.h"
#include "net/stream.h"

enum { BLOCK_SIZE = 4096 };

struct disk {
  struct in_stream in;
  long out;
  u64 blocks;
  u32 sent, answered; /* requests; their tags are these numbers */
  long write_error;   /* of writes since the last flush, and of that */
  struct wait_queue queue; /* of who sleeps until it has been flushed */
  bool has_failed;    /* gone, or it answered nonsense: -EIO from now on */
};

/* 0 or -errno; then `blocks` is known. */
long disk_open(struct disk *disk, const char *send, const char *receive);
long disk_read(struct disk *disk, u64 block, void *to);
/* Goes its way; disk_flush tells whether it has arrived. */
long disk_write(struct disk *disk, u64 block, const void *from);
/* Everything written before is durable. One at a time; others may read and write meanwhile if it may sleep. */
long disk_flush(struct disk *disk, bool may_sleep);
