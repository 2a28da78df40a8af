/* Redis's protocol as its clients need it: requests, and where an answer ends. */
#ifndef RESP_H
#define RESP_H

#include "load.h"

/* Writes a request for KEY: its size. SET carries the value. */
size_t resp_request(uint8_t *to, enum operation operation, size_t value_bytes);
/* Of an HTTP request for KEY. */
size_t http_request(uint8_t *to);

struct answer {
  size_t size; /* of all of it */
  size_t value, value_bytes; /* where the value is; 0 bytes: it has none */
};

/* The answer that begins here: 1, it is whole; 0, more must come; -1, it is none. */
int resp_answer(const uint8_t *bytes, size_t available, struct answer *answer);
int http_answer(const uint8_t *bytes, size_t available, struct answer *answer);
/* Is it what a client of this load expects? */
int is_expected(const uint8_t *bytes, const struct answer *answer, enum operation operation, size_t value_bytes);
#endif
