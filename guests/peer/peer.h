/* A peer: an ordinary cVM that acts for host code. It has the authority that its manifest gives it and no more; the host
 * tells it what to do with it through a stream, and hears of what comes of it through another.
 *
 *   host -> stream "commands" -> main thread -> workers: make calls, move bytes, wait
 *   host <- stream "news"     <- workers (replies), main thread (requests of those who call entries of this cVM) */
#ifndef PEER_H
#define PEER_H

#include "cvm.h"
#include "protocol.h"

enum { WORKERS = 16, REQUESTS = 32, STACK_BYTES = 4096, PAGE = 4096 };

/* Sends a frame to the host, payload behind the head, all of it or (the host is gone) not. Peer's own threads only: a
 * caller's thread may vanish at any moment, and would leave the lock behind. */
void tellHost(const struct frame *head, const void *payload);

/* Bytes of a payload at most, a power of two. */
extern size_t payloadLimit;
/* Memory for good, on a page; NULL: there is no more. */
void *take(size_t sizeBytes);

static inline size_t least(size_t a, size_t b) {
  return a < b ? a : b;
}

/* worker.c: whatever may block is done by a thread of its own. */
void startWorkers(void);
/* Where the payload of a worker's next command goes; it is idle. */
uint8_t *workerPayload(uint32_t place);
void setToWork(uint32_t place, const struct frame *command);

/* serve.c: calls that come in. */
/* Changes when there may be news for takeRequests. */
extern uint32_t doorbell;
/* Tells the host of every request that has come. */
void takeRequests(void);
long offer(const char *name, uint32_t first, uint32_t count);
uint8_t *requestPayload(uint32_t place);
void answer(const struct frame *command);

#endif
