// Kills and faults at every instruction that a thread executes in the switcher: on its way into a call and back, in a
// call within a call, in hostcalls at home and abroad. After each: whoever lives is told the documented error, nothing
// is left in use (every entry has one stack, so that the next caller would find it missing), nobody holds what he should
// not, and all memory comes back.
import { expect } from 'chai';
import { CONTEXT_PCC, formatCapability } from '../../src/host/index.ts';
import type { Cvm } from '../../src/monitor/index.ts';
import type { Thread } from '../../src/monitor/thread.ts';
import { World } from '../monitor/world.ts';

const EPIPE = -32;
/** It went between the caller's look at the pair and the call. */
const EREVOKED = -128;
const EBADF = -9;
const ECANCELED = -125;

interface Cast {
  readonly a: Cvm;
  readonly b: Cvm;
  readonly c: Cvm;
  readonly d: Cvm;
}

describe('attack: kills and faults at every instruction of the switcher', () => {
  let world: World;
  let free = 0;
  /** Instructions after the beginning at which the thread of a is in the switcher; with a fault handler in a. */
  let moments: number[] = [];
  let momentsWithHandler: number[] = [];

  before(async () => {
    world = await World.create({ slice: 1_000_000, memory: '2M', engine: 'lockstep' });
    free = world.monitor.freeBytes;
    moments = await findMoments(false);
    momentsWithHandler = await findMoments(true);
    expect(moments.length).to.be.greaterThan(300);
  });

  const call = (...values: number[]): string[] => ['call', ...values.map(String)];

  /** a calls b, which calls c; then a calls b with a buffer; b and c make hostcalls as they serve. d comes afterwards. */
  async function cast(handler: boolean): Promise<Cast> {
    for (const cvm of world.monitor.cvms) world.monitor.destroy(cvm);
    world.clear();
    expect(world.monitor.freeBytes).to.equal(free);
    const serve = ['block', '0', '0'];
    const background = { image: 'worker', background: true };
    const c = world.cvm('c', { ...background, arguments: ['offer', 'f', '1', ...serve] });
    const b = world.cvm('b', { ...background, arguments: ['bind', 'f', 'offer', 'e', '1', ...serve] });
    const calls = [...call(8, 7, 0, 0, 0), ...call(4, 0, 0, 0, 24), 'exit', '0'];
    const a = world.cvm('a', {
      image: 'worker',
      faults: handler ? 1 : 0,
      arguments: [...(handler ? ['handler'] : []), 'rise', 'bind', 'e', ...calls],
    });
    const d = world.cvm('d', {
      image: 'worker',
      arguments: ['rise', 'bind', 'e', ...call(4, 0, 0, 0, 3), 'bind', 'f', ...call(4, 0, 0, 0, 3), 'exit', '0'],
    });
    for (const caller of [a, d]) world.monitor.allowCall('e', caller, b);
    for (const caller of [b, d]) world.monitor.allowCall('f', caller, c);
    world.start(c, b, a);
    while (world.lines(a).length === 0) await world.monitor.run({ budget: 50n });
    return { a, b, c, d };
  }

  const threadOf = ({ threads }: Cvm): Thread => [...threads][0];

  function isInSwitcher(cvm: Cvm): boolean {
    const { address } = threadOf(cvm).context.capability(CONTEXT_PCC);
    return address >= 0x8000_1000n && address < 0x8000_2000n;
  }

  async function findMoments(handler: boolean): Promise<number[]> {
    const found: number[] = [];
    const { a } = await cast(handler);
    for (let at = 0; a.alive; at++) {
      if (isInSwitcher(a)) found.push(at);
      await world.monitor.run({ budget: 1n });
    }
    return found;
  }

  /** Every moment, a cast stopped there; then `act`, and what must be so for all. */
  async function atEveryMoment(
    act: (cast: Cast) => void,
    check: (cast: Cast, results: number[], at: number) => void,
    handler = false,
  ): Promise<void> {
    for (const at of handler ? momentsWithHandler : moments) {
      const actors = await cast(handler);
      await world.monitor.run({ budget: BigInt(at) });
      // How long a cast takes to begin may differ by an instruction or two: on to the switcher.
      for (let i = 0; i < 60 && actors.a.alive && !isInSwitcher(actors.a); i++) await world.monitor.run({ budget: 1n });
      if (!actors.a.alive) continue;
      act(actors);
      expectTitles(`after ${at}`);
      await world.monitor.run({ budget: 50_000n });
      expectTitles(`long after ${at}`);
      check(actors, resultsOf(actors.a), at);
      await expectServed(actors, at);
    }
  }

  const resultsOf = (cvm: Cvm): number[] =>
    world
      .lines(cvm)
      .filter((line) => line.startsWith('call'))
      .map((line) => Number(line.split(': ')[1]));

  function expectTitles(when: string): void {
    for (const cvm of world.monitor.cvms) {
      for (const { title, where, capability } of world.monitor.holdings(cvm))
        if (title === undefined) expect.fail(`${when}: ${cvm.name} ${where}: ${formatCapability(capability)}`);
    }
  }

  /** Who lives, serves: a stack, a lock or a record that was left in use would be missed here. */
  async function expectServed({ b, c, d }: Cast, at: number): Promise<void> {
    world.start(d);
    await world.monitor.run({ budget: 50_000n });
    const results = resultsOf(d);
    // A dead callee's name binds to nothing: -EPIPE is the handle of the call that follows.
    const expected = [b, c].map(({ alive }) => (alive ? 6 : EBADF));
    expect(results, `at ${at}: ${d.ending}`).to.deep.equal(expected);
    for (const cvm of [b, c]) if (cvm.alive) expect(cvm.state, `at ${at}`).to.equal('running');
  }

  it('the caller is killed', async () => {
    await atEveryMoment(
      ({ a }) => world.monitor.kill(a),
      ({ a, b, c }) => expect([a.state, b.state, c.state]).to.deep.equal(['killed', 'running', 'running']),
    );
  });

  it('the callee in the middle is killed: its caller gets -EPIPE', async () => {
    const seen = new Set<number>();
    await atEveryMoment(
      ({ b }) => world.monitor.kill(b),
      ({ a, b, c }, results, at) => {
        expect([b.state, c.state]).to.deep.equal(['killed', 'running']);
        for (const result of results) {
          seen.add(result);
          expect([EPIPE, EREVOKED, 1, 300], `at ${at}`).to.include(result);
        }
        // A call after that finds no pair.
        const endings = ['exit with code 0', 'CapEx_TagViolation of c5'];
        expect(endings.some((ending) => a.ending.startsWith(ending)), `at ${at}: ${a.ending}`).to.equal(true); // prettier-ignore
      },
    );
    expect([...seen]).to.include(EPIPE);
  });

  it('the innermost callee is killed: its caller gets -EPIPE and goes on', async () => {
    const seen = new Set<number>();
    await atEveryMoment(
      ({ c }) => world.monitor.kill(c),
      ({ a, b, c }, results, at) => {
        expect([b.state, c.state]).to.deep.equal(['running', 'killed']);
        expect(a.ending, `at ${at}`).to.equal('exit with code 0');
        for (const result of results) seen.add(result);
        expect([EPIPE + 1, EREVOKED + 1, 1, ECANCELED], `at ${at}`).to.include(results[0]);
        expect(results[1], `at ${at}`).to.equal(300);
      },
    );
    expect([...seen]).to.include(EPIPE + 1);
  });

  it('the switcher faults: whoever the thread is in takes the blame, nobody else', async () => {
    const fault = ({ a }: Cast): void => {
      const { context } = threadOf(a);
      context.setCapability(CONTEXT_PCC, { ...context.capability(CONTEXT_PCC), tag: false });
    };
    const endings = new Set<string>();
    await atEveryMoment(fault, ({ a, b, c }, results, at) => {
      expect([b.state, c.state]).to.deep.equal(['running', 'running']);
      endings.add(a.ending.replace(/ .*/, ''));
      for (const result of results)
        expect([1, 300, ECANCELED, ECANCELED + 1, EREVOKED + 1], `at ${at}`).to.include(result);
      expect(b.faults + c.faults + (a.state === 'faulted' ? 1 : 0), `at ${at}`).to.be.at.most(1);
    });
    expect([...endings].sort()).to.deep.equal(['CapEx_TagViolation', 'exit']);
    await atEveryMoment(fault, ({ a }, _, at) => expect([0, 42], `at ${at}: ${a.ending}`).to.include(a.exitCode), true);
  });
});
