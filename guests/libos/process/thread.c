/* Threads: their stacks in the library OS, beginning and end. */
#include "entry/layout.h"
#include "process/process.h"

void thread_entry(void);
_Noreturn void thread_vanish(struct thread *thread);
void float_restore(const u64 *state);

#define STACK_PAGES (KERNEL_STACK_SIZE / PAGE_SIZE)

struct thread *thread_create(struct process *process, const struct registers *registers, s32 tid) {
  u8 *stack = alloc_pages(STACK_PAGES);
  if (stack == NULL) return ERR_PTR(-ENOMEM);
  struct thread *thread = memset(stack, 0, sizeof *thread);
  thread->process = process;
  thread->tid = tid;
  thread->alternate.flags = SS_DISABLE;
  thread->registers = (struct registers *)(stack + KERNEL_STACK_SIZE) - 1;
  *thread->registers = *registers;
  thread->registers->thread = thread;
  thread->registers->call = NO_CALL;
  signal_queue_init(&thread->signals);
  long id = host_thread_create(thread_entry, thread->registers);
  if (id < 0) {
    free_pages(stack, STACK_PAGES);
    return ERR_PTR(id);
  }
  thread->host_thread = id;
  list_add_tail(&thread->link, &process->threads);
  process->live_threads++;
  return thread;
}

struct thread *kernel_thread_create(void (*body)(struct thread *self)) {
  static struct process nobody = {.threads = LIST_HEAD_INIT(nobody.threads)};
  struct registers none = {0};
  struct thread *thread = thread_create(&nobody, &none, 0);
  if (!IS_ERR(thread)) thread->body = body;
  return thread;
}

/* Its first steps, from thread_entry. */
void thread_begin(struct thread *thread) {
  lock_kernel(); /* who made it has the lock until everything about it is settled */
  unlock_kernel();
  if (thread->body != NULL) thread->body(thread);
  if (thread->has_float_state) float_restore(thread->float_state);
}

void thread_kick(struct thread *thread) {
  thread->work = 1;
  if (thread == current) return;
  if (thread->is_sleeping) thread_wake(thread);
  else cvm_thread_interrupt(thread->host_thread);
}

/* Who joins this thread waits for this. */
static void clear_tid(struct thread *thread) {
  u32 zero = 0;
  if (thread->clear_tid == 0 || thread->process->live_threads == 1) return;
  if (copy_to_user(thread->clear_tid, &zero, sizeof zero) == 0) futex_wake(thread->clear_tid, 1, ~0u);
}

_Noreturn void thread_exit(void) {
  struct thread *thread = current;
  struct process *process = thread->process;
  robust_list_exit(thread);
  clear_tid(thread);
  signal_queue_flush(&thread->signals, ~0ul);
  list_del(&thread->link);
  if (--process->live_threads == 0) process_finish(process);
  else wake_up(&process->changed);
  free_pages(thread, STACK_PAGES); /* still in use, but nobody takes it before the lock is free */
  thread_vanish(thread);
}

void process_end_threads(struct process *process, int status) {
  struct thread *thread;
  process->is_exiting = true;
  process->exit_status = status;
  list_for_each_entry(thread, &process->threads, link) thread_kick(thread);
}

_Noreturn void process_exit(int status) {
  if (!current->process->is_exiting) process_end_threads(current->process, status);
  thread_exit();
}

long sys_exit(long code) {
  struct process *process = current->process;
  if (process->live_threads == 1 && !process->is_exiting) process_exit((int)(code & 255) << 8);
  thread_exit();
}

long sys_exit_group(long code) { process_exit((int)(code & 255) << 8); }

long sys_set_tid_address(long address) {
  current->clear_tid = (uaddr_t)address;
  return current->tid;
}
