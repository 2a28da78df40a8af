// Platform-level interrupt controller, sifive,plic-1.0.0 as on QEMU's virt board: 95 sources, priorities 0..7,
// contexts 0 (M) and 1 (S) of hart 0. Source: RISC-V Platform-Level Interrupt Controller Specification 1.0.
import { NO_DEVICE } from './bus.ts';
import type { Device } from './bus.ts';

export const PLIC_BASE = 0x0c00_0000;
const SOURCES = 96;
const WORDS = SOURCES / 32;
const CONTEXTS = 2;
const PRIORITY_MASK = 7;
const PENDING_BASE = 0x1000;
const ENABLE_BASE = 0x2000;
const ENABLE_STRIDE = 0x80;
const CONTEXT_BASE = 0x20_0000;
const CONTEXT_STRIDE = 0x1000;

/** Bits of mip that the contexts drive: MEIP, SEIP. */
const INTERRUPT_BITS = [11, 9] as const;

export class Plic implements Device {
  readonly name = 'plic';
  readonly base = PLIC_BASE;
  readonly sizeBytes = 0x60_0000;
  readonly #setLine: (bit: number, level: boolean) => void;
  readonly #priority = new Uint32Array(SOURCES);
  readonly #level = new Uint8Array(SOURCES);
  readonly #pending = new Uint8Array(SOURCES);
  /** Claimed and not yet completed: the gateway holds further requests back. */
  readonly #claimed = new Uint8Array(SOURCES);
  readonly #enable = new Uint32Array(WORDS * CONTEXTS);
  readonly #threshold = new Uint32Array(CONTEXTS);
  readonly #output = [false, false];

  constructor(setLine: (bit: number, level: boolean) => void) {
    this.#setLine = setLine;
  }

  reset(): void {
    for (const array of [this.#priority, this.#pending, this.#claimed, this.#enable, this.#threshold]) array.fill(0);
    this.#update();
  }

  /** Level of an interrupt source's wire. */
  setSource(source: number, level: boolean): void {
    this.#level[source] = level ? 1 : 0;
    this.#gateway(source);
    this.#update();
  }

  load(offset: number, sizeBytes: number): number {
    if (sizeBytes !== 4 || (offset & 3) !== 0) return NO_DEVICE;
    if (offset < SOURCES * 4) return this.#priority[offset >>> 2];
    if (offset >= PENDING_BASE && offset < PENDING_BASE + WORDS * 4)
      return this.#pendingWord((offset - PENDING_BASE) >>> 2);
    const enable = enableIndex(offset);
    if (enable >= 0) return this.#enable[enable];
    const context = contextOf(offset);
    if (context < 0) return 0;
    const register = (offset - CONTEXT_BASE) % CONTEXT_STRIDE;
    if (register === 0) return this.#threshold[context];
    return register === 4 ? this.#claim(context) : 0;
  }

  store(offset: number, sizeBytes: number, value: number): boolean {
    if (sizeBytes !== 4 || (offset & 3) !== 0) return false;
    const enable = enableIndex(offset);
    const context = contextOf(offset);
    if (offset < SOURCES * 4) this.#priority[offset >>> 2] = offset === 0 ? 0 : value & PRIORITY_MASK;
    else if (enable >= 0) this.#enable[enable] = enable % WORDS === 0 ? value & ~1 : value;
    else if (context >= 0) this.#storeContext(context, (offset - CONTEXT_BASE) % CONTEXT_STRIDE, value);
    this.#update();
    return true;
  }

  #storeContext(context: number, register: number, value: number): void {
    if (register === 0) this.#threshold[context] = value & PRIORITY_MASK;
    else if (register === 4 && value > 0 && value < SOURCES && this.#isEnabled(context, value)) {
      this.#claimed[value] = 0;
      this.#gateway(value);
    }
  }

  /** A high level becomes one pending request, and no other until that one is completed. */
  #gateway(source: number): void {
    if (this.#level[source] !== 0 && this.#claimed[source] === 0) this.#pending[source] = 1;
  }

  #claim(context: number): number {
    const source = this.#best(context, 0);
    if (source === 0) return 0;
    this.#pending[source] = 0;
    this.#claimed[source] = 1;
    this.#update();
    return source;
  }

  /** Pending enabled source of the highest priority above `threshold`; the lowest number wins a tie. */
  #best(context: number, threshold: number): number {
    let best = 0;
    let bestPriority = threshold;
    for (let source = 1; source < SOURCES; source++) {
      if (this.#pending[source] === 0 || this.#priority[source] <= bestPriority) continue;
      if (!this.#isEnabled(context, source)) continue;
      best = source;
      bestPriority = this.#priority[source];
    }
    return best;
  }

  #isEnabled(context: number, source: number): boolean {
    return ((this.#enable[context * WORDS + (source >>> 5)] >>> (source & 31)) & 1) !== 0;
  }

  #pendingWord(word: number): number {
    let bits = 0;
    for (let index = 0; index < 32; index++) bits |= this.#pending[word * 32 + index] << index;
    return bits >>> 0;
  }

  #update(): void {
    for (let context = 0; context < CONTEXTS; context++) {
      const level = this.#best(context, this.#threshold[context]) !== 0;
      if (level === this.#output[context]) continue;
      this.#output[context] = level;
      this.#setLine(INTERRUPT_BITS[context], level);
    }
  }
}

function enableIndex(offset: number): number {
  const context = Math.floor((offset - ENABLE_BASE) / ENABLE_STRIDE);
  const word = ((offset - ENABLE_BASE) % ENABLE_STRIDE) >>> 2;
  return offset >= ENABLE_BASE && context < CONTEXTS && word < WORDS ? context * WORDS + word : -1;
}

function contextOf(offset: number): number {
  const context = Math.floor((offset - CONTEXT_BASE) / CONTEXT_STRIDE);
  return offset >= CONTEXT_BASE && context < CONTEXTS ? context : -1;
}
