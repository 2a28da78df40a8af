// Takes a tar archive into a tree: what `dpkg-deb --fsys-tarfile` writes of a package. POSIX ustar and pax records, GNU's
// long names. Source: POSIX.1-2008 pax, GNU tar's manual. Devices and what lies outside the tree are refused.
import { ImageError } from './errors.ts';
import type { Attributes, ImageTree } from './tree.ts';

const BLOCK = 512;

interface Header {
  readonly name: string;
  readonly size: number;
  readonly type: string;
  readonly target: string;
  readonly attributes: Attributes;
}

export interface TarOptions {
  /** What archives are called in messages. */
  readonly name: string;
  /** Leaves a file out. */
  readonly skip?: (path: string) => boolean;
}

/** Throws ImageError. */
export function addTar(tree: ImageTree, archive: Uint8Array, { name, skip = () => false }: TarOptions): void {
  const refuse = (why: string): never => {
    throw new ImageError(`${name}: ${why}`, 'ERR_CVM_IMAGE_ARCHIVE');
  };
  let long: { name?: string; target?: string } = {};
  for (let at = 0; at + BLOCK <= archive.length;) {
    const block = archive.subarray(at, at + BLOCK);
    if (block.every((byte) => byte === 0)) return;
    const header = readHeader(block, refuse);
    const start = at + BLOCK;
    if (start + header.size > archive.length) refuse(`${header.name} is cut off`);
    const contents = archive.subarray(start, start + header.size);
    at = start + Math.ceil(header.size / BLOCK) * BLOCK;
    if (header.type === 'L') long.name = textOf(contents);
    else if (header.type === 'K') long.target = textOf(contents);
    else if (header.type === 'x') long = { ...long, ...paxRecords(contents) };
    else if (header.type !== 'g') {
      const entry = { ...header, name: long.name ?? header.name, target: long.target ?? header.target };
      if (!skip(entry.name)) add(tree, entry, contents, refuse);
      long = {};
    }
  }
}

function add(tree: ImageTree, entry: Header, contents: Uint8Array, refuse: (why: string) => never): void {
  const { name, type, target, attributes } = entry;
  if (type === '0' || type === '\0' || type === '7') tree.addFile(name, contents, attributes);
  else if (type === '1') tree.addLink(name, target);
  else if (type === '2') tree.addSymlink(name, target, attributes);
  else if (type !== '5') refuse(`${name} is of type ${JSON.stringify(type)}, neither file nor directory nor link`);
  else if (name.replace(/[./]/g, '') !== '') tree.addDirectory(name, attributes);
}

function readHeader(block: Uint8Array, refuse: (why: string) => never): Header {
  const text = (offset: number, length: number): string => textOf(block.subarray(offset, offset + length));
  const number = (offset: number, length: number): number => {
    if ((block[offset] & 0x80) !== 0) return refuse('a number in base 256');
    const digits = text(offset, length).trim();
    return /^[0-7]*$/.test(digits) ? parseInt(digits || '0', 8) : refuse('not a tar archive');
  };
  const sum = block.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 32 : byte), 0);
  if (number(148, 8) !== sum) refuse('not a tar archive, or a damaged one');
  const prefix = text(257, 6) === 'ustar' ? text(345, 155) : '';
  return {
    name: prefix === '' ? text(0, 100) : `${prefix}/${text(0, 100)}`,
    size: number(124, 12),
    type: String.fromCharCode(block[156]),
    target: text(157, 100),
    attributes: { mode: number(100, 8), uid: number(108, 8), gid: number(116, 8), mtime: number(136, 12) },
  };
}

/** Records "length key=value\n". */
function paxRecords(bytes: Uint8Array): { name?: string; target?: string } {
  const found: { name?: string; target?: string } = {};
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(32, at);
    const digits = textOf(bytes.subarray(at, Math.max(space, at)));
    const length = /^\d{1,9}$/.test(digits) ? Number(digits) : 0;
    if (length === 0) break;
    const [key, value] = textOf(bytes.subarray(space + 1, at + length - 1)).split(/=(.*)/s);
    if (key === 'path') found.name = value;
    if (key === 'linkpath') found.target = value;
    at += length;
  }
  return found;
}

function textOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}
