/* Dispatch. entry/trap.S jumps through `syscall_entries`: to the handler itself if it needs no lock and nobody traces,
 * else to syscall_slow. */
#include "kernel/syscall.h"

#include "kernel/config.h"
#include "kernel/lock.h"
#include "kernel/trace.h"
#include "process/process.h"

typedef long (*syscall_handler)(long, long, long, long, long, long);

#define SYSCALL(number, name, arguments) __attribute__((weak)) long sys_##name(long, long, long, long, long, long);
#define UNLOCKED SYSCALL
#include "kernel/syscalls.def"
#undef SYSCALL
#undef UNLOCKED

static const struct row {
  const char *name;
  const char *arguments;
  syscall_handler handler;
  bool unlocked;
} rows[SYSCALL_LIMIT] = {
#define SYSCALL(number, name, arguments) [number] = {#name, arguments, sys_##name, false},
#define UNLOCKED(number, name, arguments) [number] = {#name, arguments, sys_##name, true},
#include "kernel/syscalls.def"
};

syscall_handler syscall_entries[SYSCALL_LIMIT];

/* Any system call: its number and arguments are in current->registers. */
long syscall_slow(long a0, long a1, long a2, long a3, long a4, long a5) {
  struct registers *registers = current->registers;
  u64 number = registers->x[17];
  static const struct row unknown = {"syscall", "xxxxxx", NULL, true};
  const struct row *row = number < SYSCALL_LIMIT && rows[number].name != NULL ? &rows[number] : &unknown;
  current->original_a0 = (u64)a0;
  if (trace_is_on) trace_begin(row->name, row->arguments, registers->x + 10);
  long result = -ENOSYS;
  if (row->handler != NULL) {
    if (!row->unlocked) lock_kernel();
    result = row->handler(a0, a1, a2, a3, a4, a5);
    if (!row->unlocked) unlock_kernel();
  }
  if (trace_is_on) trace_end(result);
  registers->call = number;
  if (result <= -ERESTARTSYS && result >= -ERESTARTNOHAND) current->work = 1;
  return result;
}

void syscalls_start(void) {
  trace_is_on = config_number("strace", 0) != 0;
  for (unsigned number = 0; number < SYSCALL_LIMIT; number++) {
    const struct row *row = &rows[number];
    bool direct = row->unlocked && row->handler != NULL && !trace_is_on;
    syscall_entries[number] = direct ? row->handler : syscall_slow;
  }
}
