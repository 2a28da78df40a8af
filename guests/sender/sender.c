/* Takes a file from the host through the stream "file" and sends it on through the stream "data".
 * Two buffers: the host fills one while the other goes out. */
#include "cvm.h"

enum { BUFFER_SIZE = 65536, BUFFERS = 2 };
static uint8_t buffers[BUFFERS][BUFFER_SIZE] __attribute__((aligned(16)));
/* What the hostile cVM would love to find. */
static volatile char secret[] = "sender's secret: 6f1d0c9e-attack-at-dawn";

static int fail(const char *what, long error) {
  cvm_printf("error: %s: %ld\n", what, error);
  return 1;
}

int main(void) {
  uint64_t total = 0;
  long file = cvm_stream_open("file", STREAM_RECEIVE);
  if (file < 0) return fail("open file", file);
  long data = cvm_stream_open("data", STREAM_SEND);
  if (data < 0) return fail("open data", data);
  for (unsigned i = 0; i < BUFFERS; i++) cvm_stream_register(file, buffers[i], BUFFER_SIZE);
  for (unsigned next = 0;; next = (next + 1) % BUFFERS) {
    long got = cvm_stream_wait(file);
    if (got < 0) return fail("receive", got);
    if (got == 0) break;
    long sent = cvm_stream_send(data, buffers[next], (size_t)got);
    if (sent < 0) return fail("send", sent);
    total += (uint64_t)got;
    long again = cvm_stream_register(file, buffers[next], BUFFER_SIZE);
    if (again < 0) return fail("register", again);
  }
  cvm_stream_close(data);
  cvm_printf("sent %lu bytes\n", total);
  return secret[0] == 's' ? 0 : 2;
}
