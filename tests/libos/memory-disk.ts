// A block device in memory for guests/libos/fs/blockfs.c, which loses its power when it is told to.
import type { HostSink, HostSource } from '../../src/monitor/index.ts';
import type { Random } from '../helpers/random.ts';

const BLOCK = 4096;
const HEADER = 16;
const INFO = 0;
const READ = 1;
const WRITE = 2;
const FLUSH = 3;
const EIO = 5;

export class MemoryDisk implements HostSink, HostSource {
  readonly blocks: number;
  /** Requests after which it answers no more. */
  budget = Infinity;
  requests = 0;
  /** Requests that are never answered. */
  silent: (type: number, block: bigint) => boolean = () => false;
  /** What is durable; `torn` cannot be read. */
  readonly #durable = new Map<bigint, Uint8Array | 'torn'>();
  readonly #written = new Map<bigint, Uint8Array>();
  /** To be called when there are answers. */
  onReply: () => void = () => {};
  #incoming: Buffer = Buffer.alloc(0);
  #replies: Buffer[] = [];

  constructor(blocks: number) {
    this.blocks = blocks;
  }

  write(bytes: Uint8Array): void {
    this.#incoming = Buffer.concat([this.#incoming, bytes]);
    for (let size = this.#next(); size > 0; size = this.#next()) {
      const request = this.#incoming.subarray(0, size);
      const isSilent = this.silent(request.readUInt32LE(0), request.readBigUInt64LE(8));
      if (this.requests++ < this.budget && !isSilent) this.#serve(request);
      this.#incoming = this.#incoming.subarray(size);
    }
  }

  read(into: Uint8Array): number | undefined {
    if (this.#replies.length === 0) return undefined;
    const all = Buffer.concat(this.#replies);
    const count = all.copy(into);
    this.#replies = count < all.length ? [all.subarray(count)] : [];
    return count;
  }

  /** The power goes: each unflushed block is old, new or torn, as `random` has it. Then it can be used again. */
  cutPower(random: Random): void {
    for (const [block, bytes] of this.#written) {
      const fate = random.below(3);
      if (fate > 0) this.#durable.set(block, fate === 1 ? bytes : 'torn');
    }
    this.#written.clear();
    this.restart();
  }

  restart(): void {
    this.#incoming = Buffer.alloc(0);
    this.#replies = [];
    this.requests = 0;
    this.budget = Infinity;
  }

  /** Numbers of blocks that have been written. */
  get used(): bigint[] {
    return [...this.#durable.keys()];
  }

  /** Changes a byte of a block, as an attacker behind the encryption could not. */
  spoil(block: bigint, at: number): void {
    const bytes = this.#durable.get(block);
    if (bytes instanceof Uint8Array) bytes[at] ^= 0x41;
  }

  /** What a reader finds. */
  protected contents(block: bigint): Uint8Array | 'torn' {
    return this.#written.get(block) ?? this.#durable.get(block) ?? new Uint8Array(BLOCK);
  }

  #next(): number {
    if (this.#incoming.length < HEADER) return 0;
    const size = HEADER + (this.#incoming.readUInt32LE(0) === WRITE ? BLOCK : 0);
    return this.#incoming.length >= size ? size : 0;
  }

  #serve(request: Buffer): void {
    const block = request.readBigUInt64LE(8);
    const contents = this.contents(block);
    switch (request.readUInt32LE(0)) {
      case INFO:
        return this.#reply(request, 0, BigInt(this.blocks));
      case READ:
        return contents === 'torn' ? this.#reply(request, -EIO) : this.#reply(request, 0, 0n, contents);
      case WRITE:
        this.#written.set(block, Uint8Array.from(request.subarray(HEADER)));
        return this.#reply(request, 0);
      case FLUSH:
        for (const [number, bytes] of this.#written) this.#durable.set(number, bytes);
        this.#written.clear();
        return this.#reply(request, 0);
    }
  }

  #reply(request: Buffer, result: number, value = 0n, contents: Uint8Array = new Uint8Array(0)): void {
    const header = Buffer.alloc(HEADER);
    header.writeUInt32LE(request.readUInt32LE(4), 0);
    header.writeInt32LE(result, 4);
    header.writeBigUInt64LE(value, 8);
    this.#replies.push(header, Buffer.from(contents));
    this.onReply();
  }
}
