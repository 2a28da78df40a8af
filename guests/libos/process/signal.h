/* Signals: numbers, sets, queues. */
#ifndef LIBOS_SIGNAL_H
#define LIBOS_SIGNAL_H

#include "kernel/list.h"

enum {
  SIGHUP = 1, SIGINT, SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGKILL, SIGUSR1, SIGSEGV, SIGUSR2, SIGPIPE,
  SIGALRM, SIGTERM, SIGSTKFLT, SIGCHLD, SIGCONT, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU, SIGURG, SIGXCPU, SIGXFSZ,
  SIGVTALRM, SIGPROF, SIGWINCH, SIGIO, SIGPWR, SIGSYS, SIGNAL_COUNT = 64,
};
#define signal_bit(number) (1ul << ((number) - 1))

/* What a handler is told; the layout of siginfo_t is made in frame.c. */
struct signal_info {
  s32 number, error, code;
  s32 pid;
  u32 uid;
  s32 status;
  u64 value; /* si_addr, si_value */
};

struct signal_queue {
  u64 pending;
  struct list_head infos; /* of queued ones */
};

struct process;
struct thread;

/* From the kernel, or from who is named in `info`; 0, or -EAGAIN. Needs the big lock. */
long send_signal(struct process *process, const struct signal_info *info);
/* Of kernel/fs/net: SIGPIPE, SIGIO and the like to the present process. */
void raise_signal(int number);

#endif
