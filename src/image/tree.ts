// A tree of files in memory, on its way to be an image. Names go through symbolic links on their way, as dpkg has it:
// what a package calls lib/x.so lands in usr/lib where lib is a link. Later files replace earlier ones.
import { ImageError } from './errors.ts';

export interface Attributes {
  /** Permission bits and set-user-ID, set-group-ID, sticky. */
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  /** Seconds since 1970. */
  readonly mtime?: number;
}

interface NodeBase {
  mode: number;
  uid: number;
  gid: number;
  mtime: number;
}

export interface FileNode extends NodeBase {
  readonly kind: 'file';
  readonly bytes: Uint8Array;
}

export interface SymlinkNode extends NodeBase {
  readonly kind: 'symlink';
  readonly target: string;
}

export interface DirectoryNode extends NodeBase {
  readonly kind: 'directory';
  readonly entries: Map<string, TreeNode>;
}

/** A file that has several names is one node under each. */
export type TreeNode = FileNode | SymlinkNode | DirectoryNode;

const NAME_BYTES = 255;
const TARGET_BYTES = 4095;
const LINKS = 40;

export class ImageTree {
  readonly root: DirectoryNode = { kind: 'directory', entries: new Map(), ...attributesOf({}, 0o755) };

  /** Directories on the way are made. Throws ImageError, as all of these do. */
  addFile(path: string, contents: Uint8Array | string, attributes: Attributes = {}): void {
    const bytes = typeof contents === 'string' ? new TextEncoder().encode(contents) : contents;
    this.#put(path, { kind: 'file', bytes, ...attributesOf(attributes, 0o644) });
  }

  /** A directory that is there keeps what is in it; a link to one stays. */
  addDirectory(path: string, attributes: Attributes = {}): void {
    const names = namesOf(path);
    const found = this.find(path);
    const directory = found?.kind === 'directory' ? found : this.#directory(names, path);
    Object.assign(directory, attributesOf(attributes, 0o755));
  }

  addSymlink(path: string, target: string, attributes: Attributes = {}): void {
    if (target === '' || target.includes('\0') || byteLength(target) > TARGET_BYTES)
      throw new ImageError(`${path}: a link to ${JSON.stringify(target.slice(0, 60))}`);
    const node: SymlinkNode = { kind: 'symlink', target, ...attributesOf(attributes, 0o777), mode: 0o777 };
    this.#put(path, node);
  }

  /** Another name of a file that is there. */
  addLink(path: string, existing: string): void {
    const node = this.find(existing, false);
    if (node === undefined) throw new ImageError(`${path}: a link to ${existing}, which is not there`);
    if (node.kind === 'directory') throw new ImageError(`${path}: a hard link to ${existing}, a directory`);
    this.#put(path, node);
  }

  /** With everything below; what is not there is no error. */
  remove(path: string): void {
    const names = namesOf(path);
    const name = names.pop();
    const parent = this.#walk(names, true);
    if (name !== undefined && parent?.kind === 'directory') parent.entries.delete(name);
  }

  /** `follow`: what a link at the end leads to. */
  find(path: string, follow = true): TreeNode | undefined {
    return this.#walk(namesOf(path), follow);
  }

  #put(path: string, node: TreeNode): void {
    const names = namesOf(path);
    const name = names.pop();
    if (name === undefined) throw new ImageError(`${JSON.stringify(path)} is the root`);
    const { entries } = this.#directory(names, path);
    const old = entries.get(name);
    if (old?.kind === 'directory' && old.entries.size > 0)
      throw new ImageError(`${path}: a directory of that name is there already`);
    entries.set(name, node);
  }

  /** Makes what is missing. */
  #directory(names: readonly string[], path: string): DirectoryNode {
    for (let depth = 1; depth <= names.length; depth++) {
      const part = names.slice(0, depth);
      const node = this.#walk(part, true);
      if (node?.kind === 'directory') continue;
      if (node !== undefined || this.#walk(part, false) !== undefined)
        throw new ImageError(`${path}: ${part.join('/')} is no directory`);
      const parent = this.#walk(part.slice(0, -1), true) as DirectoryNode;
      parent.entries.set(part.at(-1)!, { kind: 'directory', entries: new Map(), ...attributesOf({}, 0o755) });
    }
    return this.#walk(names, true) as DirectoryNode;
  }

  #walk(path: readonly string[], follow: boolean): TreeNode | undefined {
    let names = [...path];
    let trail: DirectoryNode[] = [this.root];
    let node: TreeNode = this.root;
    for (let links = 0; names.length > 0;) {
      const name = names.shift()!;
      const parent: DirectoryNode = trail.at(-1)!;
      if (name === '..') {
        if (trail.length > 1) trail.pop();
        node = trail.at(-1)!;
        continue;
      }
      const next: TreeNode | undefined = parent.entries.get(name);
      if (next === undefined) return undefined;
      if (next.kind === 'symlink' && (follow || names.length > 0)) {
        if (++links > LINKS) return undefined;
        if (next.target.startsWith('/')) trail = [this.root];
        names = [...partsOf(next.target), ...names];
        node = trail.at(-1)!;
        continue;
      }
      if (names.length > 0 && next.kind !== 'directory') return undefined;
      if (next.kind === 'directory') trail.push(next);
      node = next;
    }
    return node;
  }
}

const byteLength = (text: string): number => new TextEncoder().encode(text).length;

function attributesOf({ mode, uid = 0, gid = 0, mtime = 0 }: Attributes, normal: number): NodeBase {
  return { mode: (mode ?? normal) & 0o7777, uid, gid, mtime };
}

const partsOf = (path: string): string[] => path.split('/').filter((name) => name !== '' && name !== '.');

/** From the root, whatever it begins with. */
function namesOf(path: string): string[] {
  const names = partsOf(path);
  for (const name of names) {
    if (name === '..' || name.includes('\0') || byteLength(name) > NAME_BYTES)
      throw new ImageError(`${JSON.stringify(path.slice(0, 200))} is no path of an image`);
  }
  return names;
}
