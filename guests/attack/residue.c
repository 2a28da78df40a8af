/* Looks for what another cVM left: in its registers at its first instruction, in its memory, in tags. argv: "leave" to be
 * the one who leaves something behind. */
#include "attack.h"

extern struct registers first_found;
void fill_registers(void);
long tag_at(const uint8_t *);

static uint64_t words(const uint64_t *from, const uint64_t *to) {
  uint64_t count = 0;
  for (; from < to; from++) count += *from != 0;
  return count;
}

int main(int argc, char **argv) {
  uint64_t *heap = cvm_heap_begin(), *end = cvm_heap_end();
  if (argc > 0 && strcmp(argv[0], "leave") == 0) {
    for (uint64_t *at = heap; at < end; at++) *at = 0x5ec2e75ec2e75ec2;
    cvm_print("left\n");
    fill_registers();
  }
  announce("numbers in registers at the start"); /* but for sp and a0 */
  result(leftovers(&first_found, 1ul << 2 | 1ul << 10));
  announce("capabilities in registers at the start");
  result(tags(&first_found));
  announce("words in fresh memory");
  result((long)words(heap, end));
  announce("words in a fresh stack"); /* this program has used a part of its own */
  result((long)words(end, end + 512));
  announce("capabilities in fresh memory");
  long count = 0;
  for (uint8_t *at = cvm_boot_page; at < (uint8_t *)end; at += 16) count += tag_at(at);
  result(count - 4);
  attack_end();
  return 0;
}
