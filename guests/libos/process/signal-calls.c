/* The system calls of signals. */
#include "process/process.h"
#include "time/clock.h"

enum { SIG_BLOCK, SIG_UNBLOCK, SIG_SETMASK, SET_SIZE = 8 };

long sys_rt_sigaction(long number, long new, long old, long size) {
  struct signal_action action, before;
  if (size != SET_SIZE || number < 1 || number > SIGNAL_COUNT) return -EINVAL;
  if (new != 0 && copy_from_user(&action, (uaddr_t)new, sizeof action) < 0) return -EFAULT;
  if (new != 0 && signal_bit(number) & UNBLOCKABLE) return -EINVAL;
  struct signal_action *place = &current->process->actions->of[number];
  before = *place;
  if (new != 0) {
    action.mask &= ~UNBLOCKABLE;
    *place = action;
    if (action.handler == SIG_IGN || (action.handler == SIG_DFL && signal_bit(number) & IGNORED_BY_DEFAULT)) signal_flush(current->process, signal_bit(number));
  }
  return old == 0 ? 0 : copy_to_user((uaddr_t)old, &before, sizeof before);
}

static void set_mask(u64 mask) {
  current->blocked = mask & ~UNBLOCKABLE;
  if (signals_pending() != 0) current->work = 1;
}

long sys_rt_sigprocmask(long how, long set, long old, long size) {
  u64 change, before = current->blocked;
  if (size != SET_SIZE) return -EINVAL;
  mm_stack_left(current->process->mm, current->registers->x[SP]); /* swapcontext asks here */
  if (set != 0) {
    if (copy_from_user(&change, (uaddr_t)set, sizeof change) < 0) return -EFAULT;
    if (how == SIG_BLOCK) set_mask(before | change);
    else if (how == SIG_UNBLOCK) set_mask(before & ~change);
    else if (how == SIG_SETMASK) set_mask(change);
    else return -EINVAL;
  }
  return old == 0 ? 0 : copy_to_user((uaddr_t)old, &before, sizeof before);
}

long sys_rt_sigpending(long set, long size) {
  u64 pending = (current->signals.pending | current->process->signals.pending) & current->blocked;
  if ((u64)size > SET_SIZE) return -EINVAL;
  return copy_to_user((uaddr_t)set, &pending, (size_t)size);
}

long mask_begin(uaddr_t mask, size_t size) {
  u64 blocked;
  if (mask == 0) return 0;
  if (size != SET_SIZE) return -EINVAL;
  if (copy_from_user(&blocked, mask, sizeof blocked) < 0) return -EFAULT;
  current->saved_mask = current->blocked;
  current->blocked = blocked & ~UNBLOCKABLE;
  return 0;
}

long mask_end(uaddr_t mask, long result) {
  if (mask == 0) return result;
  current->restore_mask = result == -EINTR || result == -ERESTARTNOHAND; /* the handler runs first */
  if (current->restore_mask) current->work = 1;
  else current->blocked = current->saved_mask;
  return result;
}

long sys_rt_sigsuspend(long set, long size) {
  if (size != SET_SIZE) return -EINVAL;
  long result = set == 0 ? -EFAULT : mask_begin((uaddr_t)set, (size_t)size);
  if (result < 0) return result;
  while (thread_sleep(NO_DEADLINE, false) == 0) continue;
  return mask_end((uaddr_t)set, -ERESTARTNOHAND);
}

long sys_rt_sigtimedwait(long set, long info, long timeout, long size) {
  u64 wanted, deadline;
  struct signal_info got;
  if (size != SET_SIZE) return -EINVAL;
  if (copy_from_user(&wanted, (uaddr_t)set, sizeof wanted) < 0) return -EFAULT;
  long result = deadline_from_user((uaddr_t)timeout, &deadline);
  if (result < 0) return result;
  wanted &= ~UNBLOCKABLE;
  int number;
  current->waited = wanted;
  while ((number = take_signal(wanted, &got)) == 0 && result == 0) result = thread_sleep(deadline, false);
  current->waited = 0;
  if (number == 0) return result == -ETIMEDOUT ? -EAGAIN : -EINTR;
  u8 told[SIGINFO_SIZE] = {0};
  memcpy(told, &got, sizeof got);
  return info != 0 && copy_to_user((uaddr_t)info, told, sizeof told) < 0 ? -EFAULT : number;
}

static struct signal_info from_here(long number, int code) {
  const struct process *self = current->process;
  return (struct signal_info){.number = (s32)number, .code = code, .pid = self->pid, .uid = self->credentials.uid};
}

static bool may_signal(const struct process *process, long number) {
  const struct credentials *from = &current->process->credentials, *to = &process->credentials;
  if (from->euid == 0 || from->euid == to->suid || from->euid == to->uid || from->uid == to->suid || from->uid == to->uid) return true;
  return number == SIGCONT && current->process->session == process->session;
}

static long signal_process(struct process *process, const struct signal_info *info) {
  if (!may_signal(process, info->number)) return -EPERM;
  return info->number == 0 ? 0 : send_signal(process, info);
}

/* Of a group, or (0) all but the first and the present one. */
static long signal_many(s32 group, const struct signal_info *info) {
  struct process *process, *next;
  long result = -ESRCH;
  list_for_each_entry_safe(process, next, &all_processes, link) {
    bool chosen = group != 0 ? process->group == group : process->pid > 1 && process != current->process;
    if (!chosen) continue;
    long one = signal_process(process, info);
    if (result != 0) result = one;
  }
  return result;
}

long sys_kill(long pid, long number) {
  s32 id = (s32)pid;
  if (id == INT32_MIN) return -ESRCH;
  if (number < 0 || number > SIGNAL_COUNT) return -EINVAL;
  struct signal_info info = from_here(number, SI_USER);
  if (id == -1) return signal_many(0, &info);
  if (id <= 0) return signal_many(id == 0 ? current->process->group : -id, &info);
  struct process *process = find_process(id);
  return process == NULL ? -ESRCH : signal_process(process, &info);
}

/* Of that process, or of any (0). */
static long signal_thread(s32 pid, s32 tid, long number) {
  if (tid <= 0 || number < 0 || number > SIGNAL_COUNT) return -EINVAL;
  struct signal_info info = from_here(number, SI_TKILL);
  struct thread *thread = find_thread(tid);
  if (thread == NULL || (pid != 0 && thread->process->pid != pid)) return -ESRCH;
  if (!may_signal(thread->process, number)) return -EPERM;
  return number == 0 ? 0 : send_signal_to(thread, &info);
}

long sys_tgkill(long group, long tid, long number) {
  return (s32)group <= 0 ? -EINVAL : signal_thread((s32)group, (s32)tid, number);
}

long sys_tkill(long tid, long number) { return signal_thread(0, (s32)tid, number); }

long sys_rt_sigqueueinfo(long pid, long number, long from) {
  struct signal_info info;
  if (copy_from_user(&info, (uaddr_t)from, sizeof info) < 0) return -EFAULT;
  if (number < 0 || number > SIGNAL_COUNT) return -EINVAL;
  info.number = (s32)number;
  struct process *process = find_process((s32)pid);
  if (process == NULL) return -ESRCH;
  if ((info.code >= 0 || info.code == SI_TKILL) && process != current->process) return -EPERM;
  return signal_process(process, &info);
}
