/* For kills in the middle of a send: "serve" sends a message into "wire" for whoever calls "relay", "listen" receives,
 * "call" calls. No byte but the message's may ever arrive. */
#include "attack.h"

#define MESSAGE_BYTES 1100 /* more than the ring holds */
#define MESSAGE_BYTE 0xa5

static uint8_t message[MESSAGE_BYTES + 8] __attribute__((aligned(64)));
static uint8_t ring[1024 + RING_CONTROL] __attribute__((aligned(64)));
static uint8_t stack[1024] __attribute__((aligned(16)));
static long wire;

/* In two parts, from places that are differently aligned; the third time as much as there is room for, and then more. */
static long serve(long time, long y, long z, long w, size_t size, long caller) {
  (void)y, (void)z, (void)w, (void)size, (void)caller;
  if (time == 2) {
    long filled = cvm_stream_send_some(wire, message + 4, MESSAGE_BYTES, DO_NOT_WAIT);
    return filled < 0 ? filled : cvm_stream_send_some(wire, message, 100, DO_NOT_WAIT);
  }
  long first = cvm_stream_send(wire, message + 3, 100);
  return first < 0 ? first : cvm_stream_send(wire, message, 200);
}

static int listen(void) {
  long wrong = 0, got;
  wire = cvm_stream_open_receive("wire", ring, sizeof ring);
  while ((got = cvm_stream_wait(wire, 0)) > 0) {
    size_t size;
    const uint8_t *bytes = cvm_stream_peek(wire, &size);
    for (size_t i = 0; i < size; i++) wrong += bytes[i] != MESSAGE_BYTE;
    cvm_stream_consume(wire, size);
    if (wrong > 0) cvm_printf("wrong %ld\n", wrong);
  }
  return 0;
}

int main(int argc, char **argv) {
  if (argc > 0 && strcmp(argv[0], "listen") == 0) return listen();
  if (argc > 0 && strcmp(argv[0], "serve") == 0) {
    memset(message, MESSAGE_BYTE, sizeof message);
    wire = cvm_stream_open_send("wire");
    /* So far that the second call's message crosses the ring's end. */
    for (unsigned i = 0; i < 7; i++) cvm_stream_send(wire, message, 100);
    cvm_call_offer("relay", serve, stack, sizeof stack, 1);
    static uint32_t word;
    for (;;) cvm_block(&word, 0, 0);
  }
  long relay;
  while ((relay = cvm_call_bind("relay")) == -EAGAIN) cvm_yield();
  cvm_printf("bound\n");
  for (long i = 0; i < 3; i++) cvm_printf("sent %ld\n", cvm_call(relay, i, 0, 0, 0, 0, 0));
  return 0;
}
