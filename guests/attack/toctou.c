/* Double fetch: a second thread of the attacker changes names, sizes and buffers while the first passes them to the
 * monitor and to the victim. Meant for small slices. argv: how many rounds. */
#include "attack.h"

#define VICTIM_REFUSES (-EINVAL)

static uint8_t stack[2048] __attribute__((aligned(16)));
static volatile char name[16] __attribute__((aligned(16))) = "guard";
static volatile uint8_t argument[64] __attribute__((aligned(64)));
static volatile uint32_t stop;

static void flip(void *unused) {
  (void)unused;
  while (!stop) {
    for (unsigned i = 0; i < 5; i++) name[i] = "vault"[i];
    argument[0] = 250;
    for (unsigned i = 0; i < 5; i++) name[i] = "guard"[i];
    argument[0] = 5;
  }
}

int main(int argc, char **argv) {
  uint64_t rounds = argc > 0 ? cvm_parse_number(argv[0]) : 100;
  long handle, wrong = 0, seen = 0, refused = 0;
  attack_begin();
  while ((handle = cvm_call_bind("guard")) == -EAGAIN) cvm_yield();
  for (unsigned i = 0; i < sizeof argument; i++) argument[i] = 1;
  argument[0] = 5;
  cvm_thread_create(flip, 0, stack, sizeof stack);
  announce("bind by a name that changes");
  for (uint64_t i = 0; i < rounds; i++) {
    long got = cvm_call_bind((const char *)name);
    seen += got == handle;
    refused += got < 0;
    wrong += got >= 0 && got != handle;
  }
  result(wrong);
  cvm_printf("seen %ld refused %ld\n", seen, refused);
  announce("a length that changes after it was checked");
  seen = refused = wrong = 0;
  for (uint64_t i = 0; i < rounds; i++) {
    long got = cvm_call(handle, 6, 0, 0, 0, (void *)argument, sizeof argument);
    seen += got == 5;
    refused += got == VICTIM_REFUSES;
    wrong += got != 5 && got != VICTIM_REFUSES;
  }
  result(wrong);
  cvm_printf("seen %ld refused %ld\n", seen, refused);
  stop = 1;
  attack_end();
  cvm_exit(0);
}
