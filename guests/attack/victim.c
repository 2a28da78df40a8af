/* The victim: keeps a secret, looks whether it is intact, serves calls and a stream. It trusts nobody who calls it.
 * argv: how many stacks its entry offers. */
#include "cvm.h"

#define SECRET_BYTES 4096
#define LETTER_BYTES 1024

uint8_t secret[SECRET_BYTES] __attribute__((aligned(64)));
static uint8_t stacks[CALL_STACKS][1024] __attribute__((aligned(16)));
static uint8_t letter[LETTER_BYTES] __attribute__((aligned(64)));
static uint8_t ring[512 + RING_CONTROL] __attribute__((aligned(64)));
static long backHandle = -1;

static uint8_t secretByte(uint64_t position) {
  return (uint8_t)(position * 197 + (position >> 8) * 31 + 90);
}

static long wrongBytes(void) {
  long wrong = 0;
  for (uint64_t i = 0; i < SECRET_BYTES; i++) wrong += secret[i] != secretByte(i);
  return wrong;
}

static long callBack(long verb, long x) {
  if (backHandle < 0) backHandle = cvm_call_bind("back");
  return backHandle < 0 ? backHandle : cvm_call(backHandle, verb, x, 0, 0, 0, 0);
}

static long serve(long verb, long x, long y, long z, size_t size, long caller) {
  uint8_t local[128];
  size_t used = size < sizeof local ? size : sizeof local;
  long sum = 0;
  (void)caller;
  switch (verb) {
    case 0: return wrongBytes();
    case 1: return x + y + z;
    case 2:
      cvm_argument_read(0, local, used);
      for (size_t i = 0; i < used; i++) sum += local[i];
      return sum;
    case 3:
      for (size_t i = 0; i < used; i++) local[i] = (uint8_t)(x + (long)i);
      cvm_argument_write(0, local, used);
      return (long)used;
    case 4: return callBack(x, y);
    case 5: return cvm_sleep((uint64_t)x);
    case 6: /* a length in the first byte, checked, then used: fetched once */
      cvm_argument_read(0, local, used);
      if (used == 0 || local[0] >= used) return -EINVAL;
      for (size_t i = 0; i < local[0]; i++) sum += local[1 + i];
      return sum;
    default: return -EINVAL;
  }
}

/* Receives a letter, looks at it, answers { wrong bytes of the letter, wrong bytes of the secret }. */
static void correspond(long mail, long reply) {
  for (uint64_t got = 0; got < LETTER_BYTES;) {
    long part = cvm_stream_receive(mail, letter + got, LETTER_BYTES - got, 0);
    if (part <= 0) return;
    got += (uint64_t)part;
  }
  uint64_t answer[2] = {0, (uint64_t)wrongBytes()};
  for (uint64_t i = 0; i < LETTER_BYTES; i++) answer[0] += letter[i] != (uint8_t)(i * 7 + 3);
  cvm_stream_send(reply, answer, sizeof answer);
}

int main(int argc, char **argv) {
  for (uint64_t i = 0; i < SECRET_BYTES; i++) secret[i] = secretByte(i);
  cvm_call_offer("guard", serve, stacks, sizeof stacks[0], argc > 0 ? cvm_parse_number(argv[0]) : 4);
  long mail = cvm_stream_open_receive("mail", ring, sizeof ring), reply = cvm_stream_open_send("reply");
  correspond(mail, reply);
  for (;;) cvm_sleep(1000000000);
}
