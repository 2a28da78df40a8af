// What programs expect of every Debian system and no package of theirs brings: directories, links of the merged /usr,
// names of users, groups and hosts. Files that a tree has already stay.
import { VDSO_PATH } from './build.ts';
import type { ImageTree } from './tree.ts';

const MERGED = ['bin', 'lib', 'sbin'];
const DIRECTORIES: Readonly<Record<string, number>> = {
  dev: 0o755,
  etc: 0o755,
  home: 0o755,
  mnt: 0o755,
  proc: 0o555,
  root: 0o700,
  run: 0o755,
  sys: 0o555,
  tmp: 0o1777,
  'usr/local/bin': 0o755,
  'var/cache': 0o755,
  'var/lib': 0o755,
  'var/log': 0o755,
  'var/tmp': 0o1777,
};

const USERS: readonly (readonly [string, number, string])[] = [
  ['root', 0, '/root'],
  ['daemon', 1, '/usr/sbin'],
  ['www-data', 33, '/var/www'],
  ['redis', 100, '/var/lib/redis'],
  ['nobody', 65534, '/nonexistent'],
];
const GROUPS: readonly (readonly [string, number])[] = [
  ['root', 0],
  ['daemon', 1],
  ['tty', 5],
  ['adm', 4],
  ['www-data', 33],
  ['redis', 100],
  ['nogroup', 65534],
];

const FILES: Readonly<Record<string, string>> = {
  'etc/passwd': USERS.map(([name, id, home]) => `${name}:x:${id}:${id}:${name}:${home}:${id === 0 ? '/bin/sh' : '/usr/sbin/nologin'}\n`).join(''), // prettier-ignore
  'etc/group': GROUPS.map(([name, id]) => `${name}:x:${id}:\n`).join(''),
  'etc/hosts': '127.0.0.1 localhost\n',
  'etc/hostname': 'cvm\n',
  'etc/nsswitch.conf': 'passwd: files\ngroup: files\nshadow: files\nhosts: files\nservices: files\nprotocols: files\n',
};

/** Before packages are added: names of theirs then go through the links. */
export function addSystemLinks(tree: ImageTree): void {
  for (const name of MERGED) {
    tree.addDirectory(`usr/${name}`);
    if (tree.find(name, false) === undefined) tree.addSymlink(name, `usr/${name}`);
  }
}

/** `vdso`: guests/images/libos-vdso.elf. */
export function addSystemFiles(tree: ImageTree, vdso?: Uint8Array): void {
  for (const [path, mode] of Object.entries(DIRECTORIES)) {
    if (tree.find(path) === undefined) tree.addDirectory(path, { mode });
  }
  if (tree.find('var/run', false) === undefined) tree.addSymlink('var/run', '/run');
  for (const [path, text] of Object.entries(FILES)) {
    if (tree.find(path) === undefined) tree.addFile(path, text);
  }
  if (vdso !== undefined) tree.addFile(VDSO_PATH, vdso, { mode: 0o755 });
}
