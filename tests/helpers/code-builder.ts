// Lays out machine code at a fixed address: instructions from encoder.ts, labels, and the usual pseudo-instructions.
import { encode, patternOf, type Fields } from './encoder.ts';

type Fixup = { at: number; name: string; fields: Fields; label: string };

export class CodeBuilder {
  readonly base: bigint;
  private readonly bytes: number[] = [];
  private readonly labels = new Map<string, number>();
  private readonly fixups: Fixup[] = [];

  constructor(base: bigint) {
    this.base = base;
  }

  get pc(): bigint {
    return this.base + BigInt(this.bytes.length);
  }

  /** Appends one instruction. */
  op(name: string, fields: Fields = {}): this {
    return this.word(encode(name, fields), patternOf(name).sizeBytes);
  }

  word(word: number, sizeBytes: number): this {
    for (let i = 0; i < sizeBytes; i++) this.bytes.push((word >>> (8 * i)) & 255);
    return this;
  }

  label(name: string): this {
    if (this.labels.has(name)) throw new Error(`label '${name}' defined twice`);
    this.labels.set(name, this.bytes.length);
    return this;
  }

  /** A branch or jump to a label, defined before or after it. */
  to(label: string, name: string, fields: Fields = {}): this {
    this.fixups.push({ at: this.bytes.length, name, fields, label });
    return this.op(name, fields);
  }

  /** Any 64-bit constant, in at most eight instructions. */
  li(d: number, value: bigint): this {
    const signed = BigInt.asIntN(64, value);
    if (signed === BigInt.asIntN(12, signed)) return this.op('addi', { d, s: 0, i: Number(signed) });
    if (signed === BigInt.asIntN(32, signed)) {
      const low = Number(BigInt.asIntN(12, signed));
      this.op('lui', { d, i: Number(BigInt.asIntN(32, signed - BigInt(low))) });
      return low === 0 ? this : this.op('addiw', { d, s: d, i: low });
    }
    const low = BigInt.asIntN(12, signed);
    this.li(d, (signed - low) >> 12n).op('slli', { d, s: d, i: 12 });
    return low === 0n ? this : this.op('addi', { d, s: d, i: Number(low) });
  }

  /** Address within ±2 GiB, PC-relative. */
  la(d: number, address: bigint): this {
    const offset = Number(address - this.pc);
    const low = (offset << 20) >> 20;
    return this.op('auipc', { d, i: offset - low }).op('addi', { d, s: d, i: low });
  }

  addressOf(label: string): bigint {
    const offset = this.labels.get(label);
    if (offset === undefined) throw new Error(`label '${label}' is not defined`);
    return this.base + BigInt(offset);
  }

  finish(): Uint8Array {
    for (const { at, name, fields, label } of this.fixups) {
      const distance = Number(this.addressOf(label) - this.base) - at;
      const word = encode(name, { ...fields, i: distance });
      for (let i = 0; i < patternOf(name).sizeBytes; i++) this.bytes[at + i] = (word >>> (8 * i)) & 255;
    }
    return Uint8Array.from(this.bytes);
  }
}
