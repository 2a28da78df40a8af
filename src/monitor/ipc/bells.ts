// Bells: how the switcher, which cannot call the monitor without a trap, says that a stream has got bytes. Each stream
// between cVMs has a bit in words that only monitor and switcher reach; the monitor looks when a turn ends, before
// anybody else could have run.
import { SLOT_SIZE } from '../abi.ts';
import type { Region } from '../carve.ts';
import type { Kernel } from '../kernel.ts';
import type { Stream } from './stream.ts';
import type { BellPlace } from '../types.ts';

const BITS = 64;

export class Bells {
  readonly #kernel: Kernel;
  readonly #words: { readonly region: Region; readonly streams: (Stream | undefined)[] }[] = [];

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** The bit of this stream, its own until forget(). Undefined: no memory. */
  place(stream: Stream): BellPlace | undefined {
    for (const { region, streams } of this.#words) {
      const known = streams.indexOf(stream);
      const index = known >= 0 ? known : streams.indexOf(undefined);
      if (index < 0) continue;
      streams[index] = stream;
      return { word: { base: region.base, sizeBytes: 8 }, bit: 1n << BigInt(index) };
    }
    const region = this.#kernel.switcher.allocate(SLOT_SIZE);
    if (region === undefined) return undefined;
    this.#words.push({ region, streams: Array.from({ length: BITS }, () => undefined) });
    return this.place(stream);
  }

  forget(stream: Stream): void {
    for (const [at, { region, streams }] of this.#words.entries()) {
      const index = streams.indexOf(stream);
      if (index < 0) continue;
      streams[index] = undefined;
      if (streams.some((other) => other !== undefined)) return;
      this.#kernel.switcher.release(region);
      this.#words.splice(at, 1);
      return;
    }
  }

  /** Tells every stream whose bit is set. */
  listen(): void {
    const { memory } = this.#kernel.machine;
    const rung: (Stream | undefined)[] = [];
    for (const { region, streams } of this.#words) {
      for (let half = 0; half < BITS; half += 32) {
        let bits = memory.readU32(region.base + half / 8);
        if (bits !== 0) memory.writeU32(region.base + half / 8, 0);
        for (; bits !== 0; bits &= bits - 1) rung.push(streams[half + 31 - Math.clz32(bits & -bits)]);
      }
    }
    // Host code at an end may end streams, and with them words.
    for (const stream of rung) stream?.rung();
  }
}
