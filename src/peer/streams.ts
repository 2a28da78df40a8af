// Streams through a peer: what host code sends is the peer's to send, what comes is the peer's to receive.
import type { Crew, Handle } from './crew.ts';
import { PeerError } from './errors.ts';
import { nanoseconds, PeerFile } from './file.ts';
import type { Patience } from './file.ts';
import { nameBytes, VERB } from './protocol.ts';

export class Streams {
  readonly #crew: Crew;
  readonly #piece: number;
  readonly #sending = new Map<string, Promise<Handle>>();
  readonly #receiving = new Map<string, Promise<Handle>>();
  readonly #sends = new Queues();
  readonly #receives = new Queues();

  constructor(crew: Crew, piece: number) {
    this.#crew = crew;
    this.#piece = piece;
  }

  /** All of these bytes, behind those of earlier calls. */
  send(name: string, bytes: Uint8Array): Promise<void> {
    const whole = bytes.slice();
    return this.#sends.add(name, () => this.#sendNow(name, whole));
  }

  /** What comes, in pieces as they come, until the end of file. Throws EPIPE when the sender died. */
  async *receive(name: string, patience: Patience): AsyncGenerator<Uint8Array, void, undefined> {
    const handle = await this.#receiver(name);
    for (;;) {
      const values = [handle, BigInt(this.#piece), nanoseconds(patience)];
      const { payload } = await this.#receives.add(name, () =>
        this.#crew.perform(`receive ${name}`, VERB.receive, values),
      );
      if (payload.length === 0) return;
      yield payload;
    }
  }

  /** End of file for the receiver; -EPIPE for the sender. */
  async close(name: string): Promise<void> {
    await this.#sends.add(name, () => Promise.resolve());
    for (const ends of [this.#sending, this.#receiving]) {
      const handle = ends.get(name);
      ends.delete(name);
      if (handle !== undefined) await this.#crew.perform(`close ${name}`, VERB.close, [await handle]);
    }
  }

  /** Lends a copy of these bytes; until it has come back. ETIMEDOUT: it was recalled. */
  async lend(name: string, bytes: Uint8Array, patience: Patience): Promise<void> {
    await this.#crew.perform(`lend ${name}`, VERB.lend, [await this.#sender(name), nanoseconds(patience)], bytes);
  }

  /** The next buffer that the sender lends; close() returns it. */
  async borrow(name: string, patience: Patience): Promise<PeerFile> {
    const values = [await this.#receiver(name), nanoseconds(patience)];
    const loan = await this.#crew.open(`borrow ${name}`, VERB.borrow, values);
    let uses = 0;
    const open = async (): Promise<Handle> => {
      if (uses++ > 0) throw new PeerError('EREVOKED', `loan of ${name}`);
      return loan;
    };
    return new PeerFile(this.#crew, { name: `loan of ${name}`, rights: 'r', piece: this.#piece, open });
  }

  /** The peer's program is gone: the next opens anew. */
  forget(): void {
    this.#sending.clear();
    this.#receiving.clear();
  }

  async #sendNow(name: string, bytes: Uint8Array): Promise<void> {
    const handle = await this.#sender(name);
    for (let at = 0; at < bytes.length; at += this.#piece)
      await this.#crew.perform(`send ${name}`, VERB.send, [handle], bytes.subarray(at, at + this.#piece));
  }

  #sender(name: string): Promise<Handle> {
    return this.#handle(this.#sending, name, VERB.sendOpen, []);
  }

  #receiver(name: string): Promise<Handle> {
    return this.#handle(this.#receiving, name, VERB.receiveOpen, [BigInt(this.#piece)]);
  }

  #handle(ends: Map<string, Promise<Handle>>, name: string, verb: number, values: bigint[]): Promise<Handle> {
    const known = ends.get(name);
    if (known !== undefined) return known;
    const opened = this.#crew.open(`open ${name}`, verb, values, nameBytes(name));
    ends.set(name, opened);
    opened.catch(() => {
      if (ends.get(name) === opened) ends.delete(name);
    });
    return opened;
  }
}

/** What is done for one name, one thing after the other. */
class Queues {
  readonly #last = new Map<string, Promise<unknown>>();

  add<T>(name: string, action: () => Promise<T>): Promise<T> {
    const done = (this.#last.get(name) ?? Promise.resolve()).then(action);
    const settled = done.then(
      () => undefined,
      () => undefined,
    );
    this.#last.set(name, settled);
    return done;
  }
}
