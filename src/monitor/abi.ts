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
/** Sealed pair into the switcher's return gate: how a call that came in goes back. */
export const SLOT_RETURN_CODE = 2;
export const SLOT_RETURN_DATA = 3;
/** Window of stream handle h: slot SLOT_STREAM + h. */
export const SLOT_STREAM = 16;
export const STREAM_HANDLES = 16;

/** Sealed pair of call handle h: slots SLOT_CALL + 2h and the next. */
export const SLOT_CALL = 32;
export const CALL_HANDLES = 16;

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

export const HOSTCALL_CALL_OFFER = 24;
export const HOSTCALL_CALL_BIND = 25;

export const STREAM_SEND = 1;
export const STREAM_RECEIVE = 2;
/** Buffers a receiver may have registered at once. */
export const STREAM_DEPTH = 8;

/** Calls that one entry can serve at once: stacks it offers. */
export const CALL_STACKS = 16;

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
export const ECANCELED = 125;

// The switcher's records, written by the monitor, in memory that no cVM can reach.

/** Gate record: one per cVM, read-only even to the switcher. Identity of the caller is which record c31 points to. */
export const GATE_PCC = 0;
export const GATE_DDC = 16;
/** Read-only capability to the cell that holds a capability to the running thread's record. */
export const GATE_CURRENT = 32;
export const GATE_ID = 48;
export const GATE_SIZE = 64;

/** Entry record: one per entry that a cVM offers. A stack's place holds its top, or 0 while a call uses it. */
export const ENTRY_GATE = 0; // capability to the callee's gate record
export const ENTRY_PC = 16;
export const ENTRY_COUNT = 24;
export const ENTRY_STACKS = 32; // CALL_STACKS × u64
export const ENTRY_SIZE = 160;

/** Bind record: one per caller and entry, read-only. */
export const BIND_ENTRY = 0; // capability to the entry record
export const BIND_GATE = 16; // capability to the caller's gate record
export const BIND_BADGE = 32; // what the callee is told of who calls
export const BIND_SIZE = 48;

/**
 * Thread record: the crossing stack, one per thread that may call. A frame says who called and where to go back;
 * it holds no capability that a cVM ever had, so nothing taken back lives on in it.
 */
export const THREAD_TOP = 0; // offset of the next free frame; above THREAD_FRAMES the thread is in a callee
export const THREAD_LIMIT = 8;
export const THREAD_FRAMES = 64;
export const FRAME_BIND = 0; // capability to the bind record
export const FRAME_SLOT = 16; // capability to the stack's place in the entry record
export const FRAME_STACK = 32;
export const FRAME_RA = 40;
export const FRAME_SP = 48;
export const FRAME_GP = 56;
export const FRAME_TP = 64;
export const FRAME_S0 = 72; // s0 .. s11
export const FRAME_SIZE = 176;
/** Calls within calls. */
export const CALL_DEPTH = 8;
export const THREAD_SIZE = 1472; // THREAD_FRAMES + CALL_DEPTH * FRAME_SIZE
