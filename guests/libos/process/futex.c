/* Futexes. A key is the word's place in the library OS's memory: private and shared ones are the same. */
#include "process/process.h"
#include "time/clock.h"

enum {
  FUTEX_WAIT, FUTEX_WAKE, FUTEX_FD, FUTEX_REQUEUE, FUTEX_CMP_REQUEUE, FUTEX_WAKE_OP, FUTEX_WAIT_BITSET = 9, FUTEX_WAKE_BITSET,
  FUTEX_PRIVATE = 128, FUTEX_CLOCK_REALTIME = 256,
};
enum { BUCKETS = 64 };

struct futex_waiter {
  struct list_head link;
  const u32 *word;
  u32 bits;
  struct thread *thread; /* null: woken */
};

static struct list_head buckets[BUCKETS];

static struct list_head *bucket_of(const u32 *word) {
  struct list_head *bucket = &buckets[((uintptr_t)word >> 2) % BUCKETS];
  if (bucket->next == NULL) list_init(bucket);
  return bucket;
}

static long word_at(uaddr_t address, int access, u32 **word) {
  if (address % 4 != 0) return -EINVAL;
  *word = user_range(address, 4, access);
  return *word == NULL ? -EFAULT : 0;
}

static long wake(const u32 *word, u32 count, u32 bits) {
  long woken = 0;
  struct futex_waiter *waiter, *next;
  list_for_each_entry_safe(waiter, next, bucket_of(word), link) {
    if (woken >= (long)count) break;
    if (waiter->word != word || (waiter->bits & bits) == 0) continue;
    list_del(&waiter->link);
    struct thread *thread = waiter->thread;
    waiter->thread = NULL;
    thread_wake(thread);
    woken++;
  }
  return woken;
}

long futex_wake(uaddr_t address, u32 count, u32 bits) {
  u32 *word;
  if (bits == 0) return -EINVAL;
  long result = word_at(address, USER_READ, &word);
  return result < 0 ? result : wake(word, count, bits);
}

static long wait(uaddr_t address, u32 expected, u64 deadline, u32 bits) {
  u32 *word;
  if (bits == 0) return -EINVAL;
  long result = word_at(address, USER_READ, &word);
  if (result < 0) return result;
  if (__atomic_load_n(word, __ATOMIC_RELAXED) != expected) return -EAGAIN;
  struct futex_waiter waiter = {.word = word, .bits = bits, .thread = current};
  list_add_tail(&waiter.link, bucket_of(word));
  do result = thread_sleep(deadline, false);
  while (result == 0 && waiter.thread != NULL);
  if (waiter.thread == NULL) return 0;
  list_del(&waiter.link);
  /* Repeating a wait with a relative time would begin it anew. */
  return result == -ERESTARTSYS && deadline != NO_DEADLINE ? -EINTR : result;
}

static long requeue(uaddr_t from, uaddr_t to, u32 wakes, u32 moves, bool compare, u32 expected) {
  u32 *source, *target;
  long result = word_at(from, USER_READ, &source);
  if (result == 0) result = word_at(to, USER_READ, &target);
  if (result < 0) return result;
  if ((s32)wakes < 0 || (s32)moves < 0) return -EINVAL;
  if (compare && *(volatile u32 *)source != expected) return -EAGAIN;
  long woken = wake(source, wakes, ~0u), moved = 0;
  struct futex_waiter *waiter, *next;
  list_for_each_entry_safe(waiter, next, bucket_of(source), link) {
    if (moved >= (long)moves || source == target) break;
    if (waiter->word != source) continue;
    list_del(&waiter->link);
    waiter->word = target;
    list_add_tail(&waiter->link, bucket_of(target));
    moved++;
  }
  return compare ? woken + moved : woken;
}

static bool wake_op_holds(u32 comparison, u32 old, u32 argument) {
  bool is_equal = old == argument, is_less = (s32)old < (s32)argument;
  const bool results[] = {is_equal, !is_equal, is_less, is_less || is_equal, !is_less && !is_equal, !is_less};
  return results[comparison];
}

static u32 wake_op_result(u32 operation, u32 old, u32 argument) {
  const u32 results[] = {argument, old + argument, old | argument, old & ~argument, old ^ argument};
  return results[operation];
}

static long wake_op(uaddr_t first, uaddr_t second, u32 count, u32 second_count, u32 code) {
  u32 *one, *two, operation = code >> 28 & 7, comparison = code >> 24 & 15;
  u32 argument = (u32)((s32)(code << 8) >> 20), compared = (u32)((s32)(code << 20) >> 20);
  long result = word_at(first, USER_READ, &one);
  if (result == 0) result = word_at(second, USER_WRITE, &two);
  if (result < 0) return result;
  if (operation > 4 || comparison > 5) return -ENOSYS;
  if (code >> 31) argument = 1u << (argument & 31);
  u32 old = __atomic_load_n(two, __ATOMIC_RELAXED);
  while (!__atomic_compare_exchange_n(two, &old, wake_op_result(operation, old, argument), false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) continue;
  long woken = wake(one, count, ~0u);
  return wake_op_holds(comparison, old, compared) ? woken + wake(two, second_count, ~0u) : woken;
}

static long deadline_of(u32 operation, bool realtime, uaddr_t timeout, u64 *deadline) {
  if (timeout == 0 || operation == FUTEX_WAIT) return deadline_from_user(timeout, deadline);
  long result = timespec_from_user(timeout, deadline);
  if (result == 0 && realtime) *deadline = clock_to_host(CLOCK_REALTIME, *deadline);
  return result;
}

long sys_futex(long address, long what, long value, long timeout, long second, long third) {
  u32 operation = (u32)what & ~(u32)(FUTEX_PRIVATE | FUTEX_CLOCK_REALTIME);
  bool realtime = what & FUTEX_CLOCK_REALTIME;
  u64 deadline = NO_DEADLINE;
  bool waits = operation == FUTEX_WAIT || operation == FUTEX_WAIT_BITSET;
  if (realtime && !waits) return -ENOSYS;
  long result = waits ? deadline_of(operation, realtime, (uaddr_t)timeout, &deadline) : 0;
  if (result < 0) return result;
  switch (operation) {
    case FUTEX_WAIT: return wait((uaddr_t)address, (u32)value, deadline, ~0u);
    case FUTEX_WAIT_BITSET: return wait((uaddr_t)address, (u32)value, deadline, (u32)third);
    case FUTEX_WAKE: return futex_wake((uaddr_t)address, (u32)value, ~0u);
    case FUTEX_WAKE_BITSET: return futex_wake((uaddr_t)address, (u32)value, (u32)third);
    case FUTEX_REQUEUE: return requeue((uaddr_t)address, (uaddr_t)second, (u32)value, (u32)timeout, false, 0);
    case FUTEX_CMP_REQUEUE: return requeue((uaddr_t)address, (uaddr_t)second, (u32)value, (u32)timeout, true, (u32)third);
    case FUTEX_WAKE_OP: return wake_op((uaddr_t)address, (uaddr_t)second, (u32)value, (u32)timeout, (u32)third);
    default: return -ENOSYS;
  }
}

/* Robust mutexes: what a thread that ends still holds, its waiters are told (FUTEX_OWNER_DIED). */
enum { FUTEX_WAITERS = 0x80000000, FUTEX_OWNER_DIED = 0x40000000, FUTEX_TID_MASK = 0x3fffffff, ROBUST_LIMIT = 2048 };

static void release_robust(uaddr_t address, s32 tid) {
  u32 *word;
  if (word_at(address, USER_WRITE, &word) < 0) return;
  u32 old = __atomic_load_n(word, __ATOMIC_RELAXED);
  if ((s32)(old & FUTEX_TID_MASK) != tid) return;
  __atomic_store_n(word, (old & FUTEX_WAITERS) | FUTEX_OWNER_DIED, __ATOMIC_SEQ_CST);
  if (old & FUTEX_WAITERS) wake(word, 1, ~0u);
}

void robust_list_exit(struct thread *thread) {
  struct {
    u64 next;
    s64 offset;
    u64 pending;
  } head;
  if (thread->robust_list == 0 || copy_from_user(&head, thread->robust_list, sizeof head) < 0) return;
  u64 entry = head.next & ~1ul, next;
  for (int i = 0; i < ROBUST_LIMIT && entry != thread->robust_list; i++, entry = next & ~1ul) {
    if (copy_from_user(&next, entry, sizeof next) < 0) return;
    if (entry != (head.pending & ~1ul)) release_robust(entry + (u64)head.offset, thread->tid);
  }
  if ((head.pending & ~1ul) != 0) release_robust((head.pending & ~1ul) + (u64)head.offset, thread->tid);
}

long sys_set_robust_list(long head, long size) {
  if (size != 24) return -EINVAL;
  current->robust_list = (uaddr_t)head;
  return 0;
}

long sys_get_robust_list(long tid, long head, long size) {
  struct thread *thread = (s32)tid == 0 ? current : find_thread((s32)tid);
  if (thread == NULL) return -ESRCH;
  u64 length = 24, address = thread->robust_list;
  if (copy_to_user((uaddr_t)size, &length, sizeof length) < 0) return -EFAULT;
  return copy_to_user((uaddr_t)head, &address, sizeof address);
}
