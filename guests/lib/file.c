/* Shared files: the parts that need no capability; reading and writing is in copy.S. */
#include "cvm.h"

long cvm_capability_size(long slot);

static long call(long number, long a0, long a1, long a2, long a3, long a4) {
  return cvm_hostcall(a0, a1, a2, a3, a4, 0, 0, number);
}

long cvm_file_advertise(const char *name, void *memory, size_t sizeBytes) {
  return call(HOSTCALL_FILE_ADVERTISE, (long)name, (long)strlen(name), (long)memory, (long)sizeBytes, 0);
}

long cvm_file_revoke(const char *name) {
  return call(HOSTCALL_FILE_REVOKE, (long)name, (long)strlen(name), 0, 0, 0);
}

long cvm_file_open(const char *name, int rights) {
  return call(HOSTCALL_FILE_OPEN, (long)name, (long)strlen(name), rights, 0, 0);
}

long cvm_file_close(long handle) {
  return call(HOSTCALL_FILE_CLOSE, handle, 0, 0, 0, 0);
}

long cvm_file_size(long handle) {
  return (unsigned long)handle < FILE_HANDLES ? cvm_capability_size(SLOT_FILE + handle) : -EBADF;
}

long cvm_file_wait(long handle, size_t offset, uint32_t expected, uint64_t nanoseconds) {
  return call(HOSTCALL_FILE_WAIT, handle, (long)offset, expected, (long)nanoseconds, 0);
}

long cvm_file_notify(long handle, size_t offset, uint32_t count) {
  return call(HOSTCALL_FILE_NOTIFY, handle, (long)offset, count, 0, 0);
}

long cvm_file_exchange(long handle, size_t notify, size_t offset, uint32_t expected, uint64_t nanoseconds) {
  return call(HOSTCALL_FILE_EXCHANGE, handle, (long)notify, (long)offset, expected, (long)nanoseconds);
}
