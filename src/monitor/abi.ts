// What monitor, switcher and guests know of each other, stated once: guests/build.ts writes guests/include/cvm-abi.h
// from this file. Plain numbers only. `npm run guests:check` fails when header and file differ.

/** Version of everything below; a program reads it at BOOT_VERSION. */
export const ABI_VERSION = 2;

// The first page of a cVM's data: its c-list (capabilities that only the monitor writes), then boot information.
//
//      0 ┌──────────────────────────┐
//        │ c-list, 128 × 16 bytes   │
//   2048 ├──────────────────────────┤
//        │ boot information, 8 × u64│
//   2112 ├──────────────────────────┤
//        │ argv[], argument strings │
//   4096 └──────────────────────────┘ then the program's constants, data, heap and stacks
export const BOOT_PAGE_SIZE = 4096;
export const CLIST_SLOTS = 128;
export const SLOT_SIZE = 16;
/** Sealed pair into the switcher's hostcall gate. */
export const SLOT_HOSTCALL_CODE = 0;
export const SLOT_HOSTCALL_DATA = 1;
/** Sealed pair into the switcher's return gate: how a call that came in goes back. */
export const SLOT_RETURN_CODE = 2;
export const SLOT_RETURN_DATA = 3;
/** Code of the programs that a library OS runs, SLOT_PROGRAM .. SLOT_PROGRAM + PROGRAMS - 1: what its manifest names. */
export const SLOT_PROGRAM = 4;
export const PROGRAMS = 8;
/** Sealed pair that sends on stream handle h: slots SLOT_STREAM + 2h and the next. A receiver's are empty. */
export const SLOT_STREAM = 16;
export const STREAM_HANDLES = 16;
/** Sealed pair of call handle h: slots SLOT_CALL + 2h and the next. */
export const SLOT_CALL = 48;
export const CALL_HANDLES = 16;
/** Capability to the shared file, or the loan, of handle h: slot SLOT_FILE + h. */
export const SLOT_FILE = 80;
export const FILE_HANDLES = 16;

export const BOOT_VERSION = 2048;
export const BOOT_HEAP_BEGIN = 2056;
export const BOOT_HEAP_END = 2064;
export const BOOT_ARGC = 2072;
export const BOOT_ARGV = 2080;
/** How many of SLOT_PROGRAM's slots hold something. */
export const BOOT_PROGRAMS = 2088;
export const BOOT_ARGUMENTS = 2112;

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
/** Which code uses other cVMs' memory, and where it goes on when that was taken away. */
export const HOSTCALL_ON_REVOKE = 11;
export const HOSTCALL_POLL = 12;
/** A user software interrupt for a thread of the same cVM. */
export const HOSTCALL_THREAD_INTERRUPT = 13;

export const HOSTCALL_STREAM_OPEN = 16;
export const HOSTCALL_STREAM_WAIT = 17;
export const HOSTCALL_STREAM_CLOSE = 18;
export const HOSTCALL_LOAN_LEND = 19;
export const HOSTCALL_LOAN_BORROW = 20;
export const HOSTCALL_LOAN_RECALL = 21;

export const HOSTCALL_CALL_OFFER = 24;
export const HOSTCALL_CALL_BIND = 25;

export const HOSTCALL_FILE_ADVERTISE = 32;
export const HOSTCALL_FILE_OPEN = 33;
export const HOSTCALL_FILE_CLOSE = 34;
export const HOSTCALL_FILE_REVOKE = 35;
export const HOSTCALL_FILE_WAIT = 36;
export const HOSTCALL_FILE_NOTIFY = 37;
export const HOSTCALL_FILE_EXCHANGE = 38;

/** A time-out: answer -EAGAIN instead of waiting. 0 waits for ever. */
export const DO_NOT_WAIT = -1;

export const STREAM_SEND = 1;
export const STREAM_RECEIVE = 2;

// A stream's ring, in the receiver's memory: a power of two of bytes, then RING_CONTROL bytes of control. Byte i of the
// stream lies at i % capacity.
export const RING_CONTROL = 64;
/** Bytes sent since the stream was opened; the switcher writes it. */
export const RING_HEAD = 0;
/** Bytes consumed; the receiver writes it. */
export const RING_TAIL = 8;
/** The monitor writes it. */
export const RING_STATE = 16;
export const RING_CAPACITY_LEAST = 64;
export const STREAM_OPEN = 0;
export const STREAM_ENDED = 1;
export const STREAM_DEAD = 2;

/** Buffers lent through one stream and not yet returned. */
export const LOANS_OUT = 8;

export const FILE_READ = 1;
export const FILE_WRITE = 2;

// What a thread can wait for: items of a poll, POLL_ITEM_SIZE bytes each.
/** A word of the cVM's own memory, by address, is not what was expected. */
export const POLL_WORD = 0;
/** A word of a shared file, by offset, is not what was expected. */
export const POLL_FILE = 1;
/** A stream's head is not what it was, or it has ended. */
export const POLL_RECEIVE = 2;
/** A stream takes bytes, or is closed. */
export const POLL_SEND = 3;
/** A buffer was lent through a stream. */
export const POLL_BORROW = 4;
/** A buffer that was lent has come back. */
export const POLL_RETURNED = 5;
export const POLL_KIND = 0; // u32
export const POLL_HANDLE = 4; // u32
export const POLL_PLACE = 8; // u64: address, offset, head or loan
export const POLL_EXPECTED = 16; // u32
export const POLL_ITEM_SIZE = 24;
export const POLL_ITEMS = 32;

/** Calls that one entry can serve at once: stacks it offers. */
export const CALL_STACKS = 16;

/** Bytes of one console write, of one request for entropy, of a name. */
export const CONSOLE_LIMIT = 4096;
/** Of the console: output, errors, and what a library OS reports to host code. */
export const CONSOLE_CHANNELS = 3;
export const ENTROPY_LIMIT = 256;
export const NAME_LIMIT = 32;

// Errors, Linux's numbers; a hostcall returns them negated.
export const EPERM = 1;
export const ENOENT = 2;
export const ESRCH = 3;
export const EINTR = 4;
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
/** What a capability gave access to was taken back: Linux's EKEYREVOKED. */
export const EREVOKED = 128;

// The switcher's records, written by the monitor, in memory that no cVM can reach.

/** Gate record: one per cVM, read-only even to the switcher. Identity of the caller is which record c31 points to. */
export const GATE_PCC = 0;
export const GATE_DDC = 16;
/** Read-only capability to the cell that holds a capability to the running thread's record. */
export const GATE_CURRENT = 32;
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
export const BIND_STACKS = 48; // capability to the caller's share of the entry's stacks, a u64 each
export const BIND_SIZE = 64;

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
/** `time` at the call, and the nanoseconds it may last, 0: no limit. */
export const FRAME_SINCE = 168;
export const FRAME_LIMIT = 176;
export const FRAME_SIZE = 192;
/** Calls within calls. */
export const CALL_DEPTH = 8;
export const THREAD_SIZE = 1600; // THREAD_FRAMES + CALL_DEPTH * FRAME_SIZE

/** Stream record: one per stream between cVMs, for its sender; the switcher changes only the lock. */
export const STREAM_CONTROL = 0; // capability to the ring's control, Load and Store, or null: STREAM_ERROR says why
export const STREAM_RING = 16; // capability to the ring's bytes, Load and Store
export const STREAM_GATE = 32; // capability to the sender's gate record
export const STREAM_BELL = 48; // capability to the word that tells the monitor of bytes sent
export const STREAM_BIT = 64; // this stream's bit there
export const STREAM_CAPACITY = 72;
export const STREAM_LOCK = 80; // 1 while a thread copies
export const STREAM_ERROR = 88;
export const STREAM_SIZE = 96;
