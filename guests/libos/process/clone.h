/* See clone.c. */
#ifndef LIBOS_CLONE_H
#define LIBOS_CLONE_H

struct process;

/* Gives up the memory, and lets a parent of vfork go on. */
void process_release_memory(struct process *process);
/* What wait4's WUNTRACED and WCONTINUED tell: CLD_STOPPED or CLD_CONTINUED. */
void process_tell_stop(struct process *process, int code);

#endif
