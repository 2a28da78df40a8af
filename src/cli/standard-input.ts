// Standard input as the host's end of a stream, where it is no file: what comes when it comes. The run goes on meanwhile.
import { fstatSync } from 'node:fs';
import type { HostSource } from '../monitor/index.ts';

/** What nobody has read yet, at most: then the other side waits. */
const QUEUE_BYTES = 1024 * 1024;

export function isRegularStdin(): boolean {
  try {
    return fstatSync(0).isFile();
  } catch {
    return false;
  }
}

export class StandardInput implements HostSource {
  readonly #onMore: () => void;
  readonly #queue: Buffer[] = [];
  #queued = 0;
  #started = false;
  #ended = false;

  /** `onMore`: read() had nothing, and has something now. */
  constructor(onMore: () => void) {
    this.#onMore = onMore;
  }

  /** A cVM asked for it, and more may come. */
  get isAwaited(): boolean {
    return this.#started && !this.#ended;
  }

  read(into: Uint8Array): number | undefined {
    this.#start();
    const [first] = this.#queue;
    if (first === undefined) return this.#ended ? 0 : undefined;
    const count = Math.min(first.length, into.length);
    into.set(first.subarray(0, count));
    if (count < first.length) this.#queue[0] = first.subarray(count);
    else this.#queue.shift();
    this.#queued -= count;
    if (this.#queued < QUEUE_BYTES) process.stdin.resume();
    return count;
  }

  close(): void {
    if (this.#started) process.stdin.destroy();
  }

  #start(): void {
    if (this.#started) return;
    this.#started = true;
    process.stdin.on('data', (bytes: Buffer) => {
      this.#queue.push(bytes);
      this.#queued += bytes.length;
      if (this.#queued >= QUEUE_BYTES) process.stdin.pause();
      this.#onMore();
    });
    process.stdin.on('end', () => this.#end());
    process.stdin.on('error', () => this.#end());
  }

  #end(): void {
    this.#ended = true;
    this.#onMore();
  }
}
