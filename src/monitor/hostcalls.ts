// All hostcalls, one table: number, name, arguments, what may go wrong, and what is done.
// Trust: every argument is a 64-bit number that a guest chose to hurt. Each handler checks what it uses before it uses
// it, answers with a result or a negated errno, never throws, never waits and never loops over a guest's number.
import * as abi from './abi.ts';
import type { Cvm } from './cvm.ts';
import { GuestBuffer } from './guest-buffer.ts';
import type { BLOCKED } from './schedule/wait.ts';
import * as waiting from './schedule/waiting.ts';
import type { GuestMemory } from '../host/index.ts';
import type { Call, Hostcall } from './types.ts';

/** The thread gives up the rest of its slice; its result is 0. */
export const YIELD = Symbol('yield');
/** The thread is gone: there is nobody to answer. */
export const GONE = Symbol('gone');
export type Answer = number | bigint | typeof BLOCKED | typeof YIELD | typeof GONE;

// prettier-ignore
const TABLE: readonly Hostcall[] = [
  { number: abi.HOSTCALL_EXIT, name: 'exit', signature: '(code): never', handle: exit },
  { number: abi.HOSTCALL_CONSOLE_WRITE, name: 'console_write', signature: '(bytes, size <= 4096, channel): size; EFAULT EINVAL', handle: consoleWrite },
  { number: abi.HOSTCALL_TIME, name: 'time', signature: '(): simulated nanoseconds', handle: ({ kernel }) => kernel.now },
  { number: abi.HOSTCALL_ENTROPY, name: 'entropy', signature: '(buffer, size <= 256): 0; EFAULT EINVAL', handle: entropy },
  { number: abi.HOSTCALL_YIELD, name: 'yield', signature: '(): 0', handle: () => YIELD },
  { number: abi.HOSTCALL_SLEEP, name: 'sleep', signature: '(nanoseconds): 0; EINTR', handle: waiting.sleep },
  { number: abi.HOSTCALL_BLOCK, name: 'block', signature: '(word, expected, nanoseconds, 0 = for ever): 0; EAGAIN EFAULT EINTR EINVAL ETIMEDOUT', handle: waiting.block },
  { number: abi.HOSTCALL_WAKE, name: 'wake', signature: '(word, count): woken; EFAULT EINVAL', handle: waiting.wake },
  { number: abi.HOSTCALL_THREAD_CREATE, name: 'thread_create', signature: '(entry, stack): id; EAGAIN EFAULT EINVAL', handle: threadCreate },
  { number: abi.HOSTCALL_THREAD_EXIT, name: 'thread_exit', signature: '(): never; EPERM', handle: threadExit },
  { number: abi.HOSTCALL_ON_FAULT, name: 'on_fault', signature: '(entry, 0 = none): 0; EFAULT', handle: onFault },
  { number: abi.HOSTCALL_ON_REVOKE, name: 'on_revoke', signature: '(from, to, landing): 0; EFAULT', handle: onRevoke },
  { number: abi.HOSTCALL_POLL, name: 'poll', signature: '(items, count <= 32, nanoseconds): index; EAGAIN EBADF EFAULT EINTR EINVAL EPERM EPIPE EREVOKED ETIMEDOUT', handle: waiting.poll },
  { number: abi.HOSTCALL_THREAD_INTERRUPT, name: 'thread_interrupt', signature: '(thread): 0; ESRCH', handle: threadInterrupt },
  { number: abi.HOSTCALL_STREAM_OPEN, name: 'stream_open', signature: '(name, size <= 32, direction, ring, ring size): handle; EBUSY EFAULT EINVAL ENAMETOOLONG ENOENT ENOMEM EPERM', handle: named(streamOpen) },
  { number: abi.HOSTCALL_STREAM_WAIT, name: 'stream_wait', signature: '(handle, direction, head seen, nanoseconds): 0; EAGAIN EBADF EINTR EINVAL EPIPE ETIMEDOUT', handle: waiting.streamWait },
  { number: abi.HOSTCALL_STREAM_CLOSE, name: 'stream_close', signature: '(handle): 0; EBADF', handle: streamClose },
  { number: abi.HOSTCALL_LOAN_LEND, name: 'loan_lend', signature: '(handle, buffer, size): loan; EAGAIN EBADF EFAULT EINVAL EPIPE', handle: loanLend },
  { number: abi.HOSTCALL_LOAN_BORROW, name: 'loan_borrow', signature: '(handle): file handle; EAGAIN EBADF ENOMEM EPIPE', handle: ({ cvm, arguments: [handle] }) => cvm.receiving(handle)?.loans.borrow() ?? -abi.EBADF },
  { number: abi.HOSTCALL_LOAN_RECALL, name: 'loan_recall', signature: '(handle, loan): 0; EBADF EINVAL', handle: ({ cvm, arguments: [handle, loan] }) => cvm.sending(handle)?.loans.recall(loan) ?? -abi.EBADF },
  { number: abi.HOSTCALL_CALL_OFFER, name: 'call_offer', signature: '(name, size <= 32, entry, first stack top, stride, count <= 16): 0; EBUSY EFAULT EINVAL ENAMETOOLONG ENOENT ENOMEM EPERM', handle: named(callOffer) },
  { number: abi.HOSTCALL_CALL_BIND, name: 'call_bind', signature: '(name, size <= 32): handle; EAGAIN EFAULT ENAMETOOLONG ENOENT ENOMEM EPERM EPIPE', handle: named(({ kernel, cvm }, name) => kernel.calls.bind(cvm, name)) },
  { number: abi.HOSTCALL_FILE_ADVERTISE, name: 'file_advertise', signature: '(name, size <= 32, address, bytes): 0; EBUSY EFAULT EINVAL ENAMETOOLONG ENOENT EPERM', handle: named(fileAdvertise) },
  { number: abi.HOSTCALL_FILE_OPEN, name: 'file_open', signature: '(name, size <= 32, rights): handle; EAGAIN EBUSY EFAULT EINVAL ENAMETOOLONG ENOENT ENOMEM EPERM EPIPE', handle: named(fileOpen) },
  { number: abi.HOSTCALL_FILE_CLOSE, name: 'file_close', signature: '(handle): 0; EBADF', handle: fileClose },
  { number: abi.HOSTCALL_FILE_REVOKE, name: 'file_revoke', signature: '(name, size <= 32): 0; EFAULT ENAMETOOLONG ENOENT EPERM', handle: named(fileRevoke) },
  { number: abi.HOSTCALL_FILE_WAIT, name: 'file_wait', signature: '(handle, offset, expected, nanoseconds): 0; EAGAIN EBADF EFAULT EINTR EINVAL EPERM EREVOKED ETIMEDOUT', handle: waiting.fileWait },
  { number: abi.HOSTCALL_FILE_NOTIFY, name: 'file_notify', signature: '(handle, offset, count): woken; EBADF EFAULT EINVAL EREVOKED', handle: waiting.fileNotify },
  { number: abi.HOSTCALL_FILE_EXCHANGE, name: 'file_exchange', signature: '(handle, offset to notify, offset, expected, nanoseconds): 0; EAGAIN EBADF EFAULT EINTR EINVAL EPERM EREVOKED ETIMEDOUT', handle: waiting.fileExchange },
];

/** By number, as it comes in a7. */
export const HOSTCALLS: ReadonlyMap<bigint, Hostcall> = new Map(TABLE.map((row) => [BigInt(row.number), row]));

function exit({ kernel, cvm, arguments: [code] }: Call): Answer {
  const status = Number(BigInt.asUintN(8, code));
  kernel.end(cvm, 'exited', `exit with code ${status}`, status);
  return GONE;
}

function consoleWrite({ kernel, memory, cvm, arguments: [address, size, channel] }: Call): Answer {
  if (channel >= BigInt(abi.CONSOLE_CHANNELS)) return -abi.EINVAL;
  const buffer = GuestBuffer.of(memory, cvm, address, size, abi.CONSOLE_LIMIT);
  if (typeof buffer === 'number') return buffer;
  kernel.hostCode.writeConsole(cvm, buffer.read(), Number(channel));
  return size;
}

function entropy({ memory, cvm, arguments: [address, size] }: Call): Answer {
  const buffer = GuestBuffer.of(memory, cvm, address, size, abi.ENTROPY_LIMIT);
  if (typeof buffer === 'number') return buffer;
  if (buffer.touchesCapabilities(cvm)) return -abi.EFAULT;
  buffer.write(cvm.resources.entropy.fill(buffer.region.sizeBytes));
  return 0;
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

function threadInterrupt({ kernel, cvm, arguments: [id] }: Call): Answer {
  const target = [...cvm.threads].find((candidate) => BigInt(candidate.id) === id);
  if (target === undefined) return -abi.ESRCH;
  kernel.interrupt(target);
  return 0;
}

function onFault({ cvm, arguments: [entry] }: Call): Answer {
  if (entry !== 0n && !cvm.isCode(entry)) return -abi.EFAULT;
  cvm.faultHandler = entry === 0n ? undefined : Number(entry);
  return 0;
}

function onRevoke({ cvm, arguments: [from, to, landing] }: Call): Answer {
  if (!cvm.isCode(landing)) return -abi.EFAULT;
  cvm.revocation = { from, to, landing: Number(landing) };
  return 0;
}

/** A handler of calls that begin with a name in the guest's memory. */
function named(handle: (call: Call, name: string) => Answer): Hostcall['handle'] {
  return (call) => {
    const { memory, cvm, arguments: [address, size] } = call; // prettier-ignore
    if (size > BigInt(abi.NAME_LIMIT)) return -abi.ENAMETOOLONG;
    const buffer = GuestBuffer.of(memory, cvm, address, size, abi.NAME_LIMIT);
    return typeof buffer === 'number' ? buffer : handle(call, new TextDecoder().decode(buffer.read()));
  };
}

// prettier-ignore
function streamOpen({ kernel, memory, cvm, arguments: [, , direction, address, size] }: Call, name: string): Answer {
  if (!waiting.isDirection(direction)) return -abi.EINVAL;
  const stream = kernel.streams.get(name);
  if (stream === undefined) return -abi.ENOENT;
  const isSender = direction === BigInt(abi.STREAM_SEND);
  if ((isSender ? stream.sender : stream.receiver).cvm !== cvm) return -abi.EPERM;
  const ring = isSender ? undefined : ownBuffer(memory, cvm, address, size);
  if (typeof ring === 'number') return ring;
  const handle = cvm.openHandle(stream, Number(direction) as 1 | 2);
  if (handle === undefined) return -abi.ENOMEM;
  return ring === undefined ? stream.openSender(handle) : stream.openReceiver(handle, ring.region);
}

/** Memory that a cVM may lend, advertise or receive into: all its own but the c-list. Or a negated errno. */
function ownBuffer(memory: GuestMemory, cvm: Cvm, address: bigint, size: bigint): GuestBuffer | number {
  if (size === 0n) return -abi.EINVAL;
  const buffer = GuestBuffer.of(memory, cvm, address, size, cvm.data.sizeBytes);
  if (typeof buffer === 'number') return buffer;
  return buffer.touchesCapabilities(cvm) ? -abi.EFAULT : buffer;
}

function streamClose({ cvm, arguments: [handle] }: Call): Answer {
  const [out, into] = [cvm.sending(handle), cvm.receiving(handle)];
  out?.closeSender('closed');
  into?.closeReceiver('closed');
  return out === undefined && into === undefined ? -abi.EBADF : 0;
}

function loanLend({ memory, cvm, arguments: [handle, address, size] }: Call): Answer {
  const stream = cvm.sending(handle);
  if (stream === undefined) return -abi.EBADF;
  const buffer = ownBuffer(memory, cvm, address, size);
  return typeof buffer === 'number' ? buffer : stream.loans.lend(buffer.region);
}

// prettier-ignore
function callOffer({ kernel, memory, cvm, arguments: [, , entry, top, stride, count] }: Call, name: string): Answer {
  if (!cvm.isCode(entry)) return -abi.EFAULT;
  if (count === 0n || count > BigInt(abi.CALL_STACKS) || stride % 16n !== 0n || top % 16n !== 0n) return -abi.EINVAL;
  const stacks = Array.from({ length: Number(count) }, (_, index) => top + BigInt(index) * stride);
  for (const stack of stacks) {
    if (stack < 16n || typeof GuestBuffer.of(memory, cvm, stack - 16n, 16n, 16) === 'number') return -abi.EFAULT;
  }
  return kernel.calls.offer(cvm, name, { pc: Number(entry), stacks: stacks.map(Number) });
}

// prettier-ignore
function fileAdvertise({ kernel, memory, cvm, arguments: [, , address, size] }: Call, name: string): Answer {
  const buffer = ownBuffer(memory, cvm, address, size);
  return typeof buffer === 'number' ? buffer : kernel.files.advertise(cvm, name, buffer.region);
}

// prettier-ignore
function fileOpen({ kernel, cvm, arguments: [, , rights] }: Call, name: string): Answer {
  if (rights === 0n || rights > BigInt(abi.FILE_READ | abi.FILE_WRITE)) return -abi.EINVAL;
  return kernel.files.open(cvm, name, Number(rights));
}

function fileClose({ kernel, cvm, arguments: [handle] }: Call): Answer {
  if (cvm.file(handle) === undefined) return -abi.EBADF;
  kernel.files.close(cvm, Number(handle));
  return 0;
}

function fileRevoke({ kernel, cvm }: Call, name: string): Answer {
  const file = kernel.files.get(name);
  if (file === undefined) return -abi.ENOENT;
  if (file.owner !== cvm) return -abi.EPERM;
  kernel.files.revoke(file);
  return 0;
}
