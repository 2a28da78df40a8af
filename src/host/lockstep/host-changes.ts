// Carries over to the second core what the host did to the first between two slices: registers, CSRs, cells. RAM is
// carried over as it is written (lockstep.ts).
import {
  BREAKPOINT_COUNT,
  BREAKPOINTS,
  CAP_SIZE,
  CONFIG,
  CONFIG_TRANSLATE,
  F,
  HART_ID,
  IDLE_TIME,
  INSTRET,
  MSTATUS,
  PC,
  PRIV,
  SCR,
  SENVCFG,
  TEMP_CAP,
  TOHOST,
  X,
} from '../../../assembly/layout.ts';
import type { Core } from '../core.ts';

/** Architectural cells, not what is derived from them: pointer, bytes, and the unit in which a change is copied. */
const RANGES: readonly (readonly [pointer: number, sizeBytes: number, unit: number])[] = [
  [X, 33 * CAP_SIZE, CAP_SIZE],
  [SCR, F - SCR, CAP_SIZE],
  [F, TEMP_CAP - F, 8],
  [TOHOST, 8, 8],
  [HART_ID, 8, 8],
  [PRIV, 8, 8],
  [PC, 8, 8],
  [INSTRET, 8, 8],
  [IDLE_TIME, 8, 8],
  [MSTATUS, SENVCFG + 8 - MSTATUS, 8],
  [BREAKPOINT_COUNT, BREAKPOINTS + 32 * 8 - BREAKPOINT_COUNT, 8],
];
const START = X;
const END = BREAKPOINTS + 32 * 8;

export class HostChanges {
  /** The first core's cells when both were last equal. */
  readonly #known = new Uint32Array((END - START) / 4);
  #isFirst = true;

  /** Both cores are equal now. */
  remember(first: Core): void {
    this.#known.set(first.words.subarray(START / 4, END / 4));
    this.#isFirst = false;
  }

  /** Nothing is known of the second core: everything is to be carried over. */
  forget(): void {
    this.#isFirst = true;
  }

  /** Copies what has changed on the first core since. */
  carryOver(first: Core, second: Core): void {
    second.writeU32(CONFIG, first.readU32(CONFIG) & ~CONFIG_TRANSLATE);
    for (const [pointer, sizeBytes, unit] of RANGES) {
      for (let at = pointer; at < pointer + sizeBytes; at += unit) {
        if (this.#hasChanged(first, at, unit)) second.bytes.set(first.bytes.subarray(at, at + unit), at);
      }
    }
  }

  #hasChanged(first: Core, pointer: number, sizeBytes: number): boolean {
    if (this.#isFirst) return true;
    for (let at = pointer; at < pointer + sizeBytes; at += 4) {
      if (first.readU32(at) !== this.#known[(at - START) / 4]) return true;
    }
    return false;
  }
}
