/* What assembly and C both know of struct registers and struct thread; process.c asserts it. */
#pragma once
#define REGISTERS_PC 256
#define REGISTERS_CAUSE 264
#define REGISTERS_VALUE 272
#define REGISTERS_CALL 280
#define REGISTERS_THREAD 288
#define REGISTERS_ARGUMENT 296
#define REGISTERS_SIZE 304

#define THREAD_WORK 0
#define THREAD_WAKE_WORD 4
#define THREAD_MEMORY 8
#define THREAD_MEMORY_SIZE 16
#define THREAD_CODE 24
#define THREAD_ID 32
#define THREAD_PROCESS 40

#define KERNEL_CALLS 8
#define KERNEL_STACK_SIZE 16384
#define CAUSE_ECALL 8

/* Never seen by programs; the way back turns them into EINTR or repeats the call. */
#define ERESTARTSYS 512    /* repeated if the handler has SA_RESTART, or there is none */
#define ERESTARTNOHAND 514 /* repeated only if no handler runs */
