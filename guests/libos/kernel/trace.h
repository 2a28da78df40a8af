/* A line per system call on the console, as strace prints them, for configuration strace=1. */
#ifndef LIBOS_TRACE_H
#define LIBOS_TRACE_H

#include "kernel/types.h"

extern bool trace_is_on;
/* Composes the call in the thread's own buffer. `arguments`: see syscalls.def. */
void trace_begin(const char *name, const char *arguments, const u64 *values);
/* Prints the line. */
void trace_end(long result);

#endif
