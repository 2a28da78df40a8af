// The code objects of an image: all text at its addresses, from address 0 on. Made of the image file, wherever that
// comes from: it holds everything they hold.
import { readElfObject } from './elf-object.ts';
import { PAGE } from './format.ts';
import { ImageFile } from './read.ts';

/** What programs of a cVM execute; cVMs that are given the same object share its memory. */
export interface ProgramCode {
  readonly name: string;
  /** The index is the address. */
  readonly bytes: Uint8Array;
}

interface Part {
  readonly at: number;
  readonly bytes: Uint8Array;
}

/** Throws ImageError. */
export function codeObjects(image: Uint8Array): ProgramCode[] {
  const file = new ImageFile(image);
  const codes: Part[][] = Array.from({ length: file.codeCount }, () => []);
  for (let number = 0; number < file.inodeCount; number++) {
    const { codeAddress, codeMask, ...inode } = file.inode(number);
    if (codeAddress === 0) continue;
    const object = readElfObject(file.contents(inode), `inode ${number}`);
    const parts = object?.code.map(({ address, bytes }) => ({ at: codeAddress + address - object.low, bytes })) ?? [];
    codes.forEach((code, index) => (codeMask & (1 << index)) !== 0 && code.push(...parts));
  }
  return codes.map((parts, index) => ({ name: `code ${index}`, bytes: join(parts) }));
}

function join(parts: readonly Part[]): Uint8Array {
  const end = Math.max(0, ...parts.map(({ at, bytes }) => at + bytes.length));
  const whole = new Uint8Array(Math.ceil(end / PAGE) * PAGE);
  for (const { at, bytes } of parts) whole.set(bytes, at);
  return whole;
}
