/* What programs ask of the system, reported to the host, which makes text of it (src/services/trace); configuration
 * strace=1. */
#pragma once

#include "kernel/types.h"

/* The present thread's call begins: its number and arguments are in its registers; it ends, if it does. */
void trace_call(void);
void trace_result(u32 number, long result);
