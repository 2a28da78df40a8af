// Calls that may last only so long: whatever the callee does meanwhile, the caller is answered in time and once.
import { expect } from 'chai';
import type { Cvm } from '../../src/monitor/index.ts';
import { World } from './world.ts';

const RUN = { budget: 20_000_000n };
const [HANG, SLEEP, CALL_ON, BLOCK, CALL_ON_WITHIN, CALL_BACK] = [2, 7, 8, 11, 13, 14];
const text = (...verbs: (string | number)[]): string[] => verbs.map(String);
const within = (nanoseconds: number, ...rest: number[]): string[] => text('call-within', nanoseconds, 0, ...rest);

interface Chain {
  readonly world: World;
  readonly a: Cvm;
  readonly b: Cvm;
  readonly c: Cvm;
}

/** a calls b, which calls c; each entry has so many stacks. */
async function chain(verbs: string[], stacks = 1, slice = 10_000): Promise<Chain> {
  const world = await World.create({ slice });
  const serve = ['block', '0', '0'];
  const background = { image: 'worker', background: true };
  const c = world.cvm('c', { ...background, arguments: text('offer', 'f', stacks, ...serve) });
  const b = world.cvm('b', { ...background, arguments: text('bind', 'f', 'offer', 'e', stacks, ...serve) });
  const a = world.cvm('a', { image: 'worker', arguments: ['rise', 'bind', 'e', ...verbs] });
  world.monitor.allowCall('f', b, c);
  world.monitor.allowCall('e', a, b);
  world.start(c, b, a);
  return { world, a, b, c };
}

/** Results of the calls of a, and the time that the first took. */
const results = ({ world, a }: Chain): number[] =>
  world
    .lines(a)
    .filter((line) => line.startsWith('call'))
    .map((line) => Number(line.split(': ')[1]));

describe('a call with a time-out', () => {
  const CASES: [what: string, verb: number, x: number, y: number][] = [
    ['hangs', HANG, 0, 0],
    ['sleeps', SLEEP, 1_000_000_000, 0],
    ['blocks', BLOCK, 0, 0],
    ['calls on to somebody who hangs', CALL_ON, HANG, 0],
    ['calls on to somebody who sleeps', CALL_ON, SLEEP, 1_000_000_000],
    ['calls on with more time than it has', CALL_ON_WITHIN, HANG, 900_000_000],
  ];
  for (const [what, verb, x, y] of CASES)
    it(`ends with -ETIMEDOUT when the callee ${what}; every stack is free again`, async () => {
      const made = await chain([...within(500_000, verb, x, y, 0), ...within(500_000, 0, 1, 2, 0), ...within(0, CALL_ON, 0, 1, 0)]); // prettier-ignore
      const { world, a, b, c } = made;
      const stop = await world.monitor.run(RUN);
      expect(stop.reason).to.equal('ended');
      expect(results(made)).to.deep.equal([-110, 3 + a.id * 1000, 2 + b.id * 1000]);
      expect(world.monitor.now < 3_000_000n, `${world.monitor.now}`).to.equal(true);
      for (const cvm of [b, c]) expect([cvm.state, cvm.faults]).to.deep.equal(['running', 0]);
    });

  it('counts the innermost limit first: the callee hears of its own', async () => {
    const made = await chain([...within(5_000_000, CALL_ON_WITHIN, HANG, 300_000, 0), ...within(0, CALL_ON, 0, 0, 0)]);
    await made.world.monitor.run(RUN);
    expect(results(made)).to.deep.equal([-110, 1 + made.b.id * 1000]);
    expect(made.world.monitor.now < 3_000_000n).to.equal(true);
  });

  it('does not disturb a call that is in time, nor what follows it', async () => {
    const made = await chain([...within(900_000, 0, 5, 6, 0), ...text('sleep', 2_000_000), ...within(900_000, SLEEP, 1000, 0, 0), ...text('sleep', 2_000_000)]); // prettier-ignore
    await made.world.monitor.run(RUN);
    expect(results(made)).to.deep.equal([11 + made.a.id * 1000, 0]);
    expect(made.a.state).to.equal('exited');
  });

  it('takes any number of nanoseconds', async () => {
    const made = await chain([
      ...text('call-within', '0xffffffffffffffff', 0, SLEEP, 5000, 0, 0),
      ...text('call-within', '0x8000000000000000', 0, 0, 5, 0, 0),
      ...text('call-within', 1, 0, HANG, 5, 0, 0),
    ]);
    await made.world.monitor.run(RUN);
    expect(results(made)).to.deep.equal([0, 5 + made.a.id * 1000, -110]);
  });

  it('is in time even after the clock of the guests has wrapped', async () => {
    const long = '0x3fffffffffffffff';
    const sleeps = Array.from({ length: 5 }, () => text('sleep', long)).flat();
    const made = await chain([...sleeps, ...within(500_000, 0, 5, 6, 0), ...within(500_000, SLEEP, 1000, 0, 0), ...within(500_000, HANG, 0, 0, 0)]); // prettier-ignore
    await made.world.monitor.run(RUN);
    expect(made.world.monitor.now > 1n << 64n).to.equal(true);
    expect(results(made)).to.deep.equal([11 + made.a.id * 1000, 0, -110]);
  });

  it('ends in time while the callee is paused as the call comes to it', async () => {
    const made = await chain([...within(500_000, 0, 5, 6, 0), ...text('sleep', 2_000_000), ...within(0, 0, 1, 1, 0)]); // prettier-ignore
    const { world, a, b } = made;
    while (!world.lines(a).includes('bind: 0')) await world.monitor.run({ budget: 100n });
    world.monitor.pause(b);
    const stop = await world.monitor.run(RUN);
    expect(stop.reason).to.equal('paused');
    expect(results(made)).to.deep.equal([-110]);
    world.monitor.resume(b);
    expect((await world.monitor.run(RUN)).reason).to.equal('ended');
    expect(results(made)).to.deep.equal([-110, 2 + a.id * 1000]);
  });

  it('goes on to count while the callee is paused in the middle', async () => {
    for (const verb of [HANG, SLEEP, BLOCK]) {
      const made = await chain([...within(500_000, verb, 1_000_000_000, 0, 0), ...text('print', 'on')]);
      const { world, b } = made;
      while (!world.lines(made.a).includes('bind: 0')) await world.monitor.run({ budget: 1000n });
      await world.monitor.run({ budget: 10_000n });
      world.monitor.pause(b);
      await world.monitor.run(RUN);
      expect(results(made), `${verb}`).to.deep.equal([-110]);
      expect(world.lines(made.a).at(-1)).to.equal('on');
    }
  });

  it('of which the caller is paused ends when that is resumed', async () => {
    const made = await chain([...within(500_000, HANG, 0, 0, 0), ...text('print', 'on')]);
    const { world, a } = made;
    while (!world.lines(a).includes('bind: 0')) await world.monitor.run({ budget: 1000n });
    await world.monitor.run({ budget: 10_000n });
    world.monitor.pause(a);
    expect((await world.monitor.run(RUN)).reason).to.equal('paused');
    expect(results(made)).to.deep.equal([]);
    world.monitor.resume(a);
    await world.monitor.run(RUN);
    expect(results(made)).to.deep.equal([-110]);
    expect(a.state).to.equal('exited');
  });
});

describe('a read-only buffer of a call', () => {
  it('is read, and not written: the callee faults, the caller hears of it', async () => {
    const made = await chain(text('call-within', 0, 1, 4, 0, 0, 3, 'call-within', 0, 1, 5, 9, 0, 64, 'show', 'call-within', 0, 0, 5, 9, 0, 64, 'show')); // prettier-ignore
    const { world, a, b } = made;
    await world.monitor.run(RUN);
    expect(results(made)).to.deep.equal([6, -125, 0]);
    expect(world.lines(a).filter((line) => line.startsWith('arena'))).to.deep.equal([
      'arena 01 02 40',
      'arena 09 0a 48',
    ]);
    expect([b.state, b.faults]).to.deep.equal(['running', 1]);
  });
});

describe('calls within calls', () => {
  it('come back into the caller on another stack, and end at a depth of 8', async () => {
    const world = await World.create();
    const [x, y] = ['x', 'y'].map((name) => {
      const other = name === 'x' ? 'y' : 'x';
      const first = name === 'x' ? text('sleep', 100_000, 'call', CALL_BACK, 0, 0, 0, 0) : [];
      return world.cvm(name, { image: 'worker', arguments: text('offer', name, 5, 'bind', other, ...first, 'block', 0, 0) }); // prettier-ignore
    });
    world.monitor.allowCall('y', x, y);
    world.monitor.allowCall('x', y, x);
    world.start(y, x);
    await world.monitor.run(RUN);
    // Eight handlers, of which the innermost is told -EAGAIN; each adds one.
    expect(world.lines(x)[3]).to.equal(`call ${CALL_BACK}: -3`);
    expect([x.faults, y.faults]).to.deep.equal([0, 0]);
  });
});
