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
const SOURCE = fileURLToPath(new URL('disk/disk.c', import.meta.url));
const BUDGET = 2_000_000_000n;

function compile(): PackageImage {
  const directory = mkdtempSync(join(tmpdir(), 'capvm-disk-'));
  try {
    const path = join(directory, 'disk');
    execFileSync('riscv64-linux-gnu-gcc', ['-static', '-O1', '-w', '-o', path, SOURCE]);
    return imageOf('disk', readFileSync(path));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

describe('a file system on a disk', function () {
  this.timeout(120_000);
  let image: PackageImage;
  before(function () {
    if (!hasCompiler()) return this.skip();
    image = compile();
  });

  /** Lines that the program said, until its end or until the disk is silent. */
  async function run(disk: MemoryDisk, ...argv: string[]): Promise<string[]> {
    let output = '';
    const monitor = await Monitor.create({
      switcher: SWITCHER,
      memory: '64M',
      onConsole: (_, bytes) => (output += Buffer.from(bytes).toString()),
    });
    try {
      const cvm = deployLinux(monitor, {
        ...{ name: 'one', image, argv: ['/usr/bin/disk', ...argv] },
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
