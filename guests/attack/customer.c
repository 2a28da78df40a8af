/* Calls the hostile callee with a buffer between two walls, and looks after each call at what became of its memory. */
#include "attack.h"

#define SECRET_BYTES 2048

static uint8_t secret[SECRET_BYTES];
static struct { uint8_t before[64], buffer[64], after[64]; } room __attribute__((aligned(64)));
static long lure;

static long damage(void) {
  long wrong = 0;
  for (unsigned i = 0; i < SECRET_BYTES; i++) wrong += secret[i] != (uint8_t)(i * 5 + 1);
  for (unsigned i = 0; i < 64; i++) wrong += room.before[i] != 0x55 || room.after[i] != 0x55;
  return wrong;
}

static void call(const char *name, long verb, long x) {
  announce(name);
  long answer = cvm_call(lure, verb, x, 0, 0, room.buffer, sizeof room.buffer);
  cvm_printf("answer: %ld\n", answer);
  result(damage());
}

/* Calls that never come back, unless somebody sees to it. */
static void patiently(const char *name, long verb, uint64_t nanoseconds) {
  struct cvm_call with = {{verb, 0, 0, 0}, room.buffer, sizeof room.buffer, 0, nanoseconds};
  announce(name);
  long answer = cvm_call_with(lure, &with);
  cvm_printf("answer: %ld\n", answer);
  result(damage());
}

int main(void) {
  for (unsigned i = 0; i < SECRET_BYTES; i++) secret[i] = (uint8_t)(i * 5 + 1);
  memset(&room, 0x55, sizeof room);
  while ((lure = cvm_call_bind("lure")) == -EAGAIN) cvm_yield();
  long inSecret = (long)secret;
  call("answer nonsense", 0, 0);
  call("answer that it is busy", 1, 0);
  call("fill the buffer", 2, 0);
  call("write behind the buffer", 3, 0);
  call("write before the buffer", 4, 0);
  call("write more than the buffer", 5, 0);
  call("read before the buffer", 6, -8);
  call("read behind the buffer", 6, 64);
  call("read the caller by its address", 7, own_origin() + inSecret);
  call("write the caller by its address", 8, own_origin() + inSecret);
  call("jump into the caller", 9, own_origin() + 0x1000);
  call("ecall on the caller's thread", 10, 0);
  call("end the caller's thread", 11, 0);
  call("print the caller's memory", 12, own_origin() + inSecret);
  call("entropy into the caller's memory", 13, own_origin() + inSecret);
  call("block on the caller's word", 14, own_origin() + inSecret);
  call("keep the caller waiting", 15, 0);
  patiently("spin", 17, 5000);
  patiently("sleep for ever", 18, 5000);
  patiently("block for ever", 19, 5000);
  patiently("yield for ever", 20, 5000);
  patiently("call on into another that spins", 21, 5000);
  patiently("spin, and the caller can hardly wait", 17, 1);
  patiently("answer after all that", 2, ~0ul);
  call("exit", 16, 0);
  attack_end();
  return 0;
}
