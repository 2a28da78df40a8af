/* execveat: by path, beside a directory, of a descriptor; and what refuses. */
#include "../programs/show.h"
#include <sys/syscall.h>
#include <sys/wait.h>

static void start(int directory, const char *path, int flags) {
  char *argv[] = {"again", NULL}, *envp[] = {"FROM=exec", NULL};
  int status;
  fflush(stdout);
  if (fork() == 0) {
    long result = syscall(SYS_execveat, directory, path, argv, envp, flags);
    printf("execveat %ld %s\n", result, strerrorname_np(errno));
    fflush(stdout);
    _exit(9);
  }
  wait(&status);
  SHOW(status);
}

int main(int argc, char **argv) {
  if (getenv("FROM") != NULL) {
    printf("%d %s from %s\n", argc, argv[0], getenv("FROM"));
    return 3;
  }
  char path[256] = {0};
  readlink("/proc/self/exe", path, sizeof path - 1);
  char *name = strrchr(path, '/');
  *name++ = 0;
  int directory = open(path, O_RDONLY | O_DIRECTORY), program = openat(directory, name, O_RDONLY);
  start(directory, name, 0);
  start(program, "", AT_EMPTY_PATH);
  start(program, "", 0);
  start(directory, "none", 0);
  start(directory, "", AT_EMPTY_PATH);
  start(77, name, 0);
  start(program, name, 0);
  start(directory, name, 0x4000000);
  return 0;
}
