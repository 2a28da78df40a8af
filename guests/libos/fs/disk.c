/* A block device's requests and answers. */
#include "fs/blockfs.h"
#include "net/net.h"

enum { REQUEST_INFO, REQUEST_READ, REQUEST_WRITE, REQUEST_FLUSH, CAPACITY = 65536, OUTSTANDING = 64 };

struct message {
  u32 type, tag;
  u64 block;
};
struct reply {
  u32 tag;
  s32 result;
  u64 value;
};
/* Of which somebody waits for the reply. */
struct request {
  struct list_head link;
  u32 tag;
  void *block; /* where one that is read goes */
  struct reply reply;
};

/* Of what nobody waits for, only errors are kept. */
static void take_replies(struct disk *disk) {
  struct reply reply;
  u32 before = disk->answered;
  while (in_stream_used(&disk->in) >= sizeof reply && disk->answered != disk->sent && !disk->has_failed) {
    struct request *request = list_first_entry(&disk->waiting, struct request, link);
    bool is_waited_for = !list_empty(&disk->waiting) && request->tag == disk->answered;
    in_stream_peek(&disk->in, 0, &reply, sizeof reply);
    size_t size = is_waited_for && request->block != NULL && reply.result == 0 ? BLOCK_SIZE : 0;
    if (in_stream_used(&disk->in) < sizeof reply + size) break;
    if (size > 0) in_stream_peek(&disk->in, sizeof reply, request->block, size);
    in_stream_take(&disk->in, sizeof reply + size);
    disk->has_failed = reply.tag != disk->answered || reply.result > 0 || reply.result < -4095;
    disk->answered++;
    if (is_waited_for) {
      request->reply = reply;
      list_del(&request->link);
    } else if (reply.result < 0) disk->write_error = reply.result;
  }
  disk->has_failed |= disk->in.has_ended;
  if (disk->answered != before || disk->has_failed) wake_up(&disk->queue);
}

static void arrived(struct in_stream *stream) {
  take_replies(container_of(stream, struct disk, in));
}

/* Takes what is there, and waits for more, or also for room to send. */
static void poll(struct disk *disk, bool for_room) {
  struct cvm_poll_item items[] = {{.kind = POLL_RECEIVE, .handle = (u32)disk->in.handle, .place = disk->in.seen},
                                  {.kind = POLL_SEND, .handle = (u32)disk->out}};
  host_poll(items, for_room ? 2 : 1, 0);
}

static long send(struct disk *disk, const void *bytes, size_t size) {
  for (size_t done = 0; done < size && !disk->has_failed;) {
    long sent = host_stream_send(disk->out, (const u8 *)bytes + done, size - done);
    if (sent >= 0) done += (size_t)sent;
    else if (sent != -EAGAIN) disk->has_failed = true;
    else {
      disk->in.seen = disk->in.control->head;
      take_replies(disk);
      poll(disk, true);
    }
  }
  return disk->has_failed ? -EIO : 0;
}

/* Until the request of this tag has been answered, whatever signals come. */
static long wait_for(struct disk *disk, u32 tag, bool may_sleep) {
  bool was_uninterruptible = current->is_uninterruptible;
  current->is_uninterruptible = true;
  if (may_sleep && disk->sleepers++ == 0) in_stream_listen(&disk->in);
  for (;;) {
    disk->in.seen = disk->in.control->head;
    take_replies(disk);
    if ((s32)(disk->answered - tag) > 0 || disk->has_failed) break;
    /* Who is to end does not sleep any more. */
    if (!may_sleep || sleep_on_network(&disk->queue, NO_DEADLINE) == -ERESTARTSYS) poll(disk, false);
  }
  if (may_sleep && --disk->sleepers == 0) in_stream_forget(&disk->in);
  current->is_uninterruptible = was_uninterruptible;
  return disk->has_failed ? -EIO : 0;
}

static long ask(struct disk *disk, u32 type, u64 block, struct request *request, bool may_sleep) {
  struct message message = {type, disk->sent, block};
  if (send(disk, &message, sizeof message) < 0) return -EIO;
  request->tag = disk->sent++;
  list_add_tail(&request->link, &disk->waiting);
  long error = wait_for(disk, request->tag, may_sleep);
  list_del(&request->link);
  return error < 0 ? error : request->reply.result;
}

long disk_read(struct disk *disk, u64 block, void *to, bool may_sleep) {
  struct request request = {.block = to};
  return block >= disk->blocks ? -EIO : ask(disk, REQUEST_READ, block, &request, may_sleep);
}

long disk_write(struct disk *disk, u64 block, const void *from) {
  struct message message = {REQUEST_WRITE, disk->sent, block};
  if (block >= disk->blocks || wait_for(disk, disk->sent - OUTSTANDING - 1, false) < 0) return -EIO;
  if (send(disk, &message, sizeof message) < 0 || send(disk, from, BLOCK_SIZE) < 0) return -EIO;
  disk->sent++;
  return 0;
}

long disk_flush(struct disk *disk, bool may_sleep) {
  struct request request = {0};
  long error = ask(disk, REQUEST_FLUSH, 0, &request, may_sleep);
  if (error == 0) error = disk->write_error;
  disk->write_error = 0;
  return error;
}

long disk_open(struct disk *disk, const char *send_name, const char *receive_name) {
  struct request request = {0};
  wait_queue_init(&disk->queue);
  list_init(&disk->waiting);
  disk->in.arrived = arrived;
  long error = in_stream_open(&disk->in, receive_name, CAPACITY);
  if (error < 0) return error;
  if ((disk->out = host_stream_open_send(send_name)) < 0) return disk->out;
  error = ask(disk, REQUEST_INFO, 0, &request, false);
  disk->blocks = request.reply.value;
  return error;
}
