// All hostcalls, one table: number, name, arguments, what may go wrong, and what is done.
// Trust: every argument is a 64-bit number that a guest chose to hurt. Each handler checks what it uses before it uses
// it, answers with a result or a negated errno, never throws, never waits and never loops over a guest's number.
import {
  CONSOLE_LIMIT,
  EAGAIN,
  EINVAL,
  EFAULT,
  ENAMETOOLONG,
  ENOENT,
  ENOMEM,
  ENTROPY_LIMIT,
  EPERM,
  HOSTCALL_BLOCK,
  HOSTCALL_CONSOLE_WRITE,
  HOSTCALL_ENTROPY,
  HOSTCALL_EXIT,
  HOSTCALL_ON_FAULT,
  HOSTCALL_SLEEP,
  HOSTCALL_STREAM_ACQUIRE,
  HOSTCALL_STREAM_CLOSE,
  HOSTCALL_STREAM_COMMIT,
  HOSTCALL_STREAM_OPEN,
  HOSTCALL_STREAM_REGISTER,
  HOSTCALL_STREAM_WAIT,
  HOSTCALL_THREAD_CREATE,
  HOSTCALL_THREAD_EXIT,
  HOSTCALL_TIME,
  HOSTCALL_WAKE,
  HOSTCALL_YIELD,
  NAME_LIMIT,
  STREAM_RECEIVE,
  STREAM_SEND,
} from './abi.ts';
import type { Cvm } from './cvm.ts';
import { GuestBuffer } from './guest-buffer.ts';
import { BLOCKED } from './ipc/stream.ts';
import type { Stream } from './ipc/stream.ts';
import type { Thread } from './thread.ts';
import type { GuestMemory } from '../host/index.ts';

/** What a handler may do: the monitor's side of the table. */
export interface HostcallServices {
  readonly memory: GuestMemory;
  readonly now: bigint;
  stream(name: string): Stream | undefined;
  write(cvm: Cvm, bytes: Uint8Array): void;
  entropy(cvm: Cvm, sizeBytes: number): Uint8Array;
  exit(cvm: Cvm, code: number): void;
  block(thread: Thread, waitsFor: string, deadline?: bigint, timeoutResult?: number): void;
  /** Blocks on a word of memory, by its absolute address. */
  blockOn(thread: Thread, word: number, deadline: bigint | undefined): void;
  wakeOn(word: number, count: number): number;
  createThread(cvm: Cvm, entry: number, stack: bigint): Thread | undefined;
  endThread(thread: Thread): void;
}

export interface Call {
  readonly services: HostcallServices;
  readonly cvm: Cvm;
  readonly thread: Thread;
  /** a0 .. a5 */
  readonly arguments: readonly bigint[];
}

/** The thread gives up the rest of its slice; its result is 0. */
export const YIELD = Symbol('yield');
/** The thread is gone: there is nobody to answer. */
export const GONE = Symbol('gone');
export type Answer = number | bigint | typeof BLOCKED | typeof YIELD | typeof GONE;

export interface Hostcall {
  readonly number: number;
  readonly name: string;
  /** Arguments, result and errors, for people. */
  readonly signature: string;
  readonly handle: (call: Call) => Answer;
}

const LONGEST_SLEEP = 1n << 62n;
const limitSleep = (nanoseconds: bigint): bigint => (nanoseconds > LONGEST_SLEEP ? LONGEST_SLEEP : nanoseconds);

const TABLE: readonly Hostcall[] = [
  { number: HOSTCALL_EXIT, name: 'exit', signature: '(code): never', handle: exit },
  {
    number: HOSTCALL_CONSOLE_WRITE,
    name: 'console_write',
    signature: '(bytes, size <= 4096): size; EFAULT EINVAL',
    handle: consoleWrite,
  },
  {
    number: HOSTCALL_TIME,
    name: 'time',
    signature: '(): simulated nanoseconds',
    handle: ({ services }) => services.now,
  },
  { number: HOSTCALL_ENTROPY, name: 'entropy', signature: '(buffer, size <= 256): 0; EFAULT EINVAL', handle: entropy },
  { number: HOSTCALL_YIELD, name: 'yield', signature: '(): 0', handle: () => YIELD },
  { number: HOSTCALL_SLEEP, name: 'sleep', signature: '(nanoseconds): 0', handle: sleep },
  {
    number: HOSTCALL_BLOCK,
    name: 'block',
    signature: '(word, expected, nanoseconds, 0 = for ever): 0; EAGAIN EFAULT EINVAL ETIMEDOUT',
    handle: block,
  },
  { number: HOSTCALL_WAKE, name: 'wake', signature: '(word, count): woken; EFAULT EINVAL', handle: wake },
  {
    number: HOSTCALL_THREAD_CREATE,
    name: 'thread_create',
    signature: '(entry, stack): id; EAGAIN EFAULT EINVAL',
    handle: threadCreate,
  },
  { number: HOSTCALL_THREAD_EXIT, name: 'thread_exit', signature: '(): never', handle: threadExit },
  { number: HOSTCALL_ON_FAULT, name: 'on_fault', signature: '(entry, 0 = none): 0; EFAULT', handle: onFault },
  {
    number: HOSTCALL_STREAM_OPEN,
    name: 'stream_open',
    signature:
      '(name, size <= 32, direction, landing, 0 = none): handle; EFAULT EINVAL ENAMETOOLONG ENOENT ENOMEM EPERM',
    handle: streamOpen,
  },
  {
    number: HOSTCALL_STREAM_REGISTER,
    name: 'stream_register',
    signature: '(handle, buffer, size): 0; EAGAIN EBADF EFAULT EINVAL EPIPE',
    handle: streamRegister,
  },
  {
    number: HOSTCALL_STREAM_WAIT,
    name: 'stream_wait',
    signature: '(handle): bytes, 0 = end; EBADF EBUSY EINVAL EPIPE',
    handle: streamWait,
  },
  {
    number: HOSTCALL_STREAM_ACQUIRE,
    name: 'stream_acquire',
    signature: '(handle): size; EBADF EBUSY EINVAL EPIPE',
    handle: streamAcquire,
  },
  {
    number: HOSTCALL_STREAM_COMMIT,
    name: 'stream_commit',
    signature: '(handle, bytes): 0; EBADF EINVAL EPIPE',
    handle: streamCommit,
  },
  { number: HOSTCALL_STREAM_CLOSE, name: 'stream_close', signature: '(handle): 0; EBADF', handle: streamClose },
];

/** By number, as it comes in a7. */
export const HOSTCALLS: ReadonlyMap<bigint, Hostcall> = new Map(TABLE.map((row) => [BigInt(row.number), row]));

function exit({ services, cvm, arguments: [code] }: Call): Answer {
  services.exit(cvm, Number(BigInt.asIntN(32, code)) & 0xff);
  return GONE;
}

function consoleWrite({ services, cvm, arguments: [address, size] }: Call): Answer {
  const buffer = GuestBuffer.of(services.memory, cvm, address, size, CONSOLE_LIMIT);
  if (typeof buffer === 'number') return buffer;
  services.write(cvm, buffer.read());
  return size;
}

function entropy({ services, cvm, arguments: [address, size] }: Call): Answer {
  const buffer = GuestBuffer.of(services.memory, cvm, address, size, ENTROPY_LIMIT);
  if (typeof buffer === 'number') return buffer;
  if (buffer.touchesCapabilities(cvm)) return -EFAULT;
  buffer.write(services.entropy(cvm, buffer.region.sizeBytes));
  return 0;
}

function sleep({ services, thread, arguments: [nanoseconds] }: Call): Answer {
  services.block(thread, 'time', services.now + limitSleep(nanoseconds), 0);
  return BLOCKED;
}

/** The word that block and wake are about, or a negated errno. */
function wordOf({ services, cvm, arguments: [address] }: Call): GuestBuffer | number {
  if (address % 4n !== 0n) return -EINVAL;
  return GuestBuffer.of(services.memory, cvm, address, 4n, 4);
}

function block(call: Call): Answer {
  const { services, thread, arguments: [, expected, nanoseconds] } = call; // prettier-ignore
  const word = wordOf(call);
  if (typeof word === 'number') return word;
  if (BigInt(word.readU32()) !== BigInt.asUintN(32, expected)) return -EAGAIN;
  const deadline = nanoseconds === 0n ? undefined : services.now + limitSleep(nanoseconds);
  services.blockOn(thread, word.region.base, deadline);
  return BLOCKED;
}

function wake(call: Call): Answer {
  const word = wordOf(call);
  if (typeof word === 'number') return word;
  return call.services.wakeOn(word.region.base, Number(BigInt.asUintN(32, call.arguments[1])));
}

function threadCreate({ services, cvm, arguments: [entry, stack] }: Call): Answer {
  if (!cvm.isCode(entry)) return -EFAULT;
  if (stack % 16n !== 0n) return -EINVAL;
  // Nothing is read or written there; a wrong stack would only hurt the caller, but it is told at once.
  const top = GuestBuffer.of(services.memory, cvm, stack - 16n, 16n, 16);
  if (stack < 16n || typeof top === 'number') return -EFAULT;
  const thread = services.createThread(cvm, Number(entry), stack);
  return thread === undefined ? -EAGAIN : thread.id;
}

function threadExit({ services, thread }: Call): Answer {
  services.endThread(thread);
  return GONE;
}

function onFault({ cvm, arguments: [entry] }: Call): Answer {
  if (entry !== 0n && !cvm.isCode(entry)) return -EFAULT;
  cvm.faultHandler = entry === 0n ? undefined : Number(entry);
  return 0;
}

function streamOpen({ services, cvm, arguments: [address, size, direction, landing] }: Call): Answer {
  if (size > BigInt(NAME_LIMIT)) return -ENAMETOOLONG;
  const buffer = GuestBuffer.of(services.memory, cvm, address, size, NAME_LIMIT);
  if (typeof buffer === 'number') return buffer;
  if (direction !== BigInt(STREAM_SEND) && direction !== BigInt(STREAM_RECEIVE)) return -EINVAL;
  if (landing !== 0n && !cvm.isCode(landing)) return -EFAULT;
  const stream = services.stream(new TextDecoder().decode(buffer.read()));
  if (stream === undefined) return -ENOENT;
  const end = direction === BigInt(STREAM_SEND) ? stream.sender : stream.receiver;
  if (end.cvm !== cvm) return -EPERM;
  const handle = cvm.openHandle(stream, Number(direction) as 1 | 2);
  if (handle === undefined) return -ENOMEM;
  if (direction === BigInt(STREAM_SEND)) {
    stream.openSender(handle);
    if (landing !== 0n) cvm.windowLanding = Number(landing);
  }
  return handle;
}

function streamRegister({ services, cvm, arguments: [number, address, size] }: Call): Answer {
  const handle = cvm.handle(number, STREAM_RECEIVE);
  if (typeof handle === 'number') return handle;
  if (size === 0n) return -EINVAL;
  const buffer = GuestBuffer.of(services.memory, cvm, address, size, cvm.data.sizeBytes);
  if (typeof buffer === 'number') return buffer;
  if (buffer.touchesCapabilities(cvm)) return -EFAULT;
  return handle.stream.register(buffer.region);
}

function streamWait({ cvm, thread, arguments: [number] }: Call): Answer {
  const handle = cvm.handle(number, STREAM_RECEIVE);
  return typeof handle === 'number' ? handle : handle.stream.wait(thread);
}

function streamAcquire({ cvm, thread, arguments: [number] }: Call): Answer {
  const handle = cvm.handle(number, STREAM_SEND);
  if (typeof handle === 'number') return handle;
  cvm.windowLost = false;
  return handle.stream.acquire(thread);
}

function streamCommit({ cvm, arguments: [number, size] }: Call): Answer {
  const handle = cvm.handle(number, STREAM_SEND);
  if (typeof handle === 'number') return handle;
  cvm.windowLost = false;
  return handle.stream.commit(size);
}

function streamClose({ cvm, arguments: [number] }: Call): Answer {
  const handle = cvm.handle(number);
  if (typeof handle === 'number') return handle;
  if (handle.direction === STREAM_SEND) handle.stream.closeSender('closed');
  else handle.stream.closeReceiver('closed');
  return 0;
}
