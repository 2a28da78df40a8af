/* Calls that qemu-riscv64 answers with ENOSYS or otherwise than Linux. */
#include "../programs/show.h"
#include <sys/epoll.h>
#include <sys/syscall.h>

int main(void) {
  struct timespec soon = {0, 1000};
  struct epoll_event event;
  long head, size;
  int epoll = epoll_create1(0);
  SHOW(syscall(441, epoll, &event, 1, &soon, NULL, 0));
  SHOW(syscall(441, epoll, &event, 0, &soon, NULL, 0));
  SHOW(syscall(SYS_get_robust_list, 0, &head, &size));
  SHOW(size);
  SHOW(syscall(SYS_get_robust_list, 999, &head, &size));
  SHOW(syscall(SYS_get_robust_list, 0, 8, &size));
  SHOW(syscall(259, 0, 4096, 0));
  SHOW(syscall(259, 0, 4096, 2));
  struct {
    int64_t key;
    uint64_t value;
  } pairs[] = {{3, 0}, {5, 0}, {123456, 7}}; /* of riscv_hwprobe: IMA; misaligned accesses; unknown */
  SHOW(syscall(258, pairs, 3, 0, NULL, 0));
  SHOW(pairs[0].value);
  SHOW(pairs[1].value);
  SHOW(pairs[2].key == -1 && pairs[2].value == 0);
  SHOW(syscall(258, pairs, 3, 0, NULL, 16));
  SHOW(syscall(258, 16, 3, 0, NULL, 0));
  return 0;
}
