/* The end of processes, and waiting for it. */
#include "process/command.h"
#include "process/process.h"

enum { WNOHANG = 1, WUNTRACED = 2, WEXITED = 4, WCONTINUED = 8, WNOWAIT = 0x01000000 };
enum { WAIT_CLONE = 0x80000000, WAIT_ALL = 0x40000000, WNOTHREAD = 0x20000000 };
enum { P_ALL, P_PID, P_PGID };

/* The first process is the reason for all this. */
static _Noreturn void end_machine(int status) {
  fs_shutdown();
  int signal = status & 127;
  cvm_exit(signal != 0 ? 128 + signal : status >> 8 & 255);
}

/* A child's news, of that CLD_ code. */
static struct signal_info news(const struct process *child, int code) {
  struct signal_info info = {.number = SIGCHLD, .code = code, .pid = child->pid, .uid = child->credentials.uid};
  bool has_ended = code == CLD_EXITED || code == CLD_KILLED;
  if (has_ended) info.status = code == CLD_EXITED ? child->exit_status >> 8 : child->exit_status & 127;
  else info.status = code == CLD_STOPPED ? child->stop_signal : SIGCONT;
  return info;
}

static void tell_parent(struct process *process, int code) {
  struct process *parent = process->parent;
  if (parent == NULL) return;
  struct signal_info info = news(process, code);
  info.number = process->exit_signal;
  bool is_asked = code < CLD_STOPPED || !(parent->actions->of[SIGCHLD].flags & SA_NOCLDSTOP);
  if (is_asked && info.number != 0) send_signal(parent, &info);
  wake_up(&parent->changed);
}

void process_tell_stop(struct process *process, int code) {
  process->stop_news = code;
  tell_parent(process, code);
}

/* Children of who ends belong to the first process. */
static void give_away_children(struct process *process) {
  struct process *heir = find_process(1), *child, *next;
  list_for_each_entry_safe(child, next, &process->children, sibling) {
    list_del(&child->sibling);
    list_add_tail(&child->sibling, &heir->children);
    child->parent = heir;
    child->parent_pid = heir->pid;
    child->exit_signal = SIGCHLD;
    if (child->vfork_parent == process) child->vfork_parent = NULL;
    if (child->is_zombie) tell_parent(child, CLD_EXITED);
  }
}

static bool is_parent_uninterested(const struct process *process) {
  if (process->parent == NULL) return true;
  const struct signal_action *action = &process->parent->actions->of[SIGCHLD];
  return process->exit_signal == SIGCHLD && (action->handler == SIG_IGN || action->flags & SA_NOCLDWAIT);
}

void process_finish(struct process *process) {
  if (process->pid == 1) end_machine(process->exit_status);
  command_ended(process);
  process_give_back(process);
  signal_queue_flush(&process->signals, ~0ul);
  process->is_zombie = true;
  process->alarm_deadline = 0;
  give_away_children(process);
  bool forget = is_parent_uninterested(process);
  tell_parent(process, process->exit_status & 127 ? CLD_KILLED : CLD_EXITED);
  if (forget) process_reap(process);
}

static bool is_chosen(const struct process *child, int kind, s32 id) {
  if (kind == P_PID) return child->pid == id;
  if (kind == P_PGID) return child->group == id;
  return true;
}

/* What there is to tell of a child: a CLD_ code, 0: nothing. */
static int news_of(const struct process *child, int options) {
  if (child->is_zombie) return options & WEXITED ? child->exit_status & 127 ? CLD_KILLED : CLD_EXITED : 0;
  int wanted = child->stop_news == CLD_STOPPED ? WUNTRACED : WCONTINUED;
  return options & wanted ? child->stop_news : 0;
}

/* A child with news, -EAGAIN (none yet, WNOHANG), -ECHILD (no such child), -ERESTARTSYS. */
static struct process *wait_for_child(int kind, s32 id, int options, int *code) {
  struct process *self = current->process, *child;
  for (;;) {
    bool exists = false;
    list_for_each_entry(child, &self->children, sibling) {
      if (!is_chosen(child, kind, id)) continue;
      exists = true;
      if ((*code = news_of(child, options)) != 0) return child;
    }
    if (!exists) return ERR_PTR(-ECHILD);
    if (options & WNOHANG) return ERR_PTR(-EAGAIN);
    long result = sleep_on(&self->changed, NO_DEADLINE);
    if (result < 0) return ERR_PTR(result);
  }
}

static void take_news(struct process *child, int options) {
  if (options & WNOWAIT) return;
  if (child->is_zombie) process_reap(child);
  else child->stop_news = 0;
}

long sys_wait4(long which, long status, long options, long usage) {
  if (options & ~(long)(WNOHANG | WUNTRACED | WCONTINUED | WNOTHREAD | WAIT_CLONE | WAIT_ALL)) return -EINVAL;
  s32 id = (s32)which;
  if (id == INT32_MIN) return -ESRCH;
  int kind = id == -1 ? P_ALL : id > 0 ? P_PID : P_PGID, code;
  if (kind == P_PGID) id = id == 0 ? current->process->group : -id;
  struct process *child = wait_for_child(kind, id, (int)options | WEXITED, &code);
  if (IS_ERR(child)) return PTR_ERR(child) == -EAGAIN ? 0 : PTR_ERR(child);
  s32 pid = child->pid;
  s32 told = code == CLD_STOPPED ? child->stop_signal << 8 | 0x7f : code == CLD_CONTINUED ? 0xffff : child->exit_status;
  take_news(child, (int)options);
  if (status != 0 && copy_to_user((uaddr_t)status, &told, sizeof told) < 0) return -EFAULT;
  if (usage != 0 && clear_user((uaddr_t)usage, 144) < 0) return -EFAULT;
  return pid;
}

long sys_waitid(long kind, long id, long info, long options, long usage) {
  if (options & ~(long)(WNOHANG | WUNTRACED | WEXITED | WCONTINUED | WNOWAIT) || (options & (WUNTRACED | WEXITED | WCONTINUED)) == 0) return -EINVAL;
  if (kind < P_ALL || kind > P_PGID || (kind == P_PID && (s32)id <= 0)) return -EINVAL;
  if (kind == P_PGID && (s32)id == 0) id = current->process->group;
  int code = 0;
  struct process *child = wait_for_child((int)kind, (s32)id, (int)options, &code);
  if (IS_ERR(child) && PTR_ERR(child) != -EAGAIN) return PTR_ERR(child);
  struct signal_info told = {0};
  if (!IS_ERR(child)) {
    told = news(child, code);
    take_news(child, (int)options);
  }
  if (usage != 0 && clear_user((uaddr_t)usage, 144) < 0) return -EFAULT;
  return info == 0 ? 0 : copy_to_user((uaddr_t)info, &told, sizeof told);
}
