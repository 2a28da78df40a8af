// fork on other stacks than the first, and what its copy finds of the first.
#include "show.h"
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <ucontext.h>

enum { WORDS = 5000, STACK = 65536 };
static pid_t child;
static ucontext_t deep, coroutine;

static void tell(void) {
  int status = -1;
  if (child == 0) return;
  waitpid(child, &status, 0);
  printf("status %x\n", status);
  fflush(stdout);
}

static void on_signal(int number) {
  child = fork();
}

static void body(void) {
  child = fork();
  swapcontext(&coroutine, &deep);
}

/* Calls it from far down the stack; the copy ends with what it found there. */
__attribute__((noinline)) static void far_down(void (*leave)(void)) {
  volatile int words[WORDS];
  for (int i = 0; i < WORDS; i++) words[i] = i;
  leave();
  int wrong = 0;
  for (int i = 0; i < WORDS; i++) wrong += words[i] != i;
  if (child == 0) _exit(wrong == 0 ? 7 : 8);
  tell();
}

static void by_signal(void) {
  raise(SIGUSR1);
}

static void by_coroutine(void) {
  swapcontext(&deep, &coroutine);
}

static void *fork_here(void *words) {
  child = fork();
  if (child == 0) _exit(((volatile int *)words)[99] == 5 && getenv("PATH") != NULL ? 9 : 10);
  tell();
  return NULL;
}

int main(void) {
  char stack[STACK];
  stack_t alternate = {.ss_sp = stack, .ss_size = STACK};
  struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_ONSTACK};
  SHOW(sigaltstack(&alternate, NULL));
  sigaction(SIGUSR1, &action, NULL);
  far_down(by_signal);
  getcontext(&coroutine);
  coroutine.uc_stack = (stack_t){.ss_sp = stack, .ss_size = STACK};
  makecontext(&coroutine, body, 0);
  far_down(by_coroutine);
  int words[100] = {[99] = 5};
  pthread_t thread;
  pthread_create(&thread, NULL, fork_here, words);
  pthread_join(thread, NULL);
  return 0;
}
