/* Clocks. Time is host_time(); the calendar is that and the configured epoch. */
#pragma once
#include "kernel/types.h"

enum {
  CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_PROCESS_CPUTIME, CLOCK_THREAD_CPUTIME, CLOCK_MONOTONIC_RAW, CLOCK_REALTIME_COARSE,
  CLOCK_MONOTONIC_COARSE, CLOCK_BOOTTIME, CLOCK_TAI = 11,
};

/* CLOCK_REALTIME in nanoseconds when host_time() was 0. */
u64 clock_epoch(void);
u64 clock_realtime(void);
/* An absolute time of a clock as host_time() will show it; what is past: 0. */
u64 clock_to_host(int clock, u64 time);
void clock_start(void);
/* In so many nanoseconds, as host_time() will show it. */
u64 deadline_after(u64 nanoseconds);
/* After a struct timespec of the program (null: never; a time of zero: 0). 0, -EFAULT, -EINVAL. */
long deadline_from_user(uaddr_t timeout, u64 *deadline);
