// Debian package files into a tree, with the package client's own tool. Maintainers' scripts are never run; what those of
// a few packages would do for a program to run is done here.
import { spawnSync } from 'node:child_process';
import { basename } from 'node:path';
import { addTar } from '../tar.ts';
import type { ImageTree } from '../tree.ts';
import { PullError } from './errors.ts';
import { LEFT_OUT_PATHS } from './left-out.ts';

const ARCHIVE_BYTES = 2 * 1024 ** 3;

/** Throws PullError or ImageError. */
export function addDeb(tree: ImageTree, file: string): void {
  const { stdout, stderr, status, error } = spawnSync('dpkg-deb', ['--fsys-tarfile', file], {
    maxBuffer: ARCHIVE_BYTES,
  });
  if (error !== undefined || status !== 0)
    throw new PullError(`cannot unpack ${basename(file)}: ${error?.message ?? stderr.toString().trim()}`, 'PACKAGE');
  addTar(tree, stdout, { name: basename(file), skip: isLeftOut });
}

function isLeftOut(path: string): boolean {
  const name = path.replace(/^(\.?\/)+/, '');
  return LEFT_OUT_PATHS.some((prefix) => name.startsWith(prefix));
}

/** A shell, if busybox is there and no other is. */
export function finish(tree: ImageTree): void {
  if (tree.find('usr/bin/busybox') !== undefined && tree.find('usr/bin/sh') === undefined)
    tree.addSymlink('usr/bin/sh', 'busybox');
}
