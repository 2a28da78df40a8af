/* What happens between library OS and program besides the call itself: traps that become signals, signals that are
 * delivered, calls that are repeated, threads that have to end. */
#include "cvm-abi.h"
#include "process/process.h"

enum { CALL_BYTES = 4 };

/* The call was interrupted: it is repeated, or says so. */
static void settle_call(struct registers *registers, const struct signal_action *action) {
  s64 result = (s64)registers->x[A0];
  if (registers->call == NO_CALL) return;
  registers->call = NO_CALL;
  if (result != -ERESTARTSYS && result != -ERESTARTNOHAND) return;
  if (action != NULL && (result == -ERESTARTNOHAND || !(action->flags & SA_RESTART))) {
    registers->x[A0] = (u64)-EINTR;
    return;
  }
  registers->x[A0] = registers->argument;
  registers->pc -= CALL_BYTES;
}

static void run_handler(struct registers *registers, const struct signal_info *info, struct signal_action *action) {
  u64 mask = current->restore_mask ? current->saved_mask : current->blocked;
  struct signal_action taken = *action;
  settle_call(registers, &taken);
  current->restore_mask = false;
  if (!signal_frame_push(registers, info, &taken, mask)) process_exit(SIGSEGV);
  if (taken.flags & SA_RESETHAND) action->handler = SIG_DFL;
  current->blocked |= taken.mask;
  if (!(taken.flags & SA_NODEFER)) current->blocked |= signal_bit(info->number);
  current->blocked &= ~UNBLOCKABLE;
}

static void stop(struct process *process, int number) {
  process->is_stopped = true;
  process->stop_signal = number;
  struct thread *thread;
  list_for_each_entry(thread, &process->threads, link)
    if (thread != current) thread_kick(thread);
  process_tell_stop(process, CLD_STOPPED);
}

static void deliver(struct registers *registers, const struct signal_info *info) {
  struct signal_action *action = &current->process->actions->of[info->number];
  u64 bit = signal_bit(info->number);
  if (action->handler == SIG_IGN || (action->handler == SIG_DFL && bit & IGNORED_BY_DEFAULT)) return;
  if (action->handler != SIG_DFL) return run_handler(registers, info, action);
  if (bit & STOPS) return stop(current->process, info->number);
  process_exit(info->number);
}

static void stay_stopped(struct process *process) {
  current->is_uninterruptible = true;
  while (process->is_stopped && !must_end()) sleep_on(&process->changed, NO_DEADLINE);
  current->is_uninterruptible = false;
}

static void do_work(struct registers *registers) {
  struct process *process = current->process;
  struct signal_info info;
  for (;;) {
    current->work = 0;
    if (must_end()) thread_exit();
    if (process->is_stopped) {
      stay_stopped(process);
      continue;
    }
    if (take_signal(~current->blocked, &info) == 0) break;
    deliver(registers, &info);
  }
  settle_call(registers, NULL);
  if (current->restore_mask) current->blocked = current->saved_mask;
  current->restore_mask = false;
  if (signals_pending() != 0) current->work = 1; /* unblocked just now: when it enters next */
}

void trap_leave(struct registers *registers) {
  lock_kernel();
  do do_work(registers);
  while (current->work != 0);
  const struct mm *mm = current->process->mm;
  current->memory = (u64)mm->slot + MAP_LOWEST;
  current->memory_size = mm->size - MAP_LOWEST;
  current->code_slot = (SLOT_PROGRAM + mm->code) * SLOT_SIZE;
  unlock_kernel();
}

void trap_fault(struct registers *registers) {
  struct signal_info info;
  registers->call = NO_CALL;
  if ((s64)registers->cause < 0) {
    __asm__ volatile("csrci uip, 1"); /* THREAD_INTERRUPT: trap_leave looks why */
    return;
  }
  lock_kernel();
  fault_signal(registers, &info);
  force_signal(&info);
  unlock_kernel();
}

_Noreturn void trap_stray(void) {
  lock_kernel();
  process_exit(SIGILL);
}

_Noreturn void trap_bug(long cause, long value, long pc) {
  panic("fault %ld, value 0x%lx, at 0x%lx", cause, value, pc);
}
