/* Calls that come in: the caller's thread leaves a request and waits for the host's answer.
 *
 * Trust: callers are other cVMs. A caller's thread may vanish anywhere in here (killed, its time is over); its stack then
 * serves the next call, while the host may still work on the request. So a stack has two of them:
 *
 *   FREE -> COPYING -> WAITING -> TAKEN -> ANSWERED -> FREE        by: caller, caller, main thread, main thread, caller
 *
 * A stack says which request is its call's. The other one belongs to a caller who is gone and may be used again, unless it
 * is TAKEN: that ends when the host answers. So the host has at most so many requests pending, however many calls are
 * begun and given up; and as callers have stacks of their own, who gives up many gets -EAGAIN, and nobody else does. */
#include "peer.h"

enum kind { FREE, COPYING, WAITING, TAKEN, ANSWERED };
enum { PER_STACK = 2, STACKS = REQUESTS / PER_STACK, NONE = REQUESTS };

uint32_t doorbell;
static struct request {
  uint32_t state;
  struct frame head;
  long result;
  size_t answerBytes;
  uint8_t *payload;
} requests[REQUESTS];
static uint32_t current[STACKS];
static uint8_t stacks[STACKS][STACK_BYTES] __attribute__((aligned(16)));

static uint32_t load(const uint32_t *word) {
  return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

static void store(uint32_t *word, uint32_t value) {
  __atomic_store_n(word, value, __ATOMIC_RELEASE);
}

static int replace(uint32_t *word, uint32_t seen, uint32_t value) {
  return __atomic_compare_exchange_n(word, &seen, value, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

/* A request for the call that is on this stack now, or NULL: the host has its hands full. Only the main thread may get in
 * between, by taking what is WAITING: whoever was on this stack before is gone. */
static struct request *claim(uint32_t stack) {
  for (uint32_t place = PER_STACK * stack; place < PER_STACK * (stack + 1); place++) {
    struct request *request = &requests[place];
    uint32_t seen = load(&request->state);
    if (seen == TAKEN || !replace(&request->state, seen, COPYING)) continue;
    store(&current[stack], place);
    return request;
  }
  store(&current[stack], NONE);
  return NULL;
}

static long onCall(long a0, long a1, long a2, long a3, size_t sizeBytes, long caller) {
  uint32_t stack = (uint32_t)(((uint8_t *)__builtin_frame_address(0) - stacks[0] - 1) / STACK_BYTES);
  if (sizeBytes > payloadLimit) return -E2BIG;
  struct request *request = claim(stack);
  if (request == NULL) return -EAGAIN;
  long copied = cvm_argument_read(0, request->payload, sizeBytes);
  if (sizeBytes > 0 && copied < 0) return copied;
  request->head = (struct frame){
      .verb = NEWS_REQUEST,
      .place = (uint32_t)(request - requests),
      .payloadBytes = (uint32_t)sizeBytes,
      .caller = (uint32_t)caller,
      .values = {a0, a1, a2, a3},
  };
  store(&request->state, WAITING);
  __atomic_fetch_add(&doorbell, 1, __ATOMIC_RELEASE);
  cvm_wake(&doorbell, 1);
  for (uint32_t state; (state = load(&request->state)) != ANSWERED;) cvm_block(&request->state, state, 0);
  /* Into a buffer for reading this faults, and the caller gets -ECANCELED: the host should not have answered so. */
  if (request->answerBytes > 0) cvm_argument_write(0, request->payload, least(request->answerBytes, sizeBytes));
  long result = request->result;
  store(&request->state, FREE);
  return result;
}

void takeRequests(void) {
  for (struct request *request = requests; request < requests + REQUESTS; request++) {
    /* From then on it is ours, and stays as it is, whatever becomes of the caller. */
    if (replace(&request->state, WAITING, TAKEN)) tellHost(&request->head, request->payload);
  }
}

uint8_t *requestPayload(uint32_t place) {
  return requests[place].payload;
}

void answer(const struct frame *command) {
  struct request *request = &requests[command->place];
  if (load(&request->state) != TAKEN) return;
  request->result = command->values[0];
  request->answerBytes = command->payloadBytes;
  store(&request->state, load(&current[command->place / PER_STACK]) == command->place ? ANSWERED : FREE);
  cvm_wake(&request->state, 1);
}

long offer(const char *name, uint32_t first, uint32_t count) {
  if (count == 0 || first > STACKS || count > STACKS - first) return -EINVAL;
  for (uint32_t place = PER_STACK * first; place < PER_STACK * (first + count); place++)
    if ((requests[place].payload = take(payloadLimit)) == NULL) return -ENOMEM;
  return cvm_call_offer(name, onCall, stacks[first], STACK_BYTES, count);
}
