/* What the clients of `capvm bench services` ask, and how they are measured: OPERATION VALUE_BYTES PIPELINE COUNT MORE, where
 * OPERATION is get, set or http.
 *
 * Each asks for one key. It stores the value first, so that a get finds it, and asks some more times to warm up. Then it
 * writes marks on its console: |, at once | (what a mark costs), COUNT operations, |, MORE (whoever runs it looks closer at
 * these), |. It exits with 0 when every answer was right. Plain C for a cVM with or without a library OS. */
#ifndef LOAD_H
#define LOAD_H

#include <stddef.h>
#include <stdint.h>

enum { PIPELINE_MOST = 16, VALUE_MOST = 4096, LINE_MOST = 64, KEY_BYTES = 16 };
/* As long as redis-benchmark's. */
#define KEY "key:000000000001"
/* Room for a batch of requests, or of answers. */
enum { BATCH_MOST = PIPELINE_MOST * (VALUE_MOST + 2 * LINE_MOST) };

enum operation { GET, SET, HTTP };

struct load {
  enum operation operation;
  size_t value_bytes;
  unsigned pipeline, count, more;
};

/* False: there is no such load. */
int load_parse(struct load *load, int argc, char **argv);

/* `ask` sends `pipeline` requests and takes as many answers: 0, or a number that says what was wrong. */
typedef int (*load_ask)(enum operation operation, size_t value_bytes, unsigned pipeline);
/* The client's exit code. */
int load_run(const struct load *load, load_ask ask, void (*mark)(void));

/* Byte i of every value. */
static inline uint8_t value_at(size_t i) {
  return (uint8_t)('a' + i % 16);
}
void value_fill(uint8_t *value, size_t size);
int value_is(const uint8_t *value, size_t size);
#endif
