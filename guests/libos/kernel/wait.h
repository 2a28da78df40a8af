/* Waiting. Everything here needs the big lock, so nothing is lost between a look at the condition and the sleep:
 *
 *   while (!condition) { long result = sleep_on(&queue, deadline); if (result < 0) return result; }
 *
 * Who waits for several things at once puts an entry into each queue, and sleeps once:
 *
 *   wait_add(&queue1, &entry1); …
 *   while (!condition) if ((result = thread_sleep(deadline, false)) < 0) break;
 *   wait_remove(&entry1); … */
#pragma once
#include "kernel/list.h"

/* A time that never comes; deadlines are nanoseconds of host_time(). */
#define NO_DEADLINE (~0ul)

struct thread;

struct wait_queue {
  struct list_head entries;
};

struct wait_entry {
  struct list_head link;
  /* Called by wake_up; must not sleep. `events` are POLLIN and the like, 0: unknown. */
  void (*wake)(struct wait_entry *entry, u32 events);
  void *owner;
};

void wait_queue_init(struct wait_queue *queue);
/* An entry without `wake` wakes the present thread. */
void wait_add(struct wait_queue *queue, struct wait_entry *entry);
/* Also of an entry that is in no queue, if it was in one or list_init()ed. */
void wait_remove(struct wait_entry *entry);
void wake_up(struct wait_queue *queue);
void wake_up_events(struct wait_queue *queue, u32 events);
/* Before what it is part of goes: who waits in it is woken, and in no queue any more. */
void wait_queue_end(struct wait_queue *queue);

/* Releases the big lock and sleeps until thread_wake: 0; -ETIMEDOUT; -ERESTARTSYS: a signal wants to be delivered.
 * A wake since this thread last returned from here is not lost, it makes this return at once.
 * With `network`, bytes on a stream wake it too; they have then been taken. */
long thread_sleep(u64 deadline, bool network);
void thread_wake(struct thread *thread);
/* In one queue; results as thread_sleep. */
long sleep_on(struct wait_queue *queue, u64 deadline);
long sleep_on_network(struct wait_queue *queue, u64 deadline);
bool signal_is_pending(void);
