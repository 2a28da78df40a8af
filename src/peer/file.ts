// A shared file, or a loan, through a peer: the peer's program copies, with the rights that its manifest gives it.
import type { Crew, Handle } from './crew.ts';
import { PeerError } from './errors.ts';
import { VERB } from './protocol.ts';

/** Nanoseconds of simulated time; none: as long as it takes. Rejects with ETIMEDOUT. */
export interface Patience {
  readonly timeoutNs?: bigint | number;
}

export const nanoseconds = ({ timeoutNs = 0n }: Patience): bigint => BigInt(timeoutNs);

/** To read, to write. */
export type Rights = 'r' | 'w' | 'rw';

interface Access {
  readonly name: string;
  readonly rights: Rights;
  /** Bytes of one copy at most. */
  readonly piece: number;
  /** A handle, again after a revocation, and in each life of the peer's program. */
  readonly open: () => Promise<Handle>;
}

export class PeerFile {
  readonly name: string;
  readonly rights: Rights;
  readonly #crew: Crew;
  readonly #piece: number;
  readonly #open: Access['open'];
  #handle: Promise<Handle> | undefined;
  /** Of the peer's program, in which the handle was opened. */
  #life = 0;

  constructor(crew: Crew, { name, rights, piece, open }: Access) {
    this.name = name;
    this.rights = rights;
    this.#crew = crew;
    this.#piece = piece;
    this.#open = open;
  }

  async size(): Promise<number> {
    return Number((await this.#do('size', VERB.fileSize, [])).values[0]);
  }

  /** A copy; shorter at the end of the file. */
  async read(offset: number, sizeBytes: number): Promise<Uint8Array> {
    this.#mustHave('r', 'read');
    const parts: Uint8Array[] = [];
    let left = sizeBytes;
    for (let at = offset; left > 0;) {
      const wanted = Math.min(left, this.#piece);
      const { payload } = await this.#do('read', VERB.fileRead, [BigInt(at), BigInt(wanted)]);
      parts.push(payload);
      at += payload.length;
      left = payload.length < wanted ? 0 : left - payload.length;
    }
    return concatenate(parts);
  }

  /** How many bytes there was room for. */
  async write(offset: number, bytes: Uint8Array): Promise<number> {
    this.#mustHave('w', 'write');
    let written = 0;
    while (written < bytes.length) {
      const part = bytes.subarray(written, written + this.#piece);
      const { values } = await this.#do('write', VERB.fileWrite, [BigInt(offset + written)], part);
      written += Number(values[0]);
      if (Number(values[0]) < part.length) break;
    }
    return written;
  }

  /** Until the 32-bit word at an offset is not `expected`. */
  async wait(offset: number, expected: number, patience: Patience = {}): Promise<void> {
    try {
      await this.#do('wait', VERB.fileWait, [BigInt(offset), BigInt(expected), nanoseconds(patience)]);
    } catch (error) {
      if (!(error instanceof PeerError && error.errno === 'EAGAIN')) throw error;
    }
  }

  /** How many of those who wait for the word were woken. */
  async notify(offset: number, count = 1): Promise<number> {
    return Number((await this.#do('notify', VERB.fileNotify, [BigInt(offset), BigInt(count)])).values[0]);
  }

  /** Gives it back; the next operation on a file opens it again. */
  async close(): Promise<void> {
    const handle = this.#life === this.#crew.life ? this.#handle : undefined;
    this.#handle = undefined;
    if (handle !== undefined) await this.#crew.perform(`close ${this.name}`, VERB.fileClose, [await handle]);
  }

  /** The peer's program would fault. */
  #mustHave(right: 'r' | 'w', what: string): void {
    if (!this.rights.includes(right)) throw new PeerError('EPERM', `${what} ${this.name}`);
  }

  async #do(what: string, verb: number, values: readonly bigint[], payload?: Uint8Array) {
    if (this.#life !== this.#crew.life) this.#handle = undefined;
    this.#life = this.#crew.life;
    this.#handle ??= this.#open();
    const opened = this.#handle;
    const handle = await opened.catch((error: unknown) => {
      if (this.#handle === opened) this.#handle = undefined;
      throw error;
    });
    try {
      return await this.#crew.perform(`${what} ${this.name}`, verb, [handle, ...values], payload);
    } catch (error) {
      if (error instanceof PeerError && error.errno === 'EREVOKED') await this.#forget(opened);
      throw error;
    }
  }

  /** After a revocation the handle is of no use. */
  async #forget(opened: Promise<Handle>): Promise<void> {
    if (this.#handle === opened) await this.close().catch(() => undefined);
  }
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0];
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  parts.reduce((at, part) => (whole.set(part, at), at + part.length), 0);
  return whole;
}
