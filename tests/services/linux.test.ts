// cVMs for Linux programs: what the library OS is given, and what is refused.
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { addSystemFiles, addSystemLinks, buildImage, ImageTree } from '../../src/image/index.ts';
import { Monitor } from '../../src/monitor/index.ts';
import type { SharedFile } from '../../src/monitor/index.ts';
import { deployLinux } from '../../src/services/index.ts';
import { simpleElf } from '../image/elf-files.ts';

const SWITCHER = readFileSync(new URL('../../guests/images/switcher.elf', import.meta.url));

function smallImage() {
  const tree = new ImageTree();
  addSystemLinks(tree);
  tree.addFile('bin/program', simpleElf(2, 0x10000, 1), { mode: 0o755 });
  addSystemFiles(tree);
  return buildImage(tree);
}

describe('a cVM for a Linux program', () => {
  let monitor: Monitor;
  const files = new Map<string, SharedFile>();
  beforeEach(async () => {
    monitor = await Monitor.create({ switcher: SWITCHER, memory: '64M' });
    files.clear();
    const create = monitor.createFile.bind(monitor);
    monitor.createFile = (name, memory) => {
      const file = create(name, memory);
      files.set(name, file);
      return file;
    };
  });
  afterEach(() => monitor.machine.dispose());

  const contents = (name: string): Uint8Array => {
    const { base, sizeBytes } = files.get(name)!.region!;
    return monitor.machine.memory.read(BigInt(base), sizeBytes);
  };
  const records = (name: string): string[] => new TextDecoder().decode(contents(name)).split('\0\0')[0].split('\0');
  const small = {
    image: smallImage(),
    argv: ['/bin/program', 'a b', ''],
    processMemory: 4 * 1024 ** 2,
    kernelMemory: 2 * 1024 ** 2,
  };

  it('gets its configuration and its image, read-only', () => {
    const cvm = deployLinux(monitor, {
      ...small,
      name: 'one',
      env: { X: '1' },
      peers: [{ name: 'two', send: 'a', receive: 'b' }],
      publish: [80, 6379],
      epoch: 5n,
    });
    expect(records('one.config')).to.include.members(['image=image.0', 'arg=/bin/program', 'arg=a b', 'arg=', 'env=X=1', 'hostname=one', 'epoch=5', 'process_memory=4194304', 'peer=two a b', 'publish=80,6379', 'stdin=none']); // prettier-ignore
    expect(contents('image.0').subarray(0, small.image.image.length)).to.deep.equal(small.image.image);
    expect([...files.values()].map(({ rights }) => rights.get(cvm))).to.have.members([1, 1]);
    const executable = monitor.holdings(cvm).filter(({ title }) => title === 'program');
    expect(executable).to.have.length(1);
  });

  it('shares image and code with others of the same image', () => {
    deployLinux(monitor, { ...small, name: 'one' });
    const before = monitor.freeBytes;
    deployLinux(monitor, { ...small, name: 'two' });
    const second = before - monitor.freeBytes;
    deployLinux(monitor, { ...small, name: 'three', image: smallImage() });
    expect(files.has('image.1')).to.equal(true);
    expect(second).to.be.below(before - second - monitor.freeBytes);
  });

  it('is refused what cannot be', () => {
    const deploy = (changes: object) => () => deployLinux(monitor, { ...small, name: 'one', ...changes });
    expect(deploy({ argv: ['program'] })).not.to.throw();
    expect(deploy({ argv: ['none'] })).to.throw('there is no program "none" in its image');
    for (const processes of [0, 257, NaN]) expect(deploy({ processes })).to.throw('1 to 256 processes');
    expect(deploy({ kernelMemory: 4096 })).to.throw('needs 1048576 bytes at least');
    expect(deploy({ argv: [] })).to.throw('cVM one: it has no command');
    expect(deploy({ name: 'x'.repeat(25) })).to.throw('at most 24 characters');
    expect(deploy({ processMemory: 0x20000 })).to.throw('has no room for them');
    expect(deploy({ argv: ['/bin/program', 'a\0b'] })).to.throw('contains a NUL');
    expect(deploy({ argv: ['/bin/program', 'x'.repeat(70_000)] })).to.throw('at most 65536');
  });
});
