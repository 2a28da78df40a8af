/* The host's commands: records of eight bytes, { 1, number }: a signal for the first process. */
#include "kernel/config.h"
#include "net/stream.h"
#include "process/process.h"

enum { CONTROL_SIGNAL = 1, CONTROL_CAPACITY = 4096 };

static void arrived(struct in_stream *stream) {
  u32 record[2];
  for (size_t used = in_stream_used(stream); used >= sizeof record; used -= sizeof record) {
    in_stream_peek(stream, 0, record, sizeof record);
    in_stream_take(stream, sizeof record);
    struct process *process = find_process(1);
    struct signal_info info = {.number = (s32)record[1]};
    if (record[0] == CONTROL_SIGNAL && process != NULL && record[1] >= 1 && record[1] <= SIGNAL_COUNT) send_signal(process, &info);
  }
}

void control_start(void) {
  static struct in_stream stream = {.arrived = arrived};
  const char *name = config_text("control");
  if (name != NULL && in_stream_open(&stream, name, CONTROL_CAPACITY) == 0) in_stream_listen(&stream);
}
