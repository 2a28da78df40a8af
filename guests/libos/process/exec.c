/* execve: scripts, programs, their dynamic linkers. */
#include "cvm-abi.h"
#include "fs/file.h"
#include "process/elf.h"
#include "time/clock.h"

enum { SCRIPT_DEPTH = 4, SCRIPT_LINE = 256 };

extern const u8 vdso_image[], vdso_image_end[];

long start_strings_add(struct start_strings *strings, const char *text) {
  size_t size = strlen(text) + 1;
  if (size > START_STRINGS_LIMIT - strings->used) return -E2BIG;
  memcpy(strings->bytes + strings->used, text, size);
  strings->used += size;
  return 0;
}

static struct file *open_executable(const char *path) {
  struct file *file = file_open_path(path, 0, 0);
  if (IS_ERR(file)) return file;
  if (file_is_regular(file) && file_may_execute(file)) return file;
  file_put(file);
  return ERR_PTR(-EACCES);
}

/* What is started: a program, its dynamic linker, and everything else about it. */
struct exec {
  struct elf program, linker;
  bool has_linker;
  char path[PATH_LIMIT];
  struct start_strings strings;
};

/* Puts interpreter, its argument and the script's path in place of argv[0]. */
static long prepend(struct exec *exec, const char *interpreter, const char *argument) {
  struct start_strings *strings = &exec->strings;
  size_t dropped = strings->argc > 0 ? strlen(strings->bytes) + 1 : 0;
  const char *texts[] = {interpreter, argument, exec->path};
  size_t added = 0;
  for (unsigned i = 0; i < 3; i++) added += texts[i] == NULL ? 0 : strlen(texts[i]) + 1;
  if (strings->used - dropped + added > START_STRINGS_LIMIT) return -E2BIG;
  memmove(strings->bytes + added, strings->bytes + dropped, strings->used - dropped);
  char *to = strings->bytes;
  for (unsigned i = 0; i < 3; i++)
    if (texts[i] != NULL) to += strlcpy(to, texts[i], START_STRINGS_LIMIT) + 1;
  strings->used += added - dropped;
  strings->argc += (strings->argc > 0 ? 0 : 1) + (argument == NULL ? 1 : 2);
  return 0;
}

static bool is_blank(char c) { return c == ' ' || c == '\t'; }

/* Behind blanks, or behind what is none. */
static char *skip(char *text, bool blanks) {
  while (*text != 0 && is_blank(*text) == blanks) text++;
  return text;
}

/* Of "#!interpreter argument": 1 if the file is a script, and then exec->path is the interpreter. */
static long read_script(struct exec *exec, struct file *file) {
  char line[SCRIPT_LINE + 1];
  long got = file_read_at(file, line, SCRIPT_LINE, 0);
  if (got < 2 || line[0] != '#' || line[1] != '!') return 0;
  line[got] = 0;
  char *end = strchr(line, '\n');
  if (end != NULL) *end = 0;
  else if (got == SCRIPT_LINE) return -ENOEXEC;
  for (size_t length = strlen(line); length > 2 && is_blank(line[length - 1]); length--) line[length - 1] = 0;
  char *interpreter = skip(line + 2, true), *gap = skip(interpreter, false), *argument = skip(gap, true);
  if (*interpreter == 0) return -ENOEXEC;
  *gap = 0;
  long result = prepend(exec, interpreter, *argument == 0 ? NULL : argument);
  strlcpy(exec->path, interpreter, PATH_LIMIT);
  return result < 0 ? result : 1;
}

static long open_program(struct exec *exec) {
  for (int depth = 0;; depth++) {
    struct file *file = open_executable(exec->path);
    if (IS_ERR(file)) return PTR_ERR(file);
    long result = read_script(exec, file);
    if (result == 0 && (result = elf_read(&exec->program, file)) == 0) return 0;
    file_put(file);
    if (result < 0) return result;
    if (depth == SCRIPT_DEPTH) return -ELOOP;
  }
}

static long open_linker(struct exec *exec) {
  char path[SCRIPT_LINE];
  long length = elf_interpreter(&exec->program, path, sizeof path);
  if (length <= 0) return length;
  struct file *file = open_executable(path);
  if (IS_ERR(file)) return PTR_ERR(file);
  long result = elf_read(&exec->linker, file);
  if (result < 0) file_put(file);
  else exec->has_linker = true;
  return result == -ENOEXEC ? -ELIBBAD : result;
}

static uaddr_t map_vdso(struct mm *mm) {
  uaddr_t address = image_vdso_address();
  u64 size = (u64)(vdso_image_end - vdso_image), pages = 2 * PAGE_SIZE;
  if (address == 0 || mm_map(mm, address, pages, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, NULL, 0) < 0) return 0;
  memcpy(mm->slot + address, vdso_image, min(size, pages));
  *(u64 *)(mm->slot + address + PAGE_SIZE) = clock_epoch();
  mm->pages[address >> PAGE_SHIFT] |= PAGE_USED | PROT_EXEC;
  mm->pages[(address >> PAGE_SHIFT) + 1] |= PAGE_USED;
  return mm->vdso = address;
}

/* The new memory; what fails here is the end of the process. */
static long load(struct exec *exec, struct mm *mm) {
  struct elf *program = &exec->program;
  u32 mask = program->code_mask & (exec->has_linker ? exec->linker.code_mask : ~0u);
  mm->code = lowest_bit(mask);
  mm->brk_start = mm->brk = round_up(max(image_code_end(), program->bias + program->end), PAGE_SIZE);
  long result = elf_map(program, mm);
  if (result == 0 && exec->has_linker) result = elf_map(&exec->linker, mm);
  if (result < 0) return result;
  uaddr_t vdso = map_vdso(mm);
  u64 base = exec->has_linker ? exec->linker.bias : 0;
  long stack = start_stack(mm, program, base, &exec->strings, exec->path, vdso);
  if (stack < 0) return stack;
  const struct elf *first = exec->has_linker ? &exec->linker : program;
  struct registers *registers = current->registers, *own = registers;
  *registers = (struct registers){.pc = first->bias + first->header.entry, .call = NO_CALL, .thread = own->thread};
  registers->x[SP] = (u64)stack;
  return 0;
}

/* Handlers are gone, what is ignored stays ignored. */
static void reset_signals(struct process *process) {
  for (int number = 1; number <= SIGNAL_COUNT; number++) {
    struct signal_action *action = &process->actions->of[number];
    *action = (struct signal_action){.handler = action->handler == SIG_IGN ? SIG_IGN : SIG_DFL};
  }
  current->alternate = (struct signal_stack){.flags = SS_DISABLE};
}

static void become(struct exec *exec) {
  struct process *process = current->process;
  if (process->executable != NULL) file_put(process->executable);
  process->executable = file_get(exec->program.file);
  process->has_execed = true;
  process->dumpable = true;
  const char *slash = strrchr(exec->path, '/');
  strlcpy(current->name, slash == NULL ? exec->path : slash + 1, sizeof current->name);
  current->has_float_state = false;
  reset_signals(process);
  files_close_on_exec(process->files);
}

/* The other threads end first; -EAGAIN: another of them has begun the same; -EINTR: the process ends. */
static long be_alone(struct process *process) {
  struct thread *thread;
  if (process->exec_thread != NULL) return -EAGAIN;
  process->exec_thread = current;
  list_for_each_entry(thread, &process->threads, link)
    if (thread != current) thread_kick(thread);
  current->is_uninterruptible = true;
  while (process->live_threads > 1 && !process->is_exiting) sleep_on(&process->changed, NO_DEADLINE);
  current->is_uninterruptible = false;
  process->exec_thread = NULL;
  if (process->is_exiting) return -EINTR;
  current->tid = process->pid;
  return 0;
}

static long unshare(struct process *process) {
  struct signal_actions *own = process->actions->users == 1 ? process->actions : signal_actions_copy(process->actions);
  if (own == NULL) return -ENOMEM;
  if (own != process->actions) process->actions->users--;
  process->actions = own;
  return 0;
}

static long run(struct exec *exec) {
  struct process *process = current->process;
  u32 mask = exec->program.code_mask & (exec->has_linker ? exec->linker.code_mask : ~0u);
  if (mask == 0) return -ENOEXEC;
  long result = be_alone(process);
  if (result == 0) result = unshare(process);
  struct mm *mm = NULL;
  /* With the last slot in use by this process alone there is no way back. */
  bool is_alone = process->mm != NULL && process->mm->users == 1;
  if (result < 0 || (!is_alone && (mm = mm_create()) == NULL)) return result < 0 ? result : -ENOMEM;
  current->clear_tid = current->robust_list = 0; /* of the old memory */
  if (process->mm != NULL) process_release_memory(process);
  process->mm = mm != NULL ? mm : mm_create();
  result = process->mm == NULL ? -ENOMEM : load(exec, process->mm);
  if (result < 0) process_end_threads(process, SIGKILL); /* this one too, when everybody has given back what is theirs */
  else become(exec);
  return result;
}

long process_exec(const char *path, struct start_strings *strings) {
  struct exec *exec = kzalloc(sizeof *exec);
  if (exec == NULL) return -ENOMEM;
  exec->strings = *strings;
  strlcpy(exec->path, path, PATH_LIMIT);
  long result = open_program(exec);
  if (result == 0) {
    result = open_linker(exec);
    if (result >= 0) result = run(exec);
    file_put(exec->program.file);
    if (exec->has_linker) file_put(exec->linker.file);
  }
  kfree(exec);
  return result;
}

/* A vector of strings of the program: how many. */
static long copy_vector(struct start_strings *strings, uaddr_t vector) {
  u32 count = 0;
  for (uaddr_t at = vector; vector != 0; at += 8, count++) {
    u64 text;
    if (copy_from_user(&text, at, sizeof text) < 0) return -EFAULT;
    if (text == 0) break;
    long length = strncpy_from_user(strings->bytes + strings->used, text, START_STRINGS_LIMIT - strings->used);
    if (length < 0) return length == -ENAMETOOLONG ? -E2BIG : length;
    strings->used += (size_t)length + 1;
  }
  return count;
}

/* The program's path as one from the root or the working directory: what is beside a descriptor is found by /proc. */
static long path_at(int directory, uaddr_t from, char *path) {
  size_t length = 0;
  char first = 0;
  if (copy_from_user(&first, from, 1) < 0) return -EFAULT;
  if (directory != AT_FDCWD && first != '/') {
    if (file_of(directory) == NULL) return -EBADF;
    length = (size_t)snprintf(path, PATH_LIMIT, first == 0 ? "/proc/self/fd/%d" : "/proc/self/fd/%d/", directory);
  }
  return first == 0 ? 0 : strncpy_from_user(path + length, from, PATH_LIMIT - length);
}

long sys_execveat(long directory, long path, long argv, long envp, long flags) {
  if (flags & ~AT_EMPTY_PATH) return -EINVAL;
  struct start_strings strings = {.bytes = kmalloc(START_STRINGS_LIMIT)};
  char *name = kzalloc(PATH_LIMIT);
  long result = -ENOMEM, argc = 0, envc = 0;
  if (strings.bytes != NULL && name != NULL) {
    result = path_at((int)directory, (uaddr_t)path, name);
    if (result == 0 && !(flags & AT_EMPTY_PATH)) result = -ENOENT;
    if (result >= 0) result = argc = copy_vector(&strings, (uaddr_t)argv);
    if (result >= 0) result = envc = copy_vector(&strings, (uaddr_t)envp);
    strings.argc = (u32)argc;
    strings.envc = (u32)envc;
    if (result >= 0) result = process_exec(name, &strings);
  }
  kfree(strings.bytes);
  kfree(name);
  return result;
}

long sys_execve(long path, long argv, long envp) { return sys_execveat(AT_FDCWD, path, argv, envp, 0); }
