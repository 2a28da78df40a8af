/* Output, arguments, time and exit on the three targets. Prints one line:
 *   <kernel> iterations <n> checksum <hex> ok|FAILED [cpu <nanoseconds>]
 * where cpu is the processor time of bench_run alone, on targets that have an operating system to ask. */
#include "bench.h"

enum { EXIT_OK = 0, EXIT_WRONG = 1, EXIT_TRAP = 2 };

struct line {
  size_t length;
  char text[200];
};

static void putText(struct line *line, const char *text) {
  while (*text != 0 && line->length < sizeof line->text) line->text[line->length++] = *text++;
}

static void putNumber(struct line *line, uint64_t value, unsigned base) {
  char digits[24];
  size_t at = sizeof digits;
  digits[--at] = 0;
  do {
    digits[--at] = "0123456789abcdef"[value % base];
    value /= base;
  } while (value != 0);
  putText(line, digits + at);
}

static int finishLine(struct line *line, uint64_t iterations, uint64_t checksum) {
  int ok = checksum == bench_expected;
  putText(line, bench_name);
  putText(line, " iterations ");
  putNumber(line, iterations, 10);
  putText(line, " checksum ");
  putNumber(line, checksum, 16);
  putText(line, ok ? " ok" : " FAILED");
  return ok ? EXIT_OK : EXIT_WRONG;
}

#ifdef __riscv

void *memcpy(void *destination, const void *source, size_t sizeBytes) {
  uint8_t *to = destination;
  const uint8_t *from = source;
  while (sizeBytes-- != 0) *to++ = *from++;
  return destination;
}

void *memset(void *destination, int value, size_t sizeBytes) {
  uint8_t *to = destination;
  while (sizeBytes-- != 0) *to++ = (uint8_t)value;
  return destination;
}

/* ---- bare machine: UART 16550 and test finisher of QEMU's `virt` ---- */

static volatile uint8_t *const UART = (volatile uint8_t *)0x10000000;
static volatile uint32_t *const FINISHER = (volatile uint32_t *)0x100000;
enum { UART_LSR = 5, UART_LSR_THRE = 0x20, FINISHER_PASS = 0x5555, FINISHER_FAIL = 0x3333 };

static void writeBare(const struct line *line) {
  for (size_t n = 0; n < line->length; n++) {
    while ((UART[UART_LSR] & UART_LSR_THRE) == 0) {}
    UART[0] = (uint8_t)line->text[n];
  }
}

static void exitBare(int code) {
  *FINISHER = code == 0 ? FINISHER_PASS : (uint32_t)code << 16 | FINISHER_FAIL;
  for (;;) {}
}

void startBare(uint64_t iterations) {
  struct line line = {0};
  if (iterations == 0) iterations = bench_default_iterations;
  int code = finishLine(&line, iterations, bench_run(iterations));
  putText(&line, "\n");
  writeBare(&line);
  exitBare(code);
}

void trapBare(uint64_t cause, uint64_t pc, uint64_t value) {
  struct line line = {0};
  putText(&line, "trap cause ");
  putNumber(&line, cause, 10);
  putText(&line, " pc ");
  putNumber(&line, pc, 16);
  putText(&line, " value ");
  putNumber(&line, value, 16);
  putText(&line, "\n");
  writeBare(&line);
  exitBare(EXIT_TRAP);
}

/* ---- Linux without a C library ---- */

enum { SYS_WRITE = 64, SYS_EXIT = 93, SYS_CLOCK_GETTIME = 113 };

static long systemCall(long number, long first, long second, long third) {
  register long a0 __asm__("a0") = first;
  register long a1 __asm__("a1") = second;
  register long a2 __asm__("a2") = third;
  register long a7 __asm__("a7") = number;
  __asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a7) : "memory");
  return a0;
}

struct timespec {
  int64_t tv_sec;
  int64_t tv_nsec;
};
enum { CLOCK_PROCESS_CPUTIME_ID = 2 };

static void readClock(struct timespec *time) {
  systemCall(SYS_CLOCK_GETTIME, CLOCK_PROCESS_CPUTIME_ID, (long)time, 0);
}
static void writeHosted(const struct line *line) { systemCall(SYS_WRITE, 1, (long)line->text, (long)line->length); }

#else

#include <time.h>
#include <unistd.h>

static void readClock(struct timespec *time) { clock_gettime(CLOCK_PROCESS_CPUTIME_ID, time); }
static void writeHosted(const struct line *line) {
  if (write(1, line->text, line->length) < 0) _exit(EXIT_TRAP);
}

#endif

/* ---- shared by both kinds of Linux program ---- */

static int runHosted(const char *argument) {
  uint64_t iterations = 0;
  struct line line = {0};
  struct timespec before, after;
  for (; argument != NULL && *argument >= '0' && *argument <= '9'; argument++) {
    iterations = iterations * 10 + (uint64_t)(*argument - '0');
  }
  if (iterations == 0) iterations = bench_default_iterations;
  readClock(&before);
  uint64_t checksum = bench_run(iterations);
  readClock(&after);
  int code = finishLine(&line, iterations, checksum);
  putText(&line, " cpu ");
  putNumber(&line, (uint64_t)((after.tv_sec - before.tv_sec) * 1000000000 + after.tv_nsec - before.tv_nsec), 10);
  putText(&line, "\n");
  writeHosted(&line);
  return code;
}

#ifdef __riscv
void startHosted(const uint64_t *stack) {
  systemCall(SYS_EXIT, runHosted(stack[0] > 1 ? (const char *)stack[2] : NULL), 0, 0);
}
#else
int main(int count, char **arguments) { return runHosted(count > 1 ? arguments[1] : NULL); }
#endif
