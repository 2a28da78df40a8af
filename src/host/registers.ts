// Registers by name: x, f, pc, CSRs and capabilities of a stopped machine, straight from the core's memory.
import {
  CAP_BASE,
  CAP_HIGH,
  CAP_OTYPE,
  CAP_PERMS,
  CAP_STATE,
  CAP_TOP,
  CAP_TOP_HIGH,
  PC,
  PCC,
  PC_BIAS,
  PRIV,
  STATE_META,
  STATE_TAG,
  TEMP_CAP,
} from '../../assembly/layout.ts';
import { FLAG_BIT, formatCapability, OTYPE_SENTRY, OTYPE_UNSEALED } from './capability.ts';
import type { Capability, RawCapability } from './capability.ts';
import type { Core } from './core.ts';
import { ArgumentError } from './errors.ts';
import {
  CAPABILITY_POINTERS,
  CSR_NUMBERS,
  F_NUMBERS,
  fPointer,
  X_NAMES,
  X_NUMBERS,
  xPointer,
} from './register-names.ts';

export type Privilege = 'U' | 'S' | 'M';

const PRIVILEGES: Readonly<Record<number, Privilege>> = { 0: 'U', 1: 'S', 3: 'M' };
export const PRIVILEGE_NUMBERS: Readonly<Record<Privilege, number>> = { U: 0, S: 1, M: 3 };
const unsigned = (value: bigint): bigint => BigInt.asUintN(64, value);

/**
 * Integer and floating-point registers, CSRs and capabilities.
 * Names: x0..x31 and ABI names, f0..f31 and ABI names, c0..c31, ca0 ..., pcc, ddc, mtcc ..., CSR names, `pc`.
 */
export class Registers {
  readonly #core: Core;

  constructor(core: Core) {
    this.#core = core;
  }

  /** Absolute virtual address of the next instruction. */
  get pc(): bigint {
    return this.#core.readU64(PC);
  }

  set pc(value: bigint) {
    this.#core.writeU64(PC, unsigned(value));
    this.#core.exports.synchronize();
  }

  /** The pc as the guest sees it: an offset into PCC with relocated addressing, else the absolute one. */
  get architecturalPc(): bigint {
    return unsigned(this.pc - this.#core.readU64(PC_BIAS));
  }

  get privilege(): Privilege {
    return PRIVILEGES[this.#core.readU32(PRIV)];
  }

  set privilege(value: Privilege) {
    this.#core.writeU32(PRIV, PRIVILEGE_NUMBERS[value]);
    this.#core.exports.synchronize();
  }

  /** Value of x register `index`. */
  x(index: number): bigint {
    return this.#core.readU64(xPointer(checkIndex(index)));
  }

  /** Writes an integer: the register's capability part becomes null. */
  setX(index: number, value: bigint): void {
    if (checkIndex(index) === 0) return;
    this.#core.writeU64(xPointer(index), unsigned(value));
    this.#core.writeU64(xPointer(index) + CAP_STATE, 0n);
  }

  /** Raw 64 bits of f register `index` (single precision is NaN-boxed). */
  f(index: number): bigint {
    return this.#core.readU64(fPointer(checkIndex(index)));
  }

  setF(index: number, bits: bigint): void {
    this.#core.writeU64(fPointer(checkIndex(index)), unsigned(bits));
  }

  /** Value of a register or CSR by name. Of a capability register this is the address. */
  get(name: string): bigint {
    if (name === 'pc') return this.pc;
    const x = X_NUMBERS.get(name);
    if (x !== undefined) return this.x(x);
    const f = F_NUMBERS.get(name);
    if (f !== undefined) return this.f(f);
    if (CAPABILITY_POINTERS.has(name)) return this.capability(name).address;
    return this.csr(csrNumber(name));
  }

  /** Writes a register or CSR by name. For capabilities see setCapability. */
  set(name: string, value: bigint | number): void {
    const bits = BigInt(value);
    const x = X_NUMBERS.get(name);
    const f = F_NUMBERS.get(name);
    if (name === 'pc') this.pc = bits;
    else if (x !== undefined) this.setX(x, bits);
    else if (f !== undefined) this.setF(f, bits);
    else if (CAPABILITY_POINTERS.has(name)) throw new ArgumentError(`use setCapability to write ${name}`);
    else this.setCsr(csrNumber(name), bits);
  }

  /** CSR by number, without privilege checks. Throws where the machine has no such CSR. */
  csr(number: number): bigint {
    this.#checkCsr(number);
    return unsigned(this.#core.exports.csrGet(number));
  }

  setCsr(number: number, value: bigint): void {
    this.#checkCsr(number);
    this.#core.exports.csrSet(number, unsigned(value));
    this.#core.exports.synchronize();
  }

  /** Capability register `index` as it lies in memory, or would. */
  raw(index: number): RawCapability {
    const pointer = xPointer(checkIndex(index));
    const state = this.#core.readU32(pointer + CAP_STATE);
    const high = (state & STATE_META) === 0 ? 0n : this.#core.readU64(pointer + CAP_HIGH);
    return { tag: (state & STATE_TAG) !== 0, high, address: this.#core.readU64(pointer) };
  }

  /** A capability register, special ones included, decoded. */
  capability(name: string): Capability {
    return this.capabilityAt(capabilityPointer(name));
  }

  /** Writes a capability register; also x registers, whose integer part it sets. */
  setCapability(name: string, value: RawCapability): void {
    const pointer = capabilityPointer(name);
    if (pointer === xPointer(0)) return;
    this.#core.exports.capSet(pointer, unsigned(value.high), unsigned(value.address), value.tag ? 1 : 0);
    if (pointer === PCC) this.#core.writeU64(PC, unsigned(value.address));
    this.#core.exports.synchronize();
  }

  /** The decoded form of a capability that is in no register. */
  decode(value: RawCapability): Capability {
    this.#core.exports.capSet(TEMP_CAP, unsigned(value.high), unsigned(value.address), value.tag ? 1 : 0);
    return this.capabilityAt(TEMP_CAP);
  }

  /** Decodes the struct at a linear pointer (layout.ts). */
  capabilityAt(pointer: number): Capability {
    const core = this.#core;
    core.exports.capDecode(pointer);
    const high = unsigned(core.exports.capHigh(pointer));
    const otype = core.readU32(pointer + CAP_OTYPE);
    return {
      tag: (core.readU32(pointer + CAP_STATE) & STATE_TAG) !== 0,
      high,
      address: pointer === PCC ? this.pc : core.readU64(pointer),
      base: core.readU64(pointer + CAP_BASE),
      top: (BigInt(core.readU32(pointer + CAP_TOP_HIGH)) << 64n) | core.readU64(pointer + CAP_TOP),
      permissions: core.readU32(pointer + CAP_PERMS),
      otype,
      sealed: otype !== OTYPE_UNSEALED,
      flag: Number((high >> FLAG_BIT) & 1n),
    };
  }

  /** All integer registers, `name value` per line, capabilities in text form. */
  dump(): string {
    const lines = [`pc   0x${this.pc.toString(16)} (${this.privilege}-mode)`];
    for (let index = 1; index < 32; index++) {
      const text = formatCapability(this.capabilityAt(xPointer(index)));
      lines.push(`${`x${index}`.padEnd(4)} ${X_NAMES[index].padEnd(5)} ${text}`);
    }
    return lines.join('\n');
  }

  #checkCsr(number: number): void {
    if (this.#core.exports.csrExists(number) === 0) {
      throw new ArgumentError(`this machine has no CSR 0x${number.toString(16)}`);
    }
  }
}

/** Is `capability` a sentry? */
export const isSentry = (capability: Capability): boolean => capability.otype === OTYPE_SENTRY;

function checkIndex(index: number): number {
  if (!Number.isInteger(index) || index < 0 || index > 31) throw new ArgumentError(`no register number ${index}`);
  return index;
}

function capabilityPointer(name: string): number {
  const x = X_NUMBERS.get(name);
  const pointer = x === undefined ? CAPABILITY_POINTERS.get(name) : xPointer(x);
  if (pointer === undefined) throw new ArgumentError(`no capability register called ${JSON.stringify(name)}`);
  return pointer;
}

function csrNumber(name: string): number {
  const number = CSR_NUMBERS.get(name) ?? (/^0x[0-9a-f]{1,3}$/i.test(name) ? Number(name) : undefined);
  if (number === undefined) throw new ArgumentError(`no register or CSR called ${JSON.stringify(name)}`);
  return number;
}
