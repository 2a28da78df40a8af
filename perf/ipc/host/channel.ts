// Whole messages over two file descriptors that block.
import { readSync, writeSync } from 'node:fs';

export class Channel {
  readonly #input: number;
  readonly #output: number;

  constructor(input: number, output: number) {
    this.#input = input;
    this.#output = output;
  }

  /** All of the bytes. */
  send(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) at += writeSync(this.#output, bytes, at, bytes.length - at);
  }

  /** Fills `into`. Throws where the other end closes first. */
  receive(into: Uint8Array): void {
    for (let at = 0; at < into.length;) {
      const count = readSync(this.#input, into, at, into.length - at, null);
      if (count === 0) throw new Error('the other process closed');
      at += count;
    }
  }
}
