/* Comes after the attack and asks the victim for everything it serves. Last line: "client: well", or what went wrong. */
#include "cvm.h"

#define LETTER_BYTES 1024

static uint8_t letter[LETTER_BYTES] __attribute__((aligned(64)));
static uint8_t ring[64 + RING_CONTROL] __attribute__((aligned(64)));
static int failures;

static void expect(const char *what, long found, long expected) {
  if (found == expected) return;
  failures++;
  cvm_printf("client: %s: %ld, not %ld\n", what, found, expected);
}

static void call(long guard) {
  uint8_t buffer[64];
  for (unsigned i = 0; i < sizeof buffer; i++) buffer[i] = (uint8_t)(i + 1);
  expect("secret", cvm_call(guard, 0, 0, 0, 0, 0, 0), 0);
  expect("sum", cvm_call(guard, 1, 20, 300, 4000, 0, 0), 4320);
  expect("read", cvm_call(guard, 2, 0, 0, 0, buffer, sizeof buffer), 2080);
  expect("write", cvm_call(guard, 3, 100, 0, 0, buffer, sizeof buffer), 64);
  expect("written", buffer[63], 163);
}

static void write(void) {
  uint64_t answer[2] = {~0ul, ~0ul};
  long mail = cvm_stream_open_send("mail"), reply = cvm_stream_open_receive("reply", ring, sizeof ring);
  for (unsigned i = 0; i < LETTER_BYTES; i++) letter[i] = (uint8_t)(i * 7 + 3);
  expect("send", cvm_stream_send(mail, letter, LETTER_BYTES), LETTER_BYTES);
  expect("answer", cvm_stream_receive(reply, answer, sizeof answer, 0), sizeof answer);
  expect("letter", (long)answer[0], 0);
  expect("secret by letter", (long)answer[1], 0);
}

int main(void) {
  long guard = cvm_call_bind("guard");
  expect("bind", guard < 0, 0);
  if (guard >= 0) call(guard);
  write();
  if (failures == 0) cvm_print("client: well\n");
  return failures;
}
