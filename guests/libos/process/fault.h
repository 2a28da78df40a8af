/* See fault.c. */
#ifndef LIBOS_FAULT_H
#define LIBOS_FAULT_H

struct registers;
struct signal_info;

/* The signal that a trap of the program is. */
void fault_signal(const struct registers *registers, struct signal_info *info);

#endif
