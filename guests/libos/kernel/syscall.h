/* System calls. A handler is `long sys_NAME(long a, …)`, up to six arguments, all `long`: it casts them itself, as Linux
 * does (a file descriptor is (int)a). Results are >= 0 or a negated errno. kernel/syscalls.def lists every call; one
 * that is listed and has no handler answers -ENOSYS. Handlers run with the big lock held, unless listed as UNLOCKED. */
#pragma once
#include "kernel/errno.h"
#include "kernel/types.h"

enum { SYSCALL_LIMIT = 464 };

/* long sys_NAME(long a, …) SAME_AS(other); */
#define SAME_AS(other) __attribute__((alias("sys_" #other)))
