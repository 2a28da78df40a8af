/* Workers: each does one thing for the host at a time and says what came of it. */
#include "peer.h"

/* Between looks at something that is not offered yet: doubled each time. */
enum { FIRST_NAP = 10000, LAST_NAP = 20000000 };

static struct worker {
  uint32_t busy;
  struct frame command;
  uint8_t *payload;
} workers[WORKERS];
static uint8_t stacks[WORKERS][STACK_BYTES] __attribute__((aligned(16)));

uint8_t *workerPayload(uint32_t place) {
  return workers[place].payload;
}

void setToWork(uint32_t place, const struct frame *command) {
  struct worker *worker = &workers[place];
  worker->command = *command;
  __atomic_store_n(&worker->busy, 1, __ATOMIC_RELEASE);
  cvm_wake(&worker->busy, 1);
}

/* Again and again while the answer is -EAGAIN: whoever offers it may come later. */
static long keepTrying(long (*try)(const char *name, int64_t value), const char *name, int64_t value, uint64_t nanoseconds) {
  uint64_t since = cvm_time(), nap = FIRST_NAP;
  for (;;) {
    long result = try(name, value);
    if (result != -EAGAIN) return result;
    if (nanoseconds != 0 && cvm_time() - since >= nanoseconds) return -ETIMEDOUT;
    cvm_sleep(nap);
    if (nap < LAST_NAP) nap *= 2;
  }
}

static long tryBind(const char *name, int64_t unused) {
  (void)unused;
  return cvm_call_bind(name);
}

static long tryFile(const char *name, int64_t rights) {
  return cvm_file_open(name, (int)rights);
}

/* The receiver may not listen yet. */
static long lend(long handle, const void *bytes, size_t sizeBytes, uint64_t nanoseconds) {
  uint64_t nap = FIRST_NAP;
  long loan;
  while ((loan = cvm_loan_lend(handle, bytes, sizeBytes)) == -EAGAIN) {
    cvm_sleep(nap);
    if (nap < LAST_NAP) nap *= 2;
  }
  if (loan < 0) return loan;
  long result = cvm_loan_wait(handle, loan, nanoseconds);
  if (result == -ETIMEDOUT) cvm_loan_recall(handle, loan); /* the memory serves again */
  return result;
}

static long openReceive(const char *name, size_t ringBytes) {
  void *ring = take(ringBytes + RING_CONTROL);
  return ring == NULL ? -ENOMEM : cvm_stream_open_receive(name, ring, ringBytes + RING_CONTROL);
}

static long call(struct worker *worker) {
  const int64_t *values = worker->command.values;
  struct cvm_call call = {
      .arguments = {values[3], values[4], values[5], values[6]},
      .buffer = worker->payload,
      .sizeBytes = worker->command.payloadBytes,
      .readOnly = (int)values[1],
      .nanoseconds = (uint64_t)values[2],
  };
  return cvm_call_with(values[0], &call);
}

/* The result; `*bytes` of the payload go with it. */
static long perform(struct worker *worker, size_t *bytes) {
  const struct frame *command = &worker->command;
  const int64_t *values = command->values;
  const char *name = (const char *)worker->payload;
  long result;
  switch (command->verb) {
    case VERB_CALL:
      result = call(worker);
      if (values[1] == 0) *bytes = command->payloadBytes;
      return result;
    case VERB_BIND: return keepTrying(tryBind, name, 0, (uint64_t)values[0]);
    case VERB_SEND_OPEN: return cvm_stream_open_send(name);
    case VERB_RECEIVE_OPEN: return openReceive(name, (size_t)values[0]);
    case VERB_CLOSE: return cvm_stream_close(values[0]);
    case VERB_SEND: return cvm_stream_send(values[0], worker->payload, command->payloadBytes);
    case VERB_RECEIVE:
      result = cvm_stream_receive(values[0], worker->payload, least((size_t)values[1], payloadLimit), (uint64_t)values[2]);
      *bytes = result > 0 ? (size_t)result : 0;
      return result;
    case VERB_LEND: return lend(values[0], worker->payload, command->payloadBytes, (uint64_t)values[1]);
    case VERB_BORROW: return cvm_loan_borrow(values[0], (uint64_t)values[1]);
    case VERB_FILE_OPEN: return keepTrying(tryFile, name, values[0], (uint64_t)values[1]);
    case VERB_FILE_CLOSE: return cvm_file_close(values[0]);
    case VERB_FILE_SIZE: return cvm_file_size(values[0]);
    case VERB_FILE_READ:
      result = cvm_file_read(values[0], (size_t)values[1], worker->payload, least((size_t)values[2], payloadLimit));
      *bytes = result > 0 ? (size_t)result : 0;
      return result;
    case VERB_FILE_WRITE: return cvm_file_write(values[0], (size_t)values[1], worker->payload, command->payloadBytes);
    case VERB_FILE_WAIT: return cvm_file_wait(values[0], (size_t)values[1], (uint32_t)values[2], (uint64_t)values[3]);
    case VERB_FILE_NOTIFY: return cvm_file_notify(values[0], (size_t)values[1], (uint32_t)values[2]);
    case VERB_OFFER: return offer(name, (uint32_t)values[0], (uint32_t)values[1]);
    default: return -ENOSYS;
  }
}

static void work(void *argument) {
  struct worker *worker = argument;
  for (;;) {
    while (__atomic_load_n(&worker->busy, __ATOMIC_ACQUIRE) == 0) cvm_block(&worker->busy, 0, 0);
    size_t bytes = 0;
    long result = perform(worker, &bytes);
    struct frame reply = {.verb = NEWS_REPLY, .place = (uint32_t)(worker - workers), .values = {result}};
    /* Idle first: the host may send the next command as soon as it has read this one's reply. */
    reply.payloadBytes = (uint32_t)bytes;
    worker->busy = 0;
    tellHost(&reply, worker->payload);
  }
}

void startWorkers(void) {
  for (uint32_t i = 0; i < WORKERS; i++) {
    workers[i].payload = take(payloadLimit);
    if (workers[i].payload == NULL || cvm_thread_create(work, &workers[i], stacks[i], STACK_BYTES) < 0) cvm_exit(3);
  }
}
