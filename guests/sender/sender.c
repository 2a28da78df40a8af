/* Takes a file from the host through the stream "file" and sends it on through the stream "data", straight from the ring
 * that it came into. */
#include "cvm.h"

enum { CAPACITY = 65536 };
static uint8_t ring[CAPACITY + RING_CONTROL] __attribute__((aligned(4096)));
/* What the hostile cVM would love to find. */
static volatile char secret[] = "sender's secret: 6f1d0c9e-attack-at-dawn";

static int fail(const char *what, long error) {
  cvm_printf("error: %s: %ld\n", what, error);
  return 1;
}

int main(void) {
  uint64_t total = 0;
  long file = cvm_stream_open_receive("file", ring, sizeof ring);
  if (file < 0) return fail("open file", file);
  long data = cvm_stream_open_send("data");
  if (data < 0) return fail("open data", data);
  for (;;) {
    size_t piece;
    long got = cvm_stream_wait(file, 0);
    if (got < 0) return fail("receive", got);
    if (got == 0) break;
    const void *bytes = cvm_stream_peek(file, &piece);
    long sent = cvm_stream_send(data, bytes, piece);
    if (sent < 0) return fail("send", sent);
    cvm_stream_consume(file, piece);
    total += piece;
  }
  cvm_stream_close(data);
  cvm_printf("sent %lu bytes\n", total);
  return secret[0] == 's' ? 0 : 2;
}
