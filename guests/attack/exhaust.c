/* Exhaustion: takes as much as it can get of one thing. argv: of what, and how much. */
#include "attack.h"

#define STACKS 96

void trap_for_ever(void);

static uint8_t stacks[STACKS][512] __attribute__((aligned(16)));
static uint8_t page[4096];
static uint32_t forever, ended;
static long guard = -1;

static void waits(void *unused) {
  (void)unused;
  cvm_block(&forever, 0, 0);
}

static void ends(void *unused) {
  (void)unused;
  ended++;
}

static void spins(void *unused) {
  (void)unused;
  for (;;) __asm__ volatile("");
}

static void sleeps(void *length) {
  for (;;) cvm_sleep((uint64_t)length);
}

static void calls(void *unused) {
  (void)unused;
  for (;;) cvm_call(guard, 0, 0, 0, 0, 0, 0);
}

static long start(void (*entry)(void *), long argument, uint64_t most) {
  long count = 0;
  while ((uint64_t)count < most && cvm_thread_create(entry, (void *)argument, stacks[count % STACKS], sizeof stacks[0]) >= 0) count++;
  return count;
}

int main(int argc, char **argv) {
  const char *what = argc > 0 ? argv[0] : "";
  uint64_t amount = argc > 1 ? cvm_parse_number(argv[1]) : 0;
  cvm_printf("attempt: exhaust %s\n", what);
  if (strcmp(what, "threads") == 0) result(start(waits, 0, amount));
  else if (strcmp(what, "thread churn") == 0) {
    long failed = 0;
    for (uint64_t i = 0; i < amount; i++, cvm_yield()) failed += start(ends, 0, 1) != 1;
    result(failed);
  } else if (strcmp(what, "processor") == 0) result(start(spins, 0, amount)), cvm_block(&forever, 0, 0);
  else if (strcmp(what, "sleepers") == 0) result(start(sleeps, 1, amount)), cvm_block(&forever, 0, 0);
  else if (strcmp(what, "time") == 0) {
    for (uint64_t i = 0; i < amount; i++) cvm_sleep(~0ul);
    result(0);
  } else if (strcmp(what, "stacks") == 0) {
    while ((guard = cvm_call_bind("guard")) == -EAGAIN) cvm_yield();
    result(start(calls, 0, amount));
    cvm_block(&forever, 0, 0);
  } else if (strcmp(what, "handles") == 0) {
    long last = 0;
    for (uint64_t i = 0; i < amount; i++) last = cvm_call_bind("guard");
    result(last);
  } else if (strcmp(what, "names") == 0) {
    for (uint64_t i = 0; i < amount; i++) {
      page[0] = (uint8_t)('a' + i % 26), page[1] = (uint8_t)('a' + i / 26 % 26), page[2] = (uint8_t)('a' + i / 676);
      cvm_hostcall((long)page, 3, 0x1000, (long)(stacks[0] + 512), 0, 1, 0, HOSTCALL_CALL_OFFER);
    }
    result(0);
  } else if (strcmp(what, "clock") == 0) {
    cvm_hostcall(0, -1, (long)trap_for_ever, 0, 0, 0, 0, HOSTCALL_ON_REVOKE);
    result(0);
    trap_for_ever();
  } else if (strcmp(what, "allowance") == 0) {
    long careful;
    while ((careful = cvm_call_bind("careful")) == -EAGAIN) cvm_yield();
    for (uint64_t i = 0; i < amount; i++) cvm_call(careful, 0, 8, 0, 0, 0, 0);
    cvm_call(careful, 1, 0, 0, 0, 0, 0);
    cvm_sleep(1000000);
    result(cvm_call(careful, 2, 0, 0, 0, 0, 0));
  } else if (strcmp(what, "console") == 0) {
    memset(page, 'x', sizeof page);
    for (uint64_t i = 0; i < amount; i++) cvm_write(page, sizeof page);
    cvm_print("\n");
    result(0);
  } else if (strcmp(what, "hostcalls") == 0) {
    for (uint64_t i = 0; i < amount; i++) cvm_time();
    result(0);
  } else if (strcmp(what, "refusals") == 0) {
    for (uint64_t i = 0; i < amount; i++) cvm_hostcall(0, 0, 0, 0, 0, 0, 0, 9999);
    result(0);
  } else if (strcmp(what, "faults") == 0) {
    attack_begin();
    for (uint64_t i = 0; i < amount; i++) survives((probe)8, 0, 0, 0);
    result(0);
  } else if (strcmp(what, "entropy") == 0) {
    for (uint64_t i = 0; i < amount; i++) cvm_entropy(page, 256);
    result(0);
  }
  attack_end();
  cvm_exit(0);
}
