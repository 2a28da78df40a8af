// What monitor, switcher and guests know of each other, stated once: guests/build.ts writes guests/include/cvm-abi.h
// from this file. Plain numbers only. `npm run guests:check` fails when header and file differ.

/** Version of everything below; a program reads it at BOOT_VERSION. */
export const ABI_VERSION = 1;

// The first page of a cVM's data: its c-list (capabilities that only the monitor writes), then boot information.
//
//      0 ┌──────────────────────────┐
//        │ c-list, 64 × 16 bytes    │
//   1024 ├──────────────────────────┤
//        │ boot information, 8 × u64│
//   1088 ├──────────────────────────┤
//        │ argv[], argument strings │
//   4096 └──────────────────────────┘ then the program's constants, data, heap and stacks
export const BOOT_PAGE_SIZE = 4096;
export const CLIST_SLOTS = 64;
export const SLOT_SIZE = 16;
/** Sealed pair into the switcher's hostcall gate. */
export const SLOT_HOSTCALL_CODE = 0;
export const SLOT_HOSTCALL_DATA = 1;
/** Window of stream handle h: slot SLOT_STREAM + h. */
export const SLOT_STREAM = 16;
export const STREAM_HANDLES = 16;

export const BOOT_VERSION = 1024;
export const BOOT_HEAP_BEGIN = 1032;
export const BOOT_HEAP_END = 1040;
export const BOOT_ARGC = 1048;
export const BOOT_ARGV = 1056;
export const BOOT_ARGUMENTS = 1088;

// Hostcalls: number in a7, arguments in a0..a5, result or -errno in a0.
export const HOSTCALL_EXIT = 0;
export const HOSTCALL_CONSOLE_WRITE = 1;
export const HOSTCALL_TIME = 2;
export const HOSTCALL_ENTROPY = 3;
export const HOSTCALL_YIELD = 4;
export const HOSTCALL_SLEEP = 5;
export const HOSTCALL_BLOCK = 6;
export const HOSTCALL_WAKE = 7;
export const HOSTCALL_THREAD_CREATE = 8;
export const HOSTCALL_THREAD_EXIT = 9;
export const HOSTCALL_ON_FAULT = 10;
export const HOSTCALL_STREAM_OPEN = 16;
export const HOSTCALL_STREAM_REGISTER = 17;
export const HOSTCALL_STREAM_WAIT = 18;
export const HOSTCALL_STREAM_ACQUIRE = 19;
export const HOSTCALL_STREAM_COMMIT = 20;
export const HOSTCALL_STREAM_CLOSE = 21;

export const STREAM_SEND = 1;
export const STREAM_RECEIVE = 2;
/** Buffers a receiver may have registered at once. */
export const STREAM_DEPTH = 8;

/** Bytes of one console write, of one request for entropy, of a name. */
export const CONSOLE_LIMIT = 4096;
export const ENTROPY_LIMIT = 256;
export const NAME_LIMIT = 32;

// Errors, Linux's numbers; a hostcall returns them negated.
export const EPERM = 1;
export const ENOENT = 2;
export const E2BIG = 7;
export const EBADF = 9;
export const EAGAIN = 11;
export const ENOMEM = 12;
export const EFAULT = 14;
export const EBUSY = 16;
export const EINVAL = 22;
export const EPIPE = 32;
export const ENAMETOOLONG = 36;
export const ENOSYS = 38;
export const ETIMEDOUT = 110;

// The switcher's records, written by the monitor, in memory that no cVM can reach.
/** Gate record: one per cVM, read-only even to the switcher. Identity of the caller is which record c31 points to. */
export const GATE_PCC = 0;
export const GATE_ID = 16;
export const GATE_SIZE = 32;
