/* Starts the library OS on the cVM's first thread, which ends when the first process runs. */
#include "cvm.h"
#include "kernel/config.h"
#include "kernel/host.h"
#include "kernel/kmalloc.h"

int main(void) {
  kmalloc_start(cvm_heap_begin(), cvm_heap_end());
  config_start();
  panic("no file system");
}
