// /dev and what /proc says of a process.
#include "show.h"

#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>

static char buffer[4096];

static void show_lines(const char *path, const char *begin) {
  FILE *file = fopen(path, "r");
  if (file == NULL) {
    printf("%s: %s\n", path, strerrorname_np(errno));
    return;
  }
  while (fgets(buffer, sizeof buffer, file) != NULL)
    if (strncmp(buffer, begin, strlen(begin)) == 0) fputs(buffer, stdout);
  fclose(file);
}

int main(void) {
  enter_scratch();
  int null = open("/dev/null", O_RDWR), zero = open("/dev/zero", O_RDWR), full = open("/dev/full", O_RDWR), random = open("/dev/urandom", O_RDONLY);
  SHOW(read(null, buffer, 10));
  SHOW(write(null, buffer, 10));
  memset(buffer, 1, 10);
  SHOW(read(zero, buffer, 5));
  printf("%d %d\n", buffer[4], buffer[5]);
  SHOW(write(zero, buffer, 10));
  SHOW(write(full, buffer, 10));
  SHOW(read(random, buffer, 16));
  SHOW(lseek(null, 5, SEEK_SET) >= 0);
  SHOW(ioctl(null, TCGETS, buffer));
  SHOW(isatty(null));
  SHOW(access("/dev/shm", W_OK));
  SHOW(open("/dev/none", O_RDONLY));
  SHOW(readlink("/proc/self/fd/3", buffer, sizeof buffer));
  printf("%.9s\n", buffer);
  int fd = open("/proc/self/fd/3", O_RDONLY);
  SHOW(fd);
  int pipes[2];
  SHOW(pipe(pipes));
  SHOW(write(pipes[1], "abc", 3));
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", pipes[0]);
  SHOW((int)readlink(path, buffer, sizeof buffer) > 6 && strncmp(buffer, "pipe:[", 6) == 0);
  fd = open(path, O_RDONLY);
  SHOW(read(fd, buffer, 10));
  show_lines("/proc/sys/kernel/ostype", "");
  SHOW(open("/proc/self/none", O_RDONLY));
  SHOW(open("/proc/99999999", O_RDONLY));
  SHOW(unlink("/proc/cpuinfo"));
  FILE *file = fopen("/proc/self/stat", "r");
  int pid = 0;
  char name[64], state;
  SHOW(fscanf(file, "%d (%63[^)]) %c", &pid, name, &state));
  SHOW(pid == getpid());
  struct stat stat_;
  SHOW(stat("/proc/self/exe", &stat_));
  SHOW(stat_.st_size > 1000);
  SHOW(readlink("/proc/self/cwd", buffer, sizeof buffer) > 5);
  return 0;
}
