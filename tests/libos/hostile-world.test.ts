// A library OS whose disk, image or monitor answer whatever they like: its program hears an error or the cVM ends, its
// own memory is not overrun, and a cVM beside it does not notice. SEED in the environment: another seed for all of it.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { CapvmError } from '../../src/host/index.ts';
import { HOSTCALLS, Monitor } from '../../src/monitor/index.ts';
import { deployLinux } from '../../src/services/index.ts';
import type { PackageImage } from '../../src/image/index.ts';
import { Random } from '../helpers/random.ts';
import { hasCompiler, imageOf } from './linux-program.ts';
import { MemoryDisk } from './memory-disk.ts';

const SWITCHER = readFileSync(new URL('../../guests/images/switcher.elf', import.meta.url));
const SOURCE = fileURLToPath(new URL('disk/disk.c', import.meta.url));
const MEMORY = { processMemory: 4 * 1024 ** 2, kernelMemory: 4 * 1024 ** 2 };
const BUDGET = 60_000_000n;
const SEED = process.env['SEED'];
const seedsOf = (count: number): number[] =>
  SEED === undefined ? Array.from({ length: count }, (_, seed) => seed + 1) : [Number(SEED)];
/** What the library OS says when it has done what it must not do. */
const BUG = /library OS: (fault|kfree|free_pages)/;

/** Answers of a true disk, changed now and then. */
class LyingDisk extends MemoryDisk {
  readonly #random: Random;
  readonly #often: number;

  constructor(seed: number) {
    super(300);
    this.#random = new Random(seed);
    this.#often = this.#random.pick([0.002, 0.02, 0.2]);
  }

  override read(into: Uint8Array): number | undefined {
    const whole = Buffer.alloc(into.length);
    const count = super.read(whole);
    if (count === undefined) return undefined;
    const bytes = this.#random.chance(this.#often) ? this.#lie(whole.subarray(0, count)) : whole.subarray(0, count);
    return bytes.copy(into);
  }

  #lie(bytes: Buffer): Buffer {
    const random = this.#random;
    const at = random.below(Math.min(bytes.length, 20));
    switch (random.below(5)) {
      case 0: // a field of an answer, perhaps
        bytes.writeUInt8(random.below(256), at);
        return bytes;
      case 1:
        return bytes.subarray(0, at);
      case 2:
        return Buffer.concat([bytes, bytes]);
      case 3:
        return Buffer.concat([bytes.subarray(at), bytes.subarray(0, at)]);
      default:
        return Buffer.from(Array.from({ length: random.between(1, 5000) }, () => random.below(256)));
    }
  }
}

const MASK = (1n << 64n) - 1n;
/** Of guests/libos/fs/journal.c. */
function checksum(bytes: Buffer): bigint {
  const whole = Buffer.concat([bytes, Buffer.alloc((8 - (bytes.length % 8)) % 8)]);
  let hash = 0xcbf29ce484222325n;
  for (let at = 0; at < whole.length; at += 8) {
    hash = ((hash ^ whole.readBigUInt64LE(at)) * 0x100000001b3n) & MASK;
    hash ^= hash >> 29n;
  }
  return hash;
}

/** A disk whose log somebody has changed who knows how its checksums are made. */
class ForgedDisk extends MemoryDisk {
  readonly #random: Random;

  constructor(seed: number) {
    super(300);
    this.#random = new Random(seed);
  }

  protected override contents(block: bigint): Uint8Array | 'torn' {
    const found = super.contents(block);
    if (found === 'torn' || Buffer.from(found).toString('latin1', 0, 4) !== 'CLOG') return found;
    const log = Buffer.from(found);
    const size = log.readUInt32LE(4);
    for (let change = this.#random.below(4); change > 0; change--) {
      const at = 40 + this.#random.below(size);
      log[at] = this.#random.pick([0, 1, 0xff, log[at] + 1, log[at] ^ (1 << this.#random.below(8))]) & 255;
    }
    log.writeBigUInt64LE(checksum(log.subarray(0, 32)) ^ checksum(log.subarray(40, 40 + size)), 32);
    return log;
  }
}

describe('a library OS in a hostile world', function () {
  this.timeout(120_000);
  let elf: Uint8Array;
  let image: PackageImage;
  before(function () {
    if (!hasCompiler()) return this.skip();
    const directory = mkdtempSync(join(tmpdir(), 'capvm-hostile-'));
    try {
      execFileSync('riscv64-linux-gnu-gcc', ['-static', '-O1', '-w', '-o', join(directory, 'disk'), SOURCE]);
      elf = readFileSync(join(directory, 'disk'));
      image = imageOf('disk', elf);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  /** What `disk` and `beside`, the same program with a true disk, have said. */
  async function run(disk: MemoryDisk, argv: string[], from = image, meanwhile = () => {}) {
    const said = new Map<string, string>();
    const monitor = await Monitor.create({
      switcher: SWITCHER,
      memory: '64M',
      onConsole: (cvm, bytes) => said.set(cvm.name, (said.get(cvm.name) ?? '') + Buffer.from(bytes).toString()),
    });
    try {
      const disks = { disk, beside: new MemoryDisk(300) };
      for (const [name, own] of Object.entries(disks)) {
        const cvm = deployLinux(monitor, {
          ...{ name, image: name === 'disk' ? from : image, argv: ['/usr/bin/disk', ...argv], ...MEMORY },
          disks: [{ send: `${name}.q`, receive: `${name}.a`, mountpoint: '/disk' }],
        });
        monitor.connect(`${name}.q`, cvm, own);
        const replies = monitor.connect(`${name}.a`, own, cvm);
        own.onReply = () => replies.more();
        monitor.start(cvm);
      }
      meanwhile();
      await monitor.run({ budget: BUDGET });
      expect(said.get('beside')?.trim().split('\n').at(-1), 'the one beside').to.match(/^\d+$/);
      return said.get('disk') ?? '';
    } finally {
      monitor.machine.dispose();
    }
  }

  it('believes no disk its answers', async () => {
    for (const seed of seedsOf(40))
      expect(await run(new LyingDisk(seed), ['write', '10']), `seed ${seed}`).not.to.match(BUG);
  });

  it('believes no journal, whoever has made its checksums', async () => {
    let refused = 0;
    for (const seed of seedsOf(40)) {
      const disk = new ForgedDisk(seed);
      await run(disk, ['write', '3']);
      disk.restart();
      const said = await run(disk, ['check']);
      expect(said, `seed ${seed}`).not.to.match(BUG);
      refused += Number(said.includes('cannot be mounted'));
    }
    if (SEED === undefined) expect(refused).to.be.above(10);
  });

  it('believes no image its numbers', async () => {
    let [whole, refused] = [0, 0];
    for (const seed of seedsOf(60)) {
      const random = new Random(seed);
      const bytes = Uint8Array.from(image.image);
      const view = new DataView(bytes.buffer);
      const inodes = Number(view.getBigUint64(16, true));
      const count = Number(view.getBigUint64(24, true));
      for (let change = random.between(1, 6); change > 0; change--) {
        const at = random.chance(0.1) ? 8 + random.below(56) : inodes + random.below(count * 64);
        bytes[at] = random.chance(0.5) ? random.below(256) : bytes[at] ^ (1 << random.below(8));
      }
      try {
        const said = await run(new MemoryDisk(300), ['write', '2'], { ...image, image: bytes });
        expect(said, `seed ${seed}`).not.to.match(BUG);
        whole++;
      } catch (error) {
        if (!(error instanceof CapvmError)) throw error;
        refused++;
      }
    }
    if (SEED === undefined) expect(Math.min(whole, refused)).to.be.above(3);
  });

  it('harms nobody when its monitor answers at random', async () => {
    let lies = 0;
    for (const seed of seedsOf(40)) {
      const random = new Random(seed);
      const often = random.pick([0.003, 0.03, 0.3]);
      let isLying = false;
      const rows = [...HOSTCALLS.values()].filter(({ name }) => name !== 'exit' && name !== 'thread_exit');
      const real = rows.map(({ handle }) => handle);
      rows.forEach((row, index) =>
        Object.assign(row, {
          handle: (call: Parameters<(typeof real)[number]>[0]) => {
            if (!isLying || call.cvm.name !== 'disk' || !random.chance(often)) return real[index]!(call);
            lies++;
            const number = random.pick([random.below(40), -random.below(140), random.u32(), -1 - random.u32()]);
            return random.chance(0.2) ? random.u64() : number;
          },
        }),
      );
      try {
        await run(new MemoryDisk(300), ['write', '10'], image, () => (isLying = true));
      } finally {
        rows.forEach((row, index) => Object.assign(row, { handle: real[index] }));
      }
    }
    expect(lies).to.be.above(SEED === undefined ? 50 : 0);
  });
});
