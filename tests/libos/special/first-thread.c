/* Its first thread ends while others wait: for a mutex, and for a connection. */
#include <arpa/inet.h>
#include <pthread.h>
#include <sys/socket.h>
#include "../programs/show.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void *wait_for_mutex(void *unused) {
  pthread_mutex_lock(&mutex);
  return NULL;
}

static void *wait_for_connection(void *unused) {
  int server = socket(AF_INET, SOCK_STREAM, 0);
  listen(server, 1);
  write(1, "ready\n", 6);
  accept(server, NULL, NULL);
  return NULL;
}

int main(int argc, char **argv) {
  pthread_t other;
  pthread_mutex_lock(&mutex);
  pthread_create(&other, NULL, wait_for_mutex, NULL);
  if (argc > 1) pthread_create(&other, NULL, wait_for_connection, NULL);
  else write(1, "ready\n", 6);
  pthread_exit(NULL);
}
