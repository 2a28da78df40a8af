#include "process/command.h"
#include "net/net.h"

enum { COMMAND_CHANNELS = 3, COMMAND_LIMIT = 20000, NOT_FOUND = 127, NOT_RUN = 126 };

static const char *search_path(const struct start_strings *strings) {
  const char *text = strings->bytes;
  for (u32 i = 0; i < strings->argc + strings->envc; i++, text += strlen(text) + 1)
    if (i >= strings->argc && strncmp(text, "PATH=", 5) == 0) return text + 5;
  return "/usr/local/bin:/usr/bin:/bin";
}

/* The first argument is the program; one without a slash is looked for where PATH says. */
static long exec_by_name(struct start_strings *strings) {
  const char *name = strings->bytes;
  char *path = kmalloc(PATH_LIMIT);
  long result = -ENOENT;
  if (path == NULL) return -ENOMEM;
  if (strchr(name, '/') != NULL) result = process_exec(name, strings);
  else
    for (const char *at = search_path(strings), *end; result == -ENOENT; at = end + 1) {
      for (end = at; *end != 0 && *end != ':';) end++;
      size_t length = (size_t)(end - at);
      if (length + strlen(name) + 2 > PATH_LIMIT) result = -ENAMETOOLONG;
      else {
        memcpy(path, at, length);
        snprintf(path + length, PATH_LIMIT - length, "/%s", name);
        result = process_exec(path, strings);
      }
      if (*end == 0) break;
    }
  kfree(path);
  return result;
}

static void add_all(struct start_strings *strings, const char *key, u32 *count) {
  for (const char *text = NULL; (text = config_next(key, text)) != NULL; (*count)++)
    if (start_strings_add(strings, text) < 0) panic("arguments and environment are too long");
}

void command_first(struct thread *self) {
  struct start_strings strings = {.bytes = kmalloc(START_STRINGS_LIMIT)};
  lock_kernel();
  fs_start();
  net_start();
  self->process->files = files_create(true);
  const char *directory = config_text("cwd");
  self->process->fs = fs_context_create(directory == NULL ? "/" : directory);
  add_all(&strings, "arg", &strings.argc);
  add_all(&strings, "env", &strings.envc);
  if (strings.argc == 0) panic("no program");
  bool is_somewhere = self->process->fs != NULL;
  long result = is_somewhere ? exec_by_name(&strings) : -ENOENT;
  if (result == 0) return kfree(strings.bytes), unlock_kernel();
  char text[160];
  const char *what = is_somewhere ? strings.bytes : directory;
  size_t length = (size_t)snprintf(text, sizeof text, "capvm: cannot run %s: error %ld\n", what, -result);
  host_console_write(CONSOLE_ERRORS, text, min(length, sizeof text - 1));
  cvm_exit(result == -ENOENT ? NOT_FOUND : NOT_RUN);
}

static void report(u32 command, s32 status, long error) {
  u32 record[] = {REPORT_ENDED, command, (u32)status, (u32)-error};
  host_console_write(CONSOLE_REPORTS, record, sizeof record);
}

void command_ended(const struct process *process) {
  if (process->command != 0) report(process->command, process->exit_status, 0);
}

/* Standard input, output and errors. */
static long connect_files(u32 command) {
  long error = 0;
  for (u32 channel = 0; channel < COMMAND_CHANNELS && error == 0; channel++)
    error = net_connect_host(command * COMMAND_CHANNELS + channel);
  return error;
}

static long run(struct command_request *request) {
  const char *arguments = request->texts + strlen(request->texts) + 1;
  size_t used = request->size - (size_t)(arguments - request->texts);
  struct start_strings strings = {.bytes = kmalloc(START_STRINGS_LIMIT), .used = used, .argc = request->argc, .envc = request->envc};
  if (strings.bytes == NULL) return -ENOMEM;
  memcpy(strings.bytes, arguments, used);
  long error = connect_files(request->command);
  if (error == 0) error = exec_by_name(&strings);
  kfree(strings.bytes);
  return error;
}

static void run_further(struct thread *self) {
  struct process *process = self->process;
  lock_kernel();
  long error = run(process->request);
  kfree(process->request);
  process->request = NULL;
  if (error == 0) return unlock_kernel();
  s32 status = (error == -ENOENT ? NOT_FOUND : NOT_RUN) << 8;
  report(process->command, status, error);
  process->command = 0;
  process_exit(status);
}

static bool is_sound(const struct command_request *request, size_t size) {
  u64 texts = 0;
  if (size == 0 || size != request->size || request->texts[size - 1] != 0) return false;
  for (size_t i = 0; i < size; i++) texts += request->texts[i] == 0;
  return request->command > 0 && request->command <= COMMAND_LIMIT && request->argc > 0 && texts == 1 + (u64)request->argc + request->envc;
}

static bool make_process(struct command_request *request) {
  struct process *process = process_create(NULL);
  if (process == NULL) return false;
  process->command = request->command;
  process->request = request;
  process->files = files_create(false);
  process->fs = fs_context_create(request->texts);
  struct registers none = {0};
  bool is_whole = process->files != NULL && process->fs != NULL;
  struct thread *thread = is_whole ? thread_create(process, &none, process->pid) : ERR_PTR(-ENOMEM);
  if (IS_ERR(thread)) process_discard(process);
  else thread->body = run_further;
  return !IS_ERR(thread);
}

bool command_start(struct command_request *request, size_t size) {
  bool sound = is_sound(request, size);
  if (sound && make_process(request)) return true;
  if (sound) report(request->command, NOT_RUN << 8, -ENOMEM);
  kfree(request);
  return sound;
}
