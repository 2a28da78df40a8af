/* An honest sender with a secret: sends the same letter over and over through "post" and gives up waiting after a while.
 * argv: how many letters. Tells what came of them, and whether its memory is as it left it. */
#include "cvm.h"

#define LETTER_BYTES 600

static struct { uint8_t before[256], letter[LETTER_BYTES], after[256]; } room __attribute__((aligned(64)));

int main(int argc, char **argv) {
  long handle, sent = 0, late = 0, gone = 0, other = 0, damage = 0;
  uint64_t letters = argc > 0 ? cvm_parse_number(argv[0]) : 100;
  memset(&room, 0x77, sizeof room);
  for (unsigned i = 0; i < LETTER_BYTES; i++) room.letter[i] = (uint8_t)(i * 7 + 3);
  handle = cvm_stream_open_send("post");
  for (uint64_t n = 0; n < letters; n++) {
    long result = cvm_stream_send_some(handle, room.letter, LETTER_BYTES - n % 40, 2000);
    sent += result > 0;
    late += result == -ETIMEDOUT || result == -EAGAIN;
    gone += result == -EPIPE;
    other += result == 0 || result > LETTER_BYTES || (result < 0 && result != -ETIMEDOUT && result != -EAGAIN && result != -EPIPE);
  }
  for (unsigned i = 0; i < 256; i++) damage += room.before[i] != 0x77 || room.after[i] != 0x77;
  for (unsigned i = 0; i < LETTER_BYTES; i++) damage += room.letter[i] != (uint8_t)(i * 7 + 3);
  cvm_printf("post: sent %ld late %ld gone %ld other %ld damage %ld\n", sent, late, gone, other, damage);
  return damage != 0 || other != 0;
}
