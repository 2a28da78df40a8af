import { expect } from 'chai';
import { FILE_READ, FILE_WRITE } from '../../src/monitor/abi.ts';
import type { Cvm, SharedFile } from '../../src/monitor/index.ts';
import { World } from './world.ts';

const BUDGET = { budget: 20_000_000n };

async function two(
  writer: string[],
  reader: string[],
  size: number | 'owned' = 4096,
): Promise<{ world: World; a: Cvm; b: Cvm; file: SharedFile }> {
  const world = await World.create();
  const a = world.cvm('a', { image: 'worker', arguments: writer });
  const b = world.cvm('b', { image: 'worker', arguments: reader });
  const file = world.monitor.createFile('f', size === 'owned' ? a : size);
  world.monitor.allowFile(file, a, FILE_READ | FILE_WRITE);
  world.monitor.allowFile(file, b, FILE_READ);
  world.start(a, b);
  return { world, a, b, file };
}

describe('CP_File', () => {
  it('shares bytes at any offset, waits and notifies', async () => {
    const { world, a, b } = await two(
      ['open', 'f', '3', 'write', '100', '333', '0', 'write', '4095', '10', '0', 'sleep', '100000', 'notify', '0'],
      ['open', 'f', '1', 'await', '0', '0', '0', 'read', '100', '333', '0', '1', 'read', '4090', '10', '77', '1'],
    );
    const stop = await world.monitor.run(BUDGET);
    expect(world.lines(a)).to.deep.equal([
      ...['open: 0, size 4096', 'write: 333', 'write: 1', 'sleep: 0, time ' + /time (\d+)/.exec(world.output(a))![1]],
      'notify: 1',
    ]);
    expect(world.lines(b).slice(0, 3)).to.deep.equal(['open: 0, size 4096', 'await: 0', 'read: 333, 0 wrong']);
    expect(world.lines(b)[3]).to.match(/^read: 6, /);
    expect(stop.reason).to.equal('ended');
  });

  it('has words that are read and written whole, at any offset inside it', async () => {
    const { world, a, b, file } = await two(
      [
        ...['open', 'f', '3', 'put-word', '0', '8', '4023233417', 'put-word', '0', '4092', '5'],
        ...['put-word', '0', '4093', '1', 'put-word', '0', '0xfffffffffffffffc', '1', 'put-word', '16', '0', '1'],
      ],
      [
        ...['sleep', '100000', 'open', 'f', '1', 'word', '0', '8', 'word', '0', '4092', 'word', '0', '4093'],
        ...['word', '0', '0xfffffffffffffffe', 'word', '16', '0', 'word', '1', '0', 'close', 'word', '0', '8'],
      ],
    );
    await world.monitor.run(BUDGET);
    const { memory } = world.monitor.machine;
    expect([memory.readU32(file.region!.base + 8), memory.readU32(file.region!.base + 4092)]).to.deep.equal([4023233417, 5]); // prettier-ignore
    expect(world.lines(a).slice(1)).to.deep.equal(['word: 0', 'word: 0', 'word: -22', 'word: -22', 'word: -9']);
    expect(world.lines(b).slice(2)).to.deep.equal(
      [4023233417, 5, -22, -22, -9, -128].map((word) => `word: ${word}`).concat(['close: 0', 'word: -128']),
    );
    expect([a.faults, b.faults]).to.deep.equal([0, 0]);
  });

  it('gives each what the manifest gives it: rights, exact bounds, no capabilities', async () => {
    const { world, a, b, file } = await two(
      ['open', 'f', '3', 'block', '0', '0'],
      ['open', 'f', '3', 'open', 'f', '1', 'write', '0', '8', '0'],
    );
    await world.monitor.run(BUDGET);
    expect(world.lines(b)).to.deep.equal(['open: -1, size -9', 'open: 0, size 4096']);
    expect(b.ending).to.match(/^CapEx_PermitStoreViolation/);
    const slot = world.monitor.machine.memory.readCapability(a.data.base + 16 * 80);
    expect([slot.tag, slot.permissions, slot.base, slot.top]).to.deep.equal([
      ...[true, 12, BigInt(file.region!.base), BigInt(file.region!.base + 4096)],
    ]);
  });

  it('answers -EREVOKED after a revocation: before, between and in the middle of copies', async () => {
    for (const budget of [10_000n, 100_001n, 1_000_003n]) {
      const { world, b, file } = await two(
        ['open', 'f', '3'],
        ['open', 'f', '1', 'read', '0', '65536', '0', '100000', 'read', '0', '8', '0', '1'],
        65536,
      );
      await world.monitor.run({ budget });
      world.monitor.revokeFile(file, b);
      expect(world.monitor.holdings(b).filter(({ title }) => title === 'file' || title === undefined)).to.deep.equal(
        [],
      );
      await world.monitor.run(BUDGET);
      expect(world.lines(b).slice(1)).to.deep.equal(['read: -128, 0 wrong', 'read: -128, 0 wrong']);
      expect([b.state, b.faults]).to.deep.equal(['exited', 0]);
    }
  });

  it('wakes who waits in a file that is revoked', async () => {
    const { world, b, file } = await two(
      ['open', 'f', '3'],
      ['open', 'f', '1', 'await', '0', '0', '0', 'await', '0', '0', '0'],
    );
    await world.monitor.run({ budget: 100_000n });
    world.monitor.revokeFile(file);
    await world.monitor.run(BUDGET);
    expect(world.lines(b).slice(1)).to.deep.equal(['await: -128', 'await: -128']);
  });

  it('serves an owner that advertises its own memory, and takes it back', async () => {
    const { world, a, b } = await two(
      [
        'fill',
        '5',
        'advertise',
        'f',
        '65536',
        'advertise',
        'f',
        '64',
        'sleep',
        '500000',
        'unadvertise',
        'f',
        'sleep',
        '1',
      ],
      ['sleep', '250000', 'open', 'f', '1', 'read', '0', '65536', '0', '100000', 'close', 'open', 'f', '1'],
      'owned',
    );
    await world.monitor.run(BUDGET);
    expect(world.lines(a).filter((line) => !line.startsWith('sleep'))).to.deep.equal([
      'filled',
      'advertise: 0',
      'advertise: -16',
      'revoke: 0',
    ]);
    expect(world.lines(b).slice(1)).to.deep.equal([
      'open: 0, size 65536',
      'read: -128, 0 wrong',
      'close: 0',
      'open: -11, size -9',
    ]);
  });

  it("refuses what is not the caller's", async () => {
    const { world, a, b } = await two(
      ['advertise', 'f', '64', 'open', 'g', '1', 'open', 'f', '4', 'open', 'f', '0'],
      ['unadvertise', 'f'],
    );
    await world.monitor.run(BUDGET);
    expect(world.lines(a)).to.deep.equal([
      'advertise: -1',
      'open: -2, size -9',
      'open: -22, size -9',
      'open: -22, size -9',
    ]);
    expect(world.lines(b)).to.deep.equal(['revoke: -1']);
  });

  it('times out', async () => {
    const { world, b } = await two(
      ['open', 'f', '3'],
      [
        'open',
        'f',
        '1',
        'await',
        '8',
        '0',
        '1000',
        'await',
        '8',
        '1',
        '1000',
        'await',
        '6',
        '0',
        '0',
        'await',
        '4094',
        '0',
        '0',
      ],
    );
    await world.monitor.run(BUDGET);
    expect(world.lines(b).slice(1)).to.deep.equal(['await: -110', 'await: -11', 'await: -22', 'await: -14']);
  });

  it('is cleared and given back', async () => {
    const { world, file } = await two(['open', 'f', '3', 'write', '0', '4096', '0'], ['open', 'f', '1']);
    await world.monitor.run(BUDGET);
    const { base } = file.region!;
    const free = world.monitor.freeBytes;
    world.monitor.removeFile(file);
    expect(world.monitor.freeBytes).to.equal(free + 4096);
    expect(world.monitor.machine.memory.read(base, 4096).every((byte) => byte === 0)).to.equal(true);
  });
});
