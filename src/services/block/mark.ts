// What a disk was when it was last opened, closed or had its journal written anew: tags of its journal's records, beside its
// key. A journal that does not contain one of them is of an earlier time: its files were put back. Where the key is kept
// somewhere else than the disk, so is this; who can change it can read the key.
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';

/** Several disks may have one key. */
export const markOf = (path: string, keyPath: string): string => `${keyPath}.${basename(path)}.mark`;

/** Undefined: there is none, and whatever is there is believed. */
export function readMark(file: string): readonly string[] | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8').split(/\s+/).filter(Boolean) : undefined;
}

/** In one step. Throws what writing a file throws. */
export function writeMark(file: string, tags: readonly Uint8Array[]): void {
  const temporary = `${file}.new`;
  writeFileSync(temporary, tags.map((tag) => `${Buffer.from(tag).toString('hex')}\n`).join(''), { mode: 0o600 });
  const descriptor = openSync(temporary, 'r');
  fsyncSync(descriptor);
  closeSync(descriptor);
  renameSync(temporary, file);
}

/** False: it cannot be kept, a key may be where nothing can be written. The old one is good as long as its records are there. */
export function tryMark(file: string, tag: Uint8Array): boolean {
  try {
    writeMark(file, [tag]);
    return true;
  } catch {
    return false;
  }
}
