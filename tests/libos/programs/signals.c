// Handlers, masks, queues, alternate stacks, restarted and interrupted calls.
#define _GNU_SOURCE
#include "show.h"
#include <pthread.h>
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>

static volatile int count, latest, on_stack;
static char other_stack[32768];

static void note(int number) {
  count++;
  latest = number;
}

static void where(int number, siginfo_t *info, void *context) {
  char here;
  ucontext_t *state = context;
  on_stack = &here >= other_stack && &here < other_stack + sizeof other_stack;
  int value = info->si_code == SI_QUEUE ? info->si_value.sival_int : 0;
  printf("code %d value %d pid is ours %d, stack of the frame %d\n", info->si_code, value, info->si_pid == getpid(),
         state->uc_stack.ss_sp == other_stack);
}

static void set(int number, int flags, void (*handler)(int)) {
  struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
  sigaction(number, &action, NULL);
}

static void *send_later(void *target) {
  usleep(20000);
  pthread_kill((pthread_t)target, SIGUSR1);
  return NULL;
}

static void masks(void) {
  sigset_t set1, pending;
  sigemptyset(&set1);
  sigaddset(&set1, SIGUSR1);
  sigaddset(&set1, SIGRTMIN + 1);
  SHOW(sigprocmask(SIG_BLOCK, &set1, NULL));
  raise(SIGUSR1), raise(SIGUSR1);
  SHOW(count);
  SHOW(sigpending(&pending));
  SHOW(sigismember(&pending, SIGUSR1));
  SHOW(sigprocmask(SIG_UNBLOCK, &set1, NULL));
  SHOW(count);
  SHOW(sigprocmask(99, &set1, NULL));
  sigprocmask(SIG_BLOCK, &set1, NULL);
  for (int i = 0; i < 3; i++) sigqueue(getpid(), SIGRTMIN + 1, (union sigval){.sival_int = 10 + i});
  siginfo_t info;
  struct timespec none = {0, 0};
  for (int i = 0; i < 3; i++) {
    SHOW(sigtimedwait(&set1, &info, &none) == SIGRTMIN + 1);
    SHOW(info.si_value.sival_int);
  }
  SHOW(sigtimedwait(&set1, &info, &none));
  sigprocmask(SIG_UNBLOCK, &set1, NULL);
}

static void interrupted(void) {
  pthread_t thread;
  char byte;
  int ends[2];
  pipe(ends);
  set(SIGUSR1, 0, note);
  count = 0;
  pthread_create(&thread, NULL, send_later, (void *)pthread_self());
  SHOW(read(ends[0], &byte, 1));
  SHOW(count);
  pthread_join(thread, NULL);
  set(SIGUSR1, 0, note);
  pthread_create(&thread, NULL, send_later, (void *)pthread_self());
  struct timespec second = {1, 0}, left = {9, 9};
  SHOW(nanosleep(&second, &left));
  SHOW(left.tv_sec == 0 && left.tv_nsec > 500000000);
  pthread_join(thread, NULL);
  set(SIGUSR1, SA_RESTART, note);
  if (fork() == 0) {
    usleep(20000), kill(getppid(), SIGUSR1), usleep(20000);
    write(ends[1], "x", 1);
    _exit(0);
  }
  SHOW(read(ends[0], &byte, 1));
  SHOW(count);
  SHOW(wait(NULL) > 0);
}

static void running_thread_is_interrupted(void) {
  struct itimerval timer = {{0, 0}, {0, 10000}};
  set(SIGALRM, 0, note);
  count = 0;
  SHOW(setitimer(ITIMER_REAL, &timer, NULL));
  while (count == 0) continue;
  SHOW(latest);
}

int main(void) {
  setvbuf(stdout, NULL, _IONBF, 0);
  set(SIGUSR1, 0, note);
  set(SIGUSR2, SA_RESETHAND, note);
  raise(SIGUSR1);
  SHOW(count);
  SHOW(latest);
  raise(SIGUSR2);
  struct sigaction now;
  sigaction(SIGUSR2, NULL, &now);
  SHOW(now.sa_handler == SIG_DFL);
  SHOW(sigaction(SIGKILL, &now, NULL));
  SHOW(sigaction(SIGKILL, NULL, &now));
  SHOW(sigaction(65, NULL, &now));
  SHOW(kill(getpid(), 0));
  SHOW(kill(getpid(), 99));
  SHOW(kill(99999, 0));
  count = 0;
  masks();
  stack_t stack = {.ss_sp = other_stack, .ss_size = sizeof other_stack}, old;
  SHOW(sigaltstack(&stack, NULL));
  struct sigaction action = {.sa_sigaction = where, .sa_flags = SA_SIGINFO | SA_ONSTACK};
  sigaction(SIGTERM, &action, NULL);
  sigqueue(getpid(), SIGTERM, (union sigval){.sival_int = 42});
  SHOW(on_stack);
  SHOW(sigaltstack(NULL, &old));
  SHOW(old.ss_flags);
  stack.ss_size = 100;
  SHOW(sigaltstack(&stack, NULL));
  interrupted();
  running_thread_is_interrupted();
  sigset_t usr1;
  sigemptyset(&usr1), sigaddset(&usr1, SIGUSR1);
  sigprocmask(SIG_BLOCK, &usr1, NULL);
  count = 0;
  raise(SIGUSR1);
  sigset_t none;
  sigemptyset(&none);
  SHOW(sigsuspend(&none));
  SHOW(count);
  double x = 1.5;
  for (int i = 0; i < 3; i++) raise(SIGTERM), x = x * 1.25 + i;
  printf("%.6f\n", x);
  return 0;
}
