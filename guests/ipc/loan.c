/* Loans: `ping` and `pong` lend each other a message, `send` and `receive` pass messages one way. Nothing is copied but
 * what the receiver needs: of each message it reads the first 64 bytes and the last one. */
#include "measure.h"

enum { NEEDED = 64, CAPACITY = 64 };
/* Where loans are announced: the receiver's end of a stream, which is otherwise not used. */
static uint8_t ring[CAPACITY + RING_CONTROL] __attribute__((aligned(16)));

/* What was read of the last message. */
static struct {
  uint8_t first[NEEDED];
  uint8_t last;
} seen;

static long openRing(const char *name) {
  return need("open", cvm_stream_open_receive(name, ring, sizeof ring));
}

/* -EAGAIN: the receiver has not opened the stream yet. */
static long lend(const struct job *job, long out, const uint8_t *buffer) {
  long loan;
  while ((loan = cvm_loan_lend(out, buffer, lentBytes(job))) == -EAGAIN) cvm_yield();
  return loan == -EPIPE ? loan : need("lend", loan);
}

/* Borrows one message, reads what it needs, gives it back. 0, or -EPIPE: the lender is gone. */
static long takeOne(const struct job *job, long in) {
  long file = cvm_loan_borrow(in, 0);
  if (file == -EPIPE) return file;
  need("borrow", file);
  size_t part = job->bytes < NEEDED ? job->bytes : NEEDED;
  if (need("read", cvm_file_read(file, 0, seen.first, part)) != (long)part) cvm_exit(94);
  if (need("read", cvm_file_read(file, job->bytes - 1, &seen.last, 1)) != 1) cvm_exit(94);
  return need("close", cvm_file_close(file));
}

static int isWhole(const struct job *job) {
  size_t part = job->bytes < NEEDED ? job->bytes : NEEDED;
  return hasPattern(seen.first, part) && seen.last == patternAt(job->bytes - 1);
}

/* The loan of one's own is back: ended by the other's closing of it. */
static void waitForIt(long out, long loan) {
  need("wait", cvm_loan_wait(out, loan, 0));
}

static int ping(const struct job *job) {
  long out = need("open", cvm_stream_open_send("there"));
  long in = openRing("back");
  uint8_t *buffer = bufferOf(job, 0);
  fillPattern(buffer, job->bytes);
  MEASURE(job, {
    long loan = lend(job, out, buffer);
    need("take", takeOne(job, in));
    waitForIt(out, loan);
  });
  return isWhole(job) ? 0 : 1;
}

static int pong(const struct job *job) {
  long in = openRing("there");
  long out = need("open", cvm_stream_open_send("back"));
  uint8_t *buffer = bufferOf(job, 0);
  fillPattern(buffer, job->bytes);
  long loan = -1;
  while (takeOne(job, in) == 0) {
    if (loan >= 0) waitForIt(out, loan);
    if ((loan = lend(job, out, buffer)) < 0) break;
  }
  return isWhole(job) ? 0 : 1;
}

/* As many buffers as may be out, in turn. */
static int sendAll(const struct job *job) {
  long out = need("open", cvm_stream_open_send("there"));
  long loans[LOANS_OUT];
  for (unsigned i = 0; i < LOANS_OUT; i++) {
    fillPattern(bufferOf(job, i), job->bytes);
    loans[i] = -1;
  }
  for (unsigned i = 0;; i = (i + 1) % LOANS_OUT) {
    if (loans[i] >= 0 && cvm_loan_wait(out, loans[i], 0) < 0) return 0;
    if ((loans[i] = lend(job, out, bufferOf(job, i))) < 0) return 0;
  }
}

static int receiveAll(const struct job *job) {
  long in = openRing("there");
  MEASURE(job, need("take", takeOne(job, in)));
  return isWhole(job) ? 0 : 1;
}

int main(int argc, char **argv) {
  struct job job = jobOf(argc, argv);
  if (isRole(&job, "ping")) return ping(&job);
  if (isRole(&job, "pong")) return pong(&job);
  if (isRole(&job, "send")) return sendAll(&job);
  if (isRole(&job, "receive")) return receiveAll(&job);
  return 93;
}
