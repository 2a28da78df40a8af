/* Programs in a cVM without a library OS: everything they can ask of the world. docs/programming-cvms.md has the way to
 * build them, the memory's layout and limits; guests/examples/NN-name.c has a program for each part.
 *
 * Plain C, unaware of capabilities. Addresses run from 0x1000 (text) and from the boot page (data) to the cVM's size;
 * anything else traps. Results are >= 0 or a negated errno (cvm-abi.h). Deterministic: time is instructions retired. */
#ifndef CVM_H
#define CVM_H

#include <stddef.h>
#include <stdint.h>
#include "cvm-abi.h"

/* "EAGAIN" and the like, for a negative result. */
const char *cvm_error_name(long result);

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
/* Codes of programs in the c-list, from SLOT_PROGRAM on. */
size_t cvm_programs(void);

/* Threads. */
long cvm_yield(void);
long cvm_sleep(uint64_t nanoseconds);
/* Runs entry(argument) on a stack of the caller's choice; returning from entry ends the thread. */
long cvm_thread_create(void (*entry)(void *), void *argument, void *stack, size_t stackBytes);
_Noreturn void cvm_thread_exit(void);
/* A user software interrupt for a thread of this cVM, which its library OS takes as a trap of its program; a hostcall that
 * the thread waits in returns -EINTR; one that does not wait yet will, unless its condition is changed first. -ESRCH: there
 * is no such thread. */
long cvm_thread_interrupt(long thread);
/* Blocks while *word == expected, until cvm_wake or the time-out (0 = none): 0, -EAGAIN (differs), -ETIMEDOUT. */
long cvm_block(const volatile uint32_t *word, uint32_t expected, uint64_t nanoseconds);
/* Wakes at most `count` threads blocked on the word; how many were. */
long cvm_wake(const volatile uint32_t *word, uint32_t count);

/* After a fault the thread goes on in handler(cause, value, pc) on its present stack, with DDC as it was given;
 * handler must not return. Without one (null) a fault ends the cVM. */
typedef void (*cvm_fault_handler)(uint64_t cause, uint64_t value, uint64_t pc);
long cvm_on_fault(cvm_fault_handler handler);

/* Time-outs are nanoseconds of simulated time: 0 waits for ever, DO_NOT_WAIT answers -EAGAIN at once; what takes longer
 * answers -ETIMEDOUT. */

/* CP_Stream: bytes from one cVM to another, named by the manifest. The receiver offers a ring of its own memory: a
 * power of two of bytes (at least 64) and RING_CONTROL bytes behind them, aligned to 16 (with 4 KiB of bytes or more to
 * 512th of it at least: -EINVAL). Bytes are copied once, by the sender's thread in the switcher; what was sent, the sender cannot change. */
long cvm_stream_open_send(const char *name);                                          /* -> handle */
long cvm_stream_open_receive(const char *name, void *ring, size_t sizeBytes);         /* -> handle */
/* Sender: end of file; receiver: -EPIPE to the sender. */
long cvm_stream_close(long handle);
/* All of these bytes. -EPIPE: the receiver is gone. -EFAULT: `bytes` is not memory of this cVM. */
long cvm_stream_send(long handle, const void *bytes, size_t sizeBytes);
/* As many as there is room for, at least one: how many. */
long cvm_stream_send_some(long handle, const void *bytes, size_t sizeBytes, uint64_t nanoseconds);
/* Waits for something to read: how many bytes; 0 = end of file; -EPIPE = the sender died. */
long cvm_stream_wait(long handle, uint64_t nanoseconds);
/* What is there, where it lies, as far as the ring's end; it stays until consumed. */
const void *cvm_stream_peek(long handle, size_t *sizeBytes);
void cvm_stream_consume(long handle, size_t sizeBytes);
/* Waits and copies out 1..sizeBytes bytes; results as cvm_stream_wait. */
long cvm_stream_receive(long handle, void *buffer, size_t sizeBytes, uint64_t nanoseconds);

/* Loans: the sender of a stream lends a buffer of its own without a copy. The receiver borrows it as a file handle: it reads
 * with cvm_file_read and returns with cvm_file_close; the sender may recall it (-EREVOKED from then on). The lender can
 * change the bytes meanwhile: read once. */
long cvm_loan_lend(long handle, const void *buffer, size_t sizeBytes);                /* -> loan; -EAGAIN: LOANS_OUT are out */
long cvm_loan_wait(long handle, long loan, uint64_t nanoseconds);                     /* until it is back: 0 */
long cvm_loan_recall(long handle, long loan);
long cvm_loan_borrow(long handle, uint64_t nanoseconds);                              /* -> file handle */

/* CP_File: memory that several cVMs share, each with the rights (FILE_READ, FILE_WRITE) that the manifest gives it. */
/* Owner: this memory is the file from now on, and its end. */
long cvm_file_advertise(const char *name, void *memory, size_t sizeBytes);
long cvm_file_revoke(const char *name);
long cvm_file_open(const char *name, int rights);                                     /* -> handle; -EAGAIN: not advertised yet */
long cvm_file_close(long handle);
long cvm_file_size(long handle);
/* Bytes copied, fewer at the end of the file. -EREVOKED: it was taken back, perhaps in the middle. Without the right to do
 * it: a fault. */
long cvm_file_read(long handle, size_t offset, void *to, size_t sizeBytes);
long cvm_file_write(long handle, size_t offset, const void *from, size_t sizeBytes);
/* The 32-bit word at an offset: a number, or -EBADF, -EINVAL (outside), -EREVOKED; and writing it, 0 or the same. */
long cvm_file_load(long handle, size_t offset);
long cvm_file_store(long handle, size_t offset, uint32_t value);
/* Like a futex on the 32-bit word at an offset, a multiple of 4: waits while it is `expected` (-EAGAIN: it is not); for who may read. */
long cvm_file_wait(long handle, size_t offset, uint32_t expected, uint64_t nanoseconds);
long cvm_file_notify(long handle, size_t offset, uint32_t count);                     /* -> how many were woken */
/* Notifies one at `notify`, then waits, in one service of the monitor. */
long cvm_file_exchange(long handle, size_t notify, size_t offset, uint32_t expected, uint64_t nanoseconds);

/* Waits for the first of several things; -> its index. */
struct cvm_poll_item {
  uint32_t kind; /* POLL_... */
  uint32_t handle;
  uint64_t place; /* POLL_WORD: address; POLL_FILE: offset; POLL_RECEIVE: head seen; POLL_RETURNED: loan */
  uint32_t expected;
  uint32_t reserved;
};
long cvm_poll(struct cvm_poll_item *items, size_t count, uint64_t nanoseconds);
/* Something to receive beyond what was consumed. */
struct cvm_poll_item cvm_poll_receive(long handle);

/* CP_Call, named by the manifest. The callee offers an entry with a stack for each call that may be in it at once; the
 * caller's own thread runs the handler, on such a stack, with the callee's memory. Integers go both ways, and one buffer
 * of the caller's, which the callee reaches only through cvm_argument_* and only until it returns. A handler may call on,
 * back into the caller's own entries too; calls nest CALL_DEPTH deep. Whatever the thread executes, its cVM pays for.
 * When the caller ends, or its time for the call is over, the handler is abandoned at whatever instruction it was: it must
 * keep its data so that others can go on, which means no locks, and changes that one store makes valid. */
typedef long (*cvm_call_handler)(long a0, long a1, long a2, long a3, size_t sizeBytes, long caller);
/* 0 or -errno. Each stack of `stacks`, one behind the other; at most CALL_STACKS. Not in the same cVM as the caller.
 * Callers that the manifest allows share them evenly; with fewer stacks than callers one may starve another. */
long cvm_call_offer(const char *name, cvm_call_handler handler, void *stacks, size_t stackBytes, size_t count);
/* Within a handler: the caller's buffer; 0, or -EREVOKED: there is none, or not any more because the handler itself has
 * called on. Beyond its size, or writing what is read-only: a
 * fault, which the caller sees as -ECANCELED. */
long cvm_argument_read(size_t offset, void *to, size_t sizeBytes);
long cvm_argument_write(size_t offset, const void *from, size_t sizeBytes);
/* -> handle; -EAGAIN while nothing is offered. */
long cvm_call_bind(const char *name);
/* The handler's result, or: -EAGAIN every stack of its share is in use or calls are nested too deep; -ECANCELED the callee faulted;
 * -EPIPE it ended (-EREVOKED: at the moment of the call); -ETIMEDOUT; -EINVAL a buffer of 4 KiB or more without the alignment of exact bounds. */
long cvm_call(long handle, long a0, long a1, long a2, long a3, void *buffer, size_t sizeBytes);
struct cvm_call {
  long arguments[4];
  void *buffer;
  size_t sizeBytes;
  int readOnly;
  uint64_t nanoseconds; /* that the call may last, 0: no limit; looked at when turns end */
};
long cvm_call_with(long handle, const struct cvm_call *call);
enum { CVM_READ_ONLY = 64 };

/* Copies within this cVM's memory, 16 bytes per pair of instructions; memcpy uses it. 0, or -EREVOKED: not its memory. */
long cvm_copy(void *to, const void *from, size_t sizeBytes);

/* Like their namesakes in the standard library. */
void *memcpy(void *destination, const void *source, size_t sizeBytes);
void *memmove(void *destination, const void *source, size_t sizeBytes);
void *memset(void *destination, int value, size_t sizeBytes);
int memcmp(const void *a, const void *b, size_t sizeBytes);
size_t strlen(const char *text);
int strcmp(const char *a, const char *b);
uint64_t cvm_parse_number(const char *text); /* decimal or 0x… */

#endif
