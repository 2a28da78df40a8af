/* Computes the SHA-256 of what arrives on the stream "data" and prints it. Two registered buffers: the sender fills
 * one while the other is hashed. */
#include "cvm.h"
#include "sha256.h"

enum { BUFFER_SIZE = 65536, BUFFERS = 2 };
static uint8_t buffers[BUFFERS][BUFFER_SIZE] __attribute__((aligned(16)));
static struct sha256 hash;

static int fail(const char *what, long error) {
  cvm_printf("error: %s: %ld\n", what, error);
  return 1;
}

int main(void) {
  uint8_t digest[SHA256_SIZE];
  char text[2 * SHA256_SIZE + 1] = {0};
  uint64_t total = 0;
  long data = cvm_stream_open("data", STREAM_RECEIVE);
  if (data < 0) return fail("open data", data);
  sha256Start(&hash);
  for (unsigned i = 0; i < BUFFERS; i++) cvm_stream_register(data, buffers[i], BUFFER_SIZE);
  for (unsigned next = 0;; next = (next + 1) % BUFFERS) {
    long got = cvm_stream_wait(data);
    if (got < 0) return fail("receive", got);
    if (got == 0) break;
    sha256Add(&hash, buffers[next], (size_t)got);
    total += (uint64_t)got;
    long again = cvm_stream_register(data, buffers[next], BUFFER_SIZE);
    if (again < 0) return fail("register", again);
  }
  sha256Finish(&hash, digest);
  for (unsigned i = 0; i < 2 * SHA256_SIZE; i++) text[i] = "0123456789abcdef"[digest[i / 2] >> (i % 2 == 0 ? 4 : 0) & 15];
  cvm_printf("sha256 %s %lu bytes\n", text, total);
  return 0;
}
