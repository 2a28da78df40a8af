// The peer's workers, as the host uses them: one command each at a time; who comes when all are busy waits in turn.
// A restart of its cVM ends what is pending; what a life of it has opened, the next does not know.
import type { Link } from './link.ts';
import { errorOf, isError, PeerError } from './errors.ts';
import { encode, WORKERS } from './protocol.ts';
import type { Frame } from './protocol.ts';

/** What the peer's program calls something that it has opened, in one of its lives. */
export interface Handle {
  readonly number: bigint;
  readonly life: number;
}

interface Order {
  readonly bytes: (place: number) => Uint8Array;
  readonly resolve: (reply: Frame) => void;
  readonly reject: (error: PeerError) => void;
}

export class Crew {
  readonly #link: Link;
  readonly #payloadBytes: number;
  #idle: number[] = [];
  readonly #busy = new Map<number, Order>();
  readonly #waiting: Order[] = [];
  /** Lives of the peer's program that are over. */
  life = 0;

  constructor(link: Link, payloadBytes: number) {
    this.#link = link;
    this.#payloadBytes = payloadBytes;
  }

  /** A command that opens something. */
  async open(...command: Parameters<Crew['perform']>): Promise<Handle> {
    const { life } = this;
    return { number: (await this.perform(...command)).values[0], life };
  }

  /** The reply to a command; rejects with what the operation answered, E2BIG, or EPIPE: the peer is gone. */
  async perform(
    what: string,
    verb: number,
    values: readonly (bigint | Handle)[],
    payload: Uint8Array = new Uint8Array(),
  ): Promise<Frame> {
    if (payload.length > this.#payloadBytes)
      throw new PeerError('E2BIG', `${what}: ${payload.length} bytes, this peer takes ${this.#payloadBytes}`);
    const isStale = values.some((value) => typeof value === 'object' && value.life !== this.life);
    if (isStale) throw new PeerError('EPIPE', `${what}: the peer has begun anew`);
    const numbers = values.map((value) => (typeof value === 'object' ? value.number : value));
    const reply = await new Promise<Frame>((resolve, reject) => {
      if (this.#link.hasEnded) return reject(new PeerError('EPIPE', 'the peer has ended'));
      this.#waiting.push({ bytes: (place) => encode(verb, place, numbers, payload), resolve, reject });
      this.#handOut();
    });
    if (isError(reply.values[0])) throw errorOf(reply.values[0], what);
    return reply;
  }

  ready(): void {
    this.#idle = Array.from({ length: WORKERS }, (_, place) => place).reverse();
    this.#handOut();
  }

  take(reply: Frame): void {
    const order = this.#busy.get(reply.place);
    if (order === undefined) return;
    this.#busy.delete(reply.place);
    this.#idle.push(reply.place);
    order.resolve(reply);
    this.#handOut();
  }

  /** Nobody answers any more, until the next ready(). */
  dismiss(): void {
    this.life++;
    for (const { reject } of [...this.#busy.values(), ...this.#waiting])
      reject(new PeerError('EPIPE', 'the peer has ended'));
    this.#busy.clear();
    this.#waiting.length = 0;
    this.#idle = [];
  }

  #handOut(): void {
    while (this.#idle.length > 0 && this.#waiting.length > 0) {
      const place = this.#idle.pop()!;
      const order = this.#waiting.shift()!;
      this.#busy.set(place, order);
      this.#link.send(order.bytes(place));
    }
  }
}
