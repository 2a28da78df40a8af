/* Smuggling: two accomplices that may call each other try to pass capabilities on, in every register and both ways,
 * through the buffer of a call, through threads, through what hostcalls copy. argv: "take" or "give". */
#include "attack.h"

long cross(struct registers *found, long codeSlot, long dataSlot, long filling, long a7);
void spy_entry(void), spy_entry_buffer(void), spy_thread(void), spy_fault(void), fault_with_everything(void);
long store_through_buffer(void), load_through_buffer(void);
extern struct registers spy_found;
extern uint32_t spy_done;

static uint8_t stacks[4][1024] __attribute__((aligned(16)));
static uint8_t shared[256] __attribute__((aligned(64)));
static struct registers found;

/* What the taker tells the giver: verb 0 tags that came in, 1 everything else that came in, 2 keeps the buffer's tag,
 * 3 stores DDC into the buffer, 4 loads a capability from it and says its tag. */
static long report(long verb, long x, long y, long z, size_t size, long caller) {
  (void)x, (void)y, (void)z, (void)size, (void)caller;
  switch (verb) {
    case 0: return (long)(tags(&spy_found) - (spy_found.tag[6] != 0)); /* t1: its own PCC */
    case 1: return (long)leftovers(&spy_found, 1ul << 2 | 1ul << 6 | 1ul << 10 | 1ul << 11 | 1ul << 12 | 1ul << 13 | 1ul << 14 | 1ul << 15 | 1ul << 16);
    case 2: return (long)spy_found.tag[14];
    case 3: return store_through_buffer();
    case 4: return load_through_buffer();
    case 5: return spy_found.ddcBase == (uint64_t)own_base() && spy_found.ddcLength == (uint64_t)own_length() ? 0 : 1;
    default: return -EINVAL;
  }
}

static void offer(const char *name, void (*entry)(void), unsigned stack) {
  cvm_hostcall((long)name, (long)strlen(name), (long)entry, (long)(stacks[stack] + 1008), 0, 1, 0, HOSTCALL_CALL_OFFER);
}

static long bind(const char *name) {
  long handle;
  while ((handle = cvm_call_bind(name)) == -EAGAIN) cvm_yield();
  return handle;
}

static long ask(long handle, long verb) {
  return cvm_call(handle, verb, 0, 0, 0, shared, sizeof shared);
}

/* Tags after a crossing, but for t1, which holds this cVM's own PCC. */
static long tagsButOwn(void) {
  return (long)tags(&found) - (long)(found.tag[6] != 0);
}

/* gp, tp, s0 .. s11 are what cross() put there: one and the same address in all, and no capability. */
static long changed(long filling) {
  static const unsigned saved[] = {3, 4, 8, 9, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27};
  long count = 0;
  for (unsigned i = 0; i < sizeof saved / sizeof *saved; i++)
    count += found.tag[saved[i]] != 0 || found.value[saved[i]] != found.value[8];
  return count + (filling == 1 && found.value[8] != (uint64_t)own_origin());
}

static void byRegisters(long spy, long talk) {
  static const char *const fillings[] = {"DDC", "PCC", "sealed data", "sealed code"};
  for (long filling = 1; filling <= 4; filling++) {
    cvm_printf("attempt: pass %s to a callee in every register\n", fillings[filling - 1]);
    cross(&found, SLOT_CALL + 2 * spy, SLOT_CALL + 2 * spy + 1, filling, 0);
    result(ask(talk, 0));
    announce("leave numbers in a callee's registers");
    result(ask(talk, 1));
    announce("pass DDC back to a caller in every register");
    result(tagsButOwn());
    announce("change a caller's saved registers");
    result(changed(filling));
    announce("leave numbers in a caller's registers");
    result((long)leftovers(&found, 1ul << 1 | 1ul << 2 | 1ul << 3 | 1ul << 4 | 1ul << 6 | 1ul << 8 | 1ul << 9 | 0xffc0000 | 1ul << 10 | 1ul << 11));
    announce("enter a callee with another DDC than its own");
    result(ask(talk, 5));
  }
  announce("find the switcher's capabilities after a hostcall");
  cross(&found, SLOT_HOSTCALL_CODE, SLOT_HOSTCALL_DATA, 4, HOSTCALL_TIME);
  long count = 0;
  for (unsigned i = 5; i < 32; i++) count += found.tag[i] != 0 && i != 6 && i != 8 && i != 9 && (i < 18 || i > 27);
  result(count);
}

static void byBuffer(long spy, long buffer, long talk) {
  announce("keep the caller's buffer in every register");
  cvm_call(buffer, 0, 0, 0, 0, shared, sizeof shared);
  cross(&found, SLOT_CALL + 2 * spy, SLOT_CALL + 2 * spy + 1, 3, 0);
  result(ask(talk, 2));
  announce("come home with a DDC that the callee chose");
  result(found.ddcBase == (uint64_t)own_base() && found.ddcLength == (uint64_t)own_length() ? 0 : 1);
  announce("store a capability into the caller's buffer");
  result(ask(talk, 3));
  announce("load a capability from the caller's buffer");
  result(cvm_call(talk, 4, 0, 0, 0, cvm_boot_page, 64));
}

static void byThread(void) {
  announce("start a thread with something in its registers");
  cvm_hostcall((long)spy_thread, (long)(stacks[1] + 1024), 0, 0, 0, 0, 0, HOSTCALL_THREAD_CREATE);
  while (spy_done == 0) cvm_block(&spy_done, 0, 1000);
  result((long)leftovers(&spy_found, 1ul << 2));
}

static void byFault(void) {
  cvm_on_fault((cvm_fault_handler)spy_fault);
  announce("widen DDC by a fault");
  survives((probe)fault_with_everything, 0, 0, 0);
  result(spy_found.ddcBase == (uint64_t)own_base() && spy_found.ddcLength == (uint64_t)own_length() ? 0 : 1);
}

int main(int argc, char **argv) {
  if (argc > 0 && strcmp(argv[0], "take") == 0) {
    offer("spy", spy_entry, 2);
    offer("buffer", spy_entry_buffer, 3);
    cvm_call_offer("talk", report, stacks[0], sizeof stacks[0], 1);
    for (;;) cvm_sleep(1000000000);
  }
  attack_begin();
  long spy = bind("spy"), buffer = bind("buffer"), talk = bind("talk");
  byRegisters(spy, talk);
  byBuffer(spy, buffer, talk);
  byThread();
  byFault();
  attack_end();
  return 0;
}
