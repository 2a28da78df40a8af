/* What the attack programs share. Each says what it is about to try (`attempt: NAME`), then what came of it
 * (`result: 0x0`: nothing; `result: -N`: an error; anything else: loot). What stopped it stands in the monitor's audit. */
#ifndef ATTACK_H
#define ATTACK_H
#include "cvm.h"

typedef long (*probe)(long, long, long);

/* Runs probe(a0, a1, a2); a fault ends the attempt, not the program. */
void attempt(const char *name, probe probe, long a0, long a1, long a2);
/* Without a line of its own: 1 if it came back (its result in try_result), 0 if it faulted. */
int survives(probe probe, long a0, long a1, long a2);
void result(long value);
void announce(const char *name);
/* Tells a hostcall's answer. */
void hostcall(const char *name, long number, long a0, long a1, long a2, long a3);
/* Call before the first attempt. */
void attack_begin(void);
/* Last line; a log without it is of an attacker that was stopped. */
void attack_end(void);
extern long try_result, try_fault_cause, try_fault_value;

/* What a thread found in its registers, see spy.inc. */
struct registers {
  uint64_t value[32], tag[32], f[32], fcsr, ddcTag, ddcBase, ddcLength, ddcPermissions;
};
/* Tags in the general registers. */
unsigned tags(const struct registers *found);
/* Registers that are not zero, floating point too, but for those whose bit is set in `except`. */
unsigned leftovers(const struct registers *found, uint64_t except);

extern uint8_t cvm_boot_page[];
/* By how much an address of this cVM is less than the absolute one; base and length of its memory, absolute. */
long own_origin(void), own_base(void), own_length(void);
#endif
