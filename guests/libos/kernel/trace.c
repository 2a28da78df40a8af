#include "kernel/trace.h"

#include "kernel/host.h"
#include "process/process.h"

/* `memory`: where program address 0 would lie. The host looks at the program's memory while it has the report. */
struct trace {
  u32 report, tid, pid, number;
  u64 memory, values[6];
};

static struct trace begin(enum report report, u32 number) {
  const struct process *process = current->process;
  u64 memory = process->mm == NULL ? 0 : (u64)process->mm->slot;
  return (struct trace){report, (u32)current->tid, (u32)process->pid, number, memory, {0}};
}

void trace_call(void) {
  struct trace trace = begin(REPORT_CALL, (u32)current->registers->x[A7]);
  for (unsigned i = 0; i < 6; i++) trace.values[i] = current->registers->x[A0 + i];
  host_console_write(CONSOLE_REPORTS, &trace, sizeof trace);
}

void trace_result(u32 number, long result) {
  struct trace trace = begin(REPORT_RESULT, number);
  trace.values[0] = (u64)result;
  host_console_write(CONSOLE_REPORTS, &trace, sizeof trace);
}
