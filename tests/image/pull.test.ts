// Pulling: real packages where they can be had, every way it can fail.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { buildImage, ImageFile, ImageStore, ImageTree, openImage, pull } from '../../src/image/index.ts';
import type { ImageRecord } from '../../src/image/index.ts';
import { recipeOf } from '../../src/image/pull.ts';
import { debianImage } from '../helpers/packages.ts';
import { simpleElf } from './elf-files.ts';

describe('packages of Debian', () => {
  it('bzip2: the program, its interpreter and its libraries at addresses of their own', async function () {
    const { image, codes } = await debianImage(this, 'bzip2');
    const file = new ImageFile(image);
    const inodes = ['/bin/bzip2', '/lib/ld-linux-riscv64-lp64d.so.1', '/usr/lib/riscv64-linux-gnu/libbz2.so.1.0'].map(
      (path) => file.find(path),
    );
    expect(inodes).not.to.include(undefined);
    for (const inode of inodes) {
      const { codeAddress, text } = inode!;
      expect(codeAddress).to.be.at.least(0x10000);
      expect(text.count).to.be.above(0);
      const page = file.contents(inode!).subarray(text.first * 4096, (text.first + 1) * 4096);
      const at = codeAddress + text.first * 4096;
      expect(codes[0].bytes.subarray(at, at + 4096)).to.deep.equal(page);
    }
    expect(file.find('/usr/share/doc/bzip2')).to.equal(undefined);
  });
});

describe('pull', () => {
  let directory: string;
  let store: ImageStore;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'capvm-store-'));
    store = new ImageStore(directory);
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const failure = (packages: readonly string[]): Promise<{ code: string; exitCode: number; message: string }> =>
    pull(packages, { store, mirror: 'http://127.0.0.1:1/debian' }).then(
      () => expect.fail('it was pulled'),
      (error: unknown) => error as { code: string; exitCode: number; message: string },
    );

  it('says that the mirror cannot be reached', async function () {
    this.timeout(60_000);
    const { code, exitCode, message } = await failure(['bzip2']);
    if (code === 'ERR_CVM_PULL_CLIENT') return this.skip();
    expect({ code, exitCode }).to.deep.equal({ code: 'ERR_CVM_PULL_OFFLINE', exitCode: 69 });
    expect(message).to.match(/^cannot fetch the lists of packages: .*127\.0\.0\.1/);
    expect(readdirSync(directory)).not.to.include('lock');
  });

  it('takes no option for the name of a package', async () => {
    expect(await failure(['-o=x'])).to.include({ code: 'ERR_CVM_PULL_PACKAGE', exitCode: 65 });
    expect(await failure(['a b'])).to.include({ code: 'ERR_CVM_PULL_PACKAGE', exitCode: 65 });
  });
});

describe('store of images', () => {
  let directory: string;
  let store: ImageStore;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'capvm-store-'));
    store = new ImageStore(directory);
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const image = (text: string): Uint8Array => {
    const tree = new ImageTree();
    tree.addFile('text', text);
    tree.addFile('a.so', simpleElf(3, 0, 9));
    return buildImage(tree).image;
  };
  const save = (name: string, text: string): ImageRecord =>
    store.save(
      { name, wanted: [name], packages: [], recipe: recipeOf({}), pulled: '2026-01-01T00:00:00Z' },
      image(text),
    );

  it('gives back what was put in, equal images once', () => {
    const [one] = [save('one', 'x'), save('two', 'x'), save('three', 'y')];
    expect(store.list().map(({ name }) => name)).to.deep.equal(['one', 'three', 'two']);
    expect(readdirSync(join(directory, 'blobs'))).to.have.length(2);
    expect(Buffer.from(store.read(one))).to.deep.equal(Buffer.from(image('x')));
    const { codes } = openImage('one', { store });
    expect(codes.map(({ name }) => name)).to.deep.equal(['one code 0']);
    expect(codes[0].bytes[0x10000]).to.equal(9);
  });

  it('keeps what another image needs when one is removed', () => {
    save('one', 'x');
    save('two', 'x');
    expect(store.remove('one')).to.equal(true);
    expect(store.remove('one')).to.equal(false);
    expect(store.read(store.find('two')!).length).to.be.above(0);
    store.remove('two');
    expect(readdirSync(join(directory, 'blobs'))).to.deep.equal([]);
  });

  it('detects damage, and what is not there', () => {
    const record = save('one', 'x');
    const path = join(directory, 'blobs', record.sha256);
    const bytes = readFileSync(path);
    bytes[5000] ^= 1;
    writeFileSync(path, bytes);
    expect(() => store.read(record)).to.throw('image one is damaged; remove and pull it again');
    rmSync(path);
    expect(() => store.read(record)).to.throw('image one has lost its file; pull it again');
    expect(() => openImage('none', { store })).to.throw('there is no image none; `capvm pull none` fetches it');
    for (const broken of [
      { sha256: '../../../etc/passwd' },
      { extra: '../x' },
      { wanted: undefined },
      { packages: [null] },
      { size: '1' },
    ]) {
      writeFileSync(join(directory, 'images', 'one.json'), JSON.stringify({ ...record, ...broken }));
      expect(store.list(), JSON.stringify(broken)).to.deep.equal([]);
    }
    writeFileSync(join(directory, 'images', 'one.json'), '{');
    expect(store.list()).to.deep.equal([]);
  });

  it('takes no name that leads elsewhere', () => {
    for (const name of ['../x', 'a/b', '', '.x']) expect(() => store.find(name)).to.throw('is no name of an image');
  });
});
