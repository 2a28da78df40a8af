/* Sending signals and taking them from their queues. */

#include "process/process.h"

#define SYNCHRONOUS (signal_bit(SIGSEGV) | signal_bit(SIGBUS) | signal_bit(SIGILL) | signal_bit(SIGTRAP) | signal_bit(SIGFPE) | signal_bit(SIGSYS))
enum { QUEUED_LIMIT = 1024 };

struct queued {
  struct list_head link;
  struct signal_info info;
};
static unsigned queued_count;

void signal_queue_init(struct signal_queue *queue) {
  queue->pending = 0;
  list_init(&queue->infos);
}

static void drop(struct queued *queued) {
  list_del(&queued->link);
  kfree(queued);
  queued_count--;
}

void signal_queue_flush(struct signal_queue *queue, u64 set) {
  struct queued *queued, *next;
  queue->pending &= ~set;
  list_for_each_entry_safe(queued, next, &queue->infos, link)
    if (signal_bit(queued->info.number) & set) drop(queued);
}

void signal_flush(struct process *process, u64 set) {
  struct thread *thread;
  signal_queue_flush(&process->signals, set);
  list_for_each_entry(thread, &process->threads, link) signal_queue_flush(&thread->signals, set);
}

/* Below SIGRTMIN only one of each number waits. */
static long enqueue(struct signal_queue *queue, const struct signal_info *info) {
  u64 bit = signal_bit(info->number);
  if (info->number < SIGRTMIN && queue->pending & bit) return 0;
  struct queued *queued = queued_count < QUEUED_LIMIT ? kmalloc(sizeof *queued) : NULL;
  if (queued == NULL && info->number >= SIGRTMIN && info->code != SI_USER) return -EAGAIN;
  queue->pending |= bit;
  if (queued == NULL) return 0; /* it comes without its information */
  queued->info = *info;
  list_add_tail(&queued->link, &queue->infos);
  queued_count++;
  return 0;
}

static bool is_ignored(const struct thread *thread, int number) {
  u64 bit = signal_bit(number), handler = thread->process->actions->of[number].handler;
  if ((thread->blocked | thread->waited) & bit || (thread->restore_mask && thread->saved_mask & bit)) return false;
  return handler == SIG_IGN || (handler == SIG_DFL && bit & IGNORED_BY_DEFAULT);
}

/* Stopping and continuing do not wait for anybody to look. */
static void prepare(struct process *process, int number) {
  if (signal_bit(number) & STOPS) signal_flush(process, signal_bit(SIGCONT));
  if (number != SIGCONT && number != SIGKILL) return;
  signal_flush(process, STOPS);
  if (!process->is_stopped) return;
  process->is_stopped = false;
  wake_up(&process->changed);
  if (number == SIGCONT) process_tell_stop(process, CLD_CONTINUED);
}

/* Who gets what is for the process: somebody who does not block it. */
static struct thread *choose_thread(struct process *process, int number) {
  struct thread *thread, *first = NULL;
  list_for_each_entry(thread, &process->threads, link) {
    if (first == NULL) first = thread;
    if ((thread->blocked & signal_bit(number)) == 0 || thread->waited & signal_bit(number)) return thread;
  }
  return first;
}

static long post(struct thread *thread, struct signal_queue *queue, const struct signal_info *info) {
  prepare(thread->process, info->number);
  if (info->number == SIGKILL) {
    if (!thread->process->is_exiting) process_end_threads(thread->process, SIGKILL);
    return 0;
  }
  if (is_ignored(thread, info->number)) return 0;
  long result = enqueue(queue, info);
  if (result == 0) thread_kick(thread);
  return result;
}

long send_signal(struct process *process, const struct signal_info *info) {
  struct thread *thread = choose_thread(process, info->number);
  return process->is_zombie || thread == NULL ? 0 : post(thread, &process->signals, info);
}

long send_signal_to(struct thread *thread, const struct signal_info *info) {
  return post(thread, &thread->signals, info);
}

void raise_signal(int number) {
  struct signal_info info = {.number = number, .code = SI_KERNEL};
  send_signal_to(current, &info);
}

void signal_group(s32 group, int number) {
  struct signal_info info = {.number = number, .code = SI_KERNEL};
  struct process *process;
  list_for_each_entry(process, &all_processes, link)
    if (process->group == group) send_signal(process, &info);
}

void force_signal(const struct signal_info *info) {
  struct signal_action *action = &current->process->actions->of[info->number];
  u64 bit = signal_bit(info->number);
  if (current->blocked & bit || action->handler == SIG_IGN) {
    action->handler = SIG_DFL;
    current->blocked &= ~bit;
  }
  enqueue(&current->signals, info);
  current->work = 1;
}

u64 signals_pending(void) {
  struct thread *thread = current;
  return (thread->signals.pending | thread->process->signals.pending) & (~thread->blocked | thread->waited);
}

bool must_end(void) {
  const struct process *process = current->process;
  return process->is_exiting || (process->exec_thread != NULL && process->exec_thread != current);
}

bool signal_is_pending(void) {
  if (must_end()) return true;
  if (current->is_uninterruptible) return false;
  return current->process->is_stopped || signals_pending() != 0;
}

static bool take_from(struct signal_queue *queue, int number, struct signal_info *info) {
  struct queued *queued, *next;
  bool found = false;
  if ((queue->pending & signal_bit(number)) == 0) return false;
  queue->pending &= ~signal_bit(number);
  *info = (struct signal_info){.number = number};
  list_for_each_entry_safe(queued, next, &queue->infos, link) {
    if (queued->info.number != number) continue;
    if (found) queue->pending |= signal_bit(number); /* there is another */
    if (found) break;
    *info = queued->info;
    drop(queued);
    found = true;
  }
  return true;
}

int take_signal(u64 set, struct signal_info *info) {
  struct thread *thread = current;
  u64 ready = (thread->signals.pending | thread->process->signals.pending) & set;
  if (ready == 0) return 0;
  u64 first = thread->signals.pending & ready & SYNCHRONOUS;
  int number = (int)lowest_bit(first != 0 ? first : ready) + 1;
  if (!take_from(&thread->signals, number, info)) take_from(&thread->process->signals, number, info);
  return number;
}
