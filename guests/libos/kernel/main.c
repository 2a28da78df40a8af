/* Starts the library OS on the cVM's first thread, which ends when the first process runs. */
#include "cvm.h"
#include "fs/vfs.h"
#include "kernel/config.h"
#include "kernel/errno.h"
#include "kernel/host.h"
#include "kernel/kmalloc.h"
#include "kernel/lock.h"
#include "kernel/string.h"
#include "mm/mm.h"
#include "process/process.h"
#include "time/clock.h"

void syscalls_start(void);
void stray_fault(uint64_t cause, uint64_t value, uint64_t pc);

/* The first process, of which everything is ready but the program. */
static struct process *make_first_process(void) {
  struct process *process = process_create(NULL);
  if (process == NULL || (process->actions = kzalloc(sizeof *process->actions)) == NULL) panic("no memory");
  process->actions->users = 1;
  return process;
}

static void add_all(struct start_strings *strings, const char *key, u32 *count) {
  for (const char *text = NULL; (text = config_next(key, text)) != NULL; (*count)++)
    if (start_strings_add(strings, text) < 0) panic("arguments and environment are too long");
}

enum { PATH_LIMIT = 4096 };

static const char *search_path(void) {
  for (const char *text = NULL; (text = config_next("env", text)) != NULL;)
    if (strncmp(text, "PATH=", 5) == 0) return text + 5;
  return "/usr/local/bin:/usr/bin:/bin";
}

/* A name without a slash is looked for where PATH says. */
static long exec_by_name(const char *name, struct start_strings *strings) {
  static char path[PATH_LIMIT];
  if (strchr(name, '/') != NULL) return process_exec(name, strings);
  long result = -ENOENT;
  for (const char *at = search_path(), *end; result == -ENOENT; at = end + 1) {
    for (end = at; *end != 0 && *end != ':';) end++;
    if (end - at + strlen(name) + 2 > sizeof path) return -ENAMETOOLONG;
    snprintf(path, (size_t)(end - at) + 1, "%s", at);
    snprintf(path + (end - at), sizeof path - (size_t)(end - at), "/%s", name);
    result = process_exec(path, strings);
    if (*end == 0) break;
  }
  return result;
}

/* Runs as the first process' thread, without a program yet. */
static void exec_first(struct thread *self) {
  struct start_strings strings = {.bytes = kmalloc(START_STRINGS_LIMIT)};
  lock_kernel();
  fs_start();
  net_start();
  self->process->files = files_create();
  const char *directory = config_text("cwd"), *program = config_text("arg");
  self->process->fs = fs_context_create(directory == NULL ? "/" : directory);
  add_all(&strings, "arg", &strings.argc);
  add_all(&strings, "env", &strings.envc);
  if (program == NULL) panic("no program");
  long result = exec_by_name(program, &strings);
  kfree(strings.bytes);
  if (result == 0) return unlock_kernel();
  char text[160];
  host_console_write(text, (size_t)min(snprintf(text, sizeof text, "capvm: cannot run %s: error %ld\n", program, -result), 159));
  host_exit(result == -ENOENT ? 127 : 126);
}

int main(int argc, char **argv) {
  struct registers none = {0};
  cvm_on_fault(stray_fault);
  kmalloc_start(cvm_heap_begin(), cvm_heap_end());
  config_start(argc > 0 ? argv[0] : "config");
  clock_start();
  syscalls_start();
  mm_start();
  lock_kernel();
  struct process *process = make_first_process();
  struct thread *thread = thread_create(process, &none, process->pid);
  if (IS_ERR(thread)) panic("no thread: %ld", PTR_ERR(thread));
  thread->body = exec_first;
  unlock_kernel();
  cvm_thread_exit();
}
