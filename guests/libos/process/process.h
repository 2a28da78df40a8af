/* Processes and threads. A thread of Linux is a thread of the cVM; a process is what they share. */
#ifndef LIBOS_PROCESS_H
#define LIBOS_PROCESS_H

#include "kernel/list.h"
#include "kernel/wait.h"
#include "mm/mm.h"
#include "process/signal.h"

struct files;
struct fs_context;

enum { RLIMIT_COUNT = 16, RLIMIT_STACK = 3, RLIMIT_NOFILE = 7, RLIMIT_AS = 9 };
#define RLIM_INFINITY (~0ul)
struct rlimit {
  u64 soft, hard;
};

struct credentials {
  u32 uid, euid, suid, fsuid, gid, egid, sgid, fsgid;
  u32 groups[32];
  u32 group_count;
};

struct process {
  struct list_head link;     /* all_processes */
  struct list_head threads;  /* struct thread.link */
  struct list_head children; /* struct process.sibling */
  struct list_head sibling;
  struct process *parent;
  s32 pid, group, session;
  unsigned live_threads;
  bool is_zombie, is_exiting, has_execed;
  bool is_stopped;
  s32 exit_status; /* as wait4 tells it */
  int exit_signal;
  struct wait_queue child_changed; /* wait4 */
  struct wait_queue vfork_done;
  bool is_vfork_child;
  struct mm *mm;
  struct files *files;
  struct fs_context *fs;
  struct credentials credentials;
  struct rlimit limits[RLIMIT_COUNT];
  struct signal_actions *actions;
  struct signal_queue signals; /* for any thread */
  struct file *executable;
  u64 start_time, children_time;
  u64 alarm_deadline, alarm_interval;
  bool dumpable;
};

/* What a thread's registers were when it entered; entry/trap.S knows the layout. */
struct registers {
  u64 x[32]; /* x[0] is unused */
  u64 pc;
  u64 cause;
  u64 value;
  u64 call; /* a7 of the system call it is in, ~0: none */
};

struct thread {
  struct list_head link;     /* process->threads */
  struct list_head all_link; /* by tid */
  struct process *process;
  s32 tid;
  long host_thread;
  struct registers *registers;
  volatile u32 wake_word; /* 1: woken */
  bool is_sleeping;
  char name[16];
  u64 blocked; /* signal mask */
  u64 saved_mask;
  bool restore_mask;
  struct signal_queue signals;
  uaddr_t alternate_stack;
  u64 alternate_size;
  u32 alternate_flags;
  uaddr_t clear_tid;
  uaddr_t robust_list;
  u64 float_state[33];
  u64 original_a0;
  volatile u32 work; /* see entry/trap.S */
};

/* The thread that runs. */
register struct thread *current __asm__("tp");

extern struct list_head all_processes;
struct process *find_process(s32 pid);
struct thread *find_thread(s32 tid);

#endif
