/* Hostcalls as C functions, and what runs before main. Capability-unaware: the instructions are in hostcall.S. */
#include "cvm.h"

extern uint8_t cvm_boot_page[];
int main(int argc, char **argv);

static uint64_t bootWord(size_t offset) {
  return *(const uint64_t *)(cvm_boot_page + offset);
}

static long call0(long number) {
  return cvm_hostcall(0, 0, 0, 0, 0, 0, 0, number);
}

static long call2(long number, long a0, long a1) {
  return cvm_hostcall(a0, a1, 0, 0, 0, 0, 0, number);
}

static long call3(long number, long a0, long a1, long a2) {
  return cvm_hostcall(a0, a1, a2, 0, 0, 0, 0, number);
}

void cvm_start_main(void) {
  extern uint8_t cvm_copy_begin[], cvm_copy_end[], cvm_copy_landing[];
  call3(HOSTCALL_ON_REVOKE, (long)cvm_copy_begin, (long)cvm_copy_end, (long)cvm_copy_landing);
  cvm_exit(main((int)bootWord(BOOT_ARGC), (char **)bootWord(BOOT_ARGV)));
}

_Noreturn void cvm_exit(int code) {
  for (;;) call2(HOSTCALL_EXIT, code, 0);
}

long cvm_write(const void *bytes, size_t sizeBytes) {
  const uint8_t *from = bytes;
  for (size_t left = sizeBytes; left > 0;) {
    size_t part = left < CONSOLE_LIMIT ? left : CONSOLE_LIMIT;
    long result = call2(HOSTCALL_CONSOLE_WRITE, (long)from, (long)part);
    if (result < 0) return result;
    from += part;
    left -= part;
  }
  return (long)sizeBytes;
}

uint64_t cvm_time(void) {
  return (uint64_t)call0(HOSTCALL_TIME);
}

uint64_t cvm_instructions(void) {
  uint64_t count;
  __asm__ volatile("rdinstret %0" : "=r"(count));
  return count;
}

long cvm_entropy(void *buffer, size_t sizeBytes) {
  return call2(HOSTCALL_ENTROPY, (long)buffer, (long)sizeBytes);
}

void *cvm_heap_begin(void) {
  return (void *)bootWord(BOOT_HEAP_BEGIN);
}

void *cvm_heap_end(void) {
  return (void *)bootWord(BOOT_HEAP_END);
}

size_t cvm_programs(void) {
  return bootWord(BOOT_PROGRAMS);
}

long cvm_yield(void) {
  return call0(HOSTCALL_YIELD);
}

long cvm_sleep(uint64_t nanoseconds) {
  return call2(HOSTCALL_SLEEP, (long)nanoseconds, 0);
}

long cvm_thread_create(void (*entry)(void *), void *argument, void *stack, size_t stackBytes) {
  extern void cvm_thread_entry(void);
  uint64_t *top = (uint64_t *)(((uintptr_t)stack + stackBytes) & ~(uintptr_t)15);
  top -= 2;
  top[0] = (uint64_t)entry;
  top[1] = (uint64_t)argument;
  return call2(HOSTCALL_THREAD_CREATE, (long)cvm_thread_entry, (long)top);
}

_Noreturn void cvm_thread_exit(void) {
  for (;;) call0(HOSTCALL_THREAD_EXIT);
}

long cvm_thread_interrupt(long thread) {
  return call2(HOSTCALL_THREAD_INTERRUPT, thread, 0);
}

long cvm_block(const volatile uint32_t *word, uint32_t expected, uint64_t nanoseconds) {
  return call3(HOSTCALL_BLOCK, (long)word, expected, (long)nanoseconds);
}

long cvm_wake(const volatile uint32_t *word, uint32_t count) {
  return call2(HOSTCALL_WAKE, (long)word, count);
}

long cvm_on_fault(cvm_fault_handler handler) {
  return call2(HOSTCALL_ON_FAULT, (long)handler, 0);
}

long cvm_call_offer(const char *name, cvm_call_handler handler, void *stacks, size_t stackBytes, size_t count) {
  extern void cvm_call_entry(void);
  uintptr_t first = (((uintptr_t)stacks + stackBytes) & ~(uintptr_t)15) - 16;
  size_t stride = stackBytes & ~(size_t)15;
  for (size_t i = 0; i < count; i++) *(cvm_call_handler *)(first + i * stride) = handler;
  return cvm_hostcall((long)name, (long)strlen(name), (long)cvm_call_entry, (long)first, (long)stride, (long)count, 0, HOSTCALL_CALL_OFFER);
}

long cvm_call_bind(const char *name) {
  return call2(HOSTCALL_CALL_BIND, (long)name, (long)strlen(name));
}

long cvm_call_raw(long a0, long a1, long a2, long a3, const void *buffer, size_t sizeBytes, long handleAndRights, uint64_t nanoseconds);

/* Capabilities of 4 KiB and more have bounds at multiples of something: is this place one of them? */
static int isExact(const void *buffer, size_t sizeBytes) {
  if (sizeBytes < 4096) return 1;
  size_t unit = 8;
  for (size_t rest = sizeBytes >> 13; rest > 0; rest >>= 1) unit *= 2;
  return (((uintptr_t)buffer | sizeBytes) & (unit - 1)) == 0;
}

long cvm_call_with(long handle, const struct cvm_call *call) {
  if ((unsigned long)handle >= CALL_HANDLES) return -EBADF;
  if (!isExact(call->buffer, call->sizeBytes)) return -EINVAL;
  const long *a = call->arguments;
  long rights = call->readOnly ? handle | CVM_READ_ONLY : handle;
  return cvm_call_raw(a[0], a[1], a[2], a[3], call->buffer, call->sizeBytes, rights, call->nanoseconds);
}

long cvm_call(long handle, long a0, long a1, long a2, long a3, void *buffer, size_t sizeBytes) {
  if ((unsigned long)handle >= CALL_HANDLES) return -EBADF;
  if (!isExact(buffer, sizeBytes)) return -EINVAL;
  return cvm_call_raw(a0, a1, a2, a3, buffer, sizeBytes, handle, 0);
}

long cvm_poll(struct cvm_poll_item *items, size_t count, uint64_t nanoseconds) {
  return call3(HOSTCALL_POLL, (long)items, (long)count, (long)nanoseconds);
}
