/* CP_Call: `call` calls `serve` with a buffer. The callee reads it into its own memory and writes as many bytes back, so
 * that the message crosses both ways and each side keeps a copy, as through a pipe. `post` sends messages one way: the
 * callee only reads. */
#include "measure.h"

enum { ECHO = 0, TAKE = 1, STOP = 2, STACK_BYTES = 4096 };
static uint8_t stacks[1][STACK_BYTES] __attribute__((aligned(16)));
static uint8_t *copy;
static volatile uint32_t stopped;

/* `bytes` of the buffer's `sizeBytes` are the message. */
static long handler(long verb, long bytes, long a2, long a3, size_t sizeBytes, long caller) {
  (void)a2, (void)a3, (void)sizeBytes, (void)caller;
  if (verb == STOP) {
    stopped = 1;
    return cvm_wake(&stopped, 1);
  }
  cvm_argument_read(0, copy, (size_t)bytes);
  if (verb == ECHO) cvm_argument_write(0, copy, (size_t)bytes);
  return bytes;
}

static int serve(const struct job *job) {
  copy = bufferOf(job, 0);
  need("offer", cvm_call_offer("echo", handler, stacks, STACK_BYTES, 1));
  while (!stopped) cvm_block(&stopped, 0, 0);
  return hasPattern(copy, job->bytes) ? 0 : 1;
}

static long bindEcho(void) {
  long echo;
  while ((echo = cvm_call_bind("echo")) == -EAGAIN) cvm_yield();
  return need("bind", echo);
}

static int call(const struct job *job, long verb) {
  long echo = bindEcho();
  size_t lent = lentBytes(job);
  uint8_t *buffer = bufferOf(job, 0);
  fillPattern(buffer, job->bytes);
  MEASURE(job, needAll(job, cvm_call(echo, verb, (long)job->bytes, 0, 0, buffer, lent)));
  need("stop", cvm_call(echo, STOP, 0, 0, 0, buffer, 0));
  return hasPattern(buffer, job->bytes) ? 0 : 1;
}

int main(int argc, char **argv) {
  struct job job = jobOf(argc, argv);
  if (isRole(&job, "call")) return call(&job, ECHO);
  if (isRole(&job, "post")) return call(&job, TAKE);
  if (isRole(&job, "serve")) return serve(&job);
  return 93;
}
