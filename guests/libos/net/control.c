/* The host's commands: records { u32 kind, u32 size } and `size` bytes.
 *   1 signal   { u32 command, u32 number }: to the first process (command 0), or to the group of a command's first process
 *   2 command  { u32 command, u32 arguments, u32 variables, u32 bytes } and texts, each with its NUL: the working directory, the
 *              arguments, the environment: a further process, whose end is reported
 * A thread of its own listens, so that a program that never sleeps can be reached. What is no record ends the listening. */
#include "net/net.h"
#include "net/stream.h"
#include "process/command.h"

enum control_kind { CONTROL_SIGNAL = 1, CONTROL_COMMAND };
enum { CONTROL_CAPACITY = 32768 };

struct control_signal {
  u32 command, number;
};

static struct in_stream stream;

static void signal_command(const struct control_signal *wanted) {
  struct signal_info info = {.number = (s32)wanted->number};
  struct process *process;
  if (wanted->number < 1 || wanted->number > SIGNAL_COUNT) return;
  list_for_each_entry(process, &all_processes, link) {
    if (process->command != wanted->command || process->is_zombie) continue;
    if (wanted->command != 0) return signal_group(process->group, info.number);
    send_signal(process, &info);
    return;
  }
}

/* False: it is none. */
static bool take(u32 kind, u32 size) {
  struct control_signal signal;
  if (kind == CONTROL_SIGNAL && size == sizeof signal) {
    in_stream_peek(&stream, 0, &signal, sizeof signal);
    signal_command(&signal);
    return true;
  }
  struct command_request *request = kind == CONTROL_COMMAND && size > sizeof *request ? kmalloc(size) : NULL;
  if (request == NULL) return false;
  in_stream_peek(&stream, 0, request, size);
  return command_start(request, size - sizeof *request);
}

static bool take_all(void) {
  u32 head[2];
  for (;;) {
    size_t used = in_stream_used(&stream);
    if (used < sizeof head) return !stream.has_ended;
    in_stream_peek(&stream, 0, head, sizeof head);
    if (head[1] > CONTROL_CAPACITY - sizeof head) return false;
    if (used < sizeof head + head[1]) return !stream.has_ended;
    in_stream_take(&stream, sizeof head);
    if (!take(head[0], head[1])) return false;
    in_stream_take(&stream, head[1]);
  }
}

static void listen(struct thread *self) {
  (void)self;
  for (bool goes_on = true; goes_on;) {
    stream.seen = stream.control->head;
    lock_kernel();
    goes_on = take_all();
    unlock_kernel();
    struct cvm_poll_item item = {.kind = POLL_RECEIVE, .handle = (u32)stream.handle, .place = stream.seen};
    if (goes_on) host_poll(&item, 1, 0);
  }
  cvm_thread_exit();
}

void control_start(void) {
  const char *name = config_text("control");
  if (name != NULL && in_stream_open(&stream, name, CONTROL_CAPACITY) == 0 && IS_ERR(kernel_thread_create(listen))) panic("no thread");
}
