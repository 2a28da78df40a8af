/* CP_Stream: `ping` and `pong` send a message back and forth over two streams, `send` and `receive` pass messages one way.
 * What is received is used where it lies, in the receiver's own memory: one copy in all. */
#include "measure.h"

/* A quarter of a megabyte of messages, and no more than a pipe of 64 KiB has of small ones. */
enum { DEPTH_BYTES = 1 << 18, DEPTH_MOST = 256, CAPACITY_LEAST = 64 };

/* A ring for `depth` messages behind the first buffer, which is the message that goes out. */
static long openRing(const struct job *job, const char *name, size_t depth) {
  size_t capacity = CAPACITY_LEAST;
  while (capacity < depth * job->bytes) capacity *= 2;
  return need("open", cvm_stream_open_receive(name, bufferOf(job, 1), capacity + RING_CONTROL));
}

/* One message, whole, where it lies; it may begin at the ring's end and go on at its beginning. */
static void takeOne(const struct job *job, long in) {
  for (size_t left = job->bytes; left > 0;) {
    size_t piece;
    if (need("receive", cvm_stream_wait(in, 0)) == 0) cvm_exit(94);
    cvm_stream_peek(in, &piece);
    if (piece > left) piece = left;
    cvm_stream_consume(in, piece);
    left -= piece;
  }
}

/* One more message than were measured is looked at. */
static int isWhole(const struct job *job, long in) {
  uint8_t *buffer = bufferOf(job, 0);
  memset(buffer, 0, job->bytes);
  for (size_t got = 0; got < job->bytes;) {
    long more = need("receive", cvm_stream_receive(in, buffer + got, job->bytes - got, 0));
    if (more == 0) return 0;
    got += (size_t)more;
  }
  return hasPattern(buffer, job->bytes);
}

static int ping(const struct job *job) {
  long out = need("open", cvm_stream_open_send("there"));
  long in = openRing(job, "back", 1);
  uint8_t *outgoing = bufferOf(job, 0);
  fillPattern(outgoing, job->bytes);
  MEASURE(job, (needAll(job, cvm_stream_send(out, outgoing, job->bytes)), takeOne(job, in)));
  needAll(job, cvm_stream_send(out, outgoing, job->bytes));
  return isWhole(job, in) ? 0 : 1;
}

/* Sends back from where it lies, as a program that echoes would. */
static int pong(const struct job *job) {
  long in = openRing(job, "there", 1);
  long out = need("open", cvm_stream_open_send("back"));
  size_t piece;
  while (cvm_stream_wait(in, 0) > 0) {
    const void *bytes = cvm_stream_peek(in, &piece);
    if (cvm_stream_send(out, bytes, piece) < 0) break;
    cvm_stream_consume(in, piece);
  }
  return 0;
}

static int sendAll(const struct job *job) {
  long out = need("open", cvm_stream_open_send("there"));
  uint8_t *buffer = bufferOf(job, 0);
  fillPattern(buffer, job->bytes);
  while (cvm_stream_send(out, buffer, job->bytes) > 0) continue;
  return 0;
}

/* Two at least. */
static size_t depthFor(size_t bytes) {
  size_t depth = DEPTH_BYTES / bytes;
  return depth < 2 ? 2 : depth > DEPTH_MOST ? DEPTH_MOST : depth;
}

static int receiveAll(const struct job *job) {
  long in = openRing(job, "there", depthFor(job->bytes));
  MEASURE(job, takeOne(job, in));
  return isWhole(job, in) ? 0 : 1;
}

int main(int argc, char **argv) {
  struct job job = jobOf(argc, argv);
  if (isRole(&job, "ping")) return ping(&job);
  if (isRole(&job, "pong")) return pong(&job);
  if (isRole(&job, "send")) return sendAll(&job);
  if (isRole(&job, "receive")) return receiveAll(&job);
  return 93;
}
