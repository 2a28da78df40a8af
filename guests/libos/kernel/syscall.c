/* Dispatch. entry/trap.S jumps to what `syscall_entries` says: the handler, 1 more if it wants the big lock; or call_whole,
 * which asks syscall_whole. */
#include "process/process.h"

typedef long (*syscall_handler)(long, long, long, long, long, long);
void call_whole(void);

#define SYSCALL(number, name, arguments) __attribute__((weak)) long sys_##name(long, long, long, long, long, long);
#define UNLOCKED SYSCALL
#define WHOLE SYSCALL
#include "kernel/syscalls.def"
#undef SYSCALL
#undef UNLOCKED
#undef WHOLE

enum kind { KIND_UNLOCKED, KIND_LOCKED, KIND_WHOLE };
static const struct row {
  syscall_handler handler;
  enum kind kind;
} rows[SYSCALL_LIMIT] = {
#define SYSCALL(number, name, arguments) [number] = {sys_##name, KIND_LOCKED},
#define UNLOCKED(number, name, arguments) [number] = {sys_##name, KIND_UNLOCKED},
#define WHOLE(number, name, arguments) [number] = {sys_##name, KIND_WHOLE},
#include "kernel/syscalls.def"
};

u64 syscall_entries[SYSCALL_LIMIT];

/* With strace=1 the host is told of every call, and makes text of it (src/services/trace). */
static bool is_traced;

/* `memory`: where program address 0 would lie. The host looks at the program's memory while it has the report. */
struct trace {
  u32 report, tid, pid, number;
  u64 memory, values[6];
};

static void report(enum report report, u64 number, const u64 *values, unsigned count) {
  const struct process *process = current->process;
  u64 memory = process->mm == NULL ? 0 : (u64)process->mm->slot;
  struct trace trace = {report, (u32)current->tid, (u32)process->pid, (u32)number, memory, {0}};
  for (unsigned i = 0; i < count; i++) trace.values[i] = values[i];
  host_console_write(CONSOLE_REPORTS, &trace, sizeof trace);
}

/* Any system call: all of current->registers is as it was. */
long syscall_whole(long a0, long a1, long a2, long a3, long a4, long a5) {
  u64 number = current->registers->x[A7];
  static const struct row unknown = {NULL, KIND_UNLOCKED};
  const struct row *row = number < SYSCALL_LIMIT ? &rows[number] : &unknown;
  if (is_traced) report(REPORT_CALL, number, &current->registers->x[A0], 6);
  long result = -ENOSYS;
  if (row->handler != NULL) {
    if (row->kind != KIND_UNLOCKED) lock_kernel();
    kernel.calls++;
    result = row->handler(a0, a1, a2, a3, a4, a5);
    if (row->kind != KIND_UNLOCKED) unlock_kernel();
  }
  if (is_traced) report(REPORT_RESULT, number, (const u64 *)&result, 1);
  return result;
}

void syscalls_start(void) {
  is_traced = config_number("strace", 0) != 0;
  for (unsigned number = 0; number < SYSCALL_LIMIT; number++) {
    const struct row *row = &rows[number];
    bool is_whole = is_traced || row->handler == NULL || row->kind == KIND_WHOLE;
    syscall_entries[number] = is_whole ? (u64)call_whole : (u64)row->handler + row->kind;
  }
}
