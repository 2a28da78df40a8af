/* Hostcalls, with their results checked. See host.h. */
#include "kernel/kernel.h"

long cvm_stream_put(const void *bytes, size_t size, long handle); /* guests/lib/call.S */

/* Answers that a hostcall never gives, or not for these arguments, become -EIO. */
static long checked(long result, long most) {
  return result > most || result < -4095 ? -EIO : result;
}

void host_console_write(enum console_channel channel, const void *bytes, size_t size) {
  for (size_t done = 0; done < size; done += CONSOLE_LIMIT)
    cvm_hostcall((long)bytes + (long)done, (long)min(size - done, (size_t)CONSOLE_LIMIT), channel, 0, 0, 0, 0, HOSTCALL_CONSOLE_WRITE);
}

void host_entropy(void *buffer, size_t size) {
  u8 *to = buffer;
  for (size_t done = 0; done < size; done += ENTROPY_LIMIT)
    if (cvm_entropy(to + done, min(size - done, (size_t)ENTROPY_LIMIT)) != 0) panic("no entropy");
}

long host_block(const volatile u32 *word, u32 expected, u64 nanoseconds) {
  return checked(cvm_block(word, expected, nanoseconds), 0);
}

long host_thread_create(void (*entry)(void), void *stack_top) {
  return checked(cvm_hostcall((long)entry, (long)stack_top, 0, 0, 0, 0, 0, HOSTCALL_THREAD_CREATE), INT32_MAX);
}

long host_poll(struct cvm_poll_item *items, size_t count, u64 nanoseconds) {
  return checked(cvm_poll(items, count, nanoseconds), (long)count - 1);
}

_Noreturn void panic(const char *format, ...) {
  char text[256] = "library OS: ";
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text + 12, sizeof text - 13, format, arguments);
  va_end(arguments);
  size_t length = strlen(text);
  text[length++] = '\n';
  host_console_write(CONSOLE_ERRORS, text, length);
  cvm_exit(255);
}

long host_file_open(const char *name) {
  return checked(cvm_file_open(name, FILE_READ), FILE_HANDLES - 1);
}

u64 host_file_size(long handle) {
  long size = cvm_file_size(handle);
  return size < 0 ? 0 : (u64)size;
}

long host_file_read(long handle, u64 offset, void *to, size_t size) {
  if (size == 0) return 0;
  long got = cvm_file_read(handle, offset, to, size);
  if (got < 0) return checked(got, 0);
  return (size_t)got == size ? 0 : -EIO;
}

long host_stream_open_send(const char *name) {
  return checked(cvm_stream_open_send(name), STREAM_HANDLES - 1);
}

long host_stream_open_receive(const char *name, void *ring, size_t capacity) {
  return checked(cvm_stream_open_receive(name, ring, capacity + RING_CONTROL), STREAM_HANDLES - 1);
}

long host_stream_send(long handle, const void *bytes, size_t size) {
  if ((unsigned long)handle >= STREAM_HANDLES) return -EBADF;
  for (;;) {
    long sent = cvm_stream_put(bytes, size, handle);
    if (sent > 0 && (size_t)sent <= size) return sent;
    if (sent != -EBUSY) return sent == -EREVOKED ? -EPIPE : sent == 0 ? -EAGAIN : checked(sent, 0);
    cvm_yield(); /* another thread is sending */
  }
}

long host_stream_close(long handle) {
  return checked(cvm_stream_close(handle), 0);
}
