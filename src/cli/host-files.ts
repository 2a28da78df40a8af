// Files of the host for cVMs: manifests and images to read. Every failure is one line.
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { CapvmError, EXIT } from '../host/index.ts';
import { parseManifest } from '../monitor/index.ts';
import type { Manifest } from '../monitor/index.ts';
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

function readSome(descriptor: number, into: Uint8Array, name: string): number {
  for (;;) {
    try {
      return readSync(descriptor, into);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EOF') return 0;
      // A pipe that somebody has made non-blocking: wait a little.
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

/** What `action` throws becomes a line about `name`. */
export function attempt<T>(name: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw unreadable(name, messageOf(error));
  }
}

export const unreadable = (name: string, why: string): CapvmError =>
  new CapvmError('ERR_CVM_NO_INPUT', `${name}: ${why}`, EXIT.noInput);

export const unwritable = (name: string, error: unknown): CapvmError =>
  new CapvmError('ERR_CVM_OUTPUT', `${name}: ${messageOf(error)}`, EXIT.cannotCreate);

/** "no such file or directory" of "ENOENT: no such file or directory, open 'x'". */
export function messageOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'EISDIR') return 'it is a directory';
  return /^[A-Z0-9]+: ([^,]*)/.exec(message)?.[1] ?? message.split('\n')[0];
}
