/* Borrows the workers' blocks in turn, copies each, has the copy certified anew, and prints the SHA-256 of them all. */
#include "../receiver/sha256.h"
#include "pipeline.h"

enum { CAPACITY = 256 };
static uint8_t rings[WORKERS][CAPACITY + RING_CONTROL] __attribute__((aligned(16)));
static const char *const names[WORKERS] = {"left", "right"};
static uint8_t copy[BLOCK] __attribute__((aligned(4096)));
static struct sha256 hash;

static struct note receiveNote(long in) {
  struct note note;
  for (size_t got = 0; got < sizeof note;) {
    long more = need("receive", cvm_stream_receive(in, (uint8_t *)&note + got, sizeof note - got, 0));
    if (more == 0) need("receive", -EPIPE);
    got += (size_t)more;
  }
  return note;
}

/* The lender can change what it lent: what counts is the copy, so that is what the checksum must fit. */
static void takeBlock(long in, long service, const struct note *note) {
  long loan = need("borrow", cvm_loan_borrow(in, 0));
  if (cvm_file_read(loan, 0, copy, note->sizeBytes) != note->sizeBytes) need("read", -EINVAL);
  need("give back", cvm_file_close(loan));
  if (checksumOf(service, copy, note->sizeBytes) != note->checksum) need("checksum", -EINVAL);
  sha256Add(&hash, copy, note->sizeBytes);
}

static void printDigest(uint64_t total) {
  uint8_t digest[SHA256_SIZE];
  char text[2 * SHA256_SIZE + 1] = {0};
  sha256Finish(&hash, digest);
  for (unsigned i = 0; i < 2 * SHA256_SIZE; i++) text[i] = "0123456789abcdef"[digest[i / 2] >> (i % 2 == 0 ? 4 : 0) & 15];
  cvm_printf("sha256 %s %lu bytes\n", text, total);
}

int main(void) {
  long in[WORKERS];
  uint64_t total = 0;
  for (unsigned i = 0; i < WORKERS; i++) in[i] = need("open", cvm_stream_open_receive(names[i], rings[i], sizeof rings[i]));
  long service = bindChecksum();
  sha256Start(&hash);
  for (uint64_t block = 0, ended = 0; ended < WORKERS; block++) {
    struct note note = receiveNote(in[block % WORKERS]);
    if (note.block != block || note.sizeBytes > BLOCK || (ended > 0 && note.sizeBytes > 0)) need("note", -EINVAL);
    if (note.sizeBytes == 0) ended++;
    else takeBlock(in[block % WORKERS], service, &note);
    total += note.sizeBytes;
  }
  printDigest(total);
  return 0;
}
