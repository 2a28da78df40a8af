/* A hostile callee: offers "lure" and answers with everything but what was asked. */
#include "attack.h"

static uint8_t stacks[4][1024] __attribute__((aligned(16)));
static uint8_t junk[4096] __attribute__((aligned(16)));
static uint32_t never;

static long serve(long verb, long x, long y, long z, size_t size, long caller) {
  (void)y, (void)z, (void)caller;
  memset(junk, 0xee, sizeof junk);
  switch (verb) {
    case 0: return (long)0x8000000000000000u;
    case 1: return -EAGAIN;
    case 2: cvm_argument_write(0, junk, size); return 0;
    case 3: cvm_argument_write(size, junk, 1); return 0;
    case 4: cvm_argument_write((size_t)-1, junk, 1); return 0;
    case 5: cvm_argument_write(0, junk, size + 16); return 0;
    case 6: cvm_argument_read((size_t)x, junk, 8); return *(long *)junk;
    case 7: return *(volatile long *)x;
    case 8: *(volatile long *)x = 0; return 0;
    case 9: ((void (*)(void))x)(); return 0;
    case 10: __asm__ volatile("ecall"); return 0;
    case 11: return cvm_hostcall(0, 0, 0, 0, 0, 0, 0, HOSTCALL_THREAD_EXIT);
    case 12: return cvm_hostcall(x, 64, 0, 0, 0, 0, 0, HOSTCALL_CONSOLE_WRITE);
    case 13: return cvm_hostcall(x, 64, 0, 0, 0, 0, 0, HOSTCALL_ENTROPY);
    case 14: return cvm_hostcall(x, 0, 1000, 0, 0, 0, 0, HOSTCALL_BLOCK);
    case 15: return cvm_block(&never, 0, 1000);
    case 16: cvm_exit(3);
    case 17: for (;;) __asm__ volatile("");
    case 18: return cvm_sleep(~0ul);
    case 19: return cvm_block(&never, 0, 0);
    case 20: for (;;) cvm_yield();
    case 21: return cvm_call(cvm_call_bind("echo"), 2, 0, 0, 0, 0, 0);
    default: return 0;
  }
}

static void answers(uint64_t cause, uint64_t value, uint64_t pc) {
  (void)cause, (void)value, (void)pc;
  cvm_print("the handler of a callee\n");
  for (;;) cvm_yield();
}

/* argv: anything: it has a fault handler that does not go back. */
int main(int argc, char **argv) {
  (void)argv;
  if (argc > 0) cvm_on_fault(answers);
  cvm_call_offer("lure", serve, stacks, sizeof stacks[0], 4);
  for (;;) cvm_sleep(1000000000);
}
