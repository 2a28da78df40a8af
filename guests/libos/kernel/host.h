/* What the world outside offers: the hostcalls, each result checked before anybody uses it. The monitor's side is not
 * believed more than it must be: sizes stay within the buffers, numbers within their range. Results are >= 0 or a
 * negated errno. Nothing here takes or releases the big lock. Where nothing comes back, guests/lib's calls do: cvm_wake,
 * cvm_yield, cvm_thread_interrupt, cvm_exit. */
#pragma once
#include "kernel/types.h"

/* Nanoseconds of one step of the clock. */
enum { CLOCK_STEP = 100 };
/* Simulated nanoseconds since the machine started; never goes back. No hostcall. */
static inline u64 host_time(void) {
  u64 ticks;
  __asm__ volatile("rdtime %0" : "=r"(ticks));
  return ticks * CLOCK_STEP;
}
/* Any size, to the cVM's console. A report is one write: a record of 32-bit words, the first says what it is. */
enum console_channel { CONSOLE_OUTPUT, CONSOLE_ERRORS, CONSOLE_REPORTS };
enum report { REPORT_ENDED = 1, REPORT_CALL, REPORT_RESULT };
void host_console_write(enum console_channel channel, const void *bytes, size_t size);
/* Any size of random bytes. */
void host_entropy(void *buffer, size_t size);
/* While *word == expected, at most `nanoseconds` (0: for ever): 0, -EAGAIN, -ETIMEDOUT, -EINTR. */
long host_block(const volatile u32 *word, u32 expected, u64 nanoseconds);
/* A thread of the cVM, for thread_entry in entry/: its id, or -EAGAIN. */
long host_thread_create(void (*entry)(void), void *stack_top);
/* Waits for the first of several things: its index; -ETIMEDOUT, -EINTR; 0 ns: for ever. */
struct cvm_poll_item;
long host_poll(struct cvm_poll_item *items, size_t count, u64 nanoseconds);
/* For bugs of the library OS: says so and ends the cVM. */
_Noreturn void panic(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A shared file, read only: a handle. -EAGAIN: it is not there (yet). */
long host_file_open(const char *name);
u64 host_file_size(long handle);
/* All of it or an error: -EIO beyond the end, -EREVOKED. */
long host_file_read(long handle, u64 offset, void *to, size_t size);

/* Streams. A receiver's ring is memory of the library OS: `capacity`, a power of two, and RING_CONTROL bytes more. */
long host_stream_open_send(const char *name);
long host_stream_open_receive(const char *name, void *ring, size_t capacity);
/* As many bytes as there is room for, without waiting: at least 1, -EAGAIN, -EPIPE. */
long host_stream_send(long handle, const void *bytes, size_t size);
long host_stream_close(long handle);
