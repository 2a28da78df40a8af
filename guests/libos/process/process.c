/* Processes: making and forgetting them. */
#include "process/process.h"
#include "entry/layout.h"

_Static_assert(offsetof(struct registers, pc) == REGISTERS_PC && offsetof(struct registers, cause) == REGISTERS_CAUSE, "layout");
_Static_assert(offsetof(struct registers, value) == REGISTERS_VALUE && offsetof(struct registers, call) == REGISTERS_CALL, "layout");
_Static_assert(offsetof(struct registers, thread) == REGISTERS_THREAD && offsetof(struct registers, argument) == REGISTERS_ARGUMENT && sizeof(struct registers) == REGISTERS_SIZE, "layout");
_Static_assert(offsetof(struct thread, work) == THREAD_WORK && offsetof(struct thread, wake_word) == THREAD_WAKE_WORD, "layout");
_Static_assert(offsetof(struct thread, memory) == THREAD_MEMORY && offsetof(struct thread, memory_size) == THREAD_MEMORY_SIZE, "layout");
_Static_assert(offsetof(struct thread, code_slot) == THREAD_CODE, "layout");

_Static_assert(offsetof(struct kernel, lock) == 0 && offsetof(struct kernel, calls) == KERNEL_CALLS, "layout");

struct list_head all_processes = LIST_HEAD_INIT(all_processes);

struct process *find_process(s32 pid) {
  struct process *process;
  list_for_each_entry(process, &all_processes, link)
    if (process->pid == pid) return process;
  return NULL;
}

struct thread *find_thread(s32 tid) {
  struct process *process;
  struct thread *thread;
  list_for_each_entry(process, &all_processes, link)
    list_for_each_entry(thread, &process->threads, link)
      if (thread->tid == tid) return thread;
  return NULL;
}

static bool is_in_use(s32 id) {
  struct process *process;
  list_for_each_entry(process, &all_processes, link)
    if (process->group == id || process->session == id) return true;
  return find_process(id) != NULL || find_thread(id) != NULL;
}

s32 new_pid(void) {
  enum { PID_LIMIT = 32768 };
  static s32 latest;
  do latest = latest + 1 < PID_LIMIT ? latest + 1 : 2;
  while (is_in_use(latest));
  return latest;
}

/* Of threads: a 32nd of the memory, a power of two (some programs double it until it is enough for them). Nothing stops a
 * thread that overflows, so it is large where there is room. */
static u64 stack_limit(void) {
  u64 limit = 256 << 10;
  while (limit < 2ul << 20 && limit * 64 <= process_memory() + (1ul << 20)) limit *= 2;
  return config_number("stack", limit);
}

/* One that is nobody's child. False: no memory. */
static bool begin(struct process *process) {
  struct credentials *credentials = &process->credentials;
  credentials->uid = credentials->euid = credentials->suid = credentials->fsuid = (u32)config_number("uid", 0);
  credentials->gid = credentials->egid = credentials->sgid = credentials->fsgid = (u32)config_number("gid", 0);
  for (unsigned i = 0; i < RLIMIT_COUNT; i++) process->limits[i] = (struct rlimit){RLIM_INFINITY, RLIM_INFINITY};
  process->limits[RLIMIT_STACK].soft = stack_limit();
  process->limits[RLIMIT_CORE].soft = 0;
  process->limits[RLIMIT_NOFILE] = (struct rlimit){1024, 4096};
  process->group = process->session = process->pid;
  process->actions = kzalloc(sizeof *process->actions);
  if (process->actions != NULL) process->actions->users = 1;
  return process->actions != NULL;
}

static void inherit(struct process *process, struct process *parent) {
  memcpy(process->limits, parent->limits, sizeof process->limits);
  process->credentials = parent->credentials;
  process->parent_pid = parent->pid;
  process->group = parent->group;
  process->session = parent->session;
  process->parent = parent;
  list_add_tail(&process->sibling, &parent->children);
}

struct process *process_create(struct process *parent) {
  struct process *process = kzalloc(sizeof *process);
  if (process == NULL) return NULL;
  process->pid = new_pid();
  process->dumpable = true;
  process->start_time = host_time();
  list_init(&process->threads);
  list_init(&process->children);
  list_init(&process->sibling);
  if (parent != NULL) inherit(process, parent);
  else if (!begin(process)) return kfree(process), NULL;
  wait_queue_init(&process->changed);
  signal_queue_init(&process->signals);
  list_add_tail(&process->link, &all_processes);
  kernel.processes++;
  return process;
}

void process_reap(struct process *process) {
  list_del(&process->link);
  list_del(&process->sibling);
  kernel.processes--;
  kfree(process);
}

long sys_getpid(void) { return current->process->pid; }
long sys_getppid(void) { return current->process->parent_pid; }
long sys_gettid(void) { return current->tid; }
