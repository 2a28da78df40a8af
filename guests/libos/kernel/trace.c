/* The view of system calls that strace gives. A call's beginning is kept in its thread until its result is known, so
 * lines of threads do not mix. */
#include "kernel/trace.h"

#include "kernel/host.h"
#include "kernel/string.h"
#include "mm/uaccess.h"
#include "process/process.h"

enum { TEXT_LIMIT = 48 };

bool trace_is_on;

static void append(struct thread *thread, const char *format, ...) {
  size_t left = sizeof thread->trace - thread->trace_length;
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(thread->trace + thread->trace_length, left, format, arguments);
  va_end(arguments);
  thread->trace_length += (u32)min((size_t)length, left - 1);
}

static void append_text(struct thread *thread, uaddr_t address) {
  char text[TEXT_LIMIT + 1];
  long length = strncpy_from_user(text, address, sizeof text);
  if (length == -EFAULT) return append(thread, "0x%lx", address);
  text[TEXT_LIMIT] = 0;
  for (char *at = text; *at != 0; at++)
    if (*at < ' ' || *at > '~') *at = '.';
  append(thread, length < 0 ? "\"%s\"..." : "\"%s\"", text);
}

static void append_argument(struct thread *thread, char kind, u64 value) {
  if (kind == 's') append_text(thread, value);
  else if (kind == 'd') append(thread, "%d", (int)value);
  else if (kind == 'u') append(thread, "%lu", value);
  else if (kind == 'o') append(thread, "0%lo", value);
  else if (kind == 'p' && value == 0) append(thread, "NULL");
  else append(thread, "0x%lx", value);
}

void trace_begin(const char *name, const char *arguments, const u64 *values) {
  struct thread *thread = current;
  thread->trace_length = 0;
  append(thread, "[%d] %s(", thread->tid, name);
  for (unsigned i = 0; arguments[i] != 0; i++) {
    if (i > 0) append(thread, ", ");
    append_argument(thread, arguments[i], values[i]);
  }
  append(thread, ")");
}

void trace_end(long result) {
  struct thread *thread = current;
  if (result < 0 && result >= -4095) append(thread, " = -1 (%ld)\n", -result);
  else append(thread, (u64)result < 1 << 16 ? " = %ld\n" : " = 0x%lx\n", result);
  thread->trace[sizeof thread->trace - 2] = '\n';
  host_console_write(thread->trace, thread->trace_length);
}
