// The two streams between host code and its peer: frames out, frames in, the end. What is to go out goes between turns.
import type { HostSink, HostSource, Monitor } from '../monitor/index.ts';
import type { Attendant, Cvm } from '../monitor/index.ts';
import { FrameReader } from './protocol.ts';
import type { Frame } from './protocol.ts';

export interface LinkEvents {
  /** Within a turn: it must not throw, and what it starts goes on afterwards. */
  onFrame(frame: Frame): void;
  /** The peer has ended; once in each of its lives. */
  onEnd(): void;
  /** Its cVM was restarted, and the program has begun. */
  onBegin(): void;
}

export interface LinkNames {
  readonly commands: string;
  readonly news: string;
  readonly payloadBytes: number;
}

export class Link implements HostSource, HostSink {
  readonly #events: LinkEvents;
  readonly #monitor: Monitor;
  readonly #cvm: Cvm;
  readonly #names: LinkNames;
  #attendant: Attendant;
  #reader: FrameReader;
  #queue: Uint8Array[] = [];
  #closing = false;
  #ended = false;
  /** Restarts of the cVM before the program that spoke last. */
  #life = 0;

  constructor(monitor: Monitor, cvm: Cvm, names: LinkNames, events: LinkEvents) {
    this.#monitor = monitor;
    this.#cvm = cvm;
    this.#names = names;
    this.#events = events;
    this.#reader = new FrameReader(names.payloadBytes);
    monitor.connect(names.commands, { read: (into) => this.read(into) }, cvm);
    monitor.connect(names.news, cvm, this);
    this.#attendant = monitor.attend();
  }

  /** And is not on its way back: restarted, it says so when its program has begun. */
  get hasEnded(): boolean {
    return this.#ended && (!this.#cvm.alive || this.#life === this.#cvm.restarts);
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
    this.#begin();
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
    this.#begin();
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
    this.#queue = [];
    this.#attendant.leave();
    this.#events.onEnd();
  }

  /** The first words of a program that was restarted. */
  #begin(): void {
    if (!this.#ended || this.#life === this.#cvm.restarts) return;
    this.#life = this.#cvm.restarts;
    this.#ended = this.#closing = false;
    this.#reader = new FrameReader(this.#names.payloadBytes);
    this.#attendant = this.#monitor.attend();
    this.#events.onBegin();
  }

  #tell(): void {
    queueMicrotask(() => {
      if (!this.#ended) this.#monitor.streams.get(this.#names.commands)?.more();
    });
  }
}
