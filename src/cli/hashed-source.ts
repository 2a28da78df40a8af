// What goes through a host's end of a stream, counted and hashed on its way.
import { createHash } from 'node:crypto';
import type { HostSource } from '../monitor/index.ts';
import type { Source } from './source.ts';

export class HashedSource implements HostSource {
  readonly name: string;
  /** Where it is known before it is read. */
  readonly sizeBytes: number | undefined;
  bytes = 0;
  /** Everything was read. */
  onEnd: () => void = () => undefined;
  readonly #source: Source;
  readonly #hash = createHash('sha256');
  #digest: string | undefined;

  constructor(source: Source) {
    this.#source = source;
    this.name = source.name;
    this.sizeBytes = source.sizeBytes;
  }

  read(into: Uint8Array): number | undefined {
    const count = this.#source.read(into);
    if (count === undefined) return undefined;
    this.#hash.update(into.subarray(0, count));
    this.bytes += count;
    if (count === 0) this.onEnd();
    return count;
  }

  /** It never has to wait for more. */
  get isComplete(): boolean {
    return this.sizeBytes !== undefined;
  }

  /** SHA-256 of what was read. */
  get digest(): string {
    return (this.#digest ??= this.#hash.digest('hex'));
  }

  close(): void {
    this.#source.close();
  }
}
