/* Programs in a cVM without a library OS: everything they can ask of the world.
 *
 * Plain C, unaware of capabilities. Addresses run from 0x1000 (text) and from the boot page (data) to the cVM's size;
 * anything else traps. Results are >= 0 or a negated errno (cvm-abi.h). Deterministic: time is instructions retired. */
#ifndef CVM_H
#define CVM_H

#include <stddef.h>
#include <stdint.h>
#include "cvm-abi.h"

/* The program defines `int main(void)` or `int main(int argc, char **argv)`; its result is the cVM's exit code. */

/* Any hostcall by number; the functions below are the ones to use. */
long cvm_hostcall(long a0, long a1, long a2, long a3, long a4, long a5, long unused, long number);

/* Ends the cVM with all its threads. */
_Noreturn void cvm_exit(int code);
/* Writes to this cVM's console, any size. */
long cvm_write(const void *bytes, size_t sizeBytes);
void cvm_print(const char *text);
/* %s %c %d %u %x with optional l, width and 0; %p. */
void cvm_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Simulated nanoseconds since the machine started. */
uint64_t cvm_time(void);
/* Instructions retired by the whole machine; no hostcall. */
uint64_t cvm_instructions(void);
/* Fills a buffer of at most ENTROPY_LIMIT bytes from the machine's seeded generator. */
long cvm_entropy(void *buffer, size_t sizeBytes);
/* Memory of this cVM between its data and its stacks; the program does with it what it likes. */
void *cvm_heap_begin(void);
void *cvm_heap_end(void);

/* Threads. */
long cvm_yield(void);
long cvm_sleep(uint64_t nanoseconds);
/* Runs entry(argument) on a stack of the caller's choice; returning from entry ends the thread. */
long cvm_thread_create(void (*entry)(void *), void *argument, void *stack, size_t stackBytes);
_Noreturn void cvm_thread_exit(void);
/* Blocks while *word == expected, until cvm_wake or the time-out (0 = none): 0, -EAGAIN (differs), -ETIMEDOUT. */
long cvm_block(const volatile uint32_t *word, uint32_t expected, uint64_t nanoseconds);
/* Wakes at most `count` threads blocked on the word; how many were. */
long cvm_wake(const volatile uint32_t *word, uint32_t count);

/* After a fault the thread goes on in handler(cause, value, pc) on its present stack, with DDC as it was given;
 * handler must not return. Without one (null) a fault ends the cVM. */
typedef void (*cvm_fault_handler)(uint64_t cause, uint64_t value, uint64_t pc);
long cvm_on_fault(cvm_fault_handler handler);

/* Streams, named by the manifest. The receiver registers buffers of its own memory; the sender fills the oldest one
 * through a bounded, store-only capability that is his from cvm_stream_acquire to cvm_stream_commit. */
long cvm_stream_open(const char *name, int direction); /* STREAM_SEND or STREAM_RECEIVE -> handle */
long cvm_stream_close(long handle);                    /* sender: end of file; receiver: -EPIPE to the sender */
/* Registers a buffer to be filled; at most STREAM_DEPTH at once (-EAGAIN). */
long cvm_stream_register(long handle, void *buffer, size_t sizeBytes);
/* Waits until the oldest registered buffer is filled: its bytes; 0 = end of file; -EPIPE = the sender died. */
long cvm_stream_wait(long handle);
/* Waits for a registered buffer: its size. -EPIPE = the receiver is gone. */
long cvm_stream_acquire(long handle);
/* Writes into the acquired buffer, whose slot is SLOT_STREAM + handle: 0, or -EPIPE when the receiver is gone. */
long cvm_window_write(long slot, unsigned long offset, const void *source, unsigned long sizeBytes);
/* Hands over the acquired buffer with its first `sizeBytes` filled; the capability is gone. */
long cvm_stream_commit(long handle, size_t sizeBytes);
/* All of these bytes, in as many buffers as it takes. */
long cvm_stream_send(long handle, const void *bytes, size_t sizeBytes);
/* Register and wait in one: 1..sizeBytes bytes, 0 at the end of file. */
long cvm_stream_receive(long handle, void *buffer, size_t sizeBytes);

/* Calls, named by the manifest. The callee offers an entry with a stack for each call that may be in it at once; the
 * caller's own thread runs the handler, on such a stack, with the callee's memory. Integers go both ways, and one buffer
 * of the caller's, which the callee reaches only through cvm_argument_* and only until it returns. */
typedef long (*cvm_call_handler)(long a0, long a1, long a2, long a3, size_t sizeBytes, long caller);
/* 0 or -errno. Each stack of `stacks`, one behind the other; at most CALL_STACKS. Not in the same cVM as the caller. */
long cvm_call_offer(const char *name, cvm_call_handler handler, void *stacks, size_t stackBytes, size_t count);
/* Within a handler: the caller's buffer. Beyond its size: a fault, which the caller sees as -ECANCELED. */
void cvm_argument_read(size_t offset, void *to, size_t sizeBytes);
void cvm_argument_write(size_t offset, const void *from, size_t sizeBytes);
/* -> handle; -EAGAIN while nothing is offered. */
long cvm_call_bind(const char *name);
/* The handler's result, or: -EAGAIN every stack is in use or calls are nested too deep; -ECANCELED the callee faulted;
 * -EPIPE it ended. A buffer of 4 KiB or more needs the alignment of exact bounds. */
long cvm_call(long handle, long a0, long a1, long a2, long a3, void *buffer, size_t sizeBytes);

/* Like their namesakes in the standard library. */
void *memcpy(void *destination, const void *source, size_t sizeBytes);
void *memmove(void *destination, const void *source, size_t sizeBytes);
void *memset(void *destination, int value, size_t sizeBytes);
int memcmp(const void *a, const void *b, size_t sizeBytes);
size_t strlen(const char *text);
int strcmp(const char *a, const char *b);
uint64_t cvm_parse_number(const char *text); /* decimal or 0x… */

#endif
