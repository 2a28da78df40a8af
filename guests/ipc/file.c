/* CP_File: `ping` and `pong` pass a message back and forth in a file that they share, `send` and `receive` use it as a
 * ring of messages. Each side copies out of, or into, its own memory, as processes do that share a mapping. */
#include "measure.h"

/* Words of the file: how many messages went that way so far. Behind them the messages. */
enum { THERE = 0, BACK = 64, IDLE = 128, MESSAGES = PAGE };
enum { OVER = 0xffffffff };

static long openFile(void) {
  return need("open", cvm_file_open("shared", FILE_READ | FILE_WRITE));
}

/* Tells the other and sleeps until the word is not what it was: at once, if it is not (-EAGAIN). */
static void exchange(long file, size_t notify, size_t word, uint32_t before) {
  long result = cvm_file_exchange(file, notify, word, before, 0);
  if (result != -EAGAIN) need("exchange", result);
}

static uint32_t load(long file, size_t word) {
  return (uint32_t)need("load", cvm_file_load(file, word));
}

static void sayOver(long file) {
  need("store", cvm_file_store(file, THERE, OVER));
  need("notify", cvm_file_notify(file, THERE, 1));
}

static int ping(const struct job *job) {
  long file = openFile();
  uint32_t turn = 0;
  uint8_t *outgoing = bufferOf(job, 0), *incoming = bufferOf(job, 1);
  fillPattern(outgoing, job->bytes);
  MEASURE(job, {
    needAll(job, cvm_file_write(file, MESSAGES, outgoing, job->bytes));
    need("store", cvm_file_store(file, THERE, turn + 1));
    exchange(file, THERE, BACK, turn);
    needAll(job, cvm_file_read(file, MESSAGES, incoming, job->bytes));
    turn++;
  });
  sayOver(file);
  return hasPattern(incoming, job->bytes) ? 0 : 1;
}

static int pong(const struct job *job) {
  long file = openFile();
  uint8_t *copy = bufferOf(job, 0);
  for (uint32_t turn = 0; load(file, THERE) == turn;) exchange(file, BACK, THERE, turn);
  for (uint32_t turn = 1; load(file, THERE) != OVER; turn++) {
    needAll(job, cvm_file_read(file, MESSAGES, copy, job->bytes));
    needAll(job, cvm_file_write(file, MESSAGES, copy, job->bytes));
    need("store", cvm_file_store(file, BACK, turn));
    exchange(file, BACK, THERE, turn);
  }
  return 0;
}

/* How many messages the file holds, and where each of them lies. */
static uint32_t depthOf(const struct job *job, long file) {
  return (uint32_t)(((size_t)cvm_file_size(file) - MESSAGES) / job->bytes);
}

/* Tells the receiver only when the file is full: one that sleeps before has nothing to do meanwhile, on one processor. */
static int sendAll(const struct job *job) {
  long file = openFile();
  uint32_t depth = depthOf(job, file), taken = 0, place = 0;
  uint8_t *buffer = bufferOf(job, 0);
  fillPattern(buffer, job->bytes);
  for (uint32_t sent = 0;; sent++) {
    while (sent - taken == depth) {
      uint32_t now = load(file, BACK);
      if (now == OVER) return 0;
      if (now == taken) exchange(file, THERE, BACK, taken);
      taken = now;
    }
    needAll(job, cvm_file_write(file, MESSAGES + place * job->bytes, buffer, job->bytes));
    need("store", cvm_file_store(file, THERE, sent + 1));
    if (++place == depth) place = 0;
  }
}

struct receiver {
  const struct job *job;
  long file;
  uint8_t *into;
  uint32_t depth, sent, taken, place;
};

/* One message; tells the sender only when the file is empty. */
static void takeOne(struct receiver *r) {
  while (r->sent == r->taken) {
    r->sent = load(r->file, THERE);
    if (r->sent == r->taken) exchange(r->file, BACK, THERE, r->sent);
  }
  needAll(r->job, cvm_file_read(r->file, MESSAGES + r->place * r->job->bytes, r->into, r->job->bytes));
  need("store", cvm_file_store(r->file, BACK, ++r->taken));
  if (++r->place == r->depth) r->place = 0;
}

static int receiveAll(const struct job *job) {
  long file = openFile();
  struct receiver r = {job, file, bufferOf(job, 0), depthOf(job, file), 0, 0, 0};
  MEASURE(job, takeOne(&r));
  memset(r.into, 0, job->bytes);
  takeOne(&r);
  need("store", cvm_file_store(file, BACK, OVER));
  need("notify", cvm_file_notify(file, BACK, 1));
  return hasPattern(r.into, job->bytes) ? 0 : 1;
}

int main(int argc, char **argv) {
  struct job job = jobOf(argc, argv);
  if (isRole(&job, "ping")) return ping(&job);
  if (isRole(&job, "pong")) return pong(&job);
  if (isRole(&job, "send")) return sendAll(&job);
  if (isRole(&job, "receive")) return receiveAll(&job);
  return 93;
}
