/* What the examples share: how they complain. Everything else is in cvm.h. */
#ifndef EXAMPLE_H
#define EXAMPLE_H

#include "cvm.h"

/* The result, or the end of the program with exit code 1 and a line that names the error. */
static inline long need(const char *what, long result) {
  if (result >= 0) return result;
  cvm_printf("%s: %s\n", what, cvm_error_name(result));
  cvm_exit(1);
}

/* One program plays several parts; its manifest says which, as the first argument. */
static inline int isRole(int argc, char **argv, const char *role) {
  return argc > 0 && strcmp(argv[0], role) == 0;
}

#endif
