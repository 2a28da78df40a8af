// The host's word to a library OS: records of 8 bytes { u32 1, u32 signal }, for its first process.
import type { HostSource } from '../monitor/index.ts';

const SIGNAL = 1;
export const SIGTERM = 15;

export class ControlSource implements HostSource {
  readonly #onMore: () => void;
  #queue: Uint8Array[] = [];

  /** `onMore`: there is something to read. */
  constructor(onMore: () => void) {
    this.#onMore = onMore;
  }

  /** Between turns only. */
  signal(number: number): void {
    const record = new Uint8Array(new Uint32Array([SIGNAL, number]).buffer);
    this.#queue.push(record);
    this.#onMore();
  }

  /** It begins anew. */
  restart(): void {
    this.#queue = [];
  }

  read(into: Uint8Array): number | undefined {
    const record = this.#queue.shift();
    if (record !== undefined) into.set(record);
    return record?.length;
  }
}
