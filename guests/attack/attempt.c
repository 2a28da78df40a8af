/* Attempts: announce, run, survive the fault, tell. */
#include "attack.h"

int try_run(probe probe, long a0, long a1, long a2);
void try_fault(uint64_t cause, uint64_t value, uint64_t pc);

void attack_begin(void) {
  cvm_on_fault(try_fault);
}

void attack_end(void) {
  cvm_printf("summary: done\n");
}

void announce(const char *name) {
  cvm_printf("attempt: %s\n", name);
}

void result(long value) {
  if (value < 0) cvm_printf("result: %ld\n", value);
  else cvm_printf("result: 0x%lx\n", value);
}

int survives(probe probe, long a0, long a1, long a2) {
  return try_run(probe, a0, a1, a2) == 0;
}

void attempt(const char *name, probe probe, long a0, long a1, long a2) {
  announce(name);
  if (survives(probe, a0, a1, a2)) result(try_result);
}

void hostcall(const char *name, long number, long a0, long a1, long a2, long a3) {
  announce(name);
  result(cvm_hostcall(a0, a1, a2, a3, 0, 0, 0, number));
}

unsigned tags(const struct registers *found) {
  unsigned count = 0;
  for (unsigned i = 1; i < 32; i++) count += found->tag[i] != 0;
  return count;
}

unsigned leftovers(const struct registers *found, uint64_t except) {
  unsigned count = found->fcsr != 0;
  for (unsigned i = 1; i < 32; i++) count += (found->value[i] != 0 || found->tag[i] != 0) && (except >> i & 1) == 0;
  for (unsigned i = 0; i < 32; i++) count += found->f[i] != 0;
  return count;
}
