/* Example 2: the world of a program that is alone. Arguments, console, time, entropy, heap, exit code. */
#include "example.h"

int main(int argc, char **argv) {
  cvm_printf("hello from a cVM with %d arguments\n", argc);
  for (int i = 0; i < argc; i++) cvm_printf("  argument %d: %s\n", i, argv[i]);

  /* Time is what the machine has executed: the same program sees the same time in every run. Sleeping costs nothing. */
  uint64_t before = cvm_time();
  cvm_sleep(5000000);
  cvm_printf("slept %s 5 ms\n", cvm_time() - before >= 5000000 ? "at least" : "less than");

  /* Entropy is seeded (machine.seed in the manifest), so it repeats too: fit for tables, not for keys. */
  uint8_t random[16] = {0}, any = 0;
  need("entropy", cvm_entropy(random, sizeof random));
  for (size_t i = 0; i < sizeof random; i++) any |= random[i];
  cvm_printf("entropy came: %s\n", any != 0 ? "yes" : "no");

  /* What lies between the program's variables and its stack is its own, and zero. There is no malloc: this is how one starts. */
  uint8_t *heap = cvm_heap_begin();
  size_t heapBytes = (size_t)((uint8_t *)cvm_heap_end() - heap);
  memset(heap, 0xaa, heapBytes);
  cvm_printf("heap: at least 64 KiB, last byte %x\n", heap[heapBytes - 1]);
  return heapBytes >= 65536 ? 0 : 1; /* the cVM's exit code, 0 to 255 */
}
