#include "fs/disk.h"

#include "cvm.h"
#include "kernel/errno.h"
#include "kernel/host.h"

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

static long wait_for(struct disk *disk, size_t size) {
  for (size_t used; (used = in_stream_used(&disk->in)) < size;) {
    if (disk->has_failed || disk->in.has_ended) return failed(disk);
    struct cvm_poll_item item = {.kind = POLL_RECEIVE, .handle = (u32)disk->in.handle, .place = disk->in.tail + used};
    host_poll(&item, 1, 0);
  }
  return 0;
}

/* The next answer; a block may come with it. */
static long receive(struct disk *disk, struct reply *reply) {
  if (wait_for(disk, sizeof *reply) < 0) return -EIO;
  in_stream_peek(&disk->in, 0, reply, sizeof *reply);
  in_stream_take(&disk->in, sizeof *reply);
  if (reply->tag != disk->answered || reply->result > 0 || reply->result < -4095) return failed(disk);
  disk->answered++;
  return 0;
}

/* Of writes, up to `left` that may stay unanswered. */
static long receive_writes(struct disk *disk, u32 left) {
  struct reply reply;
  while (disk->sent - disk->answered > left) {
    if (receive(disk, &reply) < 0) return -EIO;
    if (reply.result < 0) disk->write_error = reply.result;
  }
  return 0;
}

static long ask(struct disk *disk, u32 type, u64 block, struct reply *reply) {
  struct request request = {type, disk->sent, block};
  if (receive_writes(disk, 0) < 0 || send(disk, &request, sizeof request) < 0) return -EIO;
  disk->sent++;
  long error = receive(disk, reply);
  return error < 0 ? error : reply->result;
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
  if (block >= disk->blocks || receive_writes(disk, OUTSTANDING) < 0) return -EIO;
  if (send(disk, &request, sizeof request) < 0 || send(disk, from, BLOCK_SIZE) < 0) return -EIO;
  disk->sent++;
  return 0;
}

long disk_flush(struct disk *disk) {
  struct reply reply;
  long error = ask(disk, REQUEST_FLUSH, 0, &reply);
  if (error == 0) error = disk->write_error;
  disk->write_error = 0;
  return error;
}

long disk_open(struct disk *disk, const char *send_name, const char *receive_name) {
  struct reply reply;
  long error = in_stream_open(&disk->in, receive_name, CAPACITY);
  if (error < 0) return error;
  if ((disk->out = host_stream_open_send(send_name)) < 0) return disk->out;
  error = ask(disk, REQUEST_INFO, 0, &reply);
  disk->blocks = reply.value;
  return error;
}
