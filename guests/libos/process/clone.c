/* clone: threads, copies of processes (fork) and processes that borrow the memory until they exec (vfork). */

#include "process/process.h"

enum {
  CLONE_VM = 0x100, CLONE_FS = 0x200, CLONE_FILES = 0x400, CLONE_SIGHAND = 0x800, CLONE_VFORK = 0x4000, CLONE_THREAD = 0x10000,
  CLONE_SETTLS = 0x80000, CLONE_PARENT_SETTID = 0x100000, CLONE_CHILD_CLEARTID = 0x200000, CLONE_CHILD_SETTID = 0x1000000,
  CLONE_NAMESPACES = 0x7e020000, EXIT_SIGNAL_MASK = 0xff,
};

void float_save(u64 *state);

struct clone {
  u64 flags;
  uaddr_t stack, parent_tid, tls, child_tid;
};

void process_release_memory(struct process *process) {
  struct process *waiting = process->vfork_parent;
  if (process->mm != NULL) mm_put(process->mm);
  process->mm = NULL;
  process->vfork_parent = NULL;
  if (waiting != NULL) wake_up(&waiting->changed);
}

static struct registers child_registers(const struct clone *clone) {
  struct registers registers = *current->registers;
  registers.x[A0] = 0;
  if (clone->stack != 0) registers.x[SP] = clone->stack;
  if (clone->flags & CLONE_SETTLS) registers.x[TP] = clone->tls;
  return registers;
}

static void set_up_thread(struct thread *thread, const struct clone *clone) {
  struct thread *self = current;
  memcpy(thread->name, self->name, sizeof thread->name);
  thread->blocked = self->blocked;
  float_save(thread->float_state);
  thread->has_float_state = true;
  if (clone->flags & CLONE_CHILD_CLEARTID) thread->clear_tid = clone->child_tid;
  if (clone->flags & CLONE_VM && !(clone->flags & CLONE_VFORK)) return;
  thread->alternate = self->alternate;
}

static void tell_tid(struct thread *thread, const struct clone *clone) {
  s32 tid = thread->tid;
  if (clone->flags & CLONE_PARENT_SETTID) copy_to_user(clone->parent_tid, &tid, sizeof tid);
  if ((clone->flags & CLONE_CHILD_SETTID) == 0) return;
  const struct mm *mm = thread->process->mm;
  if (mm_is_mapped(mm, clone->child_tid, sizeof tid, PROT_WRITE)) memcpy(mm->slot + clone->child_tid, &tid, sizeof tid);
}

static long clone_thread(const struct clone *clone) {
  struct registers registers = child_registers(clone);
  struct thread *thread = thread_create(current->process, &registers, new_pid());
  if (IS_ERR(thread)) return PTR_ERR(thread);
  set_up_thread(thread, clone);
  tell_tid(thread, clone);
  return thread->tid;
}

struct signal_actions *signal_actions_copy(const struct signal_actions *from) {
  struct signal_actions *actions = kmalloc(sizeof *actions);
  if (actions == NULL) return NULL;
  *actions = *from;
  actions->users = 1;
  return actions;
}

/* Everything but its thread. False: no memory. */
static bool fill_process(struct process *child, u64 flags) {
  struct process *self = current->process;
  u64 exit_signal = flags & EXIT_SIGNAL_MASK;
  child->exit_signal = exit_signal <= SIGNAL_COUNT ? (int)exit_signal : 0;
  child->dumpable = self->dumpable;
  child->mm = flags & CLONE_VM ? mm_get(self->mm) : mm_fork(self->mm, current->registers->x[SP]);
  if (child->mm == NULL) return false;
  if (flags & CLONE_SIGHAND) self->actions->users++;
  child->actions = flags & CLONE_SIGHAND ? self->actions : signal_actions_copy(self->actions);
  child->files = files_copy(self->files, flags & CLONE_FILES);
  child->fs = fs_context_copy(self->fs, flags & CLONE_FS);
  if (self->executable != NULL) child->executable = file_get(self->executable);
  return child->actions != NULL && child->files != NULL && child->fs != NULL;
}

void process_give_back(struct process *process) {
  if (process->files != NULL) files_put(process->files);
  if (process->fs != NULL) fs_context_put(process->fs);
  if (process->executable != NULL) file_put(process->executable);
  if (process->actions != NULL && --process->actions->users == 0) kfree(process->actions);
  process_release_memory(process);
}

void process_discard(struct process *process) {
  process_give_back(process);
  process_reap(process);
}

static long clone_process(const struct clone *clone) {
  struct process *child = process_create(current->process);
  if (child == NULL) return -ENOMEM;
  struct registers registers = child_registers(clone);
  struct thread *thread = fill_process(child, clone->flags) ? thread_create(child, &registers, child->pid) : ERR_PTR(-ENOMEM);
  if (IS_ERR(thread)) {
    process_discard(child);
    return PTR_ERR(thread);
  }
  set_up_thread(thread, clone);
  tell_tid(thread, clone);
  s32 pid = child->pid;
  if ((clone->flags & CLONE_VFORK) == 0) return pid;
  child->vfork_parent = current->process;
  current->is_uninterruptible = true; /* its stack is the child's */
  while (child != NULL && child->vfork_parent == current->process && !must_end()) {
    sleep_on(&current->process->changed, NO_DEADLINE);
    child = find_process(pid);
  }
  current->is_uninterruptible = false;
  return pid;
}

long sys_clone(long flags, long stack, long parent_tid, long tls, long child_tid) {
  struct clone clone = {(u64)flags, (uaddr_t)stack, (uaddr_t)parent_tid, (uaddr_t)tls, (uaddr_t)child_tid};
  u64 threads = CLONE_THREAD | CLONE_SIGHAND | CLONE_VM, wanted = clone.flags & threads;
  if (clone.flags & CLONE_SIGHAND && !(clone.flags & CLONE_VM)) return -EINVAL;
  if (clone.flags & CLONE_THREAD && wanted != threads) return -EINVAL;
  if (clone.flags & CLONE_NAMESPACES) return current->process->credentials.euid == 0 ? -EINVAL : -EPERM;
  if (current->process->is_exiting) return -EAGAIN;
  return clone.flags & CLONE_THREAD ? clone_thread(&clone) : clone_process(&clone);
}
