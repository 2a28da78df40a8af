// SiFive test finisher as on QEMU's virt board: a store ends the run. 0x5555 passes, (code << 16) | 0x3333 fails
// with a code, 0x7777 asks for a reset.
import type { Device } from './bus.ts';

export const FINISHER_BASE = 0x10_0000;

export class TestFinisher implements Device {
  readonly name = 'test-finisher';
  readonly base = FINISHER_BASE;
  readonly sizeBytes = 0x1000;
  readonly #finish: (request: 'exit' | 'reset', code: number) => void;

  constructor(finish: (request: 'exit' | 'reset', code: number) => void) {
    this.#finish = finish;
  }

  reset(): void {}

  load(): number {
    return 0;
  }

  store(offset: number, sizeBytes: number, value: number): boolean {
    if (offset !== 0 || sizeBytes < 2) return true;
    const command = value & 0xffff;
    if (command === 0x5555) this.#finish('exit', 0);
    else if (command === 0x3333) this.#finish('exit', (value >>> 16) & 0xffff);
    else if (command === 0x7777) this.#finish('reset', 0);
    return true;
  }
}
