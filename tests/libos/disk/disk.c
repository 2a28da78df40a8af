// On a disk: `write COUNT` makes COUNT steps, each of them fsynced and told; `check` tells what is there, and whether it is whole.
#include "../programs/show.h"

#include <dirent.h>
#include <sys/stat.h>

static char page[9000];

static void fill(int step, int size) {
  for (int i = 0; i < size; i++) page[i] = (char)(step * 31 + i * 7 + i / 256);
}

static void must(int condition, const char *what) {
  if (condition) return;
  printf("%s: %s\n", what, strerrorname_np(errno));
  exit(1);
}

static int size_of(int step) {
  return 100 + step * 977 % 8800;
}

/* A line more in `log`, a random page in `table`, a new file that replaces one of eight and has a symbolic link, a directory now and then. */
static void take_step(int step) {
  char line[32], name[32];
  int log = open("log", O_WRONLY | O_CREAT | O_APPEND, 0644);
  snprintf(line, sizeof line, "step %06d\n", step);
  must(write(log, line, 12) == 12, "log");
  int table = open("table", O_RDWR | O_CREAT, 0644);
  fill(step, 4096);
  must(pwrite(table, page, 4096, step * 5 % 16 * 4096l) == 4096, "table");
  int file = open("new", O_WRONLY | O_CREAT | O_TRUNC, 0600);
  fill(step, size_of(step));
  must(write(file, page, (size_t)size_of(step)) == size_of(step), "new");
  snprintf(name, sizeof name, "file-%d", step % 8);
  must(rename("new", name) == 0, "rename");
  snprintf(name, sizeof name, "dir-%d", step % 3);
  must(step % 6 < 3 ? mkdir(name, 0755) == 0 : rmdir(name) == 0, name);
  unlink("link");
  snprintf(line, sizeof line, "file-%d", step % 8);
  must(symlink(line, "link") == 0, "symlink");
  must(fsync(log) == 0, "fsync");
  close(log), close(table), close(file);
}

static int count_lines(void) {
  char line[32];
  int count = 0;
  FILE *log = fopen("log", "r");
  while (log != NULL && fgets(line, sizeof line, log) != NULL) {
    char expected[32];
    snprintf(expected, sizeof expected, "step %06d\n", count);
    if (strcmp(line, expected) != 0) printf("line %d is %s", count, line);
    count++;
  }
  if (log != NULL) fclose(log);
  return count;
}

static void check_file(const char *name, int step, int size, long offset) {
  char found[9000];
  int fd = open(name, O_RDONLY);
  long got = pread(fd, found, (size_t)size, offset);
  fill(step, size);
  if (got != size || memcmp(found, page, (size_t)size) != 0) printf("%s of step %d is wrong (%ld)\n", name, step, got);
  close(fd);
}

static void check(void) {
  int count = count_lines();
  char name[32];
  for (int step = count > 8 ? count - 8 : 0; step < count; step++) {
    snprintf(name, sizeof name, "file-%d", step % 8);
    check_file(name, step, size_of(step), 0);
  }
  for (int step = count > 16 ? count - 16 : 0; step < count; step++) check_file("table", step, 4096, step * 5 % 16 * 4096l);
  for (int i = 0; i < 3; i++) {
    snprintf(name, sizeof name, "dir-%d", i);
    int expected = 0;
    for (int step = 0; step < count; step++)
      if (step % 3 == i) expected = step % 6 < 3;
    if ((access(name, F_OK) == 0) != expected) printf("%s is wrong\n", name);
  }
  if (access("new", F_OK) == 0) puts("new is there");
  char target[32] = "", expected[32] = "";
  readlink("link", target, sizeof target);
  if (count > 0) snprintf(expected, sizeof expected, "file-%d", (count - 1) % 8);
  if (strcmp(target, expected) != 0) printf("link leads to %s\n", target);
  printf("%d\n", count);
}

int main(int argc, char **argv) {
  must(chdir("/disk") == 0, "/disk");
  if (strcmp(argv[1], "check") == 0) {
    check();
    return 0;
  }
  int first = count_lines();
  for (int step = first; step < first + atoi(argv[2]); step++) {
    take_step(step);
    printf("%d\n", step + 1);
    fflush(stdout);
  }
  return 0;
}
