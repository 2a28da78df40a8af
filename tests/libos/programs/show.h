/* Test programs print what calls give: the same here and under Debian's qemu-riscv64. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The call, its result, and errno by name if it is -1. */
#define SHOW(call) \
  do { \
    errno = 0; \
    long shown = (long)(call); \
    int error = errno; \
    printf("%s = %ld%s%s\n", #call, shown, shown == -1 ? " " : "", shown == -1 ? strerrorname_np(error) : ""); \
    fflush(stdout); \
  } while (0)

/* A new directory, and the program in it. */
static inline void enter_scratch(void) {
  static char name[] = "/tmp/scratch.XXXXXX";
  if (mkdtemp(name) == NULL || chdir(name) != 0) {
    perror(name);
    exit(1);
  }
}
