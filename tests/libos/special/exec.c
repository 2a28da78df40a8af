// Runs itself again, and a script whose interpreter it is.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void run(const char *path, char **arguments) {
  char *environment[] = {"KEY=value", NULL};
  int status;
  pid_t child = fork();
  if (child == 0) {
    execve(path, arguments, environment);
    _exit(1);
  }
  waitpid(child, &status, 0);
  printf("status %d\n", WEXITSTATUS(status));
}

int main(int argc, char **argv, char **envp) {
  setvbuf(stdout, NULL, _IONBF, 0);
  if (getenv("KEY") != NULL) {
    for (int i = 0; i < argc; i++) printf("%s ", argv[i]);
    printf("%s\n", envp[0]);
    return 9;
  }
  char *arguments[] = {"renamed", "argument", NULL};
  run("/proc/self/exe", arguments);
  FILE *script = fopen("/tmp/script", "w");
  fprintf(script, "#!/usr/bin/exec with words\nanything\n");
  fclose(script);
  run("/tmp/script", arguments);
  chmod("/tmp/script", 0755);
  run("/tmp/script", arguments);
  execve("/etc/passwd", argv, envp);
  printf("%s\n", strerror(errno));
  return 0;
}
