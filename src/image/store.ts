// The cache of images, below $XDG_CACHE_HOME/capvm. Package files and image files are there once, by content:
//   apt/                 lists and package files of the package client
//   debs/SHA256.deb      package files that images are made of
//   blobs/SHA256         image files
//   images/NAME.json     what an image is: its packages, its image file
// Nothing in it is needed again: `capvm pull` makes all of it anew.
import { createHash, randomBytes } from 'node:crypto';
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { PullError } from './debian/errors.ts';
import { ImageError } from './errors.ts';

export interface PackageRecord {
  readonly name: string;
  readonly version: string;
  /** Of its file in debs/. */
  readonly sha256: string;
}

export interface ImageRecord {
  readonly schema: 1;
  readonly name: string;
  /** What was asked for. */
  readonly wanted: readonly string[];
  readonly packages: readonly PackageRecord[];
  /** Files that were made for it after the pull, in debs/, as an archive. */
  readonly extra?: string;
  /** How it was made: equal recipes of equal packages make equal images. */
  readonly recipe: string;
  /** Of its file in blobs/. */
  readonly sha256: string;
  /** Bytes of it. */
  readonly size: number;
  /** Time of the pull, as ISO 8601 has it. */
  readonly pulled: string;
}

const NAME = /^[a-z0-9][a-z0-9.+-]{0,62}$/;

export class ImageStore {
  readonly directory: string;

  constructor(directory = defaultDirectory()) {
    this.directory = directory;
  }

  /** All images, by name. One that cannot be read is left out. */
  list(): ImageRecord[] {
    const directory = join(this.directory, 'images');
    if (!existsSync(directory)) return [];
    const names = readdirSync(directory)
      .filter((file) => file.endsWith('.json'))
      .map((file) => file.slice(0, -5));
    return names.sort().flatMap((name) => this.find(name) ?? []);
  }

  find(name: string): ImageRecord | undefined {
    checkName(name);
    try {
      const record = JSON.parse(readFileSync(this.#record(name), 'utf8')) as ImageRecord;
      return isRecord(record) && record.name === name ? record : undefined;
    } catch {
      return undefined;
    }
  }

  /** Its image file, checked. Throws ImageError. */
  read({ name, sha256 }: ImageRecord): Uint8Array {
    const path = this.#blob(sha256);
    if (!existsSync(path))
      throw new ImageError(`image ${name} has lost its file; pull it again`, 'ERR_CVM_IMAGE_STORE');
    const bytes = readFileSync(path);
    if (hashOf(bytes) !== sha256)
      throw new ImageError(`image ${name} is damaged; remove and pull it again`, 'ERR_CVM_IMAGE_STORE');
    return bytes;
  }

  /** Throws PullError: the cache cannot be written. */
  save(record: Omit<ImageRecord, 'schema' | 'sha256' | 'size'>, image: Uint8Array): ImageRecord {
    checkName(record.name);
    const sha256 = hashOf(image);
    const whole: ImageRecord = { schema: 1, ...record, sha256, size: image.length };
    if (!existsSync(this.#blob(sha256))) writeWhole(this.#blob(sha256), image);
    writeWhole(this.#record(record.name), `${JSON.stringify(whole, undefined, 1)}\n`);
    return whole;
  }

  /** Takes a package file of the client into the store; the client keeps it as long as the store does. */
  keepDeb(file: string): string {
    const bytes = readFileSync(file);
    const sha256 = hashOf(bytes);
    const path = this.deb(sha256);
    if (existsSync(path)) return sha256;
    mkdirSync(dirname(path), { recursive: true });
    try {
      linkSync(file, path);
    } catch {
      writeWhole(path, bytes); // a file system without links
    }
    return sha256;
  }

  /** Where the package client keeps its lists and files. */
  get client(): string {
    return join(this.directory, 'apt');
  }

  /** Takes an archive of further files into the store. */
  keepExtra(archive: Uint8Array): string {
    const sha256 = hashOf(archive);
    writeWhole(this.deb(sha256), archive);
    return sha256;
  }

  deb(sha256: string): string {
    return join(this.directory, 'debs', `${sha256}.deb`);
  }

  /** Forgets an image. False: there is none of that name. */
  remove(name: string): boolean {
    const isThere = this.find(name) !== undefined;
    rmSync(this.#record(name), { force: true });
    this.clean();
    return isThere;
  }

  /** Removes what no image uses any more. */
  clean(): void {
    const records = this.list();
    const used = new Set(
      records.flatMap(({ sha256, packages, extra }) => [
        sha256,
        `${extra}.deb`,
        ...packages.map((deb) => `${deb.sha256}.deb`),
      ]),
    );
    for (const room of ['blobs', 'debs']) {
      for (const file of filesIn(join(this.directory, room)))
        if (!used.has(basename(file))) rmSync(file, { force: true });
    }
    for (const file of filesIn(join(this.client, 'archives')))
      if (file.endsWith('.deb') && statSync(file).nlink === 1) rmSync(file, { force: true });
  }

  #record(name: string): string {
    return join(this.directory, 'images', `${name}.json`);
  }

  #blob(sha256: string): string {
    return join(this.directory, 'blobs', sha256);
  }
}

const isText = (value: unknown): boolean => typeof value === 'string';
const isHash = (value: unknown): boolean => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);

/** The cache is files that anything may have happened to. */
function isRecord({ schema, wanted, packages, extra, recipe, sha256, size, pulled }: ImageRecord): boolean {
  return (
    schema === 1 &&
    wanted.every(isText) &&
    packages.every((one) => isText(one.name) && isText(one.version) && isHash(one.sha256)) &&
    (extra === undefined || isHash(extra)) &&
    [recipe, pulled].every(isText) &&
    isHash(sha256) &&
    Number.isSafeInteger(size)
  );
}

const filesIn = (directory: string): string[] =>
  existsSync(directory) ? readdirSync(directory).map((file) => join(directory, file)) : [];

function defaultDirectory(): string {
  const cache = process.env.XDG_CACHE_HOME ?? '';
  return join(cache.startsWith('/') ? cache : join(homedir(), '.cache'), 'capvm');
}

function checkName(name: string): void {
  if (!NAME.test(name)) throw new ImageError(`${JSON.stringify(name)} is no name of an image`, 'ERR_CVM_IMAGE_STORE');
}

export const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** All or nothing, also for who reads at the same time. */
function writeWhole(path: string, contents: Uint8Array | string): void {
  const temporary = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(temporary, contents);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw new PullError(`cannot write the cache: ${(error as Error).message}`, 'CACHE');
  }
}
