/* The smallest cVM: its arguments, its time, some entropy. */
#include "cvm.h"

int main(int argc, char **argv) {
  uint64_t random = 0;
  cvm_printf("Hello from a cVM.\n");
  for (int i = 0; i < argc; i++) cvm_printf("argument %d: %s\n", i, argv[i]);
  cvm_entropy(&random, sizeof random);
  cvm_printf("time %lu ns, entropy %016lx, heap %lu bytes\n", cvm_time(), random,
             (uint64_t)((char *)cvm_heap_end() - (char *)cvm_heap_begin()));
  return 0;
}
