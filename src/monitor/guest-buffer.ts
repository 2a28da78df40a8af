// The one accessor for a cVM's memory: every address and length that a guest names goes through GuestBuffer.of.
// Trust: address and size are the guest's, chosen to hurt. Invariant: what it returns lies inside the caller's own
// data region; contents are read once, into a copy, so that what was checked is what is used.
import type { GuestMemory } from '../host/index.ts';
import { EFAULT, EINVAL, SLOT_SIZE, CLIST_SLOTS } from './abi.ts';
import type { Region } from './carve.ts';

/** What GuestBuffer needs to know of a cVM. */
export interface GuestSpace {
  /** Absolute place of the cVM's data. */
  readonly data: Region;
  /** Absolute address of what the cVM calls 0. */
  readonly origin: number;
}

export class GuestBuffer {
  readonly #memory: GuestMemory;
  readonly region: Region;

  private constructor(memory: GuestMemory, region: Region) {
    this.#memory = memory;
    this.region = region;
  }

  /**
   * The bytes [at, at + size) of a cVM, in its own addresses, or a negated errno.
   * Checks in this order: size within `limit` (EINVAL), both ends inside the cVM's data (EFAULT).
   */
  static of(memory: GuestMemory, space: GuestSpace, at: bigint, size: bigint, limit: number): GuestBuffer | number {
    if (size > BigInt(limit)) return -EINVAL;
    const { data, origin } = space;
    const start = BigInt(data.base - origin);
    // Addresses are unsigned 64 bit: the sum cannot wrap in a bigint.
    if (at < start || at + size > start + BigInt(data.sizeBytes)) return -EFAULT;
    return new GuestBuffer(memory, { base: Number(at) + origin, sizeBytes: Number(size) });
  }

  /** Does it touch the c-list, which only the monitor may write? */
  touchesCapabilities(space: GuestSpace): boolean {
    return this.region.base < space.data.base + CLIST_SLOTS * SLOT_SIZE;
  }

  read(): Uint8Array<ArrayBuffer> {
    return this.#memory.read(this.region.base, this.region.sizeBytes);
  }

  readU32(): number {
    return this.#memory.readU32(this.region.base);
  }

  /** Writes at the start; bytes beyond the buffer's size are refused by an exception: the monitor's own mistake. */
  write(bytes: Uint8Array): void {
    if (bytes.length > this.region.sizeBytes) throw new RangeError('write beyond a validated buffer');
    this.#memory.write(this.region.base, bytes);
  }
}
