// Takes a directory of the host into a tree, as it is: modes, links, several names of one file. Owners are root, whoever
// owns it here.
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { join } from 'node:path';
import { ImageError } from './errors.ts';
import type { ImageTree } from './tree.ts';

/** `at`: where in the tree. Throws ImageError. */
export function addHostDirectory(tree: ImageTree, directory: string, at = '/'): void {
  const names = new Map<string, string>();
  const visit = (path: string, to: string): void => {
    const found = lstatSync(path);
    const attributes = { mode: found.mode & 0o7777, mtime: Math.floor(found.mtimeMs / 1000) };
    if (found.isDirectory()) {
      if (to !== '/') tree.addDirectory(to, attributes);
      for (const name of readdirSync(path).sort()) visit(join(path, name), join(to, name));
    } else if (found.isSymbolicLink()) tree.addSymlink(to, readlinkSync(path), attributes);
    else if (!found.isFile()) throw new ImageError(`${path}: neither a file nor a directory nor a link`);
    else if (names.has(identity(found))) tree.addLink(to, names.get(identity(found))!);
    else {
      tree.addFile(to, readFileSync(path), attributes);
      if (found.nlink > 1) names.set(identity(found), to);
    }
  };
  try {
    visit(directory, at);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    throw new ImageError((error as Error).message);
  }
}

const identity = ({ dev, ino }: Stats): string => `${dev}:${ino}`;
