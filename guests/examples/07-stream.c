/* Example 7: CP_Stream, a pipeline. `numbers` sends decimal numbers, one per line, `squares` reads them where they lie in its
 * ring and sends their squares, `sum` adds those up. End of file travels down the pipeline; back pressure travels up. */
#include "example.h"

enum { COUNT = 1000 };

static size_t putDecimal(char *to, uint64_t value) {
  char digits[20];
  size_t count = 0, size = 0;
  do digits[count++] = (char)('0' + value % 10);
  while ((value /= 10) != 0);
  while (count > 0) to[size++] = digits[--count];
  to[size++] = '\n';
  return size;
}

/* The next number of the text that comes in pieces, a character at a time: 1 when `*value` is complete. */
static int addDigit(uint64_t *partial, char c, uint64_t *value) {
  if (c != '\n') {
    *partial = *partial * 10 + (uint64_t)(c - '0');
    return 0;
  }
  *value = *partial;
  *partial = 0;
  return 1;
}

static int numbers(void) {
  long out = need("open", cvm_stream_open_send("numbers"));
  char line[24];
  for (uint64_t i = 1; i <= COUNT; i++) need("send", cvm_stream_send(out, line, putDecimal(line, i)));
  need("close", cvm_stream_close(out)); /* end of file; leaving main says it, too */
  cvm_printf("sent %d numbers\n", COUNT);
  return 0;
}

static int squares(void) {
  /* A small ring: the sender waits when it is full. */
  static uint8_t ring[256 + RING_CONTROL] __attribute__((aligned(16)));
  long in = need("open", cvm_stream_open_receive("numbers", ring, sizeof ring));
  long out = need("open", cvm_stream_open_send("squares"));
  uint64_t partial = 0, value = 0;
  while (need("wait", cvm_stream_wait(in, 0)) > 0) {
    size_t size;
    const char *bytes = cvm_stream_peek(in, &size); /* in place: they stay until consumed */
    for (size_t i = 0; i < size; i++) {
      char line[24];
      if (addDigit(&partial, bytes[i], &value)) need("send", cvm_stream_send(out, line, putDecimal(line, value * value)));
    }
    cvm_stream_consume(in, size);
  }
  cvm_printf("end of file\n");
  return 0;
}

static int sum(void) {
  static uint8_t ring[4096 + RING_CONTROL] __attribute__((aligned(4096)));
  long in = need("open", cvm_stream_open_receive("squares", ring, sizeof ring));
  uint64_t partial = 0, value = 0, total = 0;
  char bytes[100];
  for (long got; (got = need("receive", cvm_stream_receive(in, bytes, sizeof bytes, 0))) > 0;)
    for (long i = 0; i < got; i++)
      if (addDigit(&partial, bytes[i], &value)) total += value;
  cvm_printf("sum of squares: %lu\n", total);
  return total == (uint64_t)COUNT * (COUNT + 1) * (2 * COUNT + 1) / 6 ? 0 : 1;
}

int main(int argc, char **argv) {
  if (isRole(argc, argv, "numbers")) return numbers();
  if (isRole(argc, argv, "squares")) return squares();
  if (isRole(argc, argv, "sum")) return sum();
  return 2;
}
