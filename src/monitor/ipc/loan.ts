// Loans: the sender of a stream lends a buffer of its own, read-only and without a copy. A loan is a shared file without
// a name: the receiver finds it among its handles, reads it, closes it; the sender may recall it. The sender can change
// what it lent at any time: a receiver that must be sure copies first.
import * as abi from '../abi.ts';
import type { Region } from '../carve.ts';
import type { Kernel } from '../kernel.ts';
import type { Stream } from './stream.ts';
import type { SharedFile } from '../types.ts';

export class Loans {
  readonly #kernel: Kernel;
  readonly #stream: Stream;
  readonly #out = new Map<number, SharedFile>();
  /** Numbers of what the receiver has not borrowed yet, oldest first: nothing takes up its handles unasked. */
  readonly #queue: number[] = [];

  constructor(kernel: Kernel, stream: Stream) {
    this.#kernel = kernel;
    this.#stream = stream;
  }

  /** Everything that is lent just now. */
  get out(): readonly SharedFile[] {
    return [...this.#out.values()];
  }

  get isWaiting(): boolean {
    const { receiver, receiverKey } = this.#stream;
    return this.#queue.length > 0 || receiver.broken || receiverKey === undefined;
  }

  isOut(id: bigint): boolean {
    return this.#out.has(Number(id));
  }

  /** Sender: the loan's number. -EINVAL: no capability covers exactly this. */
  lend(region: Region): number {
    const { sender, receiver, receiverKey } = this.#stream;
    if (sender.broken) return -abi.EPIPE;
    const id = Array.from({ length: abi.LOANS_OUT }, (_, index) => index).find((index) => !this.#out.has(index));
    if (receiver.cvm === undefined || receiverKey === undefined || id === undefined) return -abi.EAGAIN;
    if (this.#kernel.sealer.shared(region, abi.FILE_READ) === undefined) return -abi.EINVAL;
    const file: SharedFile = {
      name: `loan ${id} of ${this.#stream.name}`,
      owner: sender.cvm,
      region,
      rights: new Map(),
      holders: new Map(),
      onReturn: () => this.#end(id),
    };
    this.#out.set(id, file);
    this.#queue.push(id);
    this.#kernel.scheduler.changed(receiverKey);
    return id;
  }

  /** Receiver: a file handle of the oldest loan. -ENOMEM: it has no handle free. */
  borrow(): number {
    const { receiver } = this.#stream;
    const [id] = this.#queue;
    if (id === undefined) return receiver.broken ? -abi.EPIPE : -abi.EAGAIN;
    const handle = this.#kernel.files.grant(this.#out.get(id)!, receiver.cvm!, abi.FILE_READ);
    if (handle >= 0) this.#queue.shift();
    return handle;
  }

  /** Sender: takes a loan back at once. */
  recall(id: bigint): number {
    const file = this.#out.get(Number(id));
    if (file === undefined) return -abi.EINVAL;
    this.#takeBack(Number(id), file);
    return 0;
  }

  /** The stream has lost an end. */
  end(): void {
    for (const [id, file] of this.#out) this.#takeBack(id, file);
  }

  #takeBack(id: number, file: SharedFile): void {
    if (file.holders.size > 0) this.#kernel.files.revoke(file);
    else this.#end(id);
  }

  #end(id: number): void {
    this.#out.delete(id);
    const queued = this.#queue.indexOf(id);
    if (queued >= 0) this.#queue.splice(queued, 1);
    const key = this.#stream.senderKey;
    if (key !== undefined) this.#kernel.scheduler.changed(key);
  }
}
