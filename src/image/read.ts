// Reads an image file. The file may be anything: every number is checked against the file before it is used.
import { ImageError } from './errors.ts';
import {
  CODE_OBJECTS,
  ENTRY_SIZE,
  HEADER_SIZE,
  INODE_SIZE,
  MAGIC,
  S_IFDIR,
  S_IFLNK,
  S_IFMT,
  S_IFREG,
} from './format.ts';

export interface ImageInode {
  readonly number: number;
  /** st_mode. */
  readonly mode: number;
  readonly links: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly offset: number;
  /** Seconds since 1970. */
  readonly mtime: number;
  /** 0: not a program or library. */
  readonly codeAddress: number;
  readonly codeMask: number;
  readonly entries: number;
  /** Pages of the file that hold instructions and nothing else. */
  readonly text: { readonly first: number; readonly count: number };
}

export interface ImageEntry {
  readonly name: string;
  readonly inode: ImageInode;
}

const LINKS = 40;

export class ImageFile {
  readonly inodeCount: number;
  /** The lowest address above all programs and libraries. */
  readonly codeEnd: number;
  /** 0: no vDSO. */
  readonly vdsoAddress: number;
  readonly vdsoInode: number;
  readonly codeCount: number;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #inodesAt: number;

  /** Throws ImageError. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (bytes.length < HEADER_SIZE || new TextDecoder().decode(bytes.subarray(0, 8)) !== MAGIC)
      throw broken('it does not begin as a package image does');
    const [size, inodesAt, inodes, codeEnd, vdso, codes, vdsoInode] = Array.from({ length: 7 }, (_, index) =>
      this.#u64(8 + index * 8),
    );
    if (size !== bytes.length) throw broken(`it says that it has ${size} bytes, it has ${bytes.length}`);
    if (inodes < 1 || codes > CODE_OBJECTS || vdsoInode >= inodes)
      throw broken('a number in its header is out of range');
    this.#inodesAt = inodesAt;
    this.inodeCount = inodes;
    this.codeEnd = codeEnd;
    this.vdsoAddress = vdso;
    this.vdsoInode = vdsoInode;
    this.codeCount = codes;
    this.#range(inodesAt, inodes * INODE_SIZE, 'the table of inodes');
    if ((this.inode(0).mode & S_IFMT) !== S_IFDIR) throw broken('its root is no directory');
  }

  inode(number: number): ImageInode {
    if (!(number >= 0 && number < this.inodeCount)) throw broken(`there is no inode ${number}`);
    const at = this.#inodesAt + number * INODE_SIZE;
    const u32 = (offset: number): number => this.#view.getUint32(at + offset, true);
    return {
      number,
      mode: u32(0),
      links: u32(4),
      uid: u32(8),
      gid: u32(12),
      size: this.#u64(at + 16),
      offset: this.#u64(at + 24),
      mtime: Number(this.#view.getBigInt64(at + 32, true)),
      codeAddress: this.#u64(at + 40),
      entries: u32(48),
      codeMask: u32(52),
      text: { first: u32(60), count: u32(56) },
    };
  }

  /** A view: a file's bytes, a link's target. */
  contents({ offset, size }: Pick<ImageInode, 'offset' | 'size'>): Uint8Array {
    this.#range(offset, size, 'contents');
    return this.#bytes.subarray(offset, offset + size);
  }

  /** In the order of the file. */
  entries(directory: ImageInode): ImageEntry[] {
    if (!isDirectory(directory)) throw broken(`inode ${directory.number} is no directory`);
    this.#range(directory.offset, directory.entries * ENTRY_SIZE, 'a directory');
    return Array.from({ length: directory.entries }, (_, index) => {
      const at = directory.offset + index * ENTRY_SIZE;
      const name = this.contents({ offset: this.#u64(at + 8), size: this.#view.getUint16(at + 4, true) });
      return { name: new TextDecoder().decode(name), inode: this.inode(this.#view.getUint32(at, true)) };
    });
  }

  /** Undefined: nothing of that name. Links on the way are followed, one at its end with `follow`. */
  find(path: string, follow = true): ImageInode | undefined {
    let names = partsOf(path);
    let trail = [this.inode(0)];
    for (let links = 0; names.length > 0;) {
      const name = names.shift()!;
      if (name === '..') {
        if (trail.length > 1) trail.pop();
        continue;
      }
      const parent = trail.at(-1)!;
      const next = isDirectory(parent) ? this.entries(parent).find((entry) => entry.name === name)?.inode : undefined;
      if (next === undefined) return undefined;
      if (isSymlink(next) && (follow || names.length > 0)) {
        if (++links > LINKS) return undefined;
        const target = this.text(next);
        if (target.startsWith('/')) trail = [this.inode(0)];
        names = [...partsOf(target), ...names];
      } else trail.push(next);
    }
    return trail.at(-1);
  }

  /** Contents as text. */
  text(inode: ImageInode): string {
    return new TextDecoder().decode(this.contents(inode));
  }

  #u64(at: number): number {
    return Number(this.#view.getBigUint64(at, true));
  }

  #range(offset: number, size: number, what: string): void {
    if (!(offset >= 0 && size >= 0 && offset + size <= this.#bytes.length))
      throw broken(`${what} lies outside the file`);
  }
}

const partsOf = (path: string): string[] => path.split('/').filter((name) => name !== '' && name !== '.');

export const isDirectory = ({ mode }: ImageInode): boolean => (mode & S_IFMT) === S_IFDIR;
export const isSymlink = ({ mode }: ImageInode): boolean => (mode & S_IFMT) === S_IFLNK;
export const isRegular = ({ mode }: ImageInode): boolean => (mode & S_IFMT) === S_IFREG;

const broken = (why: string): ImageError => new ImageError(`not a usable image: ${why}`, 'ERR_CVM_IMAGE_FILE');
