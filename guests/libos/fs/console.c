/* The console: writing goes to the cVM's console, output and errors apart; reading comes from the stream of the standard input. With tty=1 it
 * says that it is a terminal; it has no line discipline. */
#include "fs/file.h"
#include "net/net.h"
#include "net/stream.h"

enum { INPUT_CAPACITY = 65536 };

static struct in_stream input;
static bool has_input;
static struct wait_queue queue;

static void input_arrived(struct in_stream *stream) {
  wake_up(&queue);
}

void console_start(void) {
  const char *name = config_text("stdin");
  wait_queue_init(&queue);
  input.arrived = input_arrived;
  has_input = name != NULL && strcmp(name, "none") != 0 && in_stream_open(&input, name, INPUT_CAPACITY) == 0;
  if (has_input) in_stream_listen(&input);
}

static long console_read(struct file *file, void *to, size_t size, u64 *position, int flags) {
  if (!has_input || size == 0) return 0;
  size_t used;
  while ((used = in_stream_used(&input)) == 0) {
    if (input.has_ended) return 0;
    if (flags & O_NONBLOCK) return -EAGAIN;
    long error = sleep_on_network(&queue, NO_DEADLINE);
    if (error < 0) return error;
  }
  size = min(size, used);
  in_stream_peek(&input, 0, to, size);
  in_stream_take(&input, size);
  return (long)size;
}

static long console_write(struct file *file, const void *from, size_t size, u64 *position, int flags) {
  host_console_write(file->inode->rdev == CONSOLE_ERRORS_DEVICE ? CONSOLE_ERRORS : CONSOLE_OUTPUT, from, size);
  return (long)size;
}

static u32 console_poll(struct file *file) {
  bool is_readable = !has_input || in_stream_used(&input) > 0 || input.has_ended;
  return POLL_WRITABLE | (is_readable ? POLL_READABLE : 0);
}

struct termios {
  u32 input, output, control, local;
  u8 line, characters[19];
};

static long console_ioctl(struct file *file, u32 command, uaddr_t argument) {
  if (config_number("tty", 0) == 0) return -ENOTTY;
  switch (command) {
    case TCGETS: {
      static const struct termios usual = {0x500, 5, 0xbf, 0x8a3b, 0, {3, 28, 127, 21, 4, 0, 1, 0, 17, 19, 26, 0, 18, 15, 23, 22}};
      return copy_to_user(argument, &usual, sizeof usual);
    }
    case TCSETS: case TCSETSW: case TCSETSF: case TIOCSWINSZ: case TIOCSPGRP: return 0;
    case TIOCGPGRP: {
      s32 group = 1;
      return copy_to_user(argument, &group, 4);
    }
    case TIOCGWINSZ: {
      static const u16 size[4] = {24, 80, 0, 0};
      return copy_to_user(argument, size, sizeof size);
    }
    case FIONREAD: {
      s32 used = has_input ? (s32)in_stream_used(&input) : 0;
      return copy_to_user(argument, &used, 4);
    }
    default: return -ENOTTY;
  }
}

const struct file_operations console_operations = {
    .read = console_read, .write = console_write, .poll = console_poll, .ioctl = console_ioctl};

long console_open(struct inode *inode, struct file *file) {
  file->operations = &console_operations;
  file->queue = &queue;
  return 0;
}
