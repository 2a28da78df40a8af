/* Pipes, and FIFOs, which are pipes that a path leads to. */
#include "fs/file.h"
#include "fs/ring.h"

enum { DEFAULT_ROOM = 65536, LARGEST_ROOM = 1 << 20 };

struct pipe {
  struct ring ring;
  u32 room;
  u32 readers, writers;
  u32 reader_opens, writer_opens; /* how often so far: a FIFO's open waits for the other side's */
  struct wait_queue queue;
};

static const struct file_operations pipe_operations;

static struct pipe *create(void) {
  struct pipe *pipe = kzalloc(sizeof *pipe);
  if (pipe == NULL) return NULL;
  pipe->room = DEFAULT_ROOM;
  wait_queue_init(&pipe->queue);
  return pipe;
}

static void attach(struct pipe *pipe, struct file *file) {
  int access = file->flags & O_ACCMODE;
  if (access != O_WRONLY) pipe->readers++, pipe->reader_opens++;
  if (access != O_RDONLY) pipe->writers++, pipe->writer_opens++;
  file->operations = &pipe_operations;
  file->object = pipe;
  file->queue = &pipe->queue;
  wake_up(&pipe->queue);
}

static long pipe_read(struct file *file, void *to, size_t size, u64 *position, int flags) {
  struct pipe *pipe = file->object;
  if (size == 0) return 0;
  while (ring_used(&pipe->ring) == 0) {
    if (pipe->writers == 0) return 0;
    if (flags & O_NONBLOCK) return -EAGAIN;
    long error = sleep_on(&pipe->queue, NO_DEADLINE);
    if (error < 0) return error;
  }
  size_t taken = ring_take(&pipe->ring, to, size);
  wake_up_events(&pipe->queue, POLL_WRITABLE);
  return (long)taken;
}

static u32 room_of(const struct pipe *pipe) {
  u32 used = ring_used(&pipe->ring);
  return used < pipe->room ? pipe->room - used : 0;
}

static long broken(long done) {
  if (done > 0) return done;
  raise_signal(SIGPIPE);
  return -EPIPE;
}

/* Up to a page goes in one piece. */
static long pipe_write(struct file *file, const void *from, size_t size, u64 *position, int flags) {
  struct pipe *pipe = file->object;
  size_t done = 0, least = size <= PAGE_SIZE ? size : 1;
  while (done < size) {
    if (pipe->readers == 0) return broken((long)done);
    size_t piece = min(size - done, (size_t)room_of(pipe));
    if (piece >= least) {
      if (!ring_reserve(&pipe->ring, piece)) return done > 0 ? (long)done : -ENOMEM;
      ring_put(&pipe->ring, (const u8 *)from + done, piece);
      done += piece;
      wake_up_events(&pipe->queue, POLL_READABLE);
      continue;
    }
    if (flags & O_NONBLOCK) return done > 0 ? (long)done : -EAGAIN;
    long error = sleep_on(&pipe->queue, NO_DEADLINE);
    if (error < 0) return done > 0 ? (long)done : error;
  }
  return (long)done;
}

static u32 pipe_poll(struct file *file) {
  const struct pipe *pipe = file->object;
  u32 access = file->flags & O_ACCMODE, events = 0;
  if (access != O_WRONLY) {
    if (ring_used(&pipe->ring) > 0) events |= POLL_READABLE;
    if (pipe->writers == 0 && pipe->writer_opens > 0) events |= POLLHUP;
  }
  if (access != O_RDONLY) {
    if (room_of(pipe) >= PAGE_SIZE) events |= POLL_WRITABLE;
    if (pipe->readers == 0) events |= POLLERR;
  }
  return events;
}

static long pipe_ioctl(struct file *file, u32 command, uaddr_t argument) {
  const struct pipe *pipe = file->object;
  u32 used = ring_used(&pipe->ring);
  return command == FIONREAD ? copy_to_user(argument, &used, 4) : -ENOTTY;
}

static void pipe_release(struct file *file) {
  struct pipe *pipe = file->object;
  int access = file->flags & O_ACCMODE;
  if (access != O_WRONLY) pipe->readers--;
  if (access != O_RDONLY) pipe->writers--;
  wake_up(&pipe->queue);
  if (pipe->readers + pipe->writers > 0) return;
  file->inode->object = NULL;
  ring_free(&pipe->ring);
  kfree(pipe);
}

static const struct file_operations pipe_operations = {
    .read = pipe_read, .write = pipe_write, .poll = pipe_poll, .ioctl = pipe_ioctl, .release = pipe_release};

long pipe_size(struct file *file, bool set, u64 size) {
  if (file->operations != &pipe_operations) return -EBADF;
  struct pipe *pipe = file->object;
  if (!set) return pipe->room;
  if (size > LARGEST_ROOM) return -EPERM;
  u32 room = PAGE_SIZE;
  while (room < size) room *= 2;
  if (room < ring_used(&pipe->ring)) return -EBUSY;
  return pipe->room = room;
}

long sys_pipe2(long to, long flags) {
  if (flags & ~(O_CLOEXEC | O_NONBLOCK | O_DIRECT)) return -EINVAL;
  struct pipe *pipe = create();
  if (pipe == NULL) return -ENFILE;
  int status = (int)flags & O_NONBLOCK;
  struct file *reader = file_create_pathless(&pipe_operations, S_IFIFO | 0600, O_RDONLY | status, pipe, &pipe->queue);
  if (reader == NULL) kfree(pipe);
  if (reader == NULL) return -ENFILE;
  attach(pipe, reader);
  struct file *writer = file_create(&pipe_operations, inode_get(reader->inode), O_WRONLY | status);
  if (writer == NULL) file_put(reader);
  if (writer == NULL) return -ENFILE;
  attach(pipe, writer);
  reader->inode->object = pipe; /* /proc/self/fd leads here */
  return fd_install_pair(reader, writer, flags & O_CLOEXEC, (uaddr_t)to);
}

/* Waits until the other side has been opened, once. */
static long wait_for_other(struct pipe *pipe, bool is_reader) {
  const u32 *others = is_reader ? &pipe->writers : &pipe->readers, *opens = is_reader ? &pipe->writer_opens : &pipe->reader_opens;
  u32 seen = *opens;
  long error = 0;
  while (error == 0 && *others == 0 && *opens == seen) error = sleep_on(&pipe->queue, NO_DEADLINE);
  return error;
}

long fifo_open(struct inode *inode, struct file *file) {
  if (inode->object == NULL && (inode->object = create()) == NULL) return -ENOMEM;
  struct pipe *pipe = inode->object;
  int access = file->flags & O_ACCMODE;
  if (access == O_WRONLY && (file->flags & O_NONBLOCK) && pipe->readers == 0) {
    if (pipe->writers == 0) inode->object = NULL, kfree(pipe);
    return -ENXIO;
  }
  attach(pipe, file);
  if (access == O_RDWR || (file->flags & O_NONBLOCK)) return 0;
  long error = wait_for_other(pipe, access == O_RDONLY);
  if (error < 0) pipe_release(file);
  return error;
}
