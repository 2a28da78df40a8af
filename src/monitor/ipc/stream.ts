// CP_Stream, first version: the receiver registers buffers of its own memory, the sender fills them one by one through
// a store-only window, one copy in all, made by the sender's own instructions. Host code can be either end.
//
//   receiver:  register(buffer) ... wait() -> bytes        sender:  acquire() -> size, copies, commit(bytes)
//
//   queue:  [filled][filled][acquired][free][free]         order of registration; wait takes from the left
//
// Invariants: the sender holds a capability to the one acquired buffer, from acquire to commit and not longer; a filled
// buffer is out of its reach before the receiver hears of it; a window lies inside what the receiver registered.
import { EAGAIN, EBUSY, EINVAL, EPIPE, SLOT_STREAM, STREAM_DEPTH } from '../abi.ts';
import type { Region } from '../carve.ts';
import type { Cvm } from '../cvm.ts';
import type { Kernel } from '../kernel.ts';
import type { Thread } from '../thread.ts';
import { exactSize } from '../seal.ts';

/** Host code as the sender: fills `into` from its start; how many bytes, 0 = end of file. */
export interface HostSource {
  read(into: Uint8Array): number;
}

/** Host code as the receiver. */
export interface HostSink {
  write(bytes: Uint8Array): void;
  /** The sender has closed (true) or died (false). */
  end?(orderly: boolean): void;
}

/** Returned by an operation that has blocked the thread. */
export const BLOCKED = Symbol('blocked');
export type Result = number | typeof BLOCKED;

/** Bytes asked of host code at once, however large a buffer the guest registered. */
const HOST_PIECE = 1024 * 1024;

type EndState = 'open' | 'closed' | 'dead';

interface Buffer {
  readonly region: Region;
  filledBytes: number | undefined;
}

interface SenderEnd {
  readonly cvm?: Cvm;
  readonly source?: HostSource;
}

interface ReceiverEnd {
  readonly cvm?: Cvm;
  readonly sink?: HostSink;
  /** Memory of the monitor that stands in for a host's buffer. */
  readonly bounce?: Region;
}

export class Stream {
  readonly name: string;
  readonly sender: SenderEnd;
  readonly receiver: ReceiverEnd;
  /** Bytes handed over so far, and in how many buffers. */
  bytes = 0;
  messages = 0;
  readonly #kernel: Kernel;
  readonly #queue: Buffer[] = [];
  #senderState: EndState = 'open';
  #receiverState: EndState = 'open';
  /** Handle of the sender, which says the slot of its window. */
  #senderHandle = 0;
  #acquired: { buffer: Buffer; region: Region } | undefined;
  #acquiring: Thread | undefined;
  #waiting: Thread | undefined;

  constructor(kernel: Kernel, name: string, sender: SenderEnd, receiver: ReceiverEnd) {
    this.#kernel = kernel;
    this.name = name;
    this.sender = sender;
    this.receiver = receiver;
    if (receiver.bounce !== undefined) this.#queue.push({ region: receiver.bounce, filledBytes: undefined });
  }

  openSender(handle: number): void {
    this.#senderHandle = handle;
  }

  /** Receiver: one more buffer at the end of the queue. */
  register(region: Region): number {
    if (this.#receiverState !== 'open') return -EPIPE;
    if (this.#queue.length >= STREAM_DEPTH) return -EAGAIN;
    this.#queue.push({ region, filledBytes: undefined });
    const thread = this.#acquiring;
    if (thread === undefined) return 0;
    this.#acquiring = undefined;
    this.#kernel.scheduler.wake(thread, this.#grantNext());
    return 0;
  }

  /** Receiver: the oldest filled buffer's bytes, or blocks. */
  wait(thread: Thread): Result {
    if (this.#receiverState !== 'open') return -EPIPE;
    if (this.sender.source !== undefined) this.#pull(this.sender.source);
    const filled = this.#takeFilled();
    if (filled !== undefined) return filled;
    if (this.#senderState !== 'open') return this.#endOfStream();
    if (this.#queue.length === 0) return -EINVAL;
    if (this.#waiting !== undefined) return -EBUSY;
    this.#waiting = thread;
    this.#kernel.scheduler.block(thread, `stream ${this.name}: data`);
    return BLOCKED;
  }

  /** Sender: the size of the window to the oldest free buffer, or blocks. Asked again, the same window. */
  acquire(thread: Thread): Result {
    if (this.#senderState !== 'open' || this.#receiverState !== 'open') return -EPIPE;
    if (this.#acquired !== undefined) return this.#acquired.region.sizeBytes;
    if (this.#queue.some(({ filledBytes }) => filledBytes === undefined)) return this.#grantNext();
    if (this.#acquiring !== undefined) return -EBUSY;
    this.#acquiring = thread;
    this.#kernel.scheduler.block(thread, `stream ${this.name}: a buffer`);
    return BLOCKED;
  }

  /** Sender: gives the window back with its first `sizeBytes` filled; 0 gives it back unused. */
  commit(sizeBytes: bigint): number {
    if (this.#receiverState !== 'open') return -EPIPE;
    if (this.#acquired === undefined || sizeBytes > BigInt(this.#acquired.region.sizeBytes)) return -EINVAL;
    const { buffer } = this.#acquired;
    this.#revoke();
    if (sizeBytes === 0n) return 0;
    buffer.filledBytes = Number(sizeBytes);
    this.#deliver();
    return 0;
  }

  /** The sender is done (`closed`: end of file) or gone (`dead`). */
  closeSender(state: 'closed' | 'dead'): void {
    if (this.#senderState !== 'open') return;
    this.#senderState = state;
    this.#revoke();
    this.#acquiring = undefined;
    const { sink } = this.receiver;
    if (sink !== undefined && this.#receiverState === 'open') this.#callHost(() => sink.end?.(state === 'closed'));
    const thread = this.#waiting;
    this.#waiting = undefined;
    if (thread !== undefined) this.#kernel.scheduler.wake(thread, this.#endOfStream());
  }

  /** The receiver is done or gone: its memory is out of the sender's reach at once. */
  closeReceiver(state: 'closed' | 'dead'): void {
    if (this.#receiverState !== 'open') return;
    this.#receiverState = state;
    this.#revoke(true);
    this.#queue.length = 0;
    this.#waiting = undefined;
    const thread = this.#acquiring;
    this.#acquiring = undefined;
    if (thread !== undefined) this.#kernel.scheduler.wake(thread, -EPIPE);
  }

  /** A thread that may be blocked here has died. */
  forget(thread: Thread): void {
    if (this.#acquiring === thread) this.#acquiring = undefined;
    if (this.#waiting === thread) this.#waiting = undefined;
  }

  /** The buffer that the sender can write now. */
  get window(): Region | undefined {
    return this.#acquired?.region;
  }

  /** Grants a window to the oldest free buffer: its size, or -EINVAL where no capability can cover one byte of it. */
  #grantNext(): number {
    const buffer = this.#queue.find(({ filledBytes }) => filledBytes === undefined)!;
    const { base, sizeBytes } = buffer.region;
    const region = { base, sizeBytes: exactSize(base, sizeBytes) };
    if (!this.#kernel.windows.grant(this.sender.cvm!, SLOT_STREAM + this.#senderHandle, region)) return -EINVAL;
    this.#acquired = { buffer, region };
    return region.sizeBytes;
  }

  #revoke(lost = false): void {
    if (this.#acquired === undefined) return;
    this.#kernel.revokeWindow(this.sender.cvm!, SLOT_STREAM + this.#senderHandle, this.#acquired.region, lost);
    this.#acquired = undefined;
  }

  /** The oldest buffer is filled: hands it to whoever waits for it. */
  #deliver(): void {
    const { sink, bounce } = this.receiver;
    if (sink !== undefined && bounce !== undefined) {
      const sizeBytes = this.#takeFilled() ?? 0;
      this.#queue.push({ region: bounce, filledBytes: undefined });
      this.#callHost(() => sink.write(this.#kernel.machine.memory.read(bounce.base, sizeBytes)));
      return;
    }
    const thread = this.#waiting;
    if (thread === undefined) return;
    this.#waiting = undefined;
    this.#kernel.scheduler.wake(thread, this.#takeFilled() ?? 0);
  }

  /** Host as the sender: fills the oldest buffer. */
  #pull(source: HostSource): void {
    const [buffer] = this.#queue;
    if (buffer === undefined || buffer.filledBytes !== undefined || this.#senderState !== 'open') return;
    const bytes = new Uint8Array(Math.min(buffer.region.sizeBytes, HOST_PIECE));
    this.#callHost(() => {
      const count = source.read(bytes);
      if (!Number.isInteger(count) || count < 0 || count > bytes.length)
        throw new RangeError(`stream ${this.name}: the host's read() returned ${count}`);
      if (count === 0) this.#senderState = 'closed';
      else buffer.filledBytes = count;
      this.#kernel.machine.memory.write(buffer.region.base, bytes.subarray(0, count));
    });
  }

  /** Host code may fail; the guest at the other end sees a dead peer, and the host's run() throws. */
  #callHost(action: () => void): void {
    this.#kernel.callHost(() => {
      try {
        action();
      } catch (error) {
        if (this.sender.source !== undefined) this.closeSender('dead');
        else this.closeReceiver('dead');
        throw error;
      }
    });
  }

  #takeFilled(): number | undefined {
    const filled = this.#queue[0]?.filledBytes;
    if (filled === undefined) return undefined;
    this.#queue.shift();
    this.bytes += filled;
    this.messages++;
    return filled;
  }

  #endOfStream(): number {
    return this.#senderState === 'closed' ? 0 : -EPIPE;
  }
}
