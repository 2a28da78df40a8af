// Trees from directories of the host and from tar archives.
import { execFileSync } from 'node:child_process';
import { chmodSync, linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { addHostDirectory, addTar, buildImage, ImageError, ImageFile, ImageTree } from '../../src/image/index.ts';
import { Random } from '../helpers/random.ts';

const LONG = 'a-rather-long-name-of-a-directory/'.repeat(6);

function makeFiles(directory: string): void {
  mkdirSync(join(directory, LONG), { recursive: true });
  writeFileSync(join(directory, LONG, 'file'), 'deep');
  writeFileSync(join(directory, 'run.sh'), '#!/bin/sh\n');
  chmodSync(join(directory, 'run.sh'), 0o4755);
  linkSync(join(directory, 'run.sh'), join(directory, 'same.sh'));
  symlinkSync(`${LONG}file`, join(directory, 'link'));
}

describe('trees from', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'capvm-image-'));
    makeFiles(directory);
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const check = (tree: ImageTree): void => {
    const file = new ImageFile(buildImage(tree).image);
    expect(file.text(file.find('link')!)).to.equal('deep');
    expect(file.find('run.sh')).to.include({ mode: 0o104755, links: 2, uid: 0 });
    expect(file.find('same.sh')).to.deep.equal(file.find('run.sh'));
  };

  it('a directory', () => {
    const tree = new ImageTree();
    addHostDirectory(tree, directory);
    check(tree);
    expect(() => addHostDirectory(tree, join(directory, 'none'))).to.throw('ENOENT');
  });

  for (const format of ['gnu', 'pax', 'ustar']) {
    it(`a ${format} archive`, () => {
      const tree = new ImageTree();
      const left = format === 'ustar' ? ['--exclude=./link'] : []; // its target is too long for that format
      const archive = execFileSync('tar', [
        ...left,
        `--format=${format}`,
        '--owner=0',
        '--group=0',
        '-C',
        directory,
        '-c',
        '.',
      ]);
      addTar(tree, archive, { name: 'x.tar' });
      if (format === 'ustar') tree.addSymlink('link', `${LONG}file`);
      check(tree);
    });
  }

  it('no damaged or foreign archive', () => {
    const archive = execFileSync('tar', ['-C', directory, '-c', '.']);
    const tree = new ImageTree();
    archive[0] ^= 1;
    expect(() => addTar(tree, archive, { name: 'x.tar' })).to.throw('x.tar: not a tar archive, or a damaged one');
    archive[0] ^= 1;
    writeFileSync(join(directory, 'large'), new Uint8Array(5000));
    const large = execFileSync('tar', ['-C', directory, '-c', 'large']);
    expect(() => addTar(tree, large.subarray(0, 4000), { name: 'x.tar' })).to.throw('x.tar: large is cut off');
    const device = execFileSync('tar', ['-C', '/dev', '-c', 'null']);
    expect(() => addTar(tree, device, { name: 'x.tar' })).to.throw('neither file nor directory nor link');
  });

  it('archives with every number changed, or not at all', () => {
    const archive = execFileSync('tar', ['--format=pax', '-C', directory, '-c', '.']);
    for (let seed = 1; seed <= 400; seed++) {
      const random = new Random(seed);
      const bytes = Uint8Array.from(archive);
      const block = random.below(archive.length / 512) * 512;
      for (let change = random.between(1, 3); change > 0; change--)
        bytes[block + random.pick([random.below(512), random.between(124, 160), random.below(20)])] = random.pick([
          ...Buffer.from('0123456789.e-=/ \0\n'),
          0x80,
          255,
        ]);
      const sum = bytes
        .subarray(block, block + 512)
        .reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 32 : byte), 0);
      if (random.chance(0.7)) bytes.set(Buffer.from(`${sum.toString(8).padStart(6, '0')}\0 `), block + 148);
      const tree = new ImageTree();
      try {
        addTar(tree, bytes, { name: 'x.tar' });
        buildImage(tree);
      } catch (error) {
        if (!(error instanceof ImageError)) throw new Error(`seed ${seed}`, { cause: error });
      }
    }
  });

  it('what is left out of an archive is not there', () => {
    const tree = new ImageTree();
    const archive = execFileSync('tar', ['-C', directory, '-c', '.']);
    addTar(tree, archive, { name: 'x.tar', skip: (path) => path.includes('long-name') });
    expect(tree.find('a-rather-long-name-of-a-directory')).to.equal(undefined);
    expect(tree.find('run.sh')).not.to.equal(undefined);
  });
});
