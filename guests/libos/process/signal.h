/* Signals: numbers, sets, queues. */
#pragma once
#include "kernel/list.h"

enum {
  SIGHUP = 1, SIGINT, SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGKILL, SIGUSR1, SIGSEGV, SIGUSR2, SIGPIPE,
  SIGALRM, SIGTERM, SIGSTKFLT, SIGCHLD, SIGCONT, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU, SIGURG, SIGXCPU, SIGXFSZ,
  SIGVTALRM, SIGPROF, SIGWINCH, SIGIO, SIGPWR, SIGSYS, SIGRTMIN, SIGNAL_COUNT = 64,
};
enum { SI_USER = 0, SI_KERNEL = 128, SI_QUEUE = -1, SI_TKILL = -6 };
enum { CLD_EXITED = 1, CLD_KILLED, CLD_DUMPED, CLD_TRAPPED, CLD_STOPPED, CLD_CONTINUED };
#define signal_bit(number) (1ul << ((number) - 1))
#define STOPS (signal_bit(SIGSTOP) | signal_bit(SIGTSTP) | signal_bit(SIGTTIN) | signal_bit(SIGTTOU))
#define IGNORED_BY_DEFAULT (signal_bit(SIGCHLD) | signal_bit(SIGCONT) | signal_bit(SIGURG) | signal_bit(SIGWINCH))
#define UNBLOCKABLE (signal_bit(SIGKILL) | signal_bit(SIGSTOP))

enum { SS_ONSTACK = 1, SS_DISABLE = 2 };
#define SIG_DFL 0ul
#define SIG_IGN 1ul
enum { SA_NOCLDSTOP = 1, SA_NOCLDWAIT = 2, SA_ONSTACK = 0x08000000, SA_RESTART = 0x10000000, SA_NODEFER = 0x40000000, SA_RESETHAND = 0x80000000 };

/* As rt_sigaction passes it. */
struct signal_action {
  u64 handler, flags, mask;
};

struct signal_actions {
  unsigned users;
  struct signal_action of[SIGNAL_COUNT + 1];
};

/* The fields of siginfo_t that are in use, at their offsets. */
struct signal_info {
  s32 number, error, code, unused;
  union {
    struct {
      s32 pid;
      u32 uid;
      union {
        s32 status;
        u64 value;
      };
    };
    u64 address;
  };
};

/* For one user; null: no memory. */
struct signal_actions *signal_actions_copy(const struct signal_actions *from);

struct signal_queue {
  u64 pending;
  struct list_head infos;
};

/* As sigaltstack passes it; no flags while it may be used. */
struct signal_stack {
  u64 address;
  u32 flags, unused;
  u64 size;
};

struct process;
struct thread;

void signal_queue_init(struct signal_queue *queue);
/* Forgets those of a set; of a process and all of its threads. */
void signal_queue_flush(struct signal_queue *queue, u64 set);
void signal_flush(struct process *process, u64 set);
/* To a process, or to one of its threads. 0, or -EAGAIN: too many are queued. */
long send_signal(struct process *process, const struct signal_info *info);
long send_signal_to(struct thread *thread, const struct signal_info *info);
/* Of the kernel, to the present process: SIGPIPE and the like. */
void raise_signal(int number);
/* Of the kernel, to every process of a group. */
void signal_group(s32 group, int number);
/* What this thread did: cannot be blocked or ignored. */
void force_signal(const struct signal_info *info);
/* For calls that bring a mask for as long as they wait (null: none): 0, -EINVAL, -EFAULT. After -EINTR it holds until a
 * handler has begun. */
long mask_begin(uaddr_t mask, size_t size);
long mask_end(uaddr_t mask, long result);
/* Takes the next of `set` for this thread into *info: its number, 0: none. */
int take_signal(u64 set, struct signal_info *info);
u64 signals_pending(void);
/* The bytes of siginfo_t. */
enum { SIGINFO_SIZE = 128 };

/* Delivery, on the way back to the program (frame.c). False: the frame does not fit on the stack. */
struct registers;
bool signal_frame_push(struct registers *registers, const struct signal_info *info, const struct signal_action *action, u64 mask);
