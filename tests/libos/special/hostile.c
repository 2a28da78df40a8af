// Tries to crash the library OS or to look behind it: system calls with every kind of argument, and code of its own.
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static sigjmp_buf back;
static void handler(int number) {
  siglongjmp(back, number);
}

static unsigned long state = 88172645463325252ul;
static unsigned long next(void) {
  state ^= state << 13, state ^= state >> 7, state ^= state << 17;
  return state;
}

static char buffer[4096];
static long argument(void) {
  static const long values[] = {0, 1, -1, 2, 3, 8, 4095, 4096, 4097, 0xffff, 0x10000, 0x7fffffff, -4096, (1l << 63), (1l << 62), 1000000};
  unsigned long kind = next();
  if (kind % 3 == 0) return (long)buffer + next() % 64;
  return kind % 3 == 1 ? values[next() % 16] : (long)(next() >> next() % 64);
}

/* Calls that end or stop the one who makes them, or wait for ever. */
static int is_left_out(long number) {
  static const int numbers[] = {SYS_exit, SYS_exit_group, SYS_clone, SYS_rt_sigreturn, SYS_execve, SYS_kill, SYS_tkill, SYS_tgkill, SYS_munmap, SYS_mmap, SYS_mprotect,
                                SYS_mremap, SYS_brk, SYS_rt_sigsuspend, SYS_rt_sigtimedwait, SYS_nanosleep, SYS_clock_nanosleep, SYS_futex, SYS_ppoll, SYS_pselect6,
                                SYS_epoll_pwait, 441, SYS_read, SYS_readv, SYS_wait4, SYS_waitid, SYS_madvise, SYS_rt_sigprocmask, SYS_rt_sigaction, SYS_flock, SYS_accept,
                                SYS_accept4, SYS_recvfrom, SYS_recvmsg, SYS_write, SYS_writev, SYS_setitimer, SYS_dup3, SYS_close, SYS_execveat, 436, SYS_chroot, SYS_sendfile, SYS_rt_sigqueueinfo};
  for (unsigned i = 0; i < sizeof numbers / sizeof *numbers; i++)
    if (numbers[i] == number) return 1;
  return 0;
}

static void random_calls(void) {
  for (int i = 0; i < 20000; i++) {
    long number = next() % 470;
    if (!is_left_out(number)) syscall(number, argument(), argument(), argument(), argument(), argument(), argument());
  }
}

#define TRY(what) \
  do { \
    int number = sigsetjmp(back, 1); \
    if (number == 0) { what; printf("nothing: %s\n", #what); } \
    else printf("signal %d: %s\n", number, #what); \
    fflush(stdout); \
  } while (0)

int main(void) {
  int status;
  for (int number = 1; number < 32; number++)
    if (number != SIGCHLD && number != SIGKILL && number != SIGSTOP && number != SIGTERM) signal(number, handler);
  TRY(__asm__ volatile("csrr t0, uepc" ::: "t0"));
  TRY(__asm__ volatile(".insn r 0x5b, 0, 1, t0, x0, x4" ::: "t0"));   /* where its traps go */
  TRY(__asm__ volatile(".insn r 0x5b, 0, 1, t0, x0, x5" ::: "t0"));   /* its data capability */
  TRY(__asm__ volatile("uret"));
  TRY(__asm__ volatile("sret"));
  TRY(*(volatile char *)0xffff = 1);
  TRY(*(volatile char *)-1l = 1);
  TRY(*(volatile char *)-0x20000l = 1);                               /* before the slot: the library OS */
  TRY((void)*(volatile char *)0x1000);                                /* its c-list, had it been the same addresses */
  TRY(mprotect((void *)0x20000, 4096, PROT_READ | PROT_WRITE | PROT_EXEC) == 0 ? (void)0 : (void)raise(SIGUSR1));
  if (fork() == 0) {
    random_calls();
    printf("still here\n");
    fflush(stdout);
    _exit(0);
  }
  wait(&status);
  if (fork() == 0) {
    /* A stack pointer, thread pointer and everything else of nonsense at a system call and at a fault. */
    __asm__ volatile("li sp, -1\n li tp, 12345\n li gp, 77\n li a7, 172\n ecall\n li a7, 9999\n ecall\n li a7, 94\n li a0, 5\n ecall");
  }
  wait(&status);
  printf("nonsense in registers: %d\n", WEXITSTATUS(status));
  fflush(stdout);
  if (fork() == 0) {
    /* Gives the mark of program code away: its traps do not come to the library OS any more. */
    __asm__ volatile(
        ".insn r 0x5b, 0, 1, t0, x0, x0\n li t1, ~(1 << 15)\n .insn r 0x5b, 0, 0x0d, t0, t0, t1\n la t2, 1f\n"
        ".insn r 0x5b, 0, 0x0f, t0, t0, t2\n .insn r 0x5b, 0, 0x7f, ra, t0, x12\n 1: ecall" ::: "t0", "t1", "t2", "ra");
  }
  wait(&status);
  printf("without the mark: signal %d\n", WTERMSIG(status));
  fflush(stdout);
  if (fork() == 0) {
    /* Returns from a signal that never was, to everywhere. */
    memset(buffer, 0xff, sizeof buffer);
    __asm__ volatile("mv sp, %0\n li a7, 139\n ecall" ::"r"(((long)buffer + 15) & -16));
  }
  wait(&status);
  printf("sigreturn: signal %d\n", WTERMSIG(status));
  return 0;
}
