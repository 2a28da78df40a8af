// Where output goes: to files and terminals at once, to pipes, FIFOs and sockets as fast as they are read. Nobody blocks
// on a reader who does not read: who writes too much is told, and may wait.
import { closeSync, constants, fstatSync, openSync, statSync } from 'node:fs';
import { Socket } from 'node:net';
import { isatty } from 'node:tty';
import type { HostSink } from '../monitor/index.ts';
import { writeFully } from './files.ts';
import { unwritable } from './host-files.ts';

const { O_CREAT, O_NONBLOCK, O_TRUNC, O_WRONLY } = constants;
const NEW_FILE_MODE = 0o666;
/** How often it is tried whether somebody reads a FIFO now. */
const RETRY_MILLISECONDS = 50;
/** What may wait for the first reader of a FIFO before it is too much. */
const EARLY_BYTES = 65536;
/** Standard error is the last that a process is born with. */
const INHERITED = 2;

export class Outflow implements HostSink {
  readonly #name: string;
  /** Undefined: a FIFO that nobody reads yet. */
  #descriptor: number | undefined;
  /** Of what may have a slow reader. */
  #socket: Socket | undefined;
  readonly #early: Buffer[] = [];
  #retry: NodeJS.Timeout | undefined;
  #failure: Error | undefined;
  readonly #watchers = new Set<() => void>();

  /** `name` is what messages call it. */
  constructor(name: string, descriptor?: number) {
    this.#name = name;
    if (descriptor !== undefined) this.#connect(descriptor);
  }

  /** Standard output or error. */
  static standard(descriptor: 1 | 2): Outflow {
    return new Outflow(descriptor === 1 ? 'standard output' : 'standard error', descriptor);
  }

  /** A file, made or emptied, or a FIFO, whose reader may come later. Throws CapvmError. */
  static open(path: string, name: string): Outflow {
    try {
      return new Outflow(name, openSync(path, O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK, NEW_FILE_MODE));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENXIO' || !statSync(path).isFIFO()) throw unwritable(name, error);
    }
    const outflow = new Outflow(name);
    outflow.#await(path);
    return outflow;
  }

  get isTerminal(): boolean {
    return this.#descriptor !== undefined && isatty(this.#descriptor);
  }

  /** More has come than is read: whoever writes should wait until it has drained. */
  get isFull(): boolean {
    const early = this.#early.reduce((sum, { length }) => sum + length, 0);
    return this.#failure !== undefined || this.#socket?.writableNeedDrain === true || early > EARLY_BYTES;
  }

  /** Throws what went wrong with this or with something written before. */
  write(bytes: Uint8Array): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#descriptor === undefined) this.#early.push(Buffer.from(bytes));
    else if (this.#socket !== undefined) this.#send(this.#socket, Buffer.from(bytes));
    else this.#writeNow(this.#descriptor, bytes);
  }

  /** Settles when everything is written, or at the abort: then the rest is lost. Throws as write() does. */
  async drained(signal: AbortSignal): Promise<void> {
    while (this.#failure === undefined && !signal.aborted && this.#isPending) {
      await new Promise<void>((resolve) => {
        const settle = (): void => {
          this.#watchers.delete(settle);
          signal.removeEventListener('abort', settle);
          resolve();
        };
        this.#watchers.add(settle);
        signal.addEventListener('abort', settle);
      });
    }
    if (this.#failure !== undefined) throw this.#failure;
  }

  close(): void {
    clearTimeout(this.#retry);
    if (this.#descriptor === undefined || this.#descriptor <= INHERITED) return;
    if (this.#socket === undefined) closeSync(this.#descriptor);
    else this.#socket.destroy();
    this.#descriptor = undefined;
  }

  get #isPending(): boolean {
    return this.#early.length > 0 || (this.#socket?.writableLength ?? 0) > 0;
  }

  #connect(descriptor: number): void {
    this.#descriptor = descriptor;
    const stat = fstatSync(descriptor);
    if (!stat.isFIFO() && !stat.isSocket()) return;
    this.#socket = new Socket({ fd: descriptor, readable: false, writable: true });
    this.#socket.on('error', (error) => this.#fail(error));
  }

  /** Opening a FIFO without waiting for its reader fails as long as there is none. */
  #await(path: string): void {
    this.#retry = setTimeout(() => {
      try {
        this.#connect(openSync(path, O_WRONLY | O_NONBLOCK));
      } catch (error) {
        return (error as NodeJS.ErrnoException).code === 'ENXIO' ? this.#await(path) : this.#fail(error);
      }
      for (const bytes of this.#early.splice(0)) this.write(bytes);
    }, RETRY_MILLISECONDS);
  }

  #send(socket: Socket, bytes: Buffer): void {
    socket.write(bytes, () => this.#tell());
  }

  #writeNow(descriptor: number, bytes: Uint8Array): void {
    try {
      writeFully(descriptor, bytes);
    } catch (error) {
      this.#fail(error);
      throw this.#failure!;
    }
  }

  /** A reader who has gone is no failure of ours: main.ts knows EPIPE. */
  #fail(error: unknown): void {
    this.#failure ??=
      (error as NodeJS.ErrnoException).code === 'EPIPE' ? (error as Error) : unwritable(this.#name, error);
    this.#tell();
  }

  #tell(): void {
    for (const watcher of this.#watchers) watcher();
  }
}

/** A whole text on standard output; what is not read when `signal` aborts is lost. */
export async function print(text: string, signal: AbortSignal): Promise<void> {
  const outflow = Outflow.standard(1);
  outflow.write(Buffer.from(text));
  await outflow.drained(signal);
}

/** Talk for people, on standard error; nothing goes wrong if it is not heard. */
export async function sayAll(text: string, signal: AbortSignal): Promise<void> {
  const outflow = Outflow.standard(2);
  try {
    outflow.write(Buffer.from(text));
    await outflow.drained(signal);
  } catch {
    // As say() in files.ts.
  }
}
