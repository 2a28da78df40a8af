/* Partial overwrites: a capability in memory of which any part was written is no capability any more, even if the bits
 * are the same. The slots of call pairs serve as targets. argv: names of calls, one for each way. */
#include "attack.h"

#define WAYS(X)                                                                                                       \
  X(first_byte) X(last_byte) X(first_half) X(last_half) X(middle_half) X(address_word) X(bounds_word)                 \
  X(address_double) X(bounds_double) X(straddling_double) X(straddling_before) X(both_doubles) X(compressed_store)    \
  X(float_double) X(float_word) X(atomic_add_word) X(atomic_add_double) X(atomic_or_bounds) X(atomic_swap)            \
  X(reserved_double) X(reserved_word) X(untagged_capability) X(swapped_capability) X(explicit_byte) X(explicit_double)
#define DECLARE(name) void name(uint8_t *);
WAYS(DECLARE)
long tag_at(const uint8_t *);

static const struct { const char *name; void (*way)(uint8_t *); } ways[] = {
#define ROW(name) {#name, name},
  WAYS(ROW)
};

int main(int argc, char **argv) {
  unsigned way = 0, left = sizeof ways / sizeof *ways;
  attack_begin();
  /* Two ways for each pair: one on the code half, one on the data half, the farther one first. */
  for (int i = 0; i < argc && left > 0; i++) {
    long handle;
    while ((handle = cvm_call_bind(argv[i])) == -EAGAIN) cvm_yield();
    uint8_t *code = cvm_boot_page + SLOT_SIZE * (SLOT_CALL + 2 * handle);
    for (int half = 1; half >= 0 && left > 0; half--, way++, left--) {
      uint8_t *slot = code + SLOT_SIZE * half;
      if (!tag_at(slot)) { /* a neighbour's way reached it */
        way--, left++;
        continue;
      }
      announce(ways[way].name);
      ways[way].way(slot);
      result(tag_at(slot));
    }
  }
  announce("entropy over the c-list");
  result(cvm_entropy(cvm_boot_page + SLOT_SIZE * SLOT_RETURN_CODE, 16));
  announce("entropy that ends in the c-list");
  result(cvm_entropy(cvm_boot_page + SLOT_SIZE * CLIST_SLOTS - 1, 16));
  announce("entropy that ends before the c-list");
  result(cvm_entropy((void *)((uintptr_t)cvm_boot_page - 8), 16));
  announce("the return gate after that");
  result(tag_at(cvm_boot_page + SLOT_SIZE * SLOT_RETURN_CODE) - 1);
  announce("ways that were not tried");
  result(left);
  attack_end();
  return 0;
}
