// `capvm pull`: Debian packages, with all they need, become an image in the store.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import v8 from 'node:v8';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildImage } from './build.ts';
import { codeObjects } from './code.ts';
import type { PackageImage } from './build.ts';
import { DebianClient } from './debian/client.ts';
import type { ClientEvents } from './debian/client.ts';
import { PullError } from './debian/errors.ts';
import { addDeb, finish } from './debian/unpack.ts';
import { ImageError } from './errors.ts';
import { hashOf } from './store.ts';
import type { ImageRecord, ImageStore, PackageRecord } from './store.ts';
import { addSystemFiles, addSystemLinks } from './system-files.ts';
import { ImageTree } from './tree.ts';

export interface PullOptions {
  readonly store: ImageStore;
  /** Default: the first package. */
  readonly name?: string;
  /** guests/images/libos-vdso.elf. */
  readonly vdso?: Uint8Array;
  /** A mirror's address, instead of the system's. */
  readonly mirror?: string;
  /** Ask the mirror for newer packages. */
  readonly refresh?: boolean;
  /** Further files for an image, by path; undefined: it needs none. What it throws is a warning. */
  readonly extend?: (image: PackageImage) => Promise<ReadonlyMap<string, Uint8Array> | undefined>;
  readonly onStage?: (stage: 'lists' | 'packages' | 'image' | 'extra', share?: number) => void;
  readonly onWarning?: (text: string) => void;
}

/** Of what this version of the builder makes. */
const BUILDER = 2;
const PACKAGE = /^[a-z0-9][a-z0-9.+-]+$/;

/** Throws PullError or ImageError. An image of that name with these packages stays as it is, unless `refresh`. */
export async function pull(packages: readonly string[], options: PullOptions): Promise<ImageRecord> {
  const { store, name = packages[0], refresh = false } = options;
  const strange = packages.find((wanted) => !PACKAGE.test(wanted));
  if (strange !== undefined) throw new PullError(`${JSON.stringify(strange)} is no name of a package`, 'PACKAGE');
  const known = store.find(name);
  if (known !== undefined && !refresh && sameMembers(known.wanted, packages)) return refit(known, options);
  const debs = await exclusively(store, () => fetchPackages(packages, options));
  const record = { name, wanted: packages, packages: debs, pulled: new Date().toISOString() };
  const made = make(record, options);
  const extra = await extraOf(made, options);
  return extra === undefined ? made : make({ ...record, extra }, options);
}

/** Its archive in the store. */
async function extraOf(
  record: ImageRecord,
  { store, extend, onStage, onWarning }: PullOptions,
): Promise<string | undefined> {
  if (extend === undefined) return undefined;
  onStage?.('extra');
  try {
    const image = store.read(record);
    const files = await extend({ image, codes: codeObjects(image) });
    return files === undefined ? undefined : store.keepExtra(v8.serialize([...files]));
  } catch (error) {
    onWarning?.((error as Error).message);
    return undefined;
  }
}

/** An image of the store, made again of its packages if this version makes another of them. Throws ImageError. */
export function openImage(name: string, options: Pick<PullOptions, 'store' | 'vdso'>): PackageImage {
  const record = options.store.find(name);
  if (record === undefined)
    throw new ImageError(`there is no image ${name}; \`capvm pull ${name}\` fetches it`, 'ERR_CVM_IMAGE_STORE');
  const image = options.store.read(refit(record, options));
  return { image, codes: codeObjects(image).map(({ name: code, bytes }) => ({ name: `${name} ${code}`, bytes })) };
}

function refit(record: ImageRecord, options: PullOptions): ImageRecord {
  if (record.recipe === recipeOf(options)) return record;
  const { name, wanted, packages, extra, pulled } = record;
  return make({ name, wanted, packages, extra, pulled }, options);
}

function addExtra(tree: ImageTree, archive: Uint8Array): void {
  for (const [path, bytes] of v8.deserialize(archive) as [string, Uint8Array][]) tree.addFile(path, bytes);
}

/** How this version makes an image of packages; one that was made otherwise is made anew. */
export function recipeOf({ vdso }: Pick<PullOptions, 'vdso'>): string {
  return `${BUILDER} ${vdso === undefined ? 'none' : hashOf(vdso)}`;
}

type Ingredients = Pick<ImageRecord, 'name' | 'wanted' | 'packages' | 'extra' | 'pulled'>;

function make(record: Ingredients, options: PullOptions): ImageRecord {
  const { store, vdso, onStage } = options;
  const tree = new ImageTree();
  addSystemLinks(tree);
  record.packages.forEach(({ sha256 }, index) => {
    onStage?.('image', index / record.packages.length);
    addDeb(tree, store.deb(sha256));
  });
  if (record.extra !== undefined) addExtra(tree, readFileSync(store.deb(record.extra)));
  finish(tree);
  addSystemFiles(tree, vdso);
  const saved = store.save({ ...record, recipe: recipeOf(options) }, buildImage(tree).image);
  store.clean();
  return saved;
}

async function fetchPackages(packages: readonly string[], options: PullOptions): Promise<PackageRecord[]> {
  const { store, mirror, refresh = false, onStage, onWarning } = options;
  let stage: 'lists' | 'packages' = 'lists';
  const events: ClientEvents = { onProgress: (share) => onStage?.(stage, share), onWarning };
  const client = new DebianClient(store.client, mirror, events);
  onStage?.(stage);
  await client.prepare(packages, refresh);
  const files = await client.plan(packages);
  stage = 'packages';
  onStage?.(stage);
  await client.fetch(packages);
  return files.map(({ name, version, file }) => ({
    name,
    version,
    sha256: store.keepDeb(join(client.archives, file)),
  }));
}

const sameMembers = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((member) => b.includes(member));

const LOCK_POLL_MILLISECONDS = 200;

/** One pull at a time: the package client's lists and files are shared. */
async function exclusively<T>(store: ImageStore, action: () => Promise<T>): Promise<T> {
  const lock = join(store.directory, 'lock');
  while (!takeLock(store.directory, lock)) await sleep(LOCK_POLL_MILLISECONDS);
  try {
    return await action();
  } finally {
    rmSync(lock, { force: true });
  }
}

function takeLock(directory: string, lock: string): boolean {
  try {
    mkdirSync(directory, { recursive: true });
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST')
      throw new PullError(`cannot write the cache: ${(error as Error).message}`, 'CACHE');
    if (!isAlive(lock)) rmSync(lock, { force: true });
    return false;
  }
}

/** Whoever took it, or may be about to write who it is. */
function isAlive(lock: string): boolean {
  try {
    const holder = Number(readFileSync(lock, 'utf8'));
    return holder === 0 || process.kill(holder, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
