/* CP_Stream: `ping` and `pong` send a message back and forth over two streams, `send` and `receive` pass messages one
 * way. The pong answers from the buffer it received into, as a program that echoes would. */
#include "measure.h"

enum { DEPTH_BYTES = 1 << 18 };

static void pingOnce(const struct job *job, long out, long in, const uint8_t *outgoing, uint8_t *incoming) {
  need("register", cvm_stream_register(in, incoming, roomOf(job)));
  need("send", cvm_stream_send(out, outgoing, job->bytes));
  needAll(job, cvm_stream_wait(in));
}

static int ping(const struct job *job) {
  long out = need("open", cvm_stream_open("there", STREAM_SEND));
  long in = need("open", cvm_stream_open("back", STREAM_RECEIVE));
  uint8_t *outgoing = bufferOf(job, 0), *incoming = bufferOf(job, 1);
  fillPattern(outgoing, job->bytes);
  MEASURE(job, pingOnce(job, out, in, outgoing, incoming));
  return hasPattern(incoming, job->bytes) ? 0 : 1;
}

static int pong(const struct job *job) {
  long in = need("open", cvm_stream_open("there", STREAM_RECEIVE));
  long out = need("open", cvm_stream_open("back", STREAM_SEND));
  uint8_t *buffer = bufferOf(job, 0);
  while (cvm_stream_receive(in, buffer, roomOf(job)) > 0)
    if (cvm_stream_send(out, buffer, job->bytes) < 0) break;
  return 0;
}

static int sendAll(const struct job *job) {
  long out = need("open", cvm_stream_open("there", STREAM_SEND));
  uint8_t *buffer = bufferOf(job, 0);
  fillPattern(buffer, job->bytes);
  while (cvm_stream_send(out, buffer, job->bytes) > 0) continue;
  return 0;
}

/* As many buffers as make a quarter of a megabyte, two at least. */
static unsigned depthFor(size_t bytes) {
  size_t depth = DEPTH_BYTES / bytes;
  return depth < 2 ? 2 : depth > STREAM_DEPTH ? STREAM_DEPTH : (unsigned)depth;
}

static void receiveOnce(const struct job *job, long in, uint8_t *const *buffers, unsigned depth, unsigned *next) {
  needAll(job, cvm_stream_wait(in));
  need("register", cvm_stream_register(in, buffers[*next], roomOf(job)));
  *next = *next + 1 == depth ? 0 : *next + 1;
}

static int receiveAll(const struct job *job) {
  long in = need("open", cvm_stream_open("there", STREAM_RECEIVE));
  uint8_t *buffers[STREAM_DEPTH];
  unsigned depth = depthFor(job->bytes), next = 0;
  for (unsigned i = 0; i < depth; i++) {
    buffers[i] = bufferOf(job, i);
    need("register", cvm_stream_register(in, buffers[i], roomOf(job)));
  }
  MEASURE(job, receiveOnce(job, in, buffers, depth, &next));
  return hasPattern(buffers[(next + depth - 1) % depth], job->bytes) ? 0 : 1;
}

int main(int argc, char **argv) {
  struct job job = jobOf(argc, argv);
  if (isRole(&job, "ping")) return ping(&job);
  if (isRole(&job, "pong")) return pong(&job);
  if (isRole(&job, "send")) return sendAll(&job);
  if (isRole(&job, "receive")) return receiveAll(&job);
  return 93;
}
