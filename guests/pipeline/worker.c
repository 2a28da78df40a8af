/* CP_File in, CP_Call, CP_Stream and loans out: copies every other block out of the shared file, has the checksum service
 * certify the copy, and lends it to the digest cVM. argv: name of its stream, number of the worker. */
#include "pipeline.h"

enum { BUFFERS = 2 };
static uint8_t buffers[BUFFERS][BLOCK] __attribute__((aligned(4096)));
static long loans[BUFFERS];

static void awaitBuffer(long out, unsigned buffer) {
  if (loans[buffer] >= 0) need("wait for a loan", cvm_loan_wait(out, loans[buffer], 0));
  loans[buffer] = -1;
}

/* -EAGAIN: the digest cVM has not opened the stream yet. */
static void lend(long out, unsigned buffer) {
  while ((loans[buffer] = cvm_loan_lend(out, buffers[buffer], BLOCK)) == -EAGAIN) cvm_yield();
  need("lend", loans[buffer]);
}

int main(int argc, char **argv) {
  if (argc != 2) return 90;
  uint32_t worker = (uint32_t)cvm_parse_number(argv[1]), published = 0, taken = 0;
  long blocks = need("open blocks", cvm_file_open("blocks", FILE_READ));
  long progress = need("open progress", cvm_file_open("progress", FILE_WRITE));
  long out = need("open stream", cvm_stream_open_send(argv[0]));
  long service = bindChecksum();
  for (unsigned i = 0; i < BUFFERS; i++) loans[i] = -1;
  for (uint32_t block = worker;; block += WORKERS) {
    unsigned buffer = taken % BUFFERS;
    while (published <= block) published = awaitWord(blocks, PUBLISHED, published);
    struct note note = {block, (uint32_t)need("size", cvm_file_load(blocks, SIZES + 4 * (block % SLOTS))), 0};
    if (note.sizeBytes > BLOCK) need("size", -EINVAL);
    awaitBuffer(out, buffer);
    need("read", cvm_file_read(blocks, BLOCKS + BLOCK * (block % SLOTS), buffers[buffer], note.sizeBytes));
    need("taken", cvm_file_store(progress, TAKEN + TAKEN_STRIDE * worker, ++taken));
    need("notify", cvm_file_notify(progress, TAKEN + TAKEN_STRIDE * worker, 1));
    if (note.sizeBytes > 0) {
      note.checksum = checksumOf(service, buffers[buffer], note.sizeBytes);
      lend(out, buffer);
    }
    need("send", cvm_stream_send(out, &note, sizeof note));
    if (note.sizeBytes == 0) break;
  }
  for (unsigned i = 0; i < BUFFERS; i++) awaitBuffer(out, i);
  cvm_printf("passed on %u blocks\n", taken - 1);
  return 0;
}
