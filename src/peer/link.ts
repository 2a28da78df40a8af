// The two streams between host code and its peer: frames out, frames in, the end. What is to go out goes between turns.
import type { HostSink, HostSource, Monitor, Stream } from '../monitor/index.ts';
import type { Attendant, Cvm } from '../monitor/index.ts';
import { FrameReader } from './protocol.ts';
import type { Frame } from './protocol.ts';

export interface LinkEvents {
  /** Within a turn: it must not throw, and what it starts goes on afterwards. */
  onFrame(frame: Frame): void;
  /** The peer has ended; once. */
  onEnd(): void;
}

export interface LinkNames {
  readonly commands: string;
  readonly news: string;
  readonly payloadBytes: number;
}

export class Link implements HostSource, HostSink {
  readonly #events: LinkEvents;
  readonly #commands: Stream;
  readonly #attendant: Attendant;
  readonly #reader: FrameReader;
  readonly #queue: Uint8Array[] = [];
  #closing = false;
  #ended = false;

  constructor(monitor: Monitor, cvm: Cvm, { commands, news, payloadBytes }: LinkNames, events: LinkEvents) {
    this.#events = events;
    this.#reader = new FrameReader(payloadBytes);
    this.#commands = monitor.connect(commands, { read: (into) => this.read(into) }, cvm);
    monitor.connect(news, cvm, this);
    this.#attendant = monitor.attend();
  }

  get hasEnded(): boolean {
    return this.#ended;
  }

  send(frame: Uint8Array): void {
    if (this.#closing || this.#ended) return;
    this.#queue.push(frame);
    this.#tell();
  }

  /** The peer's program leaves when it has read everything. */
  close(): void {
    this.#closing = true;
    this.#tell();
  }

  /** run() throws this. */
  fail(error: unknown): void {
    this.#attendant.fail(error);
  }

  read(into: Uint8Array): number | undefined {
    const [first] = this.#queue;
    if (first === undefined) return this.#closing ? 0 : undefined;
    const count = Math.min(first.length, into.length);
    into.set(first.subarray(0, count));
    if (count < first.length) this.#queue[0] = first.subarray(count);
    else this.#queue.shift();
    return count;
  }

  /** Throws what run() throws then: this is no peer, and there is nobody to wait for. */
  write(bytes: Uint8Array): void {
    try {
      for (const frame of this.#reader.read(bytes)) this.#events.onFrame(frame);
      this.#attendant.hurry();
    } catch (error) {
      this.end();
      throw error;
    }
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#queue.length = 0;
    this.#attendant.leave();
    this.#events.onEnd();
  }

  #tell(): void {
    queueMicrotask(() => {
      if (!this.#ended) this.#commands.more();
    });
  }
}
