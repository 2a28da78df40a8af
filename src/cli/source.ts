// Host's ends of streams that are read: files at once, whatever comes when it comes (FIFOs, terminals, sockets) without
// waiting for it. The run goes on meanwhile.
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { Socket } from 'node:net';
import { isatty, ReadStream } from 'node:tty';
import type { Readable } from 'node:stream';
import type { HostSource } from '../monitor/index.ts';
import { attempt, messageOf, unreadable } from './host-files.ts';

/** What nobody has read yet, at most: then the other side waits. */
const QUEUE_BYTES = 1024 * 1024;
/** A device that has nothing now is asked again then. */
const RETRY_MILLISECONDS = 20;

export interface Source extends HostSource {
  /** As messages call it. */
  readonly name: string;
  /** Known for regular files. */
  readonly sizeBytes: number | undefined;
  /** A cVM asked for it, and more may come. */
  readonly isAwaited: boolean;
  close(): void;
}

/** `path`: - is standard input. `onMore`: read() had nothing, and has something now, or has come to the end. */
export function openSource(path: string, name: string, onMore: () => void): Source {
  const descriptor = path === '-' ? 0 : attempt(name, () => openSync(path, constants.O_RDONLY | constants.O_NONBLOCK));
  const stat = fstatSync(descriptor);
  if (stat.isDirectory()) throw unreadable(name, 'it is a directory');
  if (stat.isFIFO() || stat.isSocket() || isatty(descriptor)) return new ArrivingSource(descriptor, name, onMore);
  return new FileSource(descriptor, name, onMore, stat.isFile() ? stat.size : undefined);
}

/** A regular file, or a device that has its bytes ready. */
class FileSource implements Source {
  readonly name: string;
  readonly sizeBytes: number | undefined;
  readonly #descriptor: number;
  readonly #onMore: () => void;
  #retry: NodeJS.Timeout | undefined;

  constructor(descriptor: number, name: string, onMore: () => void, sizeBytes: number | undefined) {
    this.#descriptor = descriptor;
    this.name = name;
    this.#onMore = onMore;
    this.sizeBytes = sizeBytes;
  }

  get isAwaited(): boolean {
    return this.#retry !== undefined;
  }

  read(into: Uint8Array): number | undefined {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    try {
      return readSync(this.#descriptor, into);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EOF') return 0;
      if (code !== 'EAGAIN') throw unreadable(this.name, messageOf(error));
      this.#retry = setTimeout(this.#onMore, RETRY_MILLISECONDS);
      return undefined;
    }
  }

  close(): void {
    clearTimeout(this.#retry);
    if (this.#descriptor !== 0) closeSync(this.#descriptor);
  }
}

class ArrivingSource implements Source {
  readonly name: string;
  readonly sizeBytes = undefined;
  readonly #descriptor: number;
  readonly #onMore: () => void;
  readonly #queue: Buffer[] = [];
  #queued = 0;
  #stream: Readable | undefined;
  #ended = false;
  #failure: Error | undefined;

  constructor(descriptor: number, name: string, onMore: () => void) {
    this.#descriptor = descriptor;
    this.name = name;
    this.#onMore = onMore;
  }

  get isAwaited(): boolean {
    return this.#stream !== undefined && !this.#ended;
  }

  read(into: Uint8Array): number | undefined {
    this.#stream ??= this.#start();
    const [first] = this.#queue;
    if (first === undefined) return this.#atEnd();
    const count = Math.min(first.length, into.length);
    into.set(first.subarray(0, count));
    if (count < first.length) this.#queue[0] = first.subarray(count);
    else this.#queue.shift();
    this.#queued -= count;
    if (this.#queued < QUEUE_BYTES) this.#stream.resume();
    return count;
  }

  close(): void {
    if (this.#stream !== undefined) this.#stream.destroy();
    else if (this.#descriptor !== 0) closeSync(this.#descriptor);
  }

  #atEnd(): 0 | undefined {
    if (this.#failure !== undefined) throw this.#failure;
    return this.#ended ? 0 : undefined;
  }

  /** Nothing is read before a cVM wants it. */
  #start(): Readable {
    const stream = this.#open();
    stream.on('data', (bytes: Buffer) => {
      this.#queue.push(bytes);
      this.#queued += bytes.length;
      if (this.#queued >= QUEUE_BYTES) stream.pause();
      this.#onMore();
    });
    stream.on('end', () => this.#end());
    stream.on('error', (error) => {
      this.#failure = unreadable(this.name, messageOf(error));
      this.#end();
    });
    return stream;
  }

  #open(): Readable {
    if (this.#descriptor === 0) return process.stdin;
    if (isatty(this.#descriptor)) return new ReadStream(this.#descriptor);
    return new Socket({ fd: this.#descriptor, readable: true, writable: false });
  }

  #end(): void {
    this.#ended = true;
    this.#onMore();
  }
}
