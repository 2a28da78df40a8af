/* An ordinary Linux program that asks by an ordinary socket, with write and read and nothing else in between: ADDRESS PORT
 * and a load (load.h). Runs on Linux, on qemu-riscv64, and above a library OS. */
#include "linux.h"
#include "resp.h"

enum { AF_INET = 2, SOCK_STREAM = 1, STANDARD_OUTPUT = 1, PATIENCE = 1000 };
enum { WRONG = 1, LOST = 2, NOT_CONNECTED = 3, BAD_ARGUMENTS = 64 };

struct address {
  uint16_t family, port;
  uint8_t bytes[4], zero[8];
};

static long connection;
static uint8_t requests[BATCH_MOST], answers[BATCH_MOST];
/* Which requests are in there. */
static enum operation prepared;
static unsigned prepared_count;
static size_t prepared_bytes;

static void prepare(enum operation operation, size_t value_bytes, unsigned pipeline) {
  if (prepared_count == pipeline && prepared == operation) return;
  prepared_bytes = 0;
  for (unsigned i = 0; i < pipeline; i++) {
    uint8_t *to = requests + prepared_bytes;
    prepared_bytes += operation == HTTP ? http_request(to) : resp_request(to, operation, value_bytes);
  }
  prepared = operation;
  prepared_count = pipeline;
}

static int ask(enum operation operation, size_t value_bytes, unsigned pipeline) {
  prepare(operation, value_bytes, pipeline);
  for (size_t sent = 0; sent < prepared_bytes;) {
    long result = linux_call(connection, (long)requests + (long)sent, (long)(prepared_bytes - sent), CALL_WRITE);
    if (result <= 0) return LOST;
    sent += (size_t)result;
  }
  size_t at = 0, there = 0;
  for (unsigned answered = 0; answered < pipeline;) {
    struct answer answer;
    const uint8_t *from = answers + at;
    int found = operation == HTTP ? http_answer(from, there - at, &answer) : resp_answer(from, there - at, &answer);
    if (found < 0) return WRONG;
    if (found > 0) {
      if (!is_expected(from, &answer, operation, value_bytes)) return WRONG;
      at += answer.size;
      answered++;
      continue;
    }
    long result = linux_call(connection, (long)answers + (long)there, (long)(sizeof answers - there), CALL_READ);
    if (result <= 0) return LOST;
    there += (size_t)result;
  }
  return at == there ? 0 : WRONG;
}

static void mark(void) {
  linux_call(STANDARD_OUTPUT, (long)"|", 1, CALL_WRITE);
}

/* "10.0.0.2" and the like. */
static void parse(const char *host, const char *port, struct address *address) {
  unsigned number = 0, part = 0;
  for (; *host != 0; host++) {
    if (*host == '.') number = 0, part = (part + 1) & 3;
    else number = number * 10 + (unsigned)(*host - '0');
    address->bytes[part] = (uint8_t)number;
  }
  for (number = 0; *port != 0; port++) number = number * 10 + (unsigned)(*port - '0');
  address->port = (uint16_t)(number >> 8 | number << 8);
}

/* The server may still be starting. */
static int connect_to(const struct address *address) {
  static const long millisecond[2] = {0, 1000000};
  for (int attempt = 0; attempt < PATIENCE; attempt++) {
    connection = linux_call(AF_INET, SOCK_STREAM, 0, CALL_SOCKET);
    if (connection < 0) return NOT_CONNECTED;
    if (linux_call(connection, (long)address, sizeof *address, CALL_CONNECT) == 0) return 0;
    linux_call((long)millisecond, 0, 0, CALL_NANOSLEEP);
  }
  return NOT_CONNECTED;
}

int main(int argc, char **argv) {
  struct load load;
  struct address address = {.family = AF_INET};
  if (argc < 3 || !load_parse(&load, argc - 3, argv + 3)) return BAD_ARGUMENTS;
  parse(argv[1], argv[2], &address);
  int failure = connect_to(&address);
  return failure != 0 ? failure : load_run(&load, ask, mark);
}
