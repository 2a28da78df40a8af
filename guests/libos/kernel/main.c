/* Starts the library OS on the cVM's first thread, which ends when the first process runs. */
#include "process/command.h"
#include "process/process.h"
#include "time/clock.h"

void syscalls_start(void);
void stray_fault(uint64_t cause, uint64_t value, uint64_t pc);

int main(int argc, char **argv) {
  struct registers none = {0};
  cvm_on_fault(stray_fault);
  kmalloc_start(cvm_heap_begin(), cvm_heap_end());
  config_start(argc > 0 ? argv[0] : "config");
  clock_start();
  syscalls_start();
  mm_start();
  lock_kernel();
  struct process *process = process_create(NULL);
  struct thread *thread = process == NULL ? ERR_PTR(-ENOMEM) : thread_create(process, &none, process->pid);
  if (IS_ERR(thread)) panic("no thread: %ld", PTR_ERR(thread));
  thread->body = command_first;
  unlock_kernel();
  cvm_thread_exit();
}
