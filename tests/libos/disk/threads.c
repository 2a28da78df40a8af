/* On a disk, three threads at once: `write COUNT` makes that many steps in each, fsynced and told; `check` tells what each has
 * left; `wait` tells what a thread can do while another waits for a disk that does not answer its fsync; `wait HOW`, while two
 * wait for it to read; `race COUNT` makes that many reads and writes of a file that memory has no room for in each. */
#include "../programs/show.h"

#include <pthread.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/stat.h>

enum { THREADS = 3, LINE = 12, PAGE = 4096 };
static int steps;

static void must(int condition, const char *what) {
  if (condition) return;
  printf("%s: %s\n", what, strerrorname_np(errno));
  exit(1);
}

static void fill(char *to, int thread, int step) {
  for (int i = 0; i < PAGE; i++) to[i] = (char)(thread * 91 + step * 31 + i * 7);
}

static int count_lines(int thread) {
  char name[32], line[32], expected[32];
  snprintf(name, sizeof name, "log-%d", thread);
  FILE *log = fopen(name, "r");
  int count = 0;
  for (; log != NULL && fgets(line, sizeof line, log) != NULL; count++) {
    snprintf(expected, sizeof expected, "step %06d\n", count);
    if (strcmp(line, expected) != 0) printf("line %d of %d is %s", count, thread, line);
  }
  if (log != NULL) fclose(log);
  return count;
}

static int size_of(int step) {
  return step % 7 * 500;
}

/* A page in one of four places of a table, which is emptied now and then; a file that replaces another or comes anew; then a
 * line more in a log. */
static void take_step(int thread, int step) {
  char name[32], other[32], line[32], page[PAGE];
  snprintf(name, sizeof name, "table-%d", thread);
  int table = open(name, O_RDWR | O_CREAT, 0644);
  if (step % 4 == 0) must(ftruncate(table, 0) == 0, "ftruncate");
  fill(page, thread, step);
  must(pwrite(table, page, PAGE, step % 4 * (long)PAGE) == PAGE, name);
  snprintf(name, sizeof name, "new-%d", thread);
  snprintf(other, sizeof other, "old-%d", thread);
  int file = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  must(write(file, page, (size_t)size_of(step)) == size_of(step), name);
  if (step % 5 == 4) must(unlink(other) == 0, "unlink");
  must(rename(name, other) == 0, "rename");
  snprintf(name, sizeof name, "log-%d", thread);
  int log = open(name, O_WRONLY | O_CREAT | O_APPEND, 0644);
  snprintf(line, sizeof line, "step %06d\n", step);
  must(write(log, line, LINE) == LINE, name);
  must(fsync(log) == 0, "fsync");
  close(log), close(table), close(file);
  snprintf(line, sizeof line, "%d %d\n", thread, step + 1);
  must(write(1, line, strlen(line)) > 0, "write");
}

static void *take_steps(void *argument) {
  int thread = (int)(long)argument, first = count_lines(thread);
  for (int step = first; step < first + steps; step++) take_step(thread, step);
  return NULL;
}

/* Of the step after the last one in the log, anything may have been synced by another thread. */
static void check(int thread) {
  char name[32], page[PAGE], found[PAGE];
  struct stat stat;
  int count = count_lines(thread);
  snprintf(name, sizeof name, "table-%d", thread);
  int table = open(name, O_RDONLY);
  for (int step = count - 1; step >= 0 && step / 4 == count / 4; step--) {
    fill(page, thread, step);
    long got = pread(table, found, PAGE, step % 4 * (long)PAGE);
    if (got != PAGE || memcmp(page, found, PAGE) != 0) printf("table %d, step %d of %d is wrong: %ld\n", thread, step, count, got);
  }
  snprintf(name, sizeof name, "old-%d", thread);
  bool is_there = lstat(name, &stat) == 0, may_be_gone = count % 5 == 4 || count == 0;
  if (is_there ? stat.st_size != size_of(count) && (count == 0 || stat.st_size != size_of(count - 1)) : !may_be_gone)
    printf("%s of step %d is wrong\n", name, count - 1);
  printf("%d %d\n", thread, count);
}

static void *wait_for_disk(void *unused) {
  int file = open("slow", O_WRONLY | O_CREAT, 0644);
  write(file, "slow", 4);
  puts("fsync");
  fsync(file);
  puts("the disk has answered");
  return NULL;
}

static void *read_slowly(void *argument) {
  const char *how = argument;
  char text[4];
  int file = open("slow", O_RDWR);
  puts(how);
  if (strcmp(how, "read") == 0) read(file, text, 4);
  if (strcmp(how, "mmap") == 0) mmap(NULL, 4, PROT_READ, MAP_PRIVATE, file, 0);
  if (strcmp(how, "pwrite") == 0) pwrite(file, "S", 1, 1);
  if (strcmp(how, "ftruncate") == 0) ftruncate(file, 3);
  puts("the disk has answered");
  return NULL;
}

/* Thread i alone writes the pages that are i modulo THREADS; what it reads of them is what it wrote last. */
static void *race(void *argument) {
  enum { PAGES = 420 };
  int thread = (int)(long)argument, file = open("race", O_RDWR | O_CREAT, 0644), of[PAGES] = {0};
  char page[PAGE], found[PAGE];
  unsigned random = (unsigned)thread + 1;
  for (int step = 0; step < steps; step++) {
    bool is_first = step < PAGES / THREADS;
    random = random * 1103515245 + 12345;
    int place = (is_first ? step : (int)(random >> 8) % (PAGES / THREADS)) * THREADS + thread;
    if (is_first || random >> 28 < 5) {
      fill(page, thread, of[place] = step);
      must(pwrite(file, page, PAGE, place * (long)PAGE) == PAGE, "pwrite");
    }
    if (random >> 24 == 0 || step == steps / 2) must(fsync(file) == 0, "fsync");
    fill(page, thread, of[place]);
    must(pread(file, found, PAGE, place * (long)PAGE) == PAGE, "pread");
    must(memcmp(found, page, PAGE) == 0, "what was read is not what was written");
    must(pread(file, found, PAGE, (place + 1) % PAGES * (long)PAGE) >= 0, "pread");
  }
  puts("the same");
  return NULL;
}

static void go_on(void) {
  char text[8];
  struct timespec moment = {0, 100000};
  nanosleep(&moment, NULL);
  int file = open("other", O_RDWR | O_CREAT, 0644);
  for (int i = 0; i < 3; i++) SHOW(pwrite(file, "other", 5, i * 5));
  SHOW(pread(file, text, 5, 10));
  SHOW(ftruncate(file, 3));
  SHOW(rename("other", "another"));
  SHOW(unlink("another"));
}

int main(int argc, char **argv) {
  pthread_t threads[THREADS];
  setvbuf(stdout, NULL, _IOLBF, 1000);
  must(chdir("/disk") == 0, "/disk");
  if (strcmp(argv[1], "check") == 0) {
    for (int i = 0; i < THREADS; i++) check(i);
  } else if (strcmp(argv[1], "wait") == 0) {
    bool is_fsync = argc == 2;
    for (int i = 0; i < 2 - is_fsync; i++) pthread_create(&threads[i], NULL, is_fsync ? wait_for_disk : read_slowly, argv[2]);
    go_on();
    pthread_join(threads[0], NULL);
  } else {
    void *(*body)(void *) = strcmp(argv[1], "race") == 0 ? race : take_steps;
    steps = atoi(argv[2]);
    for (long i = 0; i < THREADS; i++) pthread_create(&threads[i], NULL, body, (void *)i);
    for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  }
  return 0;
}
