// Threads: their own storage, mutexes and conditions, joins, time-outs, many at once.
#define _GNU_SOURCE
#include "show.h"
#include <pthread.h>
#include <sys/syscall.h>
#include <linux/futex.h>
#include <time.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static int turn, sum;
static __thread int own = 5;

static void *alternate(void *argument) {
  long number = (long)argument;
  for (int i = 0; i < 3; i++) {
    pthread_mutex_lock(&mutex);
    while (turn % 2 != number) pthread_cond_wait(&condition, &mutex);
    printf("thread %ld, %d, own %d\n", number, turn, ++own);
    turn++;
    pthread_cond_broadcast(&condition);
    pthread_mutex_unlock(&mutex);
  }
  return (void *)(number + 10);
}

static void *add(void *unused) {
  for (int i = 0; i < 2000; i++) {
    pthread_mutex_lock(&mutex);
    sum++;
    pthread_mutex_unlock(&mutex);
  }
  return NULL;
}

static void *hold_and_end(void *robust) {
  pthread_mutex_lock(robust);
  return NULL;
}

static void futexes(void) {
  int word = 1;
  struct timespec soon = {0, 2000000}, bad = {0, 2000000000};
  SHOW(syscall(SYS_futex, &word, FUTEX_WAIT, 2, NULL));
  SHOW(syscall(SYS_futex, &word, FUTEX_WAIT, 1, &soon));
  SHOW(syscall(SYS_futex, &word, FUTEX_WAIT, 1, &bad));
  SHOW(syscall(SYS_futex, &word, FUTEX_WAKE, 1));
  SHOW(syscall(SYS_futex, (char *)&word + 1, FUTEX_WAKE, 1));
  SHOW(syscall(SYS_futex, 8, FUTEX_WAIT, 1, NULL));
  SHOW(syscall(SYS_futex, &word, FUTEX_WAIT_BITSET, 1, NULL, NULL, 0));
  clock_gettime(CLOCK_MONOTONIC, &soon);
  SHOW(syscall(SYS_futex, &word, FUTEX_WAIT_BITSET, 1, &soon, NULL, ~0));
  SHOW(syscall(SYS_futex, &word, FUTEX_CMP_REQUEUE, 1, 1, &sum, 7));
  SHOW(syscall(SYS_futex, &word, 99, 1));
}

int main(void) {
  pthread_t threads[8];
  void *results[2];
  for (long i = 0; i < 2; i++) pthread_create(&threads[i], NULL, alternate, (void *)i);
  for (int i = 0; i < 2; i++) pthread_join(threads[i], &results[i]);
  for (int i = 0; i < 2; i++) SHOW((long)results[i]);
  for (int i = 0; i < 8; i++) pthread_create(&threads[i], NULL, add, NULL);
  for (int i = 0; i < 8; i++) pthread_join(threads[i], NULL);
  SHOW(sum);
  struct timespec until;
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_nsec += 3000000;
  if (until.tv_nsec >= 1000000000) until.tv_sec++, until.tv_nsec -= 1000000000;
  pthread_mutex_lock(&mutex);
  SHOW(pthread_cond_timedwait(&condition, &mutex, &until));
  pthread_mutex_unlock(&mutex);
  pthread_mutex_t robust;
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
  pthread_mutex_init(&robust, &attributes);
  pthread_create(&threads[0], NULL, hold_and_end, &robust);
  pthread_join(threads[0], NULL);
  SHOW(pthread_mutex_lock(&robust));
  futexes();
  SHOW(own);
  return 0;
}
