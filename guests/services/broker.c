/* Redis as a service that is called: SEND RECEIVE ENTRY, the streams to and from Redis's cVM, and the name of the entry of
 * CP_Call (broker.h) that it offers to those whom the manifest allows. It passes each call on as a request over its one
 * connection: callers hold no stream to Redis and need not know its protocol.
 *
 * Redis cannot be called itself: its cVM contains unmodified programs, whose traps its library OS answers, and a caller's
 * thread in there would have none (src/monitor/README.md). A call waits in here, on the caller's own thread, until Redis
 * has answered on its. One call at a time: the answers come in the order of the requests. */
#include "broker.h"

#include "connection.h"
#include "cvm.h"

enum { REDIS_PORT = 6379, LINE_MOST = 32, KEY_MOST = BROKER_VALUE };
enum { REQUEST_MOST = 64 + KEY_MOST + BROKER_VALUE_MOST };

static uint8_t stacks[1][BROKER_ENTRY_STACK] __attribute__((aligned(16)));
static uint8_t message[CONNECTION_HEADROOM + REQUEST_MOST] __attribute__((aligned(16)));
static uint8_t *const request = message + CONNECTION_HEADROOM;
static uint8_t answer[BROKER_VALUE_MOST + LINE_MOST];
/* Stays set when a caller was ended in the middle of a call: nobody can tell whose answer the next one is then. */
static int is_busy;

static size_t put(size_t at, const char *text) {
  size_t size = strlen(text);
  memcpy(request + at, text, size);
  return at + size;
}

static size_t put_size(size_t at, size_t value) {
  uint8_t digits[20];
  size_t count = 0;
  request[at++] = '$';
  do digits[count++] = (uint8_t)('0' + value % 10);
  while ((value /= 10) > 0);
  while (count > 0) request[at++] = digits[--count];
  return put(at, "\r\n");
}

/* From the caller's buffer, with its size before it. */
static size_t put_argument(size_t at, size_t offset, size_t size) {
  at = put_size(at, size);
  if (cvm_argument_read(offset, request + at, size) < 0) return 0;
  return put(at + size, "\r\n");
}

/* Behind the first line, whole: how long it is, its end excluded. */
static long read_line(size_t *there) {
  for (size_t at = 0;; at++) {
    while (at + 1 >= *there) {
      if (*there == sizeof answer) return -EPIPE;
      long got = connection_receive(answer + *there, sizeof answer - *there);
      if (got < 0) return got;
      *there += (size_t)got;
    }
    if (answer[at] == '\r' && answer[at + 1] == '\n') return (long)at;
  }
}

/* The value's size; where it begins in `answer`. */
static long read_value(size_t *from) {
  size_t there = 0, size = 0;
  long line = read_line(&there);
  if (line < 0) return line;
  if (answer[0] != '$') return answer[0] == '-' ? -EINVAL : -EPIPE;
  if (answer[1] == '-') return -ENOENT;
  for (long i = 1; i < line; i++) size = size * 10 + (size_t)(answer[i] - '0');
  if (size > BROKER_VALUE_MOST) return -EPIPE;
  *from = (size_t)line + 2;
  while (there < *from + size + 2) {
    long got = connection_receive(answer + there, sizeof answer - there);
    if (got < 0) return got;
    there += (size_t)got;
  }
  return (long)size;
}

static long get(size_t key_bytes, size_t size_bytes) {
  size_t at = put_argument(put(0, "*2\r\n$3\r\nGET\r\n"), 0, key_bytes), from = 0;
  long result = at == 0 ? -EREVOKED : connection_send(request, at);
  if (result < 0) return result;
  result = read_value(&from);
  if (result <= 0) return result;
  if ((size_t)result > size_bytes - BROKER_VALUE) return -E2BIG;
  long error = cvm_argument_write(BROKER_VALUE, answer + from, (size_t)result);
  return error < 0 ? error : result;
}

static long set(size_t key_bytes, size_t value_bytes) {
  size_t at = put_argument(put(0, "*3\r\n$3\r\nSET\r\n"), 0, key_bytes), there = 0;
  if (at != 0) at = put_argument(at, BROKER_VALUE, value_bytes);
  long result = at == 0 ? -EREVOKED : connection_send(request, at);
  if (result == 0) result = read_line(&there);
  return result < 0 ? result : answer[0] == '+' ? 0 : -EINVAL;
}

static long redis(long verb, long key_bytes, long value_bytes, long a3, size_t size_bytes, long caller) {
  (void)a3, (void)caller;
  if (is_busy) return -EPIPE;
  if (key_bytes <= 0 || key_bytes > KEY_MOST || size_bytes < BROKER_VALUE) return -EINVAL;
  if (verb == BROKER_SET && (value_bytes < 0 || value_bytes > BROKER_VALUE_MOST || (size_t)value_bytes > size_bytes - BROKER_VALUE)) return -EINVAL;
  if (verb != BROKER_GET && verb != BROKER_SET) return -EINVAL;
  is_busy = 1;
  long result = verb == BROKER_GET ? get((size_t)key_bytes, size_bytes) : set((size_t)key_bytes, (size_t)value_bytes);
  is_busy = 0;
  return result;
}

int main(int argc, char **argv) {
  static const uint32_t never;
  if (argc != 3) return 64;
  long result = connection_open(argv[0], argv[1], REDIS_PORT);
  if (result == 0) result = cvm_call_offer(argv[2], redis, stacks, BROKER_ENTRY_STACK, 1);
  if (result < 0) {
    cvm_printf("broker: %s\n", cvm_error_name(result));
    return 1;
  }
  for (;;) cvm_block(&never, 0, 0);
}
