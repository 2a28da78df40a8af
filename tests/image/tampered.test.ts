// A mirror that changes what Debian signed: its index, a list of packages, a package. All of it is refused, by Debian's
// own client. The true files are those that the cache of this user has.
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { ImageStore, pull } from '../../src/image/index.ts';
import type { ImageRecord } from '../../src/image/index.ts';
import { debianImage } from '../helpers/packages.ts';

describe('a mirror that changes what Debian signed', () => {
  let directory: string;
  let server: Server;
  let mirror: string;
  /** Changes of the answer for a path. */
  let change: (path: string, bytes: Buffer) => Buffer;
  let cache: ImageStore;

  before(async function () {
    await debianImage(this, 'bzip2');
    cache = new ImageStore();
    const lists = join(cache.client, 'lists');
    const list = (end: string): string | undefined =>
      existsSync(lists) ? readdirSync(lists).find((name) => name.endsWith(end)) : undefined;
    const [index, packages] = [list('_dists_trixie_InRelease'), list('_trixie_main_binary-riscv64_Packages')];
    if (index === undefined || packages === undefined) return this.skip();
    const files = new Map([
      ['/debian/dists/trixie/InRelease', join(lists, index)],
      ['/debian/dists/trixie/main/binary-riscv64/Packages', join(lists, packages)],
    ]);
    const debOf = (path: string): string | undefined => {
      const [, name] = /\/pool\/.*\/([^/_]+)_[^/]*\.deb$/.exec(path) ?? [];
      const found = cache.find('bzip2')?.packages.find((one) => one.name === name);
      return found === undefined ? undefined : cache.deb(found.sha256);
    };
    server = createServer((request, response) => {
      const path = decodeURIComponent(request.url ?? '');
      const file = files.get(path) ?? debOf(path);
      if (file === undefined || !existsSync(file)) return void response.writeHead(404).end();
      const bytes = change(path, readFileSync(file));
      response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    mirror = `http://127.0.0.1:${(server.address() as AddressInfo).port}/debian`;
  });
  after(() => void server?.close());
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'capvm-store-'));
    change = (_path, bytes) => bytes;
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const fetchAll = (): Promise<ImageRecord> => pull(['bzip2'], { store: new ImageStore(directory), mirror });
  const refusal = (): Promise<Error> =>
    fetchAll().then(
      () => expect.fail('it was pulled'),
      (error: unknown) => error as Error,
    );
  const flip = (bytes: Buffer, at: number): Buffer => {
    bytes[at] ^= 1;
    return bytes;
  };

  it('is trusted as long as it does not', async function () {
    this.timeout(60_000);
    expect((await fetchAll()).packages.map(({ name }) => name)).to.include('bzip2');
  });

  it('is refused for another index', async function () {
    this.timeout(60_000);
    change = (path, bytes) => (path.endsWith('InRelease') ? flip(bytes, bytes.indexOf('Codename') + 12) : bytes);
    const { message } = await refusal();
    expect(message).to.match(/^cannot fetch the lists of packages: .*(signature|signed|GPG|gpgv|sqv)/is);
  });

  it('is refused for another list of packages', async function () {
    this.timeout(60_000);
    change = (path, bytes) => (path.endsWith('/Packages') ? flip(bytes, bytes.indexOf('SHA256: ') + 10) : bytes);
    expect((await refusal()).message).to.match(/^cannot fetch the lists of packages: .*Hash Sum mismatch/s);
  });

  it('is refused for another package', async function () {
    this.timeout(60_000);
    change = (path, bytes) => (path.includes('/bzip2_') ? flip(bytes, bytes.length - 100) : bytes);
    expect((await refusal()).message).to.match(/^cannot fetch packages: .*Hash Sum mismatch/s);
  });
});
