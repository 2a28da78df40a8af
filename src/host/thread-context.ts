// What the machine-mode software of a real computer does at a trap, for a host that plays its part
// (stopOnMachineTrap): save and load the registers of a thread, leave a trap, let time pass while nothing runs.
import {
  CAP_ADDRESS,
  CAP_HIGH,
  CAP_SIZE,
  CAP_STATE,
  DDC,
  F,
  FCSR,
  IDLE_TIME,
  MEPCC,
  MIE,
  MIP,
  MSTATUS,
  PC,
  PCC,
  PRIV,
  RESERVATION,
  STATE_META,
  STATE_TAG,
  UCAUSE,
  UTCC,
  X,
} from '../../assembly/layout.ts';
import type { RawCapability } from './capability.ts';
import type { Machine } from './machine.ts';
import { ArgumentError } from './errors.ts';

/** Pieces of the core's memory that belong to a thread, one behind the other in a saved context. */
const PIECES: readonly (readonly [pointer: number, sizeBytes: number])[] = [
  [X, 32 * CAP_SIZE],
  [DDC, CAP_SIZE],
  [PCC, CAP_SIZE],
  [UTCC, 4 * CAP_SIZE],
  [F, 32 * 8],
  [FCSR, 8],
  [UCAUSE, 3 * 8], // utval, uscratch
  [PC, 8],
];
const SIZE = PIECES.reduce((sum, [, sizeBytes]) => sum + sizeBytes, 0);
const X_AT = 0;
const DDC_AT = 32 * CAP_SIZE;
const PCC_AT = DDC_AT + CAP_SIZE;
const SPECIAL_AT = PCC_AT + CAP_SIZE;
const TRAP_AT = SIZE - 8 - 3 * 8;
const PC_AT = SIZE - 8;
/** Bits of registers that user mode shares with others, a u32 each behind the pieces: ustatus, uie.USIE, uip.USIP. */
const SHARED: readonly (readonly [cell: number, mask: number])[] = [
  [MSTATUS, 0x11],
  [MIE, 1],
  [MIP, 1],
];
const SHARED_AT = SIZE;
const INTERRUPT_AT = SHARED_AT + 2 * 4;
const MPP_SHIFT = 11n;

/** The capabilities of a context: c0 .. c31, then DDC, PCC, UTCC, UTDC, UScratchC, UEPCC. */
export const CONTEXT_CAPABILITIES = 38;
export const CONTEXT_DDC = 32;
export const CONTEXT_PCC = 33;
/** The first of the last four. */
export const CONTEXT_UTCC = 34;

/**
 * Registers of one thread that is not running: x and c, f, fcsr, pc, PCC, DDC, and those of user traps: the special ones,
 * ustatus, ucause, utval, uscratch, and the software interrupt in uie and uip.
 */
export class ThreadContext {
  readonly #bytes = new Uint8Array(SIZE + SHARED.length * 4);
  readonly #view = new DataView(this.#bytes.buffer);

  /** Takes the machine's registers over. The machine must not be in a trap: see leaveTrap. */
  save(machine: Machine): void {
    const memory = machine.core.bytes;
    let at = 0;
    for (const [pointer, sizeBytes] of PIECES) {
      this.#bytes.set(memory.subarray(pointer, pointer + sizeBytes), at);
      at += sizeBytes;
    }
    SHARED.forEach(([cell, mask], index) =>
      this.#view.setUint32(SHARED_AT + 4 * index, machine.core.readU32(cell) & mask, true),
    );
  }

  /** Makes these the machine's registers, in user mode. Another thread's LR reservation is dropped. */
  load(machine: Machine): void {
    const { core } = machine;
    let at = 0;
    for (const [pointer, sizeBytes] of PIECES) {
      core.bytes.set(this.#bytes.subarray(at, at + sizeBytes), pointer);
      at += sizeBytes;
    }
    SHARED.forEach(([cell, mask], index) => {
      const bits = this.#view.getUint32(SHARED_AT + 4 * index, true);
      core.writeU32(cell, ((core.readU32(cell) & ~mask) | bits) >>> 0);
    });
    core.writeU64(RESERVATION, 0n);
    core.writeU32(PRIV, 0);
    core.exports.synchronize();
  }

  /** Its user software interrupt is pending. */
  interrupt(): void {
    this.#view.setUint32(INTERRUPT_AT, 1, true);
  }

  /** Takes the registers of user traps over from another context. */
  takeTrapsOf(other: ThreadContext): void {
    const bytes = other.#bytes;
    this.#bytes.set(bytes.subarray(SPECIAL_AT, SPECIAL_AT + 4 * CAP_SIZE), SPECIAL_AT);
    this.#bytes.set(bytes.subarray(TRAP_AT, PC_AT), TRAP_AT);
    this.#bytes.set(bytes.subarray(SHARED_AT), SHARED_AT);
  }

  x(index: number): bigint {
    return this.#view.getBigUint64(this.#struct(index) + CAP_ADDRESS, true);
  }

  setX(index: number, value: bigint): void {
    if (index !== 0) this.setCapability(index, { tag: false, high: 0n, address: value });
  }

  /** Capability `index` in the order of CONTEXT_CAPABILITIES. */
  capability(index: number): RawCapability {
    const at = this.#struct(index);
    const state = this.#view.getUint32(at + CAP_STATE, true);
    return {
      tag: (state & STATE_TAG) !== 0,
      high: (state & STATE_META) !== 0 ? this.#view.getBigUint64(at + CAP_HIGH, true) : 0n,
      address: this.#view.getBigUint64(index === CONTEXT_PCC ? PC_AT : at + CAP_ADDRESS, true),
    };
  }

  /** Writes capability `index`; PCC's address is the pc. Derived fields are left to the core's next use. */
  setCapability(index: number, { tag, high, address }: RawCapability): void {
    if (index === 0) return;
    const at = this.#struct(index);
    this.#bytes.fill(0, at, at + CAP_SIZE);
    this.#view.setBigUint64(at + CAP_ADDRESS, BigInt.asUintN(64, address), true);
    this.#view.setUint32(at + CAP_STATE, tag || high !== 0n ? STATE_META | (tag ? STATE_TAG : 0) : 0, true);
    this.#view.setBigUint64(at + CAP_HIGH, BigInt.asUintN(64, high), true);
    if (index === CONTEXT_PCC) this.#view.setBigUint64(PC_AT, BigInt.asUintN(64, address), true);
  }

  #struct(index: number): number {
    if (!Number.isInteger(index) || index < 0 || index >= CONTEXT_CAPABILITIES) {
      throw new ArgumentError(`a context has no capability ${index}`);
    }
    return index < 32
      ? X_AT + index * CAP_SIZE
      : index === CONTEXT_DDC
        ? DDC_AT
        : index === CONTEXT_PCC
          ? PCC_AT
          : SPECIAL_AT + (index - CONTEXT_UTCC) * CAP_SIZE;
  }
}

/** After a stop at a machine-mode trap: back to the privilege and place that trapped, `skipBytes` further on. */
export function leaveTrap(machine: Machine, skipBytes = 0): void {
  const { core } = machine;
  core.bytes.copyWithin(PCC, MEPCC, MEPCC + CAP_SIZE);
  core.writeU64(PC, BigInt.asUintN(64, core.readU64(MEPCC) + BigInt(skipBytes)));
  core.writeU32(PRIV, Number((core.readU64(MSTATUS) >> MPP_SHIFT) & 3n));
  core.exports.synchronize();
}

/** Lets `instructions`' worth of simulated time pass without executing any. The guest's clocks wrap at 64 bits. */
export function passTime(machine: Machine, instructions: bigint): void {
  machine.core.writeU64(IDLE_TIME, BigInt.asUintN(64, machine.core.readU64(IDLE_TIME) + instructions));
}
