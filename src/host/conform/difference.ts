// What a golden vector and the machine disagree about, and how that reads.
import { formatCapability, formatRaw } from '../capability.ts';
import type { RawCapability } from '../capability.ts';
import type { Machine } from '../machine.ts';

export interface Difference {
  /** What was compared: `x12`, `mem+330`, `rtag_csetbounds`. */
  readonly what: string;
  readonly expected: string;
  readonly actual: string;
}

/** Collects differences of one line. */
export class Comparison {
  readonly differences: Difference[] = [];
  readonly #machine: Machine;

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  number(what: string, expected: bigint, actual: bigint): void {
    if (expected === actual) return;
    this.differences.push({ what, expected: `0x${expected.toString(16)}`, actual: `0x${actual.toString(16)}` });
  }

  capability(what: string, expected: RawCapability, actual: RawCapability): void {
    if (expected.address === actual.address && expected.high === actual.high && expected.tag === actual.tag) return;
    this.differences.push({ what, expected: this.#describe(expected), actual: this.#describe(actual) });
  }

  text(what: string, expected: string, actual: string): void {
    if (expected !== actual) this.differences.push({ what, expected, actual });
  }

  #describe(value: RawCapability): string {
    const raw = formatRaw(value);
    return value.tag || value.high !== 0n ? `${raw} = ${formatCapability(this.#machine.registers.decode(value))}` : raw;
  }
}
