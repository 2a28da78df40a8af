// What a program did wrong comes as a signal with the place; bad addresses in calls are EFAULT.
#define _GNU_SOURCE
#include "show.h"
#include <setjmp.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/uio.h>

static sigjmp_buf back;
static volatile void *wanted;

static void handler(int number, siginfo_t *info, void *context) {
  printf("signal %d code %d at the place: %d\n", number, info->si_code, info->si_addr == wanted);
  siglongjmp(back, 1);
}

#define TRY(place, what)      \
  wanted = (void *)(place);   \
  if (!sigsetjmp(back, 1)) {  \
    what;                     \
    printf("no signal\n");    \
  }

int main(void) {
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
  sigaction(SIGSEGV, &action, NULL);
  sigaction(SIGILL, &action, NULL);
  sigaction(SIGTRAP, &action, NULL);
  volatile long zero = 0;
  long far = 0x3f12345000;
  TRY(0, *(volatile int *)zero = 1);
  TRY(8, (void)*(volatile long *)(zero + 8));
  TRY(far, *(volatile char *)(far + zero) = 1);
  TRY(far + 24, (void)*(volatile long *)(far + zero + 24));
  TRY(far + 16, __atomic_fetch_add((int *)(far + zero + 16), 1, __ATOMIC_SEQ_CST));
  TRY(far, *(volatile double *)(far + zero) = 1.0);
  TRY(0, ((void (*)(void))zero)());
  void *illegal, *trap;
  __asm__("la %0, 1f\n la %1, 2f" : "=r"(illegal), "=r"(trap));
  TRY(illegal, __asm__ volatile("1: .word 0xffffffff"));
  TRY(trap, __asm__ volatile("2: ebreak"));
  struct stat status;
  SHOW(write(1, (void *)far, 5));
  SHOW(write(1, NULL, 5));
  SHOW(stat((void *)far, &status));
  SHOW(stat("/", (void *)far));
  struct iovec vector = {(void *)far, 3};
  SHOW(writev(1, &vector, 1));
  SHOW(writev(1, (void *)far, 1));
  SHOW(writev(1, &vector, -1));
  SHOW(nanosleep((void *)far, NULL));
  SHOW(write(1, "", 0));
  return 0;
}
