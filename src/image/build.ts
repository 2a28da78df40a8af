// Makes an image file of a tree. The same tree makes the same bytes.
import { createHash } from 'node:crypto';
import { codeObjects } from './code.ts';
import type { ProgramCode } from './code.ts';
import { readElfObject } from './elf-object.ts';
import type { ElfObject } from './elf-object.ts';
import { ImageError } from './errors.ts';
import { ENTRY_SIZE, HEADER_SIZE, INODE_SIZE, MAGIC, PAGE, S_IFDIR, S_IFLNK, S_IFREG } from './format.ts';
import { placeObjects } from './placement.ts';
import type { Place, Placement } from './placement.ts';
import type { DirectoryNode, FileNode, ImageTree, TreeNode } from './tree.ts';

export interface PackageImage {
  readonly image: Uint8Array;
  readonly codes: readonly ProgramCode[];
}

/** Where the vDSO of the library OS is in every image that has one. */
export const VDSO_PATH = '/usr/lib/libos-vdso.so';

interface Inode {
  readonly node: TreeNode;
  readonly path: string;
  links: number;
  object?: ElfObject;
  place?: Place;
}

/** Throws ImageError. */
export function buildImage(tree: ImageTree): PackageImage {
  const inodes = number(tree.root);
  const image = new Writer(tree, inodes, place(inodes)).write();
  return { image, codes: codeObjects(image) };
}

/** Every node once, parents before children, by name. */
function number(root: DirectoryNode): Map<TreeNode, Inode> {
  const inodes = new Map<TreeNode, Inode>();
  const visit = (node: TreeNode, path: string): void => {
    const known = inodes.get(node);
    if (known !== undefined) return void known.links++;
    inodes.set(node, { node, path: path === '' ? '/' : path, links: node.kind === 'directory' ? 2 : 1 });
    if (node.kind !== 'directory') return;
    for (const [name, child] of sorted(node)) {
      visit(child, `${path}/${name}`);
      if (child.kind === 'directory') inodes.get(node)!.links++;
    }
  };
  visit(root, '');
  return inodes;
}

function sorted({ entries }: DirectoryNode): [string, TreeNode][] {
  return [...entries].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

function place(inodes: ReadonlyMap<TreeNode, Inode>): Placement {
  for (const inode of inodes.values()) {
    if (inode.node.kind === 'file') inode.object = readElfObject(inode.node.bytes, inode.path);
  }
  const objects = [...inodes.values()].filter(({ object }) => object !== undefined);
  const distinct = [...new Map(objects.map((inode) => [placeKey(inode), inode])).entries()];
  const placement = placeObjects(distinct.map(([, { path, object }]) => ({ path, object: object! })));
  const places = new Map(distinct.map(([key], index) => [key, placement.places[index]]));
  for (const inode of objects) inode.place = places.get(placeKey(inode));
  return placement;
}

const EXECUTABLE = 0o111;

/** Equal programs share a place: no process has two of them. Libraries do not. */
function placeKey({ node, path }: Inode): string {
  return node.kind === 'file' && (node.mode & EXECUTABLE) !== 0 ? hashOf(node.bytes) : path;
}

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('base64');

/** Header, inodes, entries, names and targets, contents. */
class Writer {
  readonly #inodes: readonly Inode[];
  readonly #numbers: ReadonlyMap<TreeNode, number>;
  readonly #placement: Placement;
  readonly #vdso: TreeNode | undefined;
  readonly #entriesAt: number;
  /** Names and targets, each once, by text. */
  readonly #texts = new Map<string, { readonly at: number; readonly bytes: Uint8Array }>();
  #textEnd: number;

  constructor(tree: ImageTree, inodes: ReadonlyMap<TreeNode, Inode>, placement: Placement) {
    this.#inodes = [...inodes.values()];
    this.#numbers = new Map(this.#inodes.map(({ node }, index) => [node, index]));
    this.#placement = placement;
    this.#vdso = tree.find(VDSO_PATH);
    this.#entriesAt = HEADER_SIZE + this.#inodes.length * INODE_SIZE;
    const entries = this.#inodes.reduce(
      (sum, { node }) => sum + (node.kind === 'directory' ? node.entries.size : 0),
      0,
    );
    this.#textEnd = this.#entriesAt + entries * ENTRY_SIZE;
  }

  write(): Uint8Array {
    for (const { node } of this.#inodes) {
      if (node.kind === 'symlink') this.#text(node.target);
      if (node.kind === 'directory') for (const [name] of sorted(node)) this.#text(name);
    }
    const contents = new Contents(this.#textEnd, this.#inodes);
    const bytes = allocate(contents.end);
    const view = new DataView(bytes.buffer);
    this.#header(bytes, view);
    let entry = this.#entriesAt;
    this.#inodes.forEach((inode, index) => {
      const { node } = inode;
      const at = HEADER_SIZE + index * INODE_SIZE;
      this.#attributes(view, at, inode);
      if (node.kind === 'directory') {
        this.#extent(view, at, node.entries.size * ENTRY_SIZE, entry, node.entries.size);
        entry = this.#entries(view, entry, node);
      } else if (node.kind === 'symlink') {
        const target = this.#text(node.target);
        this.#extent(view, at, target.bytes.length, target.at);
      } else this.#extent(view, at, node.bytes.length, contents.offset(node));
    });
    for (const { at, bytes: text } of this.#texts.values()) bytes.set(text, at);
    contents.copyTo(bytes);
    return bytes;
  }

  #header(bytes: Uint8Array, view: DataView): void {
    const { codeEnd, codeCount } = this.#placement;
    const vdso = this.#vdso === undefined ? undefined : this.#inodes[this.#numbers.get(this.#vdso)!];
    const vdsoInode = vdso?.place === undefined ? 0 : this.#numbers.get(vdso.node)!;
    bytes.set(new TextEncoder().encode(MAGIC));
    [bytes.length, HEADER_SIZE, this.#inodes.length, codeEnd, vdso?.place?.address ?? 0, codeCount, vdsoInode].forEach(
      (value, index) => view.setBigUint64(8 + index * 8, BigInt(value), true),
    );
  }

  #attributes(view: DataView, at: number, { node, links, object, place: placed }: Inode): void {
    const type = node.kind === 'directory' ? S_IFDIR : node.kind === 'symlink' ? S_IFLNK : S_IFREG;
    [type | node.mode, links, node.uid, node.gid].forEach((value, index) =>
      view.setUint32(at + index * 4, value, true),
    );
    view.setBigInt64(at + 32, BigInt(Math.trunc(node.mtime)), true);
    if (object === undefined || placed === undefined) return;
    view.setBigUint64(at + 40, BigInt(placed.address), true);
    view.setUint32(at + 52, placed.mask, true);
    view.setBigUint64(at + 56, (BigInt(object.text.first) << 32n) | BigInt(object.text.count), true);
  }

  #extent(view: DataView, at: number, size: number, offset: number, entries = 0): void {
    view.setBigUint64(at + 16, BigInt(size), true);
    view.setBigUint64(at + 24, BigInt(offset), true);
    view.setUint32(at + 48, entries, true);
  }

  #entries(view: DataView, start: number, directory: DirectoryNode): number {
    let at = start;
    for (const [name, node] of sorted(directory)) {
      const text = this.#text(name);
      view.setUint32(at, this.#numbers.get(node)!, true);
      view.setUint16(at + 4, text.bytes.length, true);
      view.setBigUint64(at + 8, BigInt(text.at), true);
      at += ENTRY_SIZE;
    }
    return at;
  }

  #text(text: string): { readonly at: number; readonly bytes: Uint8Array } {
    let known = this.#texts.get(text);
    if (known === undefined) {
      known = { at: this.#textEnd, bytes: new TextEncoder().encode(text) };
      this.#texts.set(text, known);
      this.#textEnd += known.bytes.length;
    }
    return known;
  }
}

function allocate(size: number): Uint8Array {
  try {
    return new Uint8Array(size);
  } catch {
    throw new ImageError(`an image of ${size} bytes is too large`);
  }
}

/** Contents of files, pages of their own, equal ones once. */
class Contents {
  readonly #offsets = new Map<FileNode, number>();
  readonly #kept: { readonly at: number; readonly bytes: Uint8Array }[] = [];
  readonly end: number;

  constructor(start: number, inodes: readonly Inode[]) {
    const known = new Map<string, number>();
    let end = Math.ceil(start / PAGE) * PAGE;
    for (const { node } of inodes) {
      if (node.kind !== 'file') continue;
      const key = hashOf(node.bytes);
      let at = known.get(key);
      if (at === undefined) {
        at = end;
        known.set(key, at);
        this.#kept.push({ at, bytes: node.bytes });
        end += Math.ceil(node.bytes.length / PAGE) * PAGE;
      }
      this.#offsets.set(node, at);
    }
    this.end = end;
  }

  offset(node: FileNode): number {
    return this.#offsets.get(node)!;
  }

  copyTo(image: Uint8Array): void {
    for (const { at, bytes } of this.#kept) image.set(bytes, at);
  }
}
