/* Processes and threads. A thread of Linux is a thread of the cVM; a process is what they share. */
#pragma once
#include "kernel/kernel.h"
#include "mm/mm.h"
#include "mm/uaccess.h"
#include "process/signal.h"

enum { RLIMIT_CPU, RLIMIT_FSIZE, RLIMIT_DATA, RLIMIT_STACK, RLIMIT_CORE, RLIMIT_RSS, RLIMIT_NPROC, RLIMIT_NOFILE };
enum { RLIMIT_MEMLOCK = 8, RLIMIT_AS = 9, RLIMIT_COUNT = 16 };
#define RLIM_INFINITY (~0ul)
struct rlimit {
  u64 soft, hard;
};

enum { GROUP_LIMIT = 32 };
struct credentials {
  union {
    struct { u32 uid, euid, suid, fsuid; };
    u32 users[4];
  };
  union {
    struct { u32 gid, egid, sgid, fsgid; };
    u32 groups_of_process[4];
  };
  u32 groups[GROUP_LIMIT];
  u32 group_count;
};

struct process {
  s32 pid, parent_pid; /* first, for getpid */
  struct credentials credentials;
  s32 group, session;
  struct list_head link;     /* all_processes */
  struct list_head threads;  /* struct thread.link */
  struct list_head children; /* struct process.sibling */
  struct list_head sibling;
  struct process *parent; /* null: none */
  unsigned live_threads;
  bool is_exiting, is_zombie, is_stopped, has_execed, dumpable;
  /* What wait4 has not told yet. */
  int stop_news; /* CLD_STOPPED, CLD_CONTINUED; 0: none */
  struct thread *exec_thread; /* the others are to end */
  s32 exit_status;            /* as wait4 tells it */
  int exit_signal;            /* for the parent, 0: none */
  int stop_signal;
  struct wait_queue changed; /* of children, and of the number of threads */
  struct process *vfork_parent;
  struct mm *mm; /* null: a zombie */
  struct files *files;
  struct fs_context *fs;
  struct rlimit limits[RLIMIT_COUNT];
  struct signal_actions *actions;
  struct signal_queue signals; /* for any thread */
  struct file *executable;
  u32 command;                     /* of the host's (command.h), 0: none */
  struct command_request *request; /* until it runs */
  u64 start_time, children_time;
  u64 alarm_deadline, alarm_interval; /* ITIMER_REAL, 0: none */
};

/* What a thread's registers were when it entered. Layout: entry/layout.h */
struct registers {
  u64 x[32]; /* x[0] is unused */
  u64 pc;
  u64 cause;
  u64 value;
  u64 call; /* system call that may have to be repeated */
  struct thread *thread;
  u64 argument; /* a0 of that call */
};
#define NO_CALL (~0ul)
enum { RA = 1, SP = 2, TP = 4, A0 = 10, A1 = 11, A2 = 12, A7 = 17 };

struct thread {
  volatile u32 work; /* there is something to do before it goes back to the program */
  volatile u32 wake_word;
  /* Derived from `process->mm` on the way back. */
  u64 memory, memory_size, code_slot;
  s32 tid; /* at THREAD_ID */
  s32 unused;
  struct process *process;
  struct list_head link; /* process->threads */
  struct registers *registers;
  long host_thread;
  void (*body)(struct thread *self); /* of the library OS's own threads */
  bool is_sleeping, is_uninterruptible, restore_mask, has_float_state;
  char name[16];
  u64 blocked, saved_mask; /* signals */
  u64 waited;              /* for by rt_sigtimedwait */
  struct signal_queue signals;
  struct signal_stack alternate;
  uaddr_t clear_tid;
  uaddr_t robust_list;
  u64 float_state[33];
};

/* The thread that runs. */
register struct thread *current __asm__("tp");

extern struct list_head all_processes;
struct process *find_process(s32 pid);
struct thread *find_thread(s32 tid);
s32 new_pid(void);

/* Without threads; shares or copies nothing yet. Null: no memory. */
struct process *process_create(struct process *parent);
/* Gives back what it has: files, directories, memory, actions. */
void process_give_back(struct process *process);
/* One that has no thread yet, with whatever it has. */
void process_discard(struct process *process);
/* Its last thread is gone but for the present stack. */
void process_finish(struct process *process);
/* Forgets a zombie. */
void process_reap(struct process *process);
/* A thread of the cVM that begins with `registers`; it does not run while the caller holds the lock. */
struct thread *thread_create(struct process *process, const struct registers *registers, s32 tid);
/* A thread of the library OS only: runs `body` without the lock; it must not return. */
struct thread *kernel_thread_create(void (*body)(struct thread *self));
/* Makes a thread look at `work`, wherever it is. */
void thread_kick(struct thread *thread);
/* The present thread, or its process: do not return. */
_Noreturn void thread_exit(void);
_Noreturn void process_exit(int status);
/* The present thread is to end as soon as it is back: its process does, or has become another program. No sleep waits. */
bool must_end(void);
/* The others end, soon; the present one goes on. */
void process_end_threads(struct process *process, int status);

/* What a program is started with, copied: `argc` strings, then `envc`, each with its NUL. */
struct start_strings {
  char *bytes;
  size_t used;
  u32 argc, envc;
};
enum { START_STRINGS_LIMIT = 128 << 10 };
/* -E2BIG: they do not fit. */
long start_strings_add(struct start_strings *strings, const char *text);
/* Runs a file in the present process: replaces its memory and its registers. 0 or -errno; the strings are the caller's. */
long process_exec(const char *path, struct start_strings *strings);

/* Gives up the memory, and lets a parent of vfork go on. */
void process_release_memory(struct process *process);
/* What wait4's WUNTRACED and WCONTINUED tell: CLD_STOPPED or CLD_CONTINUED. */
void process_tell_stop(struct process *process, int code);
/* The signal that a trap of the program is (fault.c). */
void fault_signal(const struct registers *registers, struct signal_info *info);
/* Gives up the mutexes that a thread holds as it ends. */
void robust_list_exit(struct thread *thread);
/* How many were woken. */
long futex_wake(uaddr_t address, u32 count, u32 bits);

#include "fs/file.h" /* which wants what is above */
