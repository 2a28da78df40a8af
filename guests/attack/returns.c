/* Forged and replayed returns, and stack pointers that point where they please. In the prototype the monitor ran on the
 * caller's stack and knew him by it; here nobody looks at it. argv: addresses that are not its own, absolute. */
#include "attack.h"

#define BY_NUMBER(X)                                                                                                  \
  X(hostcall_with_sp, "hostcall on a stack ") X(call_with_sp, "call on a stack ")                                      \
  X(hostcall_to, "hostcall that returns ") X(call_to, "call that returns ")
#define DECLARE(name, text) long name(long, long, long);
BY_NUMBER(DECLARE)
long call_with_sp_capability(long, long, long), call_to_ddc(long, long, long), call_to_sealed(long, long, long);
long return_now(long, long, long), refused_call_to(long, long, long);
void return_thread(void);

static uint8_t stacks[2][1024] __attribute__((aligned(16)));
static long places[32];
static const char *names[32];
static unsigned count;

static void place(const char *name, long address) {
  names[count] = name;
  places[count++] = address;
}

static void everywhere(const char *what, probe probe) {
  for (unsigned i = 0; i < count; i++) {
    cvm_printf("attempt: %s%s\n", what, names[i]);
    if (survives(probe, places[i], 0, 0)) result(try_result);
  }
}

int main(int argc, char **argv) {
  attack_begin();
  cvm_call_bind("guard");
  long busy = cvm_call_bind("busy");
  for (int i = 0; i + 1 < argc; i += 2) place(argv[i], (long)cvm_parse_number(argv[i + 1]) - own_origin());
  place("at null", 0);
  place("at the top of everything", -16);
  place("at an odd place", 1);
  place("in its c-list", (long)cvm_boot_page + 64);
  place("in its data", (long)stacks);
  place("beyond its memory", own_base() + own_length() - own_origin());
  place("far away", 0x123456789000);
#define ATTEMPT(name, text) everywhere(text, name);
  BY_NUMBER(ATTEMPT)
  attempt("call on a stack that is a capability", call_with_sp_capability, 0, 0, 0);
  attempt("call that returns to DDC", call_to_ddc, 0, 0, 0);
  attempt("call that returns to sealed code", call_to_sealed, 0, 0, 0);
  if (busy >= 0) attempt("refused call that returns far away", refused_call_to, 0x123456789000, busy, 0);
  attempt("return from nothing", return_now, 0, 0, 0);
  announce("return from nothing as a thread's first act");
  cvm_hostcall((long)return_thread, (long)(stacks[0] + 1024), 0, 0, 0, 0, 0, HOSTCALL_THREAD_CREATE);
  cvm_yield();
  attack_end();
  return 0;
}
