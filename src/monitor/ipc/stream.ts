// CP_Stream: bytes from one cVM to another through a ring in the receiver's memory. The switcher copies them there on
// the sender's thread (gate_send): the sender holds no capability to the ring, and what it sent it cannot change.
// Host code can be either end. Here are the ends' openings and closings, and who is told of them.
//
//   end:  idle -> open -> closed | dead -> (open again, with a peer that has begun anew)
//
// Invariant: the switcher's record of a stream leads to a ring only while both ends are open and neither has seen the
// other go; a ring is out of everybody's registers before its memory can change hands.
import * as abi from '../abi.ts';
import type { Region } from '../carve.ts';
import type { Cvm } from '../cvm.ts';
import type { Kernel } from '../kernel.ts';
import { NULL_CAPABILITY } from '../../host/index.ts';
import { askHost, giveHost, tellHost } from './host-end.ts';
import type { HostSink, HostSource } from './host-end.ts';
import { Loans } from './loan.ts';
import { Ring } from './ring.ts';
import type { End, SealedGate } from '../types.ts';

export class Stream {
  readonly name: string;
  readonly sender: End & { readonly source?: HostSource };
  readonly receiver: End & { readonly sink?: HostSink };
  readonly loans: Loans;
  /** Memory of the monitor for the ring of a receiver that is host code. */
  readonly bounce: Region | undefined;
  readonly #kernel: Kernel;
  /** What the sender's c-list and the switcher know of this stream. */
  gate: SealedGate | undefined;
  /** What the sender's threads may be copying into. */
  ring: Ring | undefined;
  #bytesBefore = 0n;

  constructor(kernel: Kernel, name: string, from: Cvm | HostSource, to: Cvm | HostSink, bounce?: Region) {
    const end = (cvm?: Cvm): End => ({ cvm, state: cvm === undefined ? 'open' : 'idle', broken: false });
    this.#kernel = kernel;
    this.name = name;
    this.sender = 'read' in from ? { ...end(), source: from } : end(from);
    this.receiver = 'write' in to ? { ...end(), sink: to } : end(to);
    this.loans = new Loans(kernel, this);
    this.bounce = bounce;
    if (bounce !== undefined) this.ring = Ring.of(kernel.machine.memory, bounce);
  }

  /** Bytes sent so far; what the receiver's memory says. */
  get bytes(): bigint {
    return this.#bytesBefore + (this.ring?.head ?? 0n);
  }

  /** Has this end been closed, or its cVM ended? */
  isClosed(direction: typeof abi.STREAM_SEND | typeof abi.STREAM_RECEIVE): boolean {
    const { state } = direction === abi.STREAM_SEND ? this.sender : this.receiver;
    return state === 'closed' || state === 'dead';
  }

  /** What a receiver's thread, and a sender's, waits for. */
  get receiverKey(): number | undefined {
    return this.ring?.control.base;
  }

  get senderKey(): number | undefined {
    return this.gate?.record.base;
  }

  openSender(handle: number): number {
    const { sender, receiver } = this;
    if (sender.state === 'open' && !sender.broken) return handle;
    this.#closeGate();
    const { switcher, bells, windows } = this.#kernel;
    const slot = abi.SLOT_STREAM + 2 * handle;
    const bell = bells.place(this);
    const gate = bell === undefined ? undefined : switcher.openStream(sender.cvm!.resources.gate, slot, bell);
    if (gate === undefined) return -abi.ENOMEM;
    windows.grantPair(sender.cvm!, slot, gate.pair);
    this.gate = gate;
    this.#kernel.senders.set(gate.record.base, this);
    sender.state = 'open';
    sender.broken = receiver.state === 'closed' || receiver.state === 'dead';
    this.#link();
    return handle;
  }

  /** -EINVAL: no ring can be made of this. */
  openReceiver(handle: number, region: Region): number {
    const { sender, receiver } = this;
    if (receiver.state === 'open' && !receiver.broken) return -abi.EBUSY;
    const ring = Ring.of(this.#kernel.machine.memory, region);
    if (ring === undefined || this.#kernel.sealer.shared(ring.data, abi.FILE_WRITE) === undefined) return -abi.EINVAL;
    this.ring = ring;
    receiver.state = 'open';
    receiver.broken = sender.state === 'closed' || sender.state === 'dead';
    if (receiver.broken) ring.setState(stateOf(sender));
    this.#link();
    return handle;
  }

  /** May the receiver's thread go on that has seen so much? Host code as the sender is asked for more. */
  hasMoreThan(seen: bigint): boolean {
    if (this.ring === undefined || this.receiver.broken || this.ring.head !== seen) return true;
    if (this.sender.source !== undefined) askHost(this.#kernel, this, this.sender.source, this.ring.room);
    // Host code may have closed it, or ended its cVM.
    return this.receiver.broken || this.ring?.head !== seen;
  }

  /** Host code, whose read() had nothing, has something now. To be called between turns. */
  more(): void {
    if (this.ring !== undefined && this.hasMoreThan(this.ring.head)) this.rung();
  }

  /** May the sender's thread go on that found no room? */
  get takesMore(): boolean {
    const { sender, receiver } = this;
    if (sender.state !== 'open' || sender.broken) return true;
    return receiver.state === 'open' && !receiver.broken && this.ring !== undefined && this.ring.room > 0;
  }

  /** Bytes of host code's; no more than there is room for are taken. It may have ended the receiver: then none. */
  put(bytes: Uint8Array): void {
    this.ring?.put(bytes.subarray(0, this.ring.room));
  }

  /** The switcher has put bytes into the ring. */
  rung(): void {
    if (this.ring === undefined) return;
    const { sink } = this.receiver;
    if (sink === undefined) return this.#kernel.scheduler.changed(this.ring.control.base);
    giveHost(this.#kernel, this, sink, this.ring.takeAll());
  }

  /** The sender is done (`closed`: end of file) or gone (`dead`). */
  closeSender(state: 'closed' | 'dead'): void {
    const { sender, receiver } = this;
    if (sender.state === 'closed' || sender.state === 'dead') return;
    sender.state = state;
    this.loans.end();
    this.#closeGate();
    if (receiver.state !== 'open' || receiver.broken) return;
    if (receiver.sink !== undefined) this.rung();
    receiver.broken = true;
    this.ring?.setState(stateOf(sender));
    if (receiver.sink !== undefined) tellHost(this.#kernel, this, receiver.sink, state === 'closed');
    else this.#kernel.scheduler.changed(this.ring!.control.base);
  }

  /** The receiver is done or gone: its memory is out of reach at once. */
  closeReceiver(state: 'closed' | 'dead'): void {
    const { sender, receiver } = this;
    if (receiver.state === 'closed' || receiver.state === 'dead') return;
    receiver.state = state;
    if (sender.state === 'open') sender.broken = true;
    this.loans.end();
    this.#bytesBefore = this.bytes;
    const ring = this.ring;
    this.ring = undefined;
    this.#link();
    if (ring === undefined) return;
    if (sender.cvm !== undefined) this.#kernel.windows.sweep(sender.cvm, ring.region);
    this.#kernel.scheduler.changed(ring.control.base);
  }

  /** The switcher's record says what this object knows. */
  #link(): void {
    if (this.gate === undefined) return;
    const { base } = this.gate.record;
    const { machine, sealer } = this.#kernel;
    const { memory } = machine;
    const ring = this.sender.broken || this.receiver.broken ? undefined : this.ring;
    const parts = [ring?.control, ring?.data];
    parts.forEach((part, index) => {
      const capability = part === undefined ? NULL_CAPABILITY : sealer.shared(part, abi.FILE_READ | abi.FILE_WRITE)!;
      memory.writeCapability(base + abi.STREAM_CONTROL + abi.SLOT_SIZE * index, capability);
    });
    memory.writeU64(base + abi.STREAM_CAPACITY, BigInt(ring?.capacity ?? 0));
    const error = this.sender.broken ? -abi.EPIPE : -abi.EAGAIN;
    memory.writeU64(base + abi.STREAM_ERROR, BigInt.asUintN(64, BigInt(error)));
    this.#kernel.scheduler.changed(base);
  }

  #closeGate(): void {
    const gate = this.gate;
    if (gate === undefined) return;
    this.gate = undefined;
    this.#kernel.senders.delete(gate.record.base);
    this.#kernel.scheduler.changed(gate.record.base);
    this.#kernel.revokeGate(this.sender.cvm!, gate);
  }
}

const stateOf = ({ state }: End): number => (state === 'closed' ? abi.STREAM_ENDED : abi.STREAM_DEAD);
