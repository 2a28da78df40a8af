/* Computes the SHA-256 of what arrives on the stream "data", where it lies, and prints it. */
#include "cvm.h"
#include "sha256.h"

enum { CAPACITY = 131072 };
static uint8_t ring[CAPACITY + RING_CONTROL] __attribute__((aligned(4096)));
static struct sha256 hash;

static int fail(const char *what, long error) {
  cvm_printf("error: %s: %ld\n", what, error);
  return 1;
}

int main(void) {
  uint8_t digest[SHA256_SIZE];
  char text[2 * SHA256_SIZE + 1] = {0};
  uint64_t total = 0;
  long data = cvm_stream_open_receive("data", ring, sizeof ring);
  if (data < 0) return fail("open data", data);
  sha256Start(&hash);
  for (;;) {
    size_t piece;
    long got = cvm_stream_wait(data, 0);
    if (got < 0) return fail("receive", got);
    if (got == 0) break;
    const void *bytes = cvm_stream_peek(data, &piece);
    sha256Add(&hash, bytes, piece);
    cvm_stream_consume(data, piece);
    total += piece;
  }
  sha256Finish(&hash, digest);
  for (unsigned i = 0; i < 2 * SHA256_SIZE; i++) text[i] = "0123456789abcdef"[digest[i / 2] >> (i % 2 == 0 ? 4 : 0) & 15];
  cvm_printf("sha256 %s %lu bytes\n", text, total);
  return 0;
}
