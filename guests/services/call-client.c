/* Asks Redis by CP_Call, through the broker: ENTRY and a load (load.h). A call is one request. */
#include "broker.h"
#include "cvm.h"
#include "load.h"

enum { WRONG = 1, NOT_CONNECTED = 3, BAD_ARGUMENTS = 64 };
/* Whole units of exact bounds (cvm.h). */
enum { BUFFER_BYTES = 8192 };

static uint8_t buffer[BUFFER_BYTES] __attribute__((aligned(4096)));
static long redis;
static size_t filled; /* bytes of the value in it */

static int ask(enum operation operation, size_t value_bytes, unsigned pipeline) {
  (void)pipeline;
  uint8_t *value = buffer + BROKER_VALUE;
  size_t size = value_bytes <= 1024 ? BROKER_VALUE + value_bytes : BUFFER_BYTES;
  if (operation == SET) {
    if (filled != value_bytes) value_fill(value, filled = value_bytes);
    return cvm_call(redis, BROKER_SET, KEY_BYTES, (long)value_bytes, 0, buffer, size) == 0 ? 0 : WRONG;
  }
  value[0] = 0; /* not what was there before */
  filled = 0;
  long got = cvm_call(redis, BROKER_GET, KEY_BYTES, 0, 0, buffer, size);
  return got == (long)value_bytes && value_is(value, value_bytes) ? 0 : WRONG;
}

static void mark(void) {
  cvm_write("|", 1);
}

int main(int argc, char **argv) {
  struct load load;
  if (argc < 1 || !load_parse(&load, argc - 1, argv + 1) || load.operation == HTTP || load.pipeline != 1) return BAD_ARGUMENTS;
  while ((redis = cvm_call_bind(argv[0])) == -EAGAIN) cvm_sleep(100000);
  if (redis < 0) return NOT_CONNECTED;
  memcpy(buffer, KEY, KEY_BYTES);
  return load_run(&load, ask, mark);
}
