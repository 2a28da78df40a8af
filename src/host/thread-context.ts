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
  UEPCC,
  UTCC,
  WINDOWS_EPOCH,
  X,
} from '../../assembly/layout.ts';
import type { RawCapability } from './capability.ts';
import type { Core } from './core.ts';
import type { Machine } from './machine.ts';
import { ArgumentError } from './errors.ts';

/** Pieces of the core's memory that belong to a thread, one behind the other in a saved context. */
const PIECES: readonly (readonly [pointer: number, sizeBytes: number])[] = [
  [X, 32 * CAP_SIZE],
  [PCC, UEPCC + CAP_SIZE - PCC],
  [F, 32 * 8],
];
const X_AT = 0;
const PCC_AT = 32 * CAP_SIZE;
const DDC_AT = PCC_AT + DDC - PCC;
const SPECIAL_AT = PCC_AT + UTCC - PCC;
const WORDS_AT = PIECES.reduce((sum, [, sizeBytes]) => sum + sizeBytes, 0);
/** Behind them, single words of the core's memory: pc, fcsr, ucause, utval, uscratch. */
const WORDS = [PC, PC + 4, FCSR, ...Array.from({ length: 6 }, (_, index) => UCAUSE + 4 * index)].map((at) => at / 4);
const PC_AT = WORDS_AT;
const TRAP_AT = WORDS_AT + 3 * 4;
/** Behind them, bits of registers that user mode shares with others: ustatus, uie.USIE, uip.USIP. */
const SHARED: readonly (readonly [word: number, mask: number])[] = [
  [MSTATUS / 4, 0x11],
  [MIE / 4, 1],
  [MIP / 4, 1],
];
const SHARED_AT = WORDS_AT + 4 * WORDS.length;
const INTERRUPT_AT = SHARED_AT + 2 * 4;
const SIZE = SHARED_AT + 4 * SHARED.length;
const MPP_SHIFT = 11;

const piecesOf = (of: Uint8Array, place: (pointer: number, offset: number) => number): Uint8Array[] => {
  let offset = 0;
  return PIECES.map(([pointer, sizeBytes]) => {
    const at = place(pointer, offset);
    offset += sizeBytes;
    return of.subarray(at, at + sizeBytes);
  });
};

/** Views of a core's registers: made once, switching threads is frequent. */
const views = new WeakMap<Core, Uint8Array[]>();

function viewsOf(core: Core): Uint8Array[] {
  let found = views.get(core);
  if (found === undefined || found[0]!.length === 0) {
    found = piecesOf(core.bytes, (pointer) => pointer);
    views.set(core, found);
  }
  return found;
}

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
  readonly #bytes = new Uint8Array(SIZE);
  readonly #view = new DataView(this.#bytes.buffer);
  readonly #words = new Uint32Array(this.#bytes.buffer);
  readonly #pieces = piecesOf(this.#bytes, (_pointer, offset) => offset);
  /** Whose access windows are in the registers, and of which WINDOWS_EPOCH; undefined: there are none. */
  #windowsOf: Core | undefined;
  #epoch = 0;

  /** Takes the machine's registers over. The machine must not be in a trap: see leaveTrap. */
  save({ core }: Machine): void {
    const { words } = core;
    const from = viewsOf(core);
    for (let index = 0; index < from.length; index++) this.#pieces[index]!.set(from[index]!);
    for (let index = 0; index < WORDS.length; index++) this.#words[WORDS_AT / 4 + index] = words[WORDS[index]!]!;
    for (let index = 0; index < SHARED.length; index++) {
      const [word, mask] = SHARED[index]!;
      this.#words[SHARED_AT / 4 + index] = words[word]! & mask;
    }
    this.#windowsOf = core;
    this.#epoch = words[WINDOWS_EPOCH / 4]!;
  }

  /** Makes these the machine's registers, in user mode. Another thread's LR reservation is dropped. */
  load({ core }: Machine): void {
    const { words } = core;
    const to = viewsOf(core);
    for (let index = 0; index < to.length; index++) to[index]!.set(this.#pieces[index]!);
    for (let index = 0; index < WORDS.length; index++) words[WORDS[index]!] = this.#words[WORDS_AT / 4 + index]!;
    for (let index = 0; index < SHARED.length; index++) {
      const [word, mask] = SHARED[index]!;
      words[word] = (words[word]! & ~mask) | this.#words[SHARED_AT / 4 + index]!;
    }
    words[RESERVATION / 4] = 0;
    words[RESERVATION / 4 + 1] = 0;
    words[PRIV / 4] = 0;
    const areWindowsRight =
      this.#windowsOf === undefined || (this.#windowsOf === core && this.#epoch === words[WINDOWS_EPOCH / 4]);
    if (areWindowsRight) core.exports.resume();
    else core.exports.synchronize();
  }

  /** Its user software interrupt is pending. */
  interrupt(): void {
    this.#view.setUint32(INTERRUPT_AT, 1, true);
  }

  /** Takes the registers of user traps over from another context. */
  takeTrapsOf(other: ThreadContext): void {
    const bytes = other.#bytes;
    this.#bytes.set(bytes.subarray(SPECIAL_AT, SPECIAL_AT + 4 * CAP_SIZE), SPECIAL_AT);
    this.#bytes.set(bytes.subarray(TRAP_AT), TRAP_AT);
  }

  x(index: number): bigint {
    return this.#view.getBigUint64(this.#struct(index) + CAP_ADDRESS, true);
  }

  setX(index: number, value: bigint): void {
    if (index === 0) return;
    const at = this.#struct(index);
    this.#view.setBigUint64(at + CAP_ADDRESS, value, true);
    this.#view.setBigUint64(at + CAP_STATE, 0n, true); // the windows with it
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
  core.writeU32(PRIV, (core.readU32(MSTATUS) >> MPP_SHIFT) & 3);
  core.exports.resume();
}

/** Lets `instructions`' worth of simulated time pass without executing any. The guest's clocks wrap at 64 bits. */
export function passTime(machine: Machine, instructions: bigint): void {
  machine.core.writeU64(IDLE_TIME, BigInt.asUintN(64, machine.core.readU64(IDLE_TIME) + instructions));
}
