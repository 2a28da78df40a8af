// The peer's workers, as the host uses them: one command each at a time; who comes when all are busy waits in turn.
import type { Link } from './link.ts';
import { errorOf, isError, PeerError } from './errors.ts';
import { encode, WORKERS } from './protocol.ts';
import type { Frame } from './protocol.ts';

interface Order {
  readonly bytes: (place: number) => Uint8Array;
  readonly resolve: (reply: Frame) => void;
  readonly reject: (error: PeerError) => void;
}

export class Crew {
  readonly #link: Link;
  readonly #payloadBytes: number;
  readonly #idle = Array.from({ length: WORKERS }, (_, place) => place).reverse();
  readonly #busy = new Map<number, Order>();
  readonly #waiting: Order[] = [];
  #isReady = false;

  constructor(link: Link, payloadBytes: number) {
    this.#link = link;
    this.#payloadBytes = payloadBytes;
  }

  /** The reply to a command; rejects with what the operation answered, E2BIG, or EPIPE: the peer is gone. */
  async perform(
    what: string,
    verb: number,
    values: readonly bigint[],
    payload: Uint8Array = new Uint8Array(),
  ): Promise<Frame> {
    if (payload.length > this.#payloadBytes)
      throw new PeerError('E2BIG', `${what}: ${payload.length} bytes, this peer takes ${this.#payloadBytes}`);
    const reply = await new Promise<Frame>((resolve, reject) => {
      if (this.#link.hasEnded) return reject(new PeerError('EPIPE', 'the peer has ended'));
      this.#waiting.push({ bytes: (place) => encode(verb, place, values, payload), resolve, reject });
      this.#handOut();
    });
    if (isError(reply.values[0])) throw errorOf(reply.values[0], what);
    return reply;
  }

  ready(): void {
    this.#isReady = true;
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

  /** Nobody answers any more. */
  dismiss(): void {
    for (const { reject } of [...this.#busy.values(), ...this.#waiting])
      reject(new PeerError('EPIPE', 'the peer has ended'));
    this.#busy.clear();
    this.#waiting.length = 0;
  }

  #handOut(): void {
    while (this.#isReady && this.#idle.length > 0 && this.#waiting.length > 0) {
      const place = this.#idle.pop()!;
      const order = this.#waiting.shift()!;
      this.#busy.set(place, order);
      this.#link.send(order.bytes(place));
    }
  }
}
