// The host's word to a library OS (guests/libos/net/control.c): records { u32 kind, u32 size } and so many bytes.
import type { HostSource } from '../monitor/index.ts';
import { ServiceError } from './errors.ts';

const KIND = { signal: 1, command: 2 } as const;
/** Of a record, all in all. */
const RECORD_BYTES = 32 * 1024;
export const SIGTERM = 15;

export interface CommandRequest {
  readonly cwd: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export class ControlSource implements HostSource {
  readonly #onMore: () => void;
  #queue: Uint8Array[] = [];

  /** `onMore`: there is something to read. */
  constructor(onMore: () => void) {
    this.#onMore = onMore;
  }

  /** To the first process (command 0), or to a command and what it started. Between turns only, as command(). */
  signal(number: number, command = 0): void {
    this.#put(KIND.signal, new Uint8Array(new Uint32Array([command, number]).buffer));
  }

  /** Starts one more program. Throws ServiceError: the request cannot be put into a record. */
  command(number: number, { cwd, argv, env }: CommandRequest): void {
    const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    const texts = [cwd, ...argv, ...variables];
    if (argv.length === 0) throw new ServiceError('no command given');
    if (texts.some((text) => text.includes('\0'))) throw new ServiceError('an argument contains a NUL');
    const bytes = new TextEncoder().encode(texts.map((text) => `${text}\0`).join(''));
    const head = new Uint32Array([number, argv.length, variables.length, bytes.length]);
    this.#put(KIND.command, Buffer.concat([new Uint8Array(head.buffer), bytes]));
  }

  /** It begins anew. */
  restart(): void {
    this.#queue = [];
  }

  read(into: Uint8Array): number | undefined {
    const [first] = this.#queue;
    if (first === undefined) return undefined;
    const part = first.subarray(0, into.length);
    into.set(part);
    if (part.length < first.length) this.#queue[0] = first.subarray(part.length);
    else this.#queue.shift();
    return part.length;
  }

  #put(kind: number, bytes: Uint8Array): void {
    if (bytes.length + 8 > RECORD_BYTES)
      throw new ServiceError(`arguments and environment of ${bytes.length} bytes, at most ${RECORD_BYTES - 8}`);
    this.#queue.push(Buffer.concat([new Uint8Array(new Uint32Array([kind, bytes.length]).buffer), bytes]));
    this.#onMore();
  }
}
