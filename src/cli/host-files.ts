// Files of the host for cVMs: manifests and images to read, the host's ends of streams. Every failure is one line.
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { CapvmError, EXIT } from '../host/index.ts';
import { parseManifest } from '../monitor/index.ts';
import type { HostSink, HostSource, Manifest } from '../monitor/index.ts';
import { writeFully } from './files.ts';
import { packageRoot } from './package-root.ts';

const MANIFEST_LIMIT = 4 * 1024 ** 2;
const IMAGE_LIMIT = 1024 ** 3;
const PIECE = 65536;
const RETRY_MILLISECONDS = 5;

export interface ManifestFile {
  readonly manifest: Manifest;
  /** As messages call it: relative to the working directory. */
  readonly name: string;
  /** Other files' names are relative to this. */
  readonly directory: string;
}

/** Throws ManifestError, or CapvmError for a file that cannot be read. */
export function readManifest(path: string): ManifestFile {
  const name = shownPath(path);
  const manifest = parseManifest(new TextDecoder().decode(readLimited(path, name, MANIFEST_LIMIT)), name);
  return { manifest, name, directory: dirname(path) };
}

/** As people would write it: from the working directory on, unless that leads upwards. */
export function shownPath(path: string): string {
  const near = relative(process.cwd(), path);
  return near === '' ? '.' : near.startsWith('..') ? path : near;
}

/** An image that a manifest in `directory` names. */
export function readImageFile(directory: string, file: string): Uint8Array {
  const path = resolve(directory, file);
  const name = shownPath(path);
  // A pipe or a device might never end, or never begin.
  if (!attempt(name, () => statSync(path)).isFile()) throw unreadable(name, 'it is no regular file');
  return readLimited(path, name, IMAGE_LIMIT);
}

export const readSwitcherFile = (): Uint8Array =>
  readImageFile(join(packageRoot(), 'guests', 'images'), 'switcher.elf');

/** A file, or standard input (`-`), as the host's end of a stream. */
export class FileSource implements HostSource {
  readonly name: string;
  /** Known for regular files. */
  readonly sizeBytes: number | undefined;
  readonly #descriptor: number;

  constructor(path: string, name: string) {
    this.name = name;
    this.#descriptor = path === '-' ? 0 : attempt(name, () => openSync(path, 'r'));
    const stat = fstatSync(this.#descriptor);
    if (stat.isDirectory()) throw unreadable(name, 'it is a directory');
    this.sizeBytes = stat.isFile() ? stat.size : undefined;
  }

  read(into: Uint8Array): number {
    return readSome(this.#descriptor, into, this.name);
  }

  close(): void {
    if (this.#descriptor !== 0) closeSync(this.#descriptor);
  }
}

/** A file, or standard output (`-`), as the host's end of a stream. */
export class FileSink implements HostSink {
  readonly #descriptor: number;
  readonly #name: string;

  constructor(path: string, name: string) {
    this.#name = name;
    try {
      this.#descriptor = path === '-' ? 1 : openSync(path, 'w');
    } catch (error) {
      throw unwritable(name, error);
    }
  }

  write(bytes: Uint8Array): void {
    try {
      writeFully(this.#descriptor, bytes);
    } catch (error) {
      throw (error as NodeJS.ErrnoException).code === 'EPIPE' ? error : unwritable(this.#name, error);
    }
  }

  close(): void {
    if (this.#descriptor !== 1) closeSync(this.#descriptor);
  }
}

function readSome(descriptor: number, into: Uint8Array, name: string): number {
  for (;;) {
    try {
      return readSync(descriptor, into);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EOF') return 0;
      // Standard input in non-blocking mode: wait a little.
      if (code !== 'EAGAIN') throw unreadable(name, messageOf(error));
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MILLISECONDS);
    }
  }
}

/** All of a file that may be without end. */
function readLimited(path: string, name: string, limitBytes: number): Uint8Array {
  const descriptor = attempt(name, () => openSync(path, 'r'));
  try {
    const pieces: Uint8Array[] = [];
    for (let sizeBytes = 0; ;) {
      const piece = new Uint8Array(PIECE);
      const count = readSome(descriptor, piece, name);
      if (count === 0) return Buffer.concat(pieces);
      sizeBytes += count;
      if (sizeBytes > limitBytes) throw unreadable(name, `it is larger than ${limitBytes / 1024 ** 2} MiB`);
      pieces.push(piece.subarray(0, count));
    }
  } finally {
    closeSync(descriptor);
  }
}

function attempt<T>(name: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw unreadable(name, messageOf(error));
  }
}

const unreadable = (name: string, why: string): CapvmError =>
  new CapvmError('ERR_CVM_NO_INPUT', `${name}: ${why}`, EXIT.noInput);

const unwritable = (name: string, error: unknown): CapvmError =>
  new CapvmError('ERR_CVM_OUTPUT', `${name}: ${messageOf(error)}`, EXIT.cannotCreate);

/** "no such file or directory" of "ENOENT: no such file or directory, open 'x'". */
const messageOf = (error: unknown): string =>
  /^[A-Z0-9]+: ([^,]*)/.exec((error as Error).message)?.[1] ?? (error as Error).message.split('\n')[0];
