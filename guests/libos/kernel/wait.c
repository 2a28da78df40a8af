/* Wait queues and the one place where threads sleep. */
#include "net/net.h"
#include "process/process.h"

void wait_queue_init(struct wait_queue *queue) {
  list_init(&queue->entries);
}

static void wake_owner(struct wait_entry *entry, u32 events) {
  thread_wake(entry->owner);
}

void wait_add(struct wait_queue *queue, struct wait_entry *entry) {
  if (entry->wake == NULL) {
    entry->wake = wake_owner;
    entry->owner = current;
  }
  list_add_tail(&entry->link, &queue->entries);
}

void wait_remove(struct wait_entry *entry) {
  list_del(&entry->link);
}

void wake_up_events(struct wait_queue *queue, u32 events) {
  struct wait_entry *entry, *next;
  list_for_each_entry_safe(entry, next, &queue->entries, link) entry->wake(entry, events);
}

void wake_up(struct wait_queue *queue) {
  wake_up_events(queue, 0);
}

void wait_queue_end(struct wait_queue *queue) {
  while (!list_empty(&queue->entries)) {
    struct wait_entry *entry = list_first_entry(&queue->entries, struct wait_entry, link);
    list_del(&entry->link);
    entry->wake(entry, 0);
  }
}

void thread_wake(struct thread *thread) {
  if (thread->wake_word != 0) return;
  thread->wake_word = 1;
  if (thread->is_sleeping) cvm_wake(&thread->wake_word, 1);
}

/* Nanoseconds to a deadline as a hostcall wants them; the clock's own step more, so that it is not early. 0: over. */
static u64 nanoseconds_until(u64 deadline) {
  u64 now = host_time();
  return deadline <= now ? 0 : min(deadline - now, 1ul << 62) + CLOCK_STEP;
}

static long wait_for_word(const volatile u32 *word, u64 nanoseconds) {
  unlock_kernel();
  long result = host_block(word, 0, nanoseconds);
  lock_kernel();
  return result;
}

long thread_sleep(u64 deadline, bool network) {
  struct thread *thread = current;
  if (thread->tid == 1) network = true; /* somebody always looks after the network */
  if (thread->wake_word == 0) {
    u64 nanoseconds = 0; /* for ever */
    if (signal_is_pending()) return -ERESTARTSYS;
    if (deadline != NO_DEADLINE && (nanoseconds = nanoseconds_until(deadline)) == 0) return -ETIMEDOUT;
    thread->is_sleeping = true;
    long result = network ? net_wait(&thread->wake_word, nanoseconds) : wait_for_word(&thread->wake_word, nanoseconds);
    thread->is_sleeping = false;
    if (network) net_woken(result);
    if (thread->wake_word == 0 && result == -ETIMEDOUT) return -ETIMEDOUT;
  }
  thread->wake_word = 0;
  return 0;
}

static inline long sleep_in(struct wait_queue *queue, u64 deadline, bool network) {
  struct wait_entry entry = {.wake = wake_owner, .owner = current};
  wait_add(queue, &entry);
  long result = thread_sleep(deadline, network);
  wait_remove(&entry);
  return result;
}

long sleep_on(struct wait_queue *queue, u64 deadline) {
  return sleep_in(queue, deadline, false);
}

long sleep_on_network(struct wait_queue *queue, u64 deadline) {
  return sleep_in(queue, deadline, true);
}
