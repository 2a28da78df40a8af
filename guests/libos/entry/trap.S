# From the program into the library OS and back.
#
# While a program runs: UTDC = the library OS's DDC, UScratchC = (an integer) where this thread's struct registers lies, at
# the top of its kernel stack. While the library OS runs: UTDC = the program's csp, UScratchC = the program's DDC.
# Three exchanges through sp do it, so no other register is needed and nothing of the library OS's authority is ever in a
# register that the program sees. The library OS itself is never interrupted: its PCC lacks the mark of program code.
#include "cvm-abi.h"
#include "../entry/layout.h"
.include "cheri.inc"
#define UTCC 4
#define UTDC 5
#define USCRATCHC 6
#define UEPCC 7
#define PCC_SCR 0
#define DDC_SCR 1
#define LOAD_AND_STORE 12
#define SYSCALL_LIMIT 464
  .option norelax
  .option norvc
  .text

.macro each operation, registers:vararg
  .irp  n, \registers
  \operation x\n, 8*\n(sp)
  .endr
.endm

# A system call saves and gives back what calls of C may change; the rest when somebody wants to see it.
.macro each_scratch operation
  each  \operation, 5, 6, 7, 11, 12, 13, 14, 15, 16, 17, 28, 29, 30, 31
.endm
.macro save_rest
  each  sd, 3, 8, 9, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27
  cspecialrw t0, UTDC, zero
  sd    t0, 8*2(sp)
  csrr  t0, uepc
  sd    t0, REGISTERS_PC(sp)
.endm

# Atlas at entry: every register the program's; DDC the program's; PCC the library OS's; interrupts off by hardware.
  .globl trap_entry
  .balign 4
trap_entry:
  cspecialrw sp, UTDC, sp
  cspecialrw sp, DDC_SCR, sp
  cspecialrw sp, USCRATCHC, sp      # sp: struct registers
  each  sd, 1, 4, 10
  each_scratch sd
  ld    tp, REGISTERS_THREAD(sp)
  csrr  t0, ucause
  li    t1, CAUSE_ECALL
  bne   t0, t1, not_a_call

  csrr  t2, uepc
  addi  t2, t2, 4
  csrw  uepc, t2
  li    t1, SYSCALL_LIMIT
  bgeu  a7, t1, call_whole
  la    t0, syscall_entries
  slli  t1, a7, 3
  add   t0, t0, t1
  ld    t0, 0(t0)
  andi  t1, t0, 1
  bnez  t1, call_locked
  jalr  t0                          # a0 .. a5 as they came; s registers come back as they were
call_done:
  lw    t0, THREAD_WORK(tp)
  bnez  t0, call_work
call_leave:
  each  ld, 1, 4
  each_scratch ld
  cspecialrw sp, USCRATCHC, sp
  cspecialrw sp, DDC_SCR, sp
  cspecialrw sp, UTDC, sp
  uret

# With the big lock (kernel/lock.h). t0: the handler's address and 1.
call_locked:
  la    t1, kernel
  li    t2, 1
  amomaxu.w.aq t2, t2, (t1)
  bnez  t2, call_waits
1:
  jalr  -1(t0)
  la    t1, kernel
  ld    t0, KERNEL_CALLS(t1)
  addi  t0, t0, 1
  sd    t0, KERNEL_CALLS(t1)
  amoswap.w.rl t0, zero, (t1)
  li    t2, 2
  beq   t0, t2, call_wakes
2:
  addi  t0, a0, ERESTARTNOHAND
  li    t1, ERESTARTNOHAND - ERESTARTSYS
  bltu  t1, t0, call_done

# There are signals to look at, or the call is to be repeated after one.
call_work:
  save_rest
  ld    t0, 8*10(sp)
  sd    t0, REGISTERS_ARGUMENT(sp)
  ld    t0, 8*17(sp)
  sd    t0, REGISTERS_CALL(sp)
  sd    a0, 8*10(sp)
  j     leave

call_waits:
  sd    t0, REGISTERS_VALUE(sp)
  call  lock_kernel
  each  ld, 10, 11, 12, 13, 14, 15
  ld    t0, REGISTERS_VALUE(sp)
  j     1b
call_wakes:
  sd    a0, REGISTERS_VALUE(sp)
  la    a0, kernel
  li    a1, 1
  call  cvm_wake
  ld    a0, REGISTERS_VALUE(sp)
  j     2b

# Calls that see all of struct registers, and those that are traced or unknown.
  .globl call_whole
call_whole:
  save_rest
  sd    a0, REGISTERS_ARGUMENT(sp)
  sd    a7, REGISTERS_CALL(sp)
  call  syscall_whole               # long syscall_whole(long a0, …, long a5)
  sd    a0, 8*10(sp)
  j     leave

not_a_call:
  sd    t0, REGISTERS_CAUSE(sp)
  save_rest
  csrr  t0, utval
  sd    t0, REGISTERS_VALUE(sp)
  mv    a0, sp
  call  trap_fault                  # void trap_fault(struct registers *)

# Back to the program with all of struct registers, through the signals that wait. Derives what the program may have
# changed or must be new: its DDC and PCC.
leave:
  mv    a0, sp
  call  trap_leave                  # void trap_leave(struct registers *): signals; settles where the program goes on
  cspecialrw t0, DDC_SCR, zero
  ld    t1, THREAD_MEMORY(tp)
  cincoffset t0, t0, t1
  ld    t1, THREAD_MEMORY_SIZE(tp)
  csetboundsexact t0, t0, t1
  li    t1, LOAD_AND_STORE
  candperm t0, t0, t1
  li    t1, -0x10000                # program address 0, below its memory
  cincoffset t0, t0, t1
  cspecialrw zero, USCRATCHC, t0
  la    t0, cvm_boot_page
  ld    t1, THREAD_CODE(tp)
  add   t0, t0, t1
  lc    t0, 0, t0
  ld    t1, REGISTERS_PC(sp)
  csetoffset t0, t0, t1
  cspecialrw zero, UEPCC, t0
  ld    t0, 8*2(sp)
  cspecialrw zero, UTDC, t0
  each  ld, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
  cspecialrw sp, USCRATCHC, sp
  cspecialrw sp, DDC_SCR, sp
  cspecialrw sp, UTDC, sp
  uret

# A new thread of the cVM. sp: its struct registers. Where it begins: see process/thread.c.
  .globl thread_entry
thread_entry:
  ld    tp, REGISTERS_THREAD(sp)
  cspecialrw t0, PCC_SCR, zero
  la    t1, trap_entry
  csetoffset t0, t0, t1
  cspecialrw zero, UTCC, t0
  csrsi ustatus, 0x10               # UPIE: after uret interrupts are on
  csrsi uie, 1                      # THREAD_INTERRUPT
  mv    a0, tp
  call  thread_begin                # void thread_begin(struct thread *)
  j     leave

# Where the monitor takes a thread that trapped without coming here: a bug of the library OS, or a program that has given
# its code capability's mark away, and with it system calls and signals. Atlas: DDC and PCC the library OS's, a0 cause,
# a1 value, a2 pc, everything else as it was. UScratchC says where: tagged, in here; an integer, in the program.
  .globl stray_fault
stray_fault:
  cspecialrw t0, USCRATCHC, zero
  cgettag t1, t0
  bnez  t1, 1f
  cgetaddr sp, t0
  ld    tp, REGISTERS_THREAD(sp)
  call  trap_stray                  # void trap_stray(void): does not return
1:
  call  trap_bug                    # void trap_bug(long cause, long value, long pc): does not return

# void thread_vanish(struct thread *): unlocks and ends this thread. Once the lock is free its stack may be somebody else's.
  .globl thread_vanish
thread_vanish:
  la    t0, kernel
  amoswap.w.rl t1, zero, (t0)
  li    t2, 2
  bne   t1, t2, 1f
  mv    a0, t0
  li    a1, 1
  li    a7, HOSTCALL_WAKE
  call  cvm_hostcall
1:
  li    a7, HOSTCALL_THREAD_EXIT
  call  cvm_hostcall
  j     1b

# void float_save(u64 state[33]), void float_restore(const u64 state[33]): f0 .. f31, fcsr. The library OS itself is built
# without floating point.
  .option push
  .option arch, +d
  .globl float_save
float_save:
  .irp  n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
  fsd   f\n, 8*\n(a0)
  .endr
  frcsr t0
  sd    t0, 256(a0)
  ret
  .globl float_restore
float_restore:
  .irp  n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
  fld   f\n, 8*\n(a0)
  .endr
  ld    t0, 256(a0)
  fscsr t0
  ret
  .option pop

  .section .rodata
  .balign 8
  .globl vdso_image, vdso_image_end
vdso_image:
  .incbin "images/libos-vdso.elf"
vdso_image_end:
