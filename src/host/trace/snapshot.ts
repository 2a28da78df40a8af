// A copy of the registers and CSR cells between two steps, and what changed since. Plain words, compared in place:
// a trace of a million steps makes two million of them.
import { CAP_HIGH, CAP_STATE, PCC, STATE_META, STATE_TAG, X } from '../../../assembly/layout.ts';
import type { Core } from '../core.ts';
import { fPointer, SCR_NAMES, scrPointer, xPointer } from '../register-names.ts';
import { CSR_CELLS, CSR_CELLS_END } from './cells.ts';

const START = X;
const WORDS = (CSR_CELLS_END - START) / 4;
const STATE = CAP_STATE / 4;
const HIGH = CAP_HIGH / 4;

const X_REGISTERS = Array.from({ length: 31 }, (_, index) => ({
  name: `x${index + 1}`,
  capability: `c${index + 1}`,
  at: wordOf(xPointer(index + 1)),
}));
const F_REGISTERS = Array.from({ length: 32 }, (_, index) => ({ name: `f${index}`, at: wordOf(fPointer(index)) }));
const SPECIALS = Object.entries(SCR_NAMES).map(([number, name]) => ({ name, at: wordOf(scrPointer(Number(number))) }));
const CSRS = CSR_CELLS.map(([name, pointer, wide]) => ({ name, at: wordOf(pointer), wide }));
const PCC_AT = wordOf(PCC);

function wordOf(pointer: number): number {
  return (pointer - START) / 4;
}

export class Snapshot {
  readonly #words = new Uint32Array(WORDS);

  take(core: Core): void {
    this.#words.set(core.words.subarray(START / 4, START / 4 + WORDS));
  }

  /** Names of x and f registers whose value is not that of `before`. */
  changedRegisters(before: Snapshot): string[] {
    const list: string[] = [];
    for (const { name, at } of X_REGISTERS) if (this.#differs(before, at)) list.push(name);
    for (const { name, at } of F_REGISTERS) if (this.#differs(before, at)) list.push(name);
    return list;
  }

  /** Names of capability registers, special ones included, of which more than an integer value changed. */
  changedCapabilities(before: Snapshot): string[] {
    const list: string[] = [];
    for (const { capability, at } of X_REGISTERS) if (this.#capabilityDiffers(before, at)) list.push(capability);
    for (const { name, at } of SPECIALS) {
      // PCC's address is the pc, which changes all the time.
      if (this.#capabilityDiffers(before, at) || (at !== PCC_AT && this.#differs(before, at))) list.push(name);
    }
    return list;
  }

  changedCsrs(before: Snapshot): [name: string, value: bigint][] {
    const list: [string, bigint][] = [];
    for (const { name, at, wide } of CSRS) {
      const high = wide ? this.#words[at + 1] : 0;
      const differs = this.#words[at] !== before.#words[at] || (wide && high !== before.#words[at + 1]);
      if (differs) list.push([name, (BigInt(high) << 32n) | BigInt(this.#words[at])]);
    }
    return list;
  }

  #differs(before: Snapshot, at: number): boolean {
    return this.#words[at] !== before.#words[at] || this.#words[at + 1] !== before.#words[at + 1];
  }

  /** Tag or high word; a struct without META has a high word of 0. */
  #capabilityDiffers(before: Snapshot, at: number): boolean {
    const [now, then] = [this.#words[at + STATE], before.#words[at + STATE]];
    if (((now ^ then) & STATE_TAG) !== 0) return true;
    const [low, high] = this.#highWord(at, now);
    const [lowBefore, highBefore] = before.#highWord(at, then);
    return low !== lowBefore || high !== highBefore;
  }

  #highWord(at: number, state: number): readonly [number, number] {
    return (state & STATE_META) === 0 ? [0, 0] : [this.#words[at + HIGH], this.#words[at + HIGH + 1]];
  }
}
