/* What the programs of the IPC comparison have in common. Each runs in two cVMs: ROLE BYTES ROUNDS WINDOWS.
 *
 * The measuring role writes a mark on its console at the edges of windows: one empty window, which tells what a mark
 * costs, then WINDOWS windows of ROUNDS round trips or messages each. Whoever runs the cVMs reads the counters at the
 * marks. Afterwards it checks the data that came and exits with 0 if all is well. The other role goes on until the
 * first is gone, so that the last round is like any other. */
#ifndef MEASURE_H
#define MEASURE_H
#include "cvm.h"

enum { PAGE = 4096 };

struct job {
  const char *role;
  size_t bytes;
  uint64_t rounds, windows;
};

static inline struct job jobOf(int argc, char **argv) {
  struct job job = {"", 0, 0, 0};
  if (argc != 4) cvm_exit(90);
  job.role = argv[0];
  job.bytes = cvm_parse_number(argv[1]);
  job.rounds = cvm_parse_number(argv[2]);
  job.windows = cvm_parse_number(argv[3]);
  return job;
}

static inline int isRole(const struct job *job, const char *role) {
  return strcmp(job->role, role) == 0;
}

static inline void mark(void) {
  cvm_write("|", 1);
}

/* All windows of the measuring role. The empty one runs the same loop, none of its rounds. */
#define MEASURE(job, statement)                                                                     \
  do {                                                                                              \
    mark();                                                                                         \
    for (uint64_t window = 0; window <= (job)->windows; window++) {                                 \
      for (uint64_t left = window == 0 ? 0 : (job)->rounds; left > 0; left--) statement;            \
      mark();                                                                                       \
    }                                                                                               \
  } while (0)

/* What a buffer of the job holds: whole pages, so that a capability can cover it exactly. */
static inline size_t roomOf(const struct job *job) {
  return (job->bytes + PAGE - 1) / PAGE * PAGE;
}

/* What is lent of a buffer: whole pages where exact bounds need more than the message. */
static inline size_t lentBytes(const struct job *job) {
  return job->bytes < PAGE ? job->bytes : roomOf(job);
}

/* The n-th buffer. */
static inline uint8_t *bufferOf(const struct job *job, unsigned n) {
  size_t size = roomOf(job);
  uintptr_t first = ((uintptr_t)cvm_heap_begin() + PAGE - 1) / PAGE * PAGE;
  uint8_t *buffer = (uint8_t *)first + n * size;
  if (buffer + size > (uint8_t *)cvm_heap_end()) cvm_exit(91);
  return buffer;
}

static inline uint8_t patternAt(size_t index) {
  return (uint8_t)(index * 167 + (index >> 8) * 13 + 1);
}

static inline void fillPattern(uint8_t *buffer, size_t bytes) {
  for (size_t i = 0; i < bytes; i++) buffer[i] = patternAt(i);
}

static inline int hasPattern(const uint8_t *buffer, size_t bytes) {
  for (size_t i = 0; i < bytes; i++)
    if (buffer[i] != patternAt(i)) return 0;
  return 1;
}

/* Ends the cVM where a message is not whole. */
static inline void needAll(const struct job *job, long bytes) {
  if (bytes == (long)job->bytes) return;
  cvm_printf("a message of %ld bytes\n", bytes);
  cvm_exit(94);
}

/* Ends the cVM where something that must succeed does not: the host says which step and why. */
static inline long need(const char *step, long result) {
  if (result >= 0) return result;
  cvm_printf("%s: %ld\n", step, result);
  cvm_exit(92);
}
#endif
