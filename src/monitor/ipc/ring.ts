// A stream's ring in the receiver's memory, as the monitor and host code use it; cVMs send through the switcher.
// Trust: the receiver can write all of it at any moment. Head and tail are read once per use, and whatever they say,
// nothing outside the ring is touched. Layout: abi.ts.
import type { GuestMemory } from '../../host/index.ts';
import { RING_CAPACITY_LEAST, RING_CONTROL, RING_HEAD, RING_STATE, RING_TAIL } from '../abi.ts';
import type { Region } from '../carve.ts';

export class Ring {
  readonly region: Region;
  readonly data: Region;
  readonly control: Region;
  readonly #memory: GuestMemory;

  /** Empty, and open. Undefined: the region is not a power of two of bytes and control. */
  static of(memory: GuestMemory, region: Region): Ring | undefined {
    const capacity = region.sizeBytes - RING_CONTROL;
    if (capacity < RING_CAPACITY_LEAST || !Number.isInteger(Math.log2(capacity)) || region.base % 16 !== 0)
      return undefined;
    memory.fill(region.base + capacity, RING_CONTROL);
    return new Ring(memory, region, capacity);
  }

  private constructor(memory: GuestMemory, region: Region, capacity: number) {
    this.#memory = memory;
    this.region = region;
    this.data = { base: region.base, sizeBytes: capacity };
    this.control = { base: region.base + capacity, sizeBytes: RING_CONTROL };
  }

  get capacity(): number {
    return this.data.sizeBytes;
  }

  get head(): bigint {
    return this.#memory.readU64(this.control.base + RING_HEAD);
  }

  /** Bytes that can be sent; none where head and tail make no sense. */
  get room(): number {
    const used = this.head - this.#memory.readU64(this.control.base + RING_TAIL);
    return used < 0n || used > BigInt(this.capacity) ? 0 : this.capacity - Number(used);
  }

  setState(state: number): void {
    this.#memory.writeU64(this.control.base + RING_STATE, BigInt(state));
  }

  /** Host code sends, at most as much as there is room for. */
  put(bytes: Uint8Array): void {
    const { head } = this;
    const place = this.#place(head);
    const first = Math.min(bytes.length, this.capacity - place);
    this.#memory.write(this.data.base + place, bytes.subarray(0, first));
    this.#memory.write(this.data.base, bytes.subarray(first));
    this.#memory.writeU64(this.control.base + RING_HEAD, BigInt.asUintN(64, head + BigInt(bytes.length)));
  }

  /** Host code receives everything that is there. Only for a ring in memory of the monitor. */
  takeAll(): Uint8Array {
    const { head, room } = this;
    const used = this.capacity - room;
    const place = this.#place(head - BigInt(used));
    const first = Math.min(used, this.capacity - place);
    const bytes = new Uint8Array(used);
    bytes.set(this.#memory.read(this.data.base + place, first));
    bytes.set(this.#memory.read(this.data.base, used - first), first);
    this.#memory.writeU64(this.control.base + RING_TAIL, head);
    return bytes;
  }

  #place(position: bigint): number {
    return Number(BigInt.asUintN(64, position) & BigInt(this.capacity - 1));
  }
}
