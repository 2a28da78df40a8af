/* The stack with which a program starts. */
#ifndef LIBOS_START_H
#define LIBOS_START_H

#include "kernel/types.h"

struct elf;
struct mm;
struct start_strings;

/* Maps the stack and fills it: arguments, environment, auxiliary vector. Its address, or -errno. `base`: of the dynamic
 * linker, 0: none. */
long start_stack(struct mm *mm, const struct elf *program, u64 base, const struct start_strings *strings, const char *path, u64 vdso);

#endif
