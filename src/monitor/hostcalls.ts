// All hostcalls, one table: number, name, arguments, what may go wrong, and what is done.
// Trust: every argument is a 64-bit number that a guest chose to hurt. Each handler checks what it uses before it uses
// it, answers with a result or a negated errno, never throws, never waits and never loops over a guest's number.
import * as abi from './abi.ts';
import type { Cvm } from './cvm.ts';
import { GuestBuffer } from './guest-buffer.ts';
import { BLOCKED } from './ipc/stream.ts';
import type { Kernel } from './kernel.ts';
import type { Thread } from './thread.ts';
import type { GuestMemory } from '../host/index.ts';

export interface Call {
  readonly kernel: Kernel;
  readonly memory: GuestMemory;
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

// prettier-ignore
const TABLE: readonly Hostcall[] = [
  { number: abi.HOSTCALL_EXIT, name: 'exit', signature: '(code): never', handle: exit },
  { number: abi.HOSTCALL_CONSOLE_WRITE, name: 'console_write', signature: '(bytes, size <= 4096): size; EFAULT EINVAL', handle: consoleWrite },
  { number: abi.HOSTCALL_TIME, name: 'time', signature: '(): simulated nanoseconds', handle: ({ kernel }) => kernel.now },
  { number: abi.HOSTCALL_ENTROPY, name: 'entropy', signature: '(buffer, size <= 256): 0; EFAULT EINVAL', handle: entropy },
  { number: abi.HOSTCALL_YIELD, name: 'yield', signature: '(): 0', handle: () => YIELD },
  { number: abi.HOSTCALL_SLEEP, name: 'sleep', signature: '(nanoseconds): 0', handle: sleep },
  { number: abi.HOSTCALL_BLOCK, name: 'block', signature: '(word, expected, nanoseconds, 0 = for ever): 0; EAGAIN EFAULT EINVAL ETIMEDOUT', handle: block },
  { number: abi.HOSTCALL_WAKE, name: 'wake', signature: '(word, count): woken; EFAULT EINVAL', handle: wake },
  { number: abi.HOSTCALL_THREAD_CREATE, name: 'thread_create', signature: '(entry, stack): id; EAGAIN EFAULT EINVAL', handle: threadCreate },
  { number: abi.HOSTCALL_THREAD_EXIT, name: 'thread_exit', signature: '(): never; EPERM', handle: threadExit },
  { number: abi.HOSTCALL_ON_FAULT, name: 'on_fault', signature: '(entry, 0 = none): 0; EFAULT', handle: onFault },
  { number: abi.HOSTCALL_STREAM_OPEN, name: 'stream_open', signature: '(name, size <= 32, direction, landing, 0 = none): handle; EFAULT EINVAL ENAMETOOLONG ENOENT ENOMEM EPERM', handle: streamOpen },
  { number: abi.HOSTCALL_STREAM_REGISTER, name: 'stream_register', signature: '(handle, buffer, size): 0; EAGAIN EBADF EFAULT EINVAL EPIPE', handle: streamRegister },
  { number: abi.HOSTCALL_STREAM_WAIT, name: 'stream_wait', signature: '(handle): bytes, 0 = end; EBADF EBUSY EINVAL EPIPE', handle: streamWait },
  { number: abi.HOSTCALL_STREAM_ACQUIRE, name: 'stream_acquire', signature: '(handle): size; EBADF EBUSY EINVAL EPIPE', handle: streamAcquire },
  { number: abi.HOSTCALL_STREAM_COMMIT, name: 'stream_commit', signature: '(handle, bytes): 0; EBADF EINVAL EPIPE', handle: streamCommit },
  { number: abi.HOSTCALL_STREAM_CLOSE, name: 'stream_close', signature: '(handle): 0; EBADF', handle: streamClose },
  { number: abi.HOSTCALL_CALL_OFFER, name: 'call_offer', signature: '(name, size <= 32, entry, first stack top, stride, count <= 16): 0; EBUSY EFAULT EINVAL ENAMETOOLONG ENOENT ENOMEM EPERM', handle: callOffer },
  { number: abi.HOSTCALL_CALL_BIND, name: 'call_bind', signature: '(name, size <= 32): handle; EAGAIN EFAULT ENAMETOOLONG ENOENT ENOMEM EPERM EPIPE', handle: callBind },
];

/** By number, as it comes in a7. */
export const HOSTCALLS: ReadonlyMap<bigint, Hostcall> = new Map(TABLE.map((row) => [BigInt(row.number), row]));

function exit({ kernel, cvm, arguments: [code] }: Call): Answer {
  const status = Number(BigInt.asUintN(8, code));
  kernel.end(cvm, 'exited', `exit with code ${status}`, status);
  return GONE;
}

function consoleWrite({ kernel, memory, cvm, arguments: [address, size] }: Call): Answer {
  const buffer = GuestBuffer.of(memory, cvm, address, size, abi.CONSOLE_LIMIT);
  if (typeof buffer === 'number') return buffer;
  kernel.writeConsole(cvm, buffer.read());
  return size;
}

function entropy({ memory, cvm, arguments: [address, size] }: Call): Answer {
  const buffer = GuestBuffer.of(memory, cvm, address, size, abi.ENTROPY_LIMIT);
  if (typeof buffer === 'number') return buffer;
  if (buffer.touchesCapabilities(cvm)) return -abi.EFAULT;
  buffer.write(cvm.resources.entropy.fill(buffer.region.sizeBytes));
  return 0;
}

function sleep({ kernel, thread, arguments: [nanoseconds] }: Call): Answer {
  kernel.scheduler.block(thread, 'time', kernel.now + limitSleep(nanoseconds), 0);
  return BLOCKED;
}

/** The word that block and wake are about, or a negated errno. */
function wordOf({ memory, cvm, arguments: [address] }: Call): GuestBuffer | number {
  if (address % 4n !== 0n) return -abi.EINVAL;
  return GuestBuffer.of(memory, cvm, address, 4n, 4);
}

function block(call: Call): Answer {
  const { kernel, thread, arguments: [, expected, nanoseconds] } = call; // prettier-ignore
  const word = wordOf(call);
  if (typeof word === 'number') return word;
  if (BigInt(word.readU32()) !== BigInt.asUintN(32, expected)) return -abi.EAGAIN;
  const deadline = nanoseconds === 0n ? undefined : kernel.now + limitSleep(nanoseconds);
  kernel.scheduler.blockOn(thread, word.region.base, deadline, -abi.ETIMEDOUT);
  return BLOCKED;
}

function wake(call: Call): Answer {
  const word = wordOf(call);
  if (typeof word === 'number') return word;
  return call.kernel.scheduler.wakeOn(word.region.base, Number(BigInt.asUintN(32, call.arguments[1])));
}

function threadCreate({ kernel, memory, cvm, arguments: [entry, stack] }: Call): Answer {
  if (!cvm.isCode(entry)) return -abi.EFAULT;
  if (stack % 16n !== 0n) return -abi.EINVAL;
  // Nothing is read or written there; a wrong stack would only hurt the caller, but it is told at once.
  const top = GuestBuffer.of(memory, cvm, stack - 16n, 16n, 16);
  if (stack < 16n || typeof top === 'number') return -abi.EFAULT;
  const thread = kernel.createThread(cvm, Number(entry), stack);
  return thread === undefined ? -abi.EAGAIN : thread.id;
}

function threadExit({ kernel, cvm, thread }: Call): Answer {
  // In a call it is the caller's thread, and if the caller was called back, a callee waits for it.
  if (thread.cvm !== cvm || kernel.crossings.path(thread).length > 0) return -abi.EPERM;
  kernel.exitThread(thread);
  return GONE;
}

function onFault({ cvm, arguments: [entry] }: Call): Answer {
  if (entry !== 0n && !cvm.isCode(entry)) return -abi.EFAULT;
  cvm.faultHandler = entry === 0n ? undefined : Number(entry);
  return 0;
}

/** A name in the guest's memory, or a negated errno. */
function nameOf({ memory, cvm, arguments: [address, size] }: Call): string | number {
  if (size > BigInt(abi.NAME_LIMIT)) return -abi.ENAMETOOLONG;
  const buffer = GuestBuffer.of(memory, cvm, address, size, abi.NAME_LIMIT);
  return typeof buffer === 'number' ? buffer : new TextDecoder().decode(buffer.read());
}

function streamOpen(call: Call): Answer {
  const { kernel, cvm, arguments: [, , direction, landing] } = call; // prettier-ignore
  const name = nameOf(call);
  if (typeof name === 'number') return name;
  if (direction !== BigInt(abi.STREAM_SEND) && direction !== BigInt(abi.STREAM_RECEIVE)) return -abi.EINVAL;
  if (landing !== 0n && !cvm.isCode(landing)) return -abi.EFAULT;
  const stream = kernel.streams.get(name);
  if (stream === undefined) return -abi.ENOENT;
  const end = direction === BigInt(abi.STREAM_SEND) ? stream.sender : stream.receiver;
  if (end.cvm !== cvm) return -abi.EPERM;
  const handle = cvm.openHandle(stream, Number(direction) as 1 | 2);
  if (handle === undefined) return -abi.ENOMEM;
  if (direction === BigInt(abi.STREAM_SEND)) {
    stream.openSender(handle);
    if (landing !== 0n) cvm.windowLanding = Number(landing);
  }
  return handle;
}

function streamRegister({ memory, cvm, arguments: [number, address, size] }: Call): Answer {
  const handle = cvm.handle(number, abi.STREAM_RECEIVE);
  if (typeof handle === 'number') return handle;
  if (size === 0n) return -abi.EINVAL;
  const buffer = GuestBuffer.of(memory, cvm, address, size, cvm.data.sizeBytes);
  if (typeof buffer === 'number') return buffer;
  if (buffer.touchesCapabilities(cvm)) return -abi.EFAULT;
  return handle.stream.register(buffer.region);
}

function streamWait({ cvm, thread, arguments: [number] }: Call): Answer {
  const handle = cvm.handle(number, abi.STREAM_RECEIVE);
  return typeof handle === 'number' ? handle : handle.stream.wait(thread);
}

function streamAcquire({ cvm, thread, arguments: [number] }: Call): Answer {
  const handle = cvm.handle(number, abi.STREAM_SEND);
  if (typeof handle === 'number') return handle;
  cvm.windowLost = false;
  return handle.stream.acquire(thread);
}

function streamCommit({ cvm, arguments: [number, size] }: Call): Answer {
  const handle = cvm.handle(number, abi.STREAM_SEND);
  if (typeof handle === 'number') return handle;
  cvm.windowLost = false;
  return handle.stream.commit(size);
}

function streamClose({ cvm, arguments: [number] }: Call): Answer {
  const handle = cvm.handle(number);
  if (typeof handle === 'number') return handle;
  if (handle.direction === abi.STREAM_SEND) handle.stream.closeSender('closed');
  else handle.stream.closeReceiver('closed');
  return 0;
}

function callOffer(call: Call): Answer {
  const { kernel, memory, cvm, arguments: [, , entry, top, stride, count] } = call; // prettier-ignore
  const name = nameOf(call);
  if (typeof name === 'number') return name;
  if (!cvm.isCode(entry)) return -abi.EFAULT;
  if (count === 0n || count > BigInt(abi.CALL_STACKS) || stride % 16n !== 0n || top % 16n !== 0n) return -abi.EINVAL;
  const stacks = Array.from({ length: Number(count) }, (_, index) => top + BigInt(index) * stride);
  for (const stack of stacks) {
    if (stack < 16n || typeof GuestBuffer.of(memory, cvm, stack - 16n, 16n, 16) === 'number') return -abi.EFAULT;
  }
  return kernel.calls.offer(cvm, name, { pc: Number(entry), stacks: stacks.map(Number) });
}

function callBind(call: Call): Answer {
  const name = nameOf(call);
  return typeof name === 'number' ? name : call.kernel.calls.bind(call.cvm, name);
}
