/* The vDSO: system calls that need no system. It runs as part of the program; the clock is the time CSR, one step every
 * 100 nanoseconds, and `vvar` says what the calendar showed when it began. */
#include <stdint.h>

struct vvar {
  uint64_t epoch; /* CLOCK_REALTIME in nanoseconds at time 0 */
};
__attribute__((section(".vvar"), visibility("hidden"))) struct vvar vvar = {1};

enum { REALTIME = 0, MONOTONIC = 1, MONOTONIC_RAW = 4, REALTIME_COARSE = 5, MONOTONIC_COARSE = 6, BOOTTIME = 7 };
enum { SYS_clock_gettime = 113, SYS_clock_getres = 114, SYS_hwprobe = 258 };
#define SECOND 1000000000ul
#define CLOCK_STEP 100

static long system_call(long number, long a, long b, long c, long d, long e) {
  register long a0 __asm__("a0") = a;
  register long a1 __asm__("a1") = b;
  register long a2 __asm__("a2") = c;
  register long a3 __asm__("a3") = d;
  register long a4 __asm__("a4") = e;
  register long a7 __asm__("a7") = number;
  __asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(a7) : "memory");
  return a0;
}

static uint64_t monotonic(void) {
  uint64_t ticks;
  __asm__ volatile("rdtime %0" : "=r"(ticks));
  return ticks * CLOCK_STEP;
}

static int is_realtime(int clock) {
  return clock == REALTIME || clock == REALTIME_COARSE;
}

static int is_monotonic(int clock) {
  return clock == MONOTONIC || clock == MONOTONIC_RAW || clock == MONOTONIC_COARSE || clock == BOOTTIME;
}

int __vdso_clock_gettime(int clock, uint64_t *time) {
  uint64_t now;
  if (is_monotonic(clock)) now = monotonic();
  else if (is_realtime(clock)) now = monotonic() + *(volatile uint64_t *)&vvar.epoch;
  else return (int)system_call(SYS_clock_gettime, clock, (long)time, 0, 0, 0);
  time[0] = now / SECOND;
  time[1] = now % SECOND;
  return 0;
}

int __vdso_clock_getres(int clock, uint64_t *resolution) {
  if (!is_monotonic(clock) && !is_realtime(clock)) return (int)system_call(SYS_clock_getres, clock, (long)resolution, 0, 0, 0);
  if (resolution != 0) {
    resolution[0] = 0;
    resolution[1] = CLOCK_STEP;
  }
  return 0;
}

int __vdso_gettimeofday(uint64_t *time, uint32_t *zone) {
  if (time != 0) {
    uint64_t now = monotonic() + *(volatile uint64_t *)&vvar.epoch;
    time[0] = now / SECOND;
    time[1] = now % SECOND / 1000;
  }
  if (zone != 0) zone[0] = zone[1] = 0;
  return 0;
}

int __vdso_getcpu(uint32_t *cpu, uint32_t *node, void *unused) {
  if (cpu != 0) *cpu = 0;
  if (node != 0) *node = 0;
  return 0;
}

int __vdso_flush_icache(void *start, void *end, unsigned long flags) {
  return 0; /* no memory of a program is both writable and executable */
}

int __vdso_riscv_hwprobe(void *pairs, unsigned long count, unsigned long size, void *cpus, unsigned flags) {
  return (int)system_call(SYS_hwprobe, (long)pairs, (long)count, (long)size, (long)cpus, flags);
}
