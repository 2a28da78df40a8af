/* The main thread: reads the host's commands, hands them out, passes requests on. It never waits for another cVM. */
#include "peer.h"

enum { RING_BYTES = 65536 };

size_t payloadLimit;
static uint8_t ring[RING_BYTES + RING_CONTROL] __attribute__((aligned(PAGE)));
static long commands, news;
static uint8_t *unused;
static uint32_t newsLock;

void *take(size_t sizeBytes) {
  uint8_t *end = cvm_heap_end(), *taken = __atomic_load_n(&unused, __ATOMIC_RELAXED);
  size_t pages = (sizeBytes + PAGE - 1) & ~(size_t)(PAGE - 1);
  do
    if (taken > end || (size_t)(end - taken) < pages) return NULL;
  while (!__atomic_compare_exchange_n(&unused, &taken, taken + pages, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
  return taken;
}

void tellHost(const struct frame *head, const void *payload) {
  while (__atomic_exchange_n(&newsLock, 1, __ATOMIC_ACQUIRE) != 0) cvm_block(&newsLock, 1, 0);
  cvm_stream_send(news, head, sizeof *head);
  cvm_stream_send(news, payload, head->payloadBytes);
  __atomic_store_n(&newsLock, 0, __ATOMIC_RELEASE);
  cvm_wake(&newsLock, 1);
}

/* Exactly so many bytes of the host's, which sends whole frames; 0: it has closed, or talks nonsense. */
static int hear(void *to, size_t sizeBytes) {
  uint8_t *next = to;
  for (size_t left = sizeBytes; left > 0;) {
    long got = cvm_stream_receive(commands, next, left, 0);
    if (got <= 0) return 0;
    next += got;
    left -= (size_t)got;
  }
  return 1;
}

static int obey(void) {
  struct frame command;
  if (!hear(&command, sizeof command) || command.payloadBytes > payloadLimit) return 0;
  if (command.verb == VERB_ANSWER) {
    if (command.place >= REQUESTS || requestPayload(command.place) == NULL) return 0;
    if (!hear(requestPayload(command.place), command.payloadBytes)) return 0;
    answer(&command);
    return 1;
  }
  if (command.place >= WORKERS || !hear(workerPayload(command.place), command.payloadBytes)) return 0;
  setToWork(command.place, &command);
  return 1;
}

/* commands NEWS PAYLOAD: names of the two streams, bytes of a payload at most */
int main(int argc, char **argv) {
  if (argc != 3) return 1;
  payloadLimit = cvm_parse_number(argv[2]);
  unused = (uint8_t *)(((uintptr_t)cvm_heap_begin() + PAGE - 1) & ~(uintptr_t)(PAGE - 1));
  news = cvm_stream_open_send(argv[1]);
  commands = cvm_stream_open_receive(argv[0], ring, sizeof ring);
  if (news < 0 || commands < 0) return 2;
  startWorkers();
  tellHost(&(struct frame){.verb = NEWS_READY, .values = {WORKERS, REQUESTS, (int64_t)payloadLimit}}, NULL);
  for (;;) {
    uint32_t rung = __atomic_load_n(&doorbell, __ATOMIC_ACQUIRE);
    takeRequests();
    struct cvm_poll_item items[2] = {
        cvm_poll_receive(commands),
        {.kind = POLL_WORD, .place = (uint64_t)&doorbell, .expected = rung},
    };
    if (cvm_poll(items, 2, 0) == 0 && !obey()) return 0;
  }
}
