import { expect } from 'chai';
import fc from 'fast-check';
import * as abi from '../../src/monitor/abi.ts';
import { HOSTCALLS } from '../../src/monitor/index.ts';
import { World } from './world.ts';

const DEAD_ENDS = new Set([0, 5, 6, 9]); // exit, sleep, block, thread_exit: those who call them may not come back

describe('hostcalls', () => {
  it('have numbers and names of their own', () => {
    const rows = [...HOSTCALLS.values()];
    expect(new Set(rows.map(({ name }) => name)).size).to.equal(rows.length);
    for (const [number, row] of HOSTCALLS) expect(Number(number)).to.equal(row.number);
  });

  it('answer any arguments with a result or an error, and touch nothing outside the caller', async () => {
    const word = fc.oneof(
      fc.bigInt(0n, 2n ** 64n - 1n),
      fc.bigInt(0n, 300n),
      fc.bigInt(0x1000n, 0x50000n),
      fc.constantFrom(0n, 2n ** 63n, 2n ** 64n - 1n, 0x8000_0000n, 0x8000_1000n),
    );
    const number = fc.constantFrom(
      ...[...HOSTCALLS.values()].map((row) => row.number).filter((n) => !DEAD_ENDS.has(n)),
      3,
      7,
      8,
      17,
      99,
    );
    const call = fc.tuple(number, word, word, word, word);
    await fc.assert(
      fc.asyncProperty(fc.array(call, { minLength: 1, maxLength: 20 }), async (calls) => {
        const world = await World.create({ memory: '1M' });
        const verbs = calls.flatMap(([nr, ...rest]) => [
          'hostcall',
          `${nr}`,
          ...rest.map((value) => `0x${value.toString(16)}`),
        ]);
        const a = world.cvm('a', { image: 'worker', arguments: verbs });
        const b = world.cvm('b', { image: 'worker', arguments: ['sleep', '1', 'receive', 'data', '64', '0', '64'] });
        world.monitor.connect('data', a, b);
        world.start(a, b);
        const { memory } = world.monitor.machine;
        const before = memory.read(b.data.base, b.data.sizeBytes);
        await world.monitor.run({ budget: 3_000_000n });
        if (b.instructions === 0n) expect(memory.read(b.data.base, b.data.sizeBytes)).to.deep.equal(before);
        expect([b.faults, b.refusals]).to.deep.equal([0, 0]);
        for (const cvm of [a, b])
          for (const { title, where } of world.monitor.holdings(cvm)) expect(title, where).to.not.equal(undefined);
      }),
      { numRuns: 40 },
    );
  });

  it('are refused by name and error in the audit', async () => {
    const world = await World.create();
    const a = world.cvm('a', {
      image: 'worker',
      arguments: ['hostcall', '1', '0', '16', '0', '0', 'hostcall', '4711', '0', '0', '0', '0'],
    });
    world.start(a);
    await world.monitor.run();
    expect(world.lines(a)).to.deep.equal(['hostcall 1: -14', 'hostcall 4711: -38']);
    expect(world.audit(a).filter((line) => line.startsWith('refusal'))).to.deep.equal([
      'refusal: console_write: EFAULT',
      'refusal: hostcall 4711: ENOSYS',
    ]);
    expect(a.refusals).to.equal(2);
  });

  it('that answer "not now" or "too late" have refused nothing', async () => {
    const world = await World.create();
    const verbs = ['block', '7', '0', 'block', '0', '100', 'bind', 'late'];
    const [a, b] = [world.cvm('a', { image: 'worker', arguments: verbs }), world.cvm('b', { image: 'worker' })];
    world.monitor.allowCall('late', a, b);
    world.start(b, a);
    await world.monitor.run();
    expect(world.lines(a)).to.deep.equal([`block: ${-abi.EAGAIN}`, `block: ${-abi.ETIMEDOUT}`, `bind: ${-abi.EPIPE}`]);
    expect([a.refusals, world.audit(a).filter((line) => line.startsWith('refusal'))]).to.deep.equal([0, []]);
  });

  it('that would make a thread too many are refused', async () => {
    const world = await World.create();
    const a = world.cvm('a', { image: 'worker', arguments: ['hammer', '0', 'spin'], threads: 1 });
    world.start(a);
    await world.monitor.run({ budget: 100_000n });
    expect(world.audit(a)).to.include('refusal: thread_create: EAGAIN');
  });
});
