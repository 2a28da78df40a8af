#include "fs/file.h"
#include "fs/disk.h"
#include "net/net.h"

enum { REQUEST_INFO, REQUEST_READ, REQUEST_WRITE, REQUEST_FLUSH, CAPACITY = 65536, OUTSTANDING = 64 };

struct request {
  u32 type, tag;
  u64 block;
};
struct reply {
  u32 tag;
  s32 result;
  u64 value;
};

static long failed(struct disk *disk) {
  disk->has_failed = true;
  return -EIO;
}

static long send(struct disk *disk, const void *bytes, size_t size) {
  for (size_t done = 0; done < size;) {
    long sent = disk->has_failed ? -EIO : host_stream_send(disk->out, (const u8 *)bytes + done, size - done);
    if (sent == -EAGAIN) {
      struct cvm_poll_item item = {.kind = POLL_SEND, .handle = (u32)disk->out};
      host_poll(&item, 1, 0);
    } else if (sent < 0) return failed(disk);
    else done += (size_t)sent;
  }
  return 0;
}

/* For more than there was when it was last `seen`. */
static void poll(struct disk *disk) {
  struct cvm_poll_item item = {.kind = POLL_RECEIVE, .handle = (u32)disk->in.handle, .place = disk->in.seen};
  host_poll(&item, 1, 0);
}

static long wait_for(struct disk *disk, size_t size) {
  while (disk->in.seen = disk->in.control->head, in_stream_used(&disk->in) < size) {
    if (disk->has_failed || disk->in.has_ended) return failed(disk);
    poll(disk);
  }
  return 0;
}

static long receive(struct disk *disk, struct reply *reply) {
  in_stream_peek(&disk->in, 0, reply, sizeof *reply);
  in_stream_take(&disk->in, sizeof *reply);
  if (reply->tag != disk->answered || reply->result > 0 || reply->result < -4095) return failed(disk);
  disk->answered++;
  return 0;
}

/* Has everything before this tag been answered? Of writes and flushes, what has come is taken. */
static bool is_answered(struct disk *disk, u32 tag) {
  struct reply reply;
  while ((s32)(tag - disk->answered) > 0 && in_stream_used(&disk->in) >= sizeof reply && receive(disk, &reply) == 0) {
    if (reply.result < 0) disk->write_error = reply.result;
    wake_up(&disk->queue);
  }
  return (s32)(tag - disk->answered) <= 0;
}

static void arrived(struct in_stream *stream) {
  struct disk *disk = container_of(stream, struct disk, in);
  is_answered(disk, disk->sent);
  wake_up(&disk->queue);
}

static long wait_until_answered(struct disk *disk, u32 tag, bool may_sleep) {
  while (disk->in.seen = disk->in.control->head, !is_answered(disk, tag)) {
    if (disk->has_failed || disk->in.has_ended) return failed(disk);
    /* Who is to end does not sleep any more. */
    if (!may_sleep || sleep_on_network(&disk->queue, NO_DEADLINE) == -ERESTARTSYS) poll(disk);
  }
  return 0;
}

/* Its answer, behind those of what was asked before; a block may come with it. */
static long ask(struct disk *disk, u32 type, u64 block, struct reply *reply) {
  struct request request = {type, disk->sent, block};
  if (send(disk, &request, sizeof request) < 0 || wait_until_answered(disk, disk->sent++, false) < 0) return -EIO;
  if (wait_for(disk, sizeof *reply) < 0 || receive(disk, reply) < 0) return -EIO;
  return reply->result;
}

long disk_read(struct disk *disk, u64 block, void *to) {
  struct reply reply;
  if (block >= disk->blocks) return -EIO;
  long error = ask(disk, REQUEST_READ, block, &reply);
  if (error < 0) return error;
  if (wait_for(disk, BLOCK_SIZE) < 0) return -EIO;
  in_stream_peek(&disk->in, 0, to, BLOCK_SIZE);
  in_stream_take(&disk->in, BLOCK_SIZE);
  return 0;
}

long disk_write(struct disk *disk, u64 block, const void *from) {
  struct request request = {REQUEST_WRITE, disk->sent, block};
  if (block >= disk->blocks || wait_until_answered(disk, disk->sent - OUTSTANDING, false) < 0) return -EIO;
  if (send(disk, &request, sizeof request) < 0 || send(disk, from, BLOCK_SIZE) < 0) return -EIO;
  disk->sent++;
  return 0;
}

long disk_flush(struct disk *disk, bool may_sleep) {
  struct request request = {REQUEST_FLUSH, disk->sent, 0};
  if (send(disk, &request, sizeof request) < 0) return -EIO;
  bool was_uninterruptible = current->is_uninterruptible;
  current->is_uninterruptible = true;
  if (may_sleep) in_stream_listen(&disk->in);
  long error = wait_until_answered(disk, ++disk->sent, may_sleep);
  in_stream_forget(&disk->in);
  current->is_uninterruptible = was_uninterruptible;
  if (error == 0) error = disk->write_error;
  disk->write_error = 0;
  return error;
}

long disk_open(struct disk *disk, const char *send_name, const char *receive_name) {
  struct reply reply;
  wait_queue_init(&disk->queue);
  disk->in.arrived = arrived;
  long error = in_stream_open(&disk->in, receive_name, CAPACITY);
  if (error < 0) return error;
  if ((disk->out = host_stream_open_send(send_name)) < 0) return disk->out;
  error = ask(disk, REQUEST_INFO, 0, &reply);
  disk->blocks = reply.value;
  return error;
}
