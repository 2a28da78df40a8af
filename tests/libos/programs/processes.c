// fork, exec, wait, groups: and that a copy is a copy.
#define _GNU_SOURCE
#include "show.h"
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

static int shared = 1;

static int status_of(pid_t child) {
  int status = -1;
  SHOW(waitpid(child, &status, 0) == child);
  return status;
}

int main(int argc, char **argv, char **envp) {
  setvbuf(stdout, NULL, _IONBF, 0);
  int status, ends[2];
  char text[16] = {0};
  pid_t child = fork();
  if (child == 0) {
    shared = 2;
    _exit(3);
  }
  SHOW(WEXITSTATUS(status_of(child)));
  SHOW(shared);
  if ((child = fork()) == 0) raise(SIGTERM);
  SHOW(WTERMSIG(status_of(child)));
  if ((child = fork()) == 0) *(volatile int *)8 = 1;
  SHOW(WTERMSIG(status_of(child)));
  pipe(ends);
  if ((child = fork()) == 0) {
    write(ends[1], "from child", 10);
    _exit(0);
  }
  SHOW(read(ends[0], text, 16));
  printf("%s\n", text);
  status_of(child);
  SHOW(waitpid(-1, &status, 0));
  SHOW(waitpid(-1, &status, 99999));
  SHOW(execve("/does/not/exist", argv, envp));
  SHOW(execve("/tmp", argv, envp));
  if ((child = vfork()) == 0) _exit(4);
  SHOW(WEXITSTATUS(status_of(child)));
  if ((child = fork()) == 0) {
    SHOW(setpgid(0, 0));
    SHOW(getpgrp() == getpid());
    SHOW(setsid());
    pause();
  }
  usleep(50000);
  SHOW(getpgid(child) == child);
  SHOW(kill(-child, SIGKILL));
  SHOW(WTERMSIG(status_of(child)));
  if ((child = fork()) == 0)
    for (;;) pause();
  usleep(1000);
  SHOW(kill(child, SIGSTOP));
  SHOW(waitpid(child, &status, WUNTRACED) == child && WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
  SHOW(kill(child, SIGCONT));
  SHOW(waitpid(child, &status, WCONTINUED) == child && WIFCONTINUED(status));
  SHOW(waitpid(child, &status, WNOHANG));
  SHOW(kill(child, SIGTERM));
  SHOW(WTERMSIG(status_of(child)));
  signal(SIGCHLD, SIG_IGN);
  if ((child = fork()) == 0) _exit(0);
  SHOW(waitpid(child, &status, 0));
  return 0;
}
