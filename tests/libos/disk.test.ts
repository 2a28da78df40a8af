// The file system on a disk: what was synced survives whatever a power cut leaves; what was tampered with is not believed.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { Monitor } from '../../src/monitor/index.ts';
import { deployLinux } from '../../src/services/index.ts';
import type { PackageImage } from '../../src/image/index.ts';
import { Random } from '../helpers/random.ts';
import { hasCompiler, imageOf } from './linux-program.ts';
import { MemoryDisk } from './memory-disk.ts';

const SWITCHER = readFileSync(new URL('../../guests/images/switcher.elf', import.meta.url));
const SOURCES = fileURLToPath(new URL('disk/', import.meta.url));
const READ = 1;
const FLUSH = 3;
/** Of a disk of 300 blocks: superblocks and journal are before it. */
const FIRST_DATA = 38n;
const BUDGET = 2_000_000_000n;

function compile(name: string): PackageImage {
  const directory = mkdtempSync(join(tmpdir(), 'capvm-disk-'));
  try {
    const path = join(directory, name);
    const source = join(SOURCES, `${name}.c`);
    execFileSync('riscv64-linux-gnu-gcc', ['-static', '-O1', '-w', '-pthread', '-o', path, source]);
    return imageOf(name, readFileSync(path));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** What the program `threads` does while others wait. */
const WENT_ON = [
  ...[0, 1, 2].map(() => 'pwrite(file, "other", 5, i * 5) = 5'),
  'pread(file, text, 5, 10) = 5',
  'ftruncate(file, 3) = 0',
  'rename("other", "another") = 0',
  'unlink("another") = 0',
];

describe('a file system on a disk', function () {
  this.timeout(120_000);
  const images = new Map<string, PackageImage>();
  before(function () {
    if (!hasCompiler()) return this.skip();
    for (const name of ['disk', 'threads']) images.set(name, compile(name));
  });

  /** Lines that the program said, until its end or until the disk is silent. */
  const run = (disk: MemoryDisk, ...argv: string[]): Promise<string[]> => runProgram('disk', disk, argv);

  async function runProgram(name: string, disk: MemoryDisk, argv: string[], slice?: number): Promise<string[]> {
    let output = '';
    const monitor = await Monitor.create({
      switcher: SWITCHER,
      memory: '64M',
      slice,
      onConsole: (_, bytes) => (output += Buffer.from(bytes).toString()),
    });
    try {
      const cvm = deployLinux(monitor, {
        ...{ name: 'one', image: images.get(name)!, argv: [`/usr/bin/${name}`, ...argv] },
        ...{ processMemory: 8 * 1024 ** 2, kernelMemory: 4 * 1024 ** 2 },
        disks: [{ send: 'to', receive: 'from', mountpoint: '/disk' }],
      });
      monitor.connect('to', cvm, disk);
      const replies = monitor.connect('from', disk, cvm);
      disk.onReply = () => replies.more();
      monitor.start(cvm);
      await monitor.run({ budget: BUDGET });
      return output.split('\n').filter((line) => line !== '');
    } finally {
      monitor.machine.dispose();
    }
  }

  it('keeps what was written, also when its journal begins anew', async () => {
    const disk = new MemoryDisk(300);
    expect(await run(disk, 'check')).to.deep.equal(['0']);
    disk.restart();
    expect((await run(disk, 'write', '40')).at(-1)).to.equal('40');
    disk.restart();
    expect(await run(disk, 'check')).to.deep.equal(['40']);
    disk.restart();
    expect((await run(disk, 'write', '30')).at(-1)).to.equal('70');
    disk.restart();
    expect(await run(disk, 'check')).to.deep.equal(['70']);
  });

  it('loses nothing that was synced when the power goes, at whatever request', async () => {
    const random = new Random(5);
    const disk = new MemoryDisk(400);
    let acknowledged = 0;
    for (let round = 0; round < 24; round++) {
      disk.budget = random.between(4, 160);
      const said = await run(disk, 'write', '12');
      acknowledged = Math.max(acknowledged, ...said.map(Number).filter((number) => !Number.isNaN(number)));
      disk.cutPower(random);
      const found = await run(disk, 'check');
      expect(found, `round ${round}`).to.have.length(1);
      expect(Number(found[0])).to.be.within(acknowledged, acknowledged + 1);
      acknowledged = Number(found[0]);
      disk.restart();
    }
    expect(acknowledged).to.be.greaterThan(30);
  });

  /** With 16 and 17 a checkpoint comes while the others write. */
  for (const seed of [7, 16, 17])
    it(`loses nothing of three threads that sync at once when the power goes, seed ${seed}`, () => cutThreads(seed));

  async function cutThreads(seed: number): Promise<void> {
    const random = new Random(seed);
    const disk = new MemoryDisk(400);
    const acknowledged = [0, 0, 0];
    const told = (lines: string[]): [number, number][] =>
      lines.map((line) => line.split(' ').map(Number) as [number, number]);
    for (let round = 0; round < 16; round++) {
      disk.budget = random.between(4, 200);
      for (const [thread, count] of told(
        await runProgram('threads', disk, ['write', '8'], random.between(200, 20_000)),
      ))
        acknowledged[thread] = count;
      disk.cutPower(random);
      const found = told(await runProgram('threads', disk, ['check']));
      expect(
        found.map(([thread]) => thread),
        `round ${round}`,
      ).to.deep.equal([0, 1, 2]);
      for (const [thread, count] of found) {
        expect(count, `round ${round}`).to.be.within(acknowledged[thread], acknowledged[thread] + 1);
        acknowledged[thread] = count;
      }
      disk.restart();
    }
    expect(acknowledged.reduce((sum, count) => sum + count)).to.be.greaterThan(30);
  }

  it('lets threads go on while one waits for it', async () => {
    const disk = new MemoryDisk(300);
    await runProgram('threads', disk, ['check']);
    disk.silent = (type) => type === FLUSH;
    expect(await runProgram('threads', disk, ['wait'])).to.deep.equal(['fsync', ...WENT_ON]);
  });

  it('lets threads go on while others read from it, the same page too', async () => {
    const disk = new MemoryDisk(300);
    await runProgram('threads', disk, ['wait']);
    disk.restart();
    disk.silent = (type, block) => type === READ && block >= FIRST_DATA;
    for (const how of ['read', 'mmap', 'pwrite', 'ftruncate']) {
      expect(await runProgram('threads', disk, ['wait', how])).to.deep.equal([how, how, ...WENT_ON]);
      disk.restart();
    }
  });

  it('gives everybody what was written last, while threads read and write and pages leave memory', async () => {
    const random = new Random(8);
    const disk = new MemoryDisk(1000);
    for (let round = 0; round < 4; round++) {
      const said = await runProgram('threads', disk, ['race', '600'], random.between(200, 20_000));
      expect(said, `round ${round}`).to.deep.equal(['the same', 'the same', 'the same']);
      disk.restart();
    }
  });

  it('believes no block that was changed, and harms nobody', async () => {
    const random = new Random(6);
    const outcomes = new Set<string>();
    for (let round = 0; round < 20; round++) {
      const disk = new MemoryDisk(300);
      await run(disk, 'write', '3');
      disk.restart();
      disk.spoil(random.pick(disk.used.filter((block) => block < 40n)), random.below(200));
      const found = await run(disk, 'check');
      outcomes.add(found.at(-1) ?? 'nothing');
    }
    expect([...outcomes].filter((text) => !/cannot be mounted|^[0-3]$/.test(text))).to.deep.equal([]);
    expect(outcomes.has('library OS: the disk of /disk cannot be mounted: error 5')).to.equal(true);
  });
});
