/* Nested abuse: the attacker serves a call of the victim's, made while it serves one of the attacker's. argv: "last"
 * and what to do in the end: exit. */
#include "attack.h"

long return_now(long, long, long);
void return_thread(void);

static uint8_t stacks[8][2048] __attribute__((aligned(16)));
static uint8_t threadStack[1024] __attribute__((aligned(16)));
static long guard;
static long deepest;

enum { ECHO, RECURSE, FAULT, EXIT, THREAD_EXIT, NEW_THREAD_RETURNS };

static void gone(uint64_t cause, uint64_t value, uint64_t pc) {
  (void)cause, (void)value, (void)pc;
  cvm_hostcall(0, 0, 0, 0, 0, 0, 0, HOSTCALL_THREAD_EXIT);
  for (;;) cvm_yield();
}

static long back(long verb, long x, long y, long z, size_t size, long caller) {
  (void)y, (void)z, (void)size, (void)caller;
  switch (verb) {
    case ECHO: return x + 1;
    case RECURSE:
      if (x > deepest) deepest = x;
      return cvm_call(guard, 4, RECURSE, x + 1, 0, 0, 0);
    case FAULT: return *(volatile long *)x;
    case EXIT: cvm_exit(9);
    case THREAD_EXIT: return cvm_hostcall(0, 0, 0, 0, 0, 0, 0, HOSTCALL_THREAD_EXIT);
    case NEW_THREAD_RETURNS:
      return cvm_hostcall((long)return_thread, (long)(threadStack + sizeof threadStack), 0, 0, 0, 0, 0, HOSTCALL_THREAD_CREATE) < 0;
    default: return -1;
  }
}

static void callBack(const char *name, long verb, long x) {
  announce(name);
  result(cvm_call(guard, 4, verb, x, 0, 0, 0));
}

int main(int argc, char **argv) {
  while ((guard = cvm_call_bind("guard")) == -EAGAIN) cvm_yield();
  cvm_call_offer("back", back, stacks, sizeof stacks[0], 8);
  callBack("call back into the caller", ECHO, 41);
  callBack("fault in a callback", FAULT, 8);
  callBack("call back without end", RECURSE, 1);
  announce("depth of that");
  result(deepest);
  callBack("call back after that", ECHO, 41);
  callBack("end the victim's thread in a callback", THREAD_EXIT, 0);
  cvm_on_fault(gone);
  callBack("return for the victim by a new thread", NEW_THREAD_RETURNS, 0);
  cvm_yield();
  callBack("call back after all that", ECHO, 41);
  attack_end();
  if (argc > 0 && strcmp(argv[0], "exit") == 0) callBack("exit in a callback", EXIT, 0);
  return 0;
}
