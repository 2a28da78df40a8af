/* Calls that come in: the caller's thread leaves a request and waits for the host's answer.
 *
 * Trust: callers are other cVMs. A caller's thread may vanish anywhere in here (killed, its time is over); its stack then
 * serves the next call, while the host may still work on the request. So requests are not bound to stacks:
 *
 *   FREE -> COPYING -> WAITING -> TAKEN -> ANSWERED -> FREE        by: caller, caller, main thread, main thread, caller
 *
 * A request says whose it is (the stack), and a stack says which request is its own now. Where the two disagree, the
 * caller is gone and anybody may use the request, unless it is TAKEN: that ends when the host answers. With two requests
 * for each stack, a host that answers always finds room for the next call, and one that does not has at most so many
 * requests pending, however many calls are begun and given up. */
#include "peer.h"

enum kind { FREE, COPYING, WAITING, TAKEN, ANSWERED };
enum { STACKS = REQUESTS / 2, NONE = REQUESTS };

uint32_t doorbell;
static struct request {
  uint32_t state; /* kind, stack, and a count of its uses: no state comes twice while somebody looks at it */
  struct frame head;
  long result;
  size_t answerBytes;
  uint8_t *payload;
} requests[REQUESTS];
static uint32_t current[STACKS];
/* Of the entry that a stack belongs to: its requests. */
static struct {
  uint32_t first, end;
} ranges[STACKS];
static uint8_t stacks[STACKS][STACK_BYTES] __attribute__((aligned(16)));

static enum kind kindOf(uint32_t state) {
  return (enum kind)(state & 255);
}

static uint32_t ownerOf(uint32_t state) {
  return state >> 8 & 255;
}

static uint32_t load(const uint32_t *word) {
  return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

static void store(uint32_t *word, uint32_t value) {
  __atomic_store_n(word, value, __ATOMIC_RELEASE);
}

static int replace(uint32_t *word, uint32_t seen, uint32_t value) {
  return __atomic_compare_exchange_n(word, &seen, value, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

static void become(struct request *request, enum kind kind) {
  store(&request->state, (load(&request->state) & ~255u) | kind);
}

static int isFree(uint32_t state, uint32_t place) {
  if (kindOf(state) == FREE) return 1;
  return kindOf(state) != TAKEN && load(&current[ownerOf(state)]) != place;
}

/* A request for the call that is on this stack now, or NULL: the host has its hands full. */
static struct request *claim(uint32_t stack) {
  store(&current[stack], NONE);
  for (uint32_t place = ranges[stack].first; place < ranges[stack].end; place++) {
    struct request *request = &requests[place];
    uint32_t seen = load(&request->state);
    if (!isFree(seen, place)) continue;
    store(&current[stack], place); /* first: from the exchange on nobody else may think that the caller is gone */
    if (replace(&request->state, seen, ((seen >> 16) + 1) << 16 | stack << 8 | COPYING)) return request;
  }
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
  become(request, WAITING);
  __atomic_fetch_add(&doorbell, 1, __ATOMIC_RELEASE);
  cvm_wake(&doorbell, 1);
  for (uint32_t state; kindOf(state = load(&request->state)) != ANSWERED;) cvm_block(&request->state, state, 0);
  /* Into a buffer for reading this faults, and the caller gets -ECANCELED: the host should not have answered so. */
  if (request->answerBytes > 0) cvm_argument_write(0, request->payload, least(request->answerBytes, sizeBytes));
  long result = request->result;
  become(request, FREE);
  return result;
}

void takeRequests(void) {
  for (struct request *request = requests; request < requests + REQUESTS; request++) {
    uint32_t seen = load(&request->state);
    /* From then on it is ours, and stays as it is, whatever becomes of the caller. */
    if (kindOf(seen) == WAITING && replace(&request->state, seen, (seen & ~255u) | TAKEN))
      tellHost(&request->head, request->payload);
  }
}

uint8_t *requestPayload(uint32_t place) {
  return requests[place].payload;
}

void answer(const struct frame *command) {
  struct request *request = &requests[command->place];
  uint32_t state = load(&request->state);
  if (kindOf(state) != TAKEN) return;
  request->result = command->values[0];
  request->answerBytes = command->payloadBytes;
  become(request, load(&current[ownerOf(state)]) == command->place ? ANSWERED : FREE);
  cvm_wake(&request->state, 1);
}

long offer(const char *name, uint32_t first, uint32_t count) {
  if (count == 0 || first > STACKS || count > STACKS - first) return -EINVAL;
  for (uint32_t place = 2 * first; place < 2 * (first + count); place++)
    if ((requests[place].payload = take(payloadLimit)) == NULL) return -ENOMEM;
  for (uint32_t stack = first; stack < first + count; stack++) {
    ranges[stack].first = 2 * first;
    ranges[stack].end = 2 * (first + count);
    current[stack] = NONE;
  }
  return cvm_call_offer(name, onCall, stacks[first], STACK_BYTES, count);
}
