/* The big lock. Every system call that the table does not mark otherwise holds it; sleeping releases it. Who holds it
 * may be preempted, but not interrupted: signals come on the way back to the program. */
#ifndef LIBOS_LOCK_H
#define LIBOS_LOCK_H

void lock_kernel(void);
void unlock_kernel(void);

#endif
