// Guest memory as the host sees it: bounds-checked reads and writes of RAM, its tags and capabilities, by
// physical address or through the guest's current translation. Device registers are not reachable here.
import { RAM_POINTER } from '../../assembly/layout.ts';
import type { Capability, RawCapability } from './capability.ts';
import type { Core } from './core.ts';
import { MemoryAccessError } from './errors.ts';
import { PRIVILEGE_NUMBERS } from './registers.ts';
import type { Privilege, Registers } from './registers.ts';

/** Guest physical address of the first byte of RAM. */
export const RAM_BASE = 0x8000_0000n;
export const GRANULE_BYTES = 16;
const PAGE_BYTES = 4096n;
const RAM_BASE_NUMBER = Number(RAM_BASE);
const NO_WORD = -1;
const UNMAPPED = (1n << 64n) - 1n;

export interface AccessOptions {
  /** The address is virtual: translate it as the guest's current privilege would. */
  readonly virtual?: boolean;
}

export class GuestMemory {
  readonly #core: Core;
  readonly #registers: Registers;
  /** Bytes of RAM. */
  readonly sizeBytes: number;

  constructor(core: Core, registers: Registers, sizeBytes: number) {
    this.#core = core;
    this.#registers = registers;
    this.sizeBytes = sizeBytes;
  }

  get base(): bigint {
    return RAM_BASE;
  }

  /** First address past RAM. */
  get end(): bigint {
    return RAM_BASE + BigInt(this.sizeBytes);
  }

  /** Does [address, address + length) lie in RAM? */
  contains(address: bigint, lengthBytes = 1): boolean {
    return address >= RAM_BASE && address + BigInt(lengthBytes) <= this.end;
  }

  /** A copy of `length` bytes. */
  read(address: bigint | number, length: number, options: AccessOptions = {}): Uint8Array<ArrayBuffer> {
    const result = new Uint8Array(length);
    this.#forEachPiece(BigInt(address), length, options, 'read', (pointer, offset, size) => {
      result.set(this.#core.bytes.subarray(pointer, pointer + size), offset);
    });
    return result;
  }

  /** Writes bytes as a data store does: the tags of all granules touched are cleared. */
  write(address: bigint | number, bytes: Uint8Array, options: AccessOptions = {}): void {
    this.#forEachPiece(BigInt(address), bytes.length, options, 'write', (pointer, offset, size) => {
      this.#core.bytes.set(bytes.subarray(offset, offset + size), pointer);
      this.#core.exports.clearTagRange(pointer, size);
    });
  }

  /** Writes `length` bytes of one value, clearing tags. */
  fill(address: bigint | number, length: number, value = 0, options: AccessOptions = {}): void {
    this.#forEachPiece(BigInt(address), length, options, 'write', (pointer, _offset, size) => {
      this.#core.bytes.fill(value, pointer, pointer + size);
      this.#core.exports.clearTagRange(pointer, size);
    });
  }

  readU8(address: bigint | number, options?: AccessOptions): number {
    return this.read(address, 1, options)[0];
  }

  readU16(address: bigint | number, options?: AccessOptions): number {
    return new DataView(this.read(address, 2, options).buffer).getUint16(0, true);
  }

  readU32(address: bigint | number, options?: AccessOptions): number {
    const word = this.#word(address, 4, options);
    if (word !== NO_WORD) return this.#core.readU32(word);
    return new DataView(this.read(address, 4, options).buffer).getUint32(0, true);
  }

  readU64(address: bigint | number, options?: AccessOptions): bigint {
    const word = this.#word(address, 8, options);
    if (word !== NO_WORD) return this.#core.readU64(word);
    return new DataView(this.read(address, 8, options).buffer).getBigUint64(0, true);
  }

  writeU32(address: bigint | number, value: number, options?: AccessOptions): void {
    const word = this.#word(address, 4, options);
    if (word !== NO_WORD) {
      this.#core.writeU32(word, value);
      this.#core.exports.clearTagRange(word, 4);
      return;
    }
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, value, true);
    this.write(address, bytes, options);
  }

  writeU64(address: bigint | number, value: bigint, options?: AccessOptions): void {
    const word = this.#word(address, 8, options);
    if (word !== NO_WORD) {
      this.#core.writeU64(word, value);
      this.#core.exports.clearTagRange(word, 8);
      return;
    }
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, BigInt.asUintN(64, value), true);
    this.write(address, bytes, options);
  }

  /** Text up to the first NUL, at most `limit` bytes. */
  readString(address: bigint | number, limit = 4096, options: AccessOptions = {}): string {
    let length = 0;
    while (length < limit && this.readU8(BigInt(address) + BigInt(length), options) !== 0) length++;
    return new TextDecoder().decode(this.read(address, length, options));
  }

  /** Tag of the granule that contains `address`. */
  tag(address: bigint | number, options: AccessOptions = {}): boolean {
    return this.#core.exports.readTag(this.#linear(this.#physical(BigInt(address), options), 1, 'read')) !== 0;
  }

  /** Addresses of the granules in [address, address + length) that hold a capability; `address` 16-byte aligned. */
  taggedGranules(address: bigint | number, length: number): bigint[] {
    const start = BigInt(address);
    const pointer = this.#linear(start, length, 'read');
    const found: bigint[] = [];
    for (let offset = 0; offset < length; offset += GRANULE_BYTES) {
      if (this.#core.exports.readTag(pointer + offset) !== 0) found.push(start + BigInt(offset));
    }
    return found;
  }

  /** The capability in the granule at `address` (16-byte aligned), decoded. */
  readCapability(address: bigint | number, options: AccessOptions = {}): Capability {
    return this.#registers.decode(this.readRaw(address, options));
  }

  /** Tag and 128 bits of the granule at `address` (16-byte aligned). */
  readRaw(address: bigint | number, options: AccessOptions = {}): RawCapability {
    const pointer = this.#granule(BigInt(address), options, 'read');
    return {
      tag: this.#core.exports.readTag(pointer) !== 0,
      address: this.#core.readU64(pointer),
      high: this.#core.readU64(pointer + 8),
    };
  }

  /** Writes tag and 128 bits of a granule. The host can forge: this is for set-up, not for guests. */
  writeCapability(address: bigint | number, value: RawCapability, options: AccessOptions = {}): void {
    const pointer = this.#granule(BigInt(address), options, 'write');
    this.#core.writeU64(pointer, BigInt.asUintN(64, value.address));
    this.#core.writeU64(pointer + 8, BigInt.asUintN(64, value.high));
    this.#core.exports.writeTag(pointer, value.tag ? 1 : 0);
  }

  /** Physical address behind a virtual one as `privilege` sees it; undefined where nothing is mapped. */
  translate(virtualAddress: bigint, privilege: Privilege = this.#registers.privilege): bigint | undefined {
    const address = BigInt.asUintN(64, virtualAddress);
    const physical = BigInt.asUintN(64, this.#core.exports.debugTranslate(address, PRIVILEGE_NUMBERS[privilege]));
    return physical === UNMAPPED ? undefined : physical;
  }

  #granule(address: bigint, options: AccessOptions, verb: string): number {
    if ((address & 15n) !== 0n) {
      throw new MemoryAccessError(`0x${address.toString(16)} is not 16-byte aligned`, 'ERR_CVM_MEMORY_ALIGNMENT');
    }
    return this.#linear(this.#physical(address, options), GRANULE_BYTES, verb);
  }

  #physical(address: bigint, options: AccessOptions): bigint {
    if (options.virtual !== true) return address;
    const physical = this.translate(address);
    if (physical === undefined) {
      throw new MemoryAccessError(`virtual address 0x${address.toString(16)} is not mapped`, 'ERR_CVM_MEMORY_UNMAPPED');
    }
    return physical;
  }

  #linear(address: bigint, size: number, verb: string): number {
    if (!this.contains(address, size)) {
      const range = `0x${this.base.toString(16)}-0x${this.end.toString(16)}`;
      throw new MemoryAccessError(`cannot ${verb} ${size} bytes at 0x${address.toString(16)}: RAM is ${range}`);
    }
    return this.#core.readU32(RAM_POINTER) + Number(address - RAM_BASE);
  }

  /**
   * Linear pointer of an aligned word of RAM at a physical address: what monitors read and write all the time. NO_WORD:
   * it is something else, for the way that works for all. (An address beyond 2^53 is rounded, and still outside.)
   */
  #word(address: bigint | number, size: number, options: AccessOptions | undefined): number {
    const offset = Number(address) - RAM_BASE_NUMBER;
    if (options !== undefined || !(offset >= 0 && offset + size <= this.sizeBytes) || offset % size !== 0)
      return NO_WORD;
    return this.#core.readU32(RAM_POINTER) + offset;
  }

  /** Calls `visit` with the linear pointer of each contiguous piece: one for physical ranges, one per page else. */
  #forEachPiece(
    address: bigint,
    length: number,
    options: AccessOptions,
    verb: string,
    visit: (pointer: number, offset: number, size: number) => void,
  ): void {
    if (!Number.isSafeInteger(length) || length < 0) throw new MemoryAccessError(`cannot ${verb} ${length} bytes`);
    let offset = 0;
    while (offset < length) {
      const at = address + BigInt(offset);
      const room = options.virtual === true ? Number(PAGE_BYTES - (at & (PAGE_BYTES - 1n))) : length;
      const size = Math.min(length - offset, room);
      visit(this.#linear(this.#physical(at, options), size, verb), offset, size);
      offset += size;
    }
  }
}
