/* Asks Redis by CP_Stream, without a library OS of its own: SEND RECEIVE and a load (load.h), where SEND and RECEIVE are
 * the streams to and from Redis's cVM. Redis takes it for a client's socket. */
#include "connection.h"
#include "cvm.h"
#include "resp.h"

enum { REDIS_PORT = 6379 };
enum { WRONG = 1, LOST = 2, NOT_CONNECTED = 3, BAD_ARGUMENTS = 64 };

static uint8_t batch[CONNECTION_HEADROOM + BATCH_MOST] __attribute__((aligned(16))), answers[BATCH_MOST];
static uint8_t *const requests = batch + CONNECTION_HEADROOM;
/* Which requests are in there. */
static enum operation prepared;
static unsigned prepared_count;
static size_t prepared_bytes;

static void prepare(enum operation operation, size_t value_bytes, unsigned pipeline) {
  if (prepared_count == pipeline && prepared == operation) return;
  prepared_bytes = 0;
  for (unsigned i = 0; i < pipeline; i++) prepared_bytes += resp_request(requests + prepared_bytes, operation, value_bytes);
  prepared = operation;
  prepared_count = pipeline;
}

/* Answers that have not come whole, or not in one piece: from `kept` to `there` of `answers`. */
static size_t kept, there;

/* The next answer: 0, or what was wrong. */
static int take_answer(enum operation operation, size_t value_bytes) {
  struct answer answer;
  for (;;) {
    size_t size = there - kept;
    int is_in_ring = size == 0;
    const uint8_t *from = is_in_ring ? connection_peek(&size) : answers + kept;
    if (from == NULL) return LOST;
    int found = resp_answer(from, size, &answer);
    if (found < 0) return WRONG;
    if (found > 0) {
      int is_right = is_expected(from, &answer, operation, value_bytes);
      if (is_in_ring && connection_consume(answer.size) < 0) return LOST;
      if (!is_in_ring) kept += answer.size;
      return is_right ? 0 : WRONG;
    }
    if (is_in_ring) kept = there = 0;
    long got = connection_receive(answers + there, sizeof answers - there);
    if (got <= 0) return LOST;
    there += (size_t)got;
  }
}

static int ask(enum operation operation, size_t value_bytes, unsigned pipeline) {
  prepare(operation, value_bytes, pipeline);
  if (connection_send(requests, prepared_bytes) < 0) return LOST;
  for (unsigned answered = 0; answered < pipeline; answered++) {
    int wrong = take_answer(operation, value_bytes);
    if (wrong != 0) return wrong;
  }
  return 0;
}

static void mark(void) {
  cvm_write("|", 1);
}

int main(int argc, char **argv) {
  struct load load;
  if (argc < 2 || !load_parse(&load, argc - 2, argv + 2) || load.operation == HTTP) return BAD_ARGUMENTS;
  if (connection_open(argv[0], argv[1], REDIS_PORT) < 0) return NOT_CONNECTED;
  return load_run(&load, ask, mark);
}
