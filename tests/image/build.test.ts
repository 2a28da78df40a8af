// Image files: what the reader finds is what the tree had; programs and libraries get addresses that never collide.
import { expect } from 'chai';
import { addSystemFiles, addSystemLinks, buildImage, ImageFile, ImageTree, VDSO_PATH } from '../../src/image/index.ts';
import type { ImageInode } from '../../src/image/index.ts';
import { elfFile, simpleElf } from './elf-files.ts';

const PAGE = 4096;
const EXEC = 2;
const DYN = 3;

const open = (fill: (tree: ImageTree) => void): ImageFile => {
  const tree = new ImageTree();
  fill(tree);
  return new ImageFile(buildImage(tree).image);
};
const found = (file: ImageFile, path: string, follow = true): ImageInode => {
  const inode = file.find(path, follow);
  if (inode === undefined) throw new Error(`no ${path}`);
  return inode;
};

describe('image file', () => {
  it('holds files, directories and links with their attributes', () => {
    const file = open((tree) => {
      tree.addFile('/etc/motd', 'hello\n', { mode: 0o640, uid: 3, gid: 4, mtime: 1_700_000_000 });
      tree.addDirectory('/var/tmp', { mode: 0o1777 });
      tree.addSymlink('/etc/link', '../etc/motd');
      tree.addFile('/empty', '');
    });
    const motd = found(file, '/etc/motd');
    expect(file.text(motd)).to.equal('hello\n');
    expect(motd).to.include({ mode: 0o100640, uid: 3, gid: 4, mtime: 1_700_000_000, links: 1, codeAddress: 0 });
    expect(motd.offset % PAGE).to.equal(0);
    expect(found(file, '/var/tmp').mode).to.equal(0o041777);
    expect(file.text(found(file, '/etc/link', false))).to.equal('../etc/motd');
    expect(found(file, '/etc/link').number).to.equal(motd.number);
    expect(found(file, '/empty').size).to.equal(0);
    expect(file.find('/etc/none')).to.equal(undefined);
  });

  it('lists directories sorted by the bytes of names', () => {
    const names = ['b', 'a', 'Z', 'ä', 'aa', '~'];
    const file = open((tree) => names.forEach((name) => tree.addFile(name, name)));
    const listed = file.entries(file.inode(0)).map(({ name }) => name);
    expect(listed).to.deep.equal(['Z', 'a', 'aa', 'b', '~', 'ä']);
  });

  it('counts links of files and directories, and keeps several names as one file', () => {
    const file = open((tree) => {
      tree.addFile('a/one', 'same');
      tree.addLink('b/two', 'a/one');
      tree.addDirectory('b/c');
    });
    expect(found(file, 'a/one')).to.deep.equal(found(file, 'b/two'));
    expect(found(file, 'a/one').links).to.equal(2);
    expect(found(file, '/').links).to.equal(4);
    expect(found(file, 'b').links).to.equal(3);
  });

  it('keeps equal contents once', () => {
    const file = open((tree) => {
      tree.addFile('a', 'same');
      tree.addFile('b', 'same');
      tree.addFile('c', 'else');
    });
    expect(found(file, 'a').offset).to.equal(found(file, 'b').offset);
    expect(found(file, 'a').number).not.to.equal(found(file, 'b').number);
    expect(found(file, 'a').offset).not.to.equal(found(file, 'c').offset);
  });

  it('is the same for the same tree, in whatever order it was made', () => {
    const parts = [(t: ImageTree) => t.addFile('x/a', '1'), (t: ImageTree) => t.addFile('b', simpleElf(DYN, 0, 1))];
    const build = (order: typeof parts): Uint8Array => {
      const tree = new ImageTree();
      order.forEach((part) => part(tree));
      return buildImage(tree).image;
    };
    expect(build(parts)).to.deep.equal(build([...parts].reverse()));
  });

  it('puts what packages call lib into usr/lib', () => {
    const file = open((tree) => {
      addSystemLinks(tree);
      tree.addFile('lib/x.so', 'x');
      tree.addDirectory('lib');
      addSystemFiles(tree);
    });
    expect(file.text(found(file, '/lib', false))).to.equal('usr/lib');
    expect(file.text(found(file, '/usr/lib/x.so'))).to.equal('x');
    expect(file.text(found(file, '/etc/passwd'))).to.match(/^root:x:0:0:/);
  });
});

describe('addresses of programs and libraries', () => {
  it('never overlap, and code objects hold text where the inode says', () => {
    const tree = new ImageTree();
    tree.addFile('bin/fixed', simpleElf(EXEC, 0x10000, 0x11, 3));
    tree.addFile('lib/a.so', simpleElf(DYN, 0, 0x22));
    tree.addFile('lib/b.so', simpleElf(DYN, 0, 0x33, 2));
    const { image, codes } = buildImage(tree);
    const file = new ImageFile(image);
    const [fixed, a, b] = ['bin/fixed', 'lib/a.so', 'lib/b.so'].map((path) => found(file, path));
    expect(codes).to.have.length(1);
    expect(fixed.codeAddress).to.equal(0x10000);
    expect(a.codeAddress).to.equal(0x10000 + 5 * PAGE);
    expect(b.codeAddress).to.equal(a.codeAddress + 3 * PAGE);
    expect(file.codeEnd).to.equal(b.codeAddress + 4 * PAGE);
    const { bytes } = codes[0];
    expect(bytes.length % PAGE).to.equal(0);
    expect(bytes.subarray(0, 0x10000).every((byte) => byte === 0)).to.equal(true);
    for (const [inode, code] of [
      [fixed, 0x11],
      [a, 0x22],
      [b, 0x33],
    ] as const)
      expect(bytes[inode.codeAddress], `at 0x${inode.codeAddress.toString(16)}`).to.equal(code);
    expect(bytes.includes(0xdd), 'data in the code').to.equal(false);
  });

  it('colliding programs go to code objects of their own, libraries into all', () => {
    const tree = new ImageTree();
    tree.addFile('bin/one', simpleElf(EXEC, 0x10000, 1));
    tree.addFile('bin/two', simpleElf(EXEC, 0x10000, 2, 4));
    tree.addFile('bin/three', simpleElf(EXEC, 0x12000, 3));
    tree.addFile('lib/a.so', simpleElf(DYN, 0, 4));
    const { image, codes } = buildImage(tree);
    const file = new ImageFile(image);
    const masks = ['bin/one', 'bin/three', 'bin/two', 'lib/a.so'].map((path) => found(file, path).codeMask);
    expect(codes).to.have.length(3);
    expect(masks).to.deep.equal([1, 2, 4, 7]);
    const { codeAddress } = found(file, 'lib/a.so');
    expect(codeAddress).to.be.at.least(0x10000 + 6 * PAGE);
    expect(codes.map(({ bytes }) => bytes[codeAddress])).to.deep.equal([4, 4, 4]);
    expect(codes.map(({ bytes }) => bytes[0x10000])).to.deep.equal([1, 0, 2]);
  });

  it('nine programs at one address are refused', () => {
    const tree = new ImageTree();
    for (let index = 0; index < 9; index++) tree.addFile(`bin/${index}`, simpleElf(EXEC, 0x10000, index));
    expect(() => buildImage(tree)).to.throw('bin/8: more than 8 programs of one image are linked to the same address');
  });

  it('equal programs share their place, equal libraries do not', () => {
    const file = open((tree) => {
      for (const name of ['one', 'two']) tree.addFile(`bin/${name}`, simpleElf(DYN, 0, 1), { mode: 0o755 });
      for (const name of ['one', 'two']) tree.addFile(`lib/${name}.so`, simpleElf(DYN, 0, 2), { mode: 0o644 });
    });
    const address = (path: string): number => found(file, path).codeAddress;
    expect(address('bin/one')).to.equal(address('bin/two'));
    expect(new Set(['bin/one', 'lib/one.so', 'lib/two.so'].map(address))).to.have.length(3);
  });

  it('says which pages hold instructions and nothing else', () => {
    const bytes = new Uint8Array(4 * PAGE);
    const segments = [{ address: 0, bytes, flags: 5 }];
    const file = open((tree) =>
      tree.addFile('a.so', elfFile({ type: DYN, segments, text: { offset: 0x800, size: 3 * PAGE } })),
    );
    expect(found(file, 'a.so').text).to.deep.equal({ first: 2, count: 2 });
  });

  it('the vDSO has an address of its own and is named in the header', () => {
    const tree = new ImageTree();
    addSystemFiles(tree, simpleElf(DYN, 0, 7));
    tree.addFile('bin/one', simpleElf(EXEC, 0x10000, 1));
    const file = new ImageFile(buildImage(tree).image);
    const vdso = found(file, VDSO_PATH);
    expect(file.vdsoAddress).to.equal(vdso.codeAddress).and.to.be.above(0x10000);
    expect(file.vdsoInode).to.equal(vdso.number);
  });
});

describe('ELF files of an image', () => {
  const build = (bytes: Uint8Array) => () => open((tree) => tree.addFile('opt/x', bytes));
  const segment = { address: 0x10000, bytes: new Uint8Array(PAGE), flags: 5 };

  it('are refused by path when they cannot run', () => {
    expect(build(simpleElf(DYN, 0, 1).subarray(0, 3000))).to.throw(/^\/opt\/x: truncated ELF file/);
    expect(build(elfFile({ type: EXEC, segments: [segment], machine: 62 }))).to.throw('/opt/x: built for x86-64');
    expect(build(elfFile({ type: EXEC, segments: [{ ...segment, flags: 7 }] }))).to.throw('writable and executable');
    expect(build(elfFile({ type: EXEC, segments: [{ ...segment, address: 0x1000 }] }))).to.throw('below 0x10000');
    const above = { ...segment, address: 2 ** 31 };
    expect(build(elfFile({ type: EXEC, segments: [above] }))).to.throw('above 2 GiB');
    const sharing = { address: 0x10800, bytes: new Uint8Array(16), flags: 6 };
    const half = { ...segment, bytes: new Uint8Array(0x700) };
    expect(build(elfFile({ type: EXEC, segments: [half, sharing] }))).to.throw('share a page');
  });

  it('that are no programs are plain files', () => {
    const object = elfFile({ type: 1, segments: [segment] });
    const file = open((tree) => tree.addFile('x.o', object));
    expect(found(file, 'x.o').codeAddress).to.equal(0);
    expect(file.codeCount).to.equal(0);
  });
});

describe('trees', () => {
  it('refuse what has no place', () => {
    const tree = new ImageTree();
    tree.addFile('a/b', 'x');
    expect(() => tree.addFile('a/b/c', 'x')).to.throw('a/b is no directory');
    expect(() => tree.addFile('../x', 'x')).to.throw('no path of an image');
    expect(() => tree.addFile('a', 'x')).to.throw('a: a directory of that name is there already');
    expect(() => tree.addLink('l', 'none')).to.throw('a link to none, which is not there');
    expect(() => tree.addLink('l', 'a')).to.throw('a hard link to a, a directory');
    tree.addSymlink('loop', 'loop');
    expect(() => tree.addFile('loop/x', 'x')).to.throw('loop is no directory');
  });

  it('links never lead out of them', () => {
    const tree = new ImageTree();
    tree.addSymlink('out', '../../../../etc');
    tree.addDirectory('etc');
    tree.addFile('out/x', 'inside');
    expect(tree.find('etc/x')).to.have.property('kind', 'file');
  });
});

describe('damaged image files', () => {
  const { image } = buildImage(new ImageTree());
  const changed = (offset: number, ...bytes: number[]) => {
    const copy = image.slice();
    copy.set(bytes, offset);
    return () => new ImageFile(copy);
  };

  it('are refused', () => {
    expect(() => new ImageFile(new Uint8Array(10))).to.throw('does not begin as');
    expect(changed(0, 0x58)).to.throw('does not begin as');
    expect(changed(8, 0xff)).to.throw('it says that it has 4351 bytes, it has 4096');
    expect(changed(16, 0xff, 0xff)).to.throw('the table of inodes lies outside the file');
    expect(changed(48, 9)).to.throw('out of range');
    expect(changed(64, 0, 0)).to.throw('its root is no directory');
  });
});
