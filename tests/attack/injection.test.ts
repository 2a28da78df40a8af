// Kills and faults at every instruction that a thread executes in the switcher: on its way into a call and back, in a
// call within a call, in hostcalls at home and abroad. After each: whoever lives is told the documented error, nothing
// is left in use (every entry has one stack, so that the next caller would find it missing), nobody holds what he should
// not, and all memory comes back.
import { expect } from 'chai';
import { CONTEXT_PCC, formatCapability, parseElf, SymbolTable } from '../../src/host/index.ts';
import type { Cvm } from '../../src/monitor/index.ts';
import type { Thread } from '../../src/monitor/thread.ts';
import { imageBytes, World } from '../monitor/world.ts';

const EPIPE = -32;
/** What the two calls answer, if nothing happens. */
const SERVED = [1, 300];
const SWITCHER = 0x8000_1000n;
const SWITCHER_BYTES = 4096;
const EBADF = -9;
const ECANCELED = -125;

interface Cast {
  readonly a: Cvm;
  readonly b: Cvm;
  readonly c: Cvm;
  readonly d: Cvm;
}

/** Where a's thread is, in the switcher, so many instructions after the beginning. */
interface Moment {
  readonly at: number;
  readonly place: number;
  /** Calls that it is in. */
  readonly depth: number;
  /** Calls of a's that have gone back, results that it has printed, and calls of b's that have gone back. */
  readonly calls: number;
  readonly printed: number;
  readonly inner: number;
}

describe('attack: kills and faults at every instruction of the switcher', () => {
  let world: World;
  let free = 0;
  /** With a fault handler in a, and without one. */
  const moments = new Map<boolean, Moment[]>();
  const symbols = new SymbolTable(parseElf(imageBytes('switcher')).symbols);
  const returned = Number(symbols.address('return_window'));

  before(async () => {
    world = await World.create({ slice: 1_000_000, memory: '2M', engine: 'lockstep' });
    free = world.monitor.freeBytes;
    for (const handler of [false, true]) {
      const found = await findMoments(handler);
      expect(found.length).to.be.greaterThan(300);
      moments.set(handler, found);
    }
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
    // They wait before a begins: however many runs there are until the moment, nobody else takes a turn.
    world.start(c, b);
    expect((await world.monitor.run({ background: true })).reason).to.equal('deadlock');
    world.start(a);
    while (world.lines(a).length === 0) await world.monitor.run({ budget: 50n });
    return { a, b, c, d };
  }

  const threadOf = ({ threads }: Cvm): Thread => [...threads][0];

  const placeOf = ({ a }: Cast): Pick<Moment, 'place' | 'depth'> => ({
    place: Number(threadOf(a).context.capability(CONTEXT_PCC).address - SWITCHER),
    depth: world.monitor.stats(a).threads[0].path.length - 1,
  });

  async function findMoments(handler: boolean): Promise<Moment[]> {
    const found: Moment[] = [];
    const actors = await cast(handler);
    const back = [0, 0];
    for (let at = 0; actors.a.alive; at++) {
      const { place, depth } = placeOf(actors);
      if (place === returned) back[depth]++;
      const [calls, inner] = back;
      const printed = resultsOf(actors.a).length;
      if (place >= 0 && place < SWITCHER_BYTES) found.push({ at, place, depth, calls, printed, inner });
      await world.monitor.run({ budget: 1n });
    }
    return found;
  }

  /** Every moment, a cast stopped there; then `act`, and what must be so for all. */
  async function atEveryMoment(
    act: (cast: Cast) => void,
    check: (cast: Cast, results: number[], moment: Moment) => void,
    handler = false,
  ): Promise<void> {
    for (const moment of moments.get(handler)!) {
      const { at, place, depth } = moment;
      const actors = await cast(handler);
      await world.monitor.run({ budget: BigInt(at) });
      expect(placeOf(actors)).to.deep.equal({ place, depth });
      act(actors);
      expectTitles(`after ${at}`);
      await world.monitor.run({ budget: 50_000n });
      expectTitles(`long after ${at}`);
      check(actors, resultsOf(actors.a), moment);
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
    await atEveryMoment(
      ({ b }) => world.monitor.kill(b),
      ({ a, b, c }, results, { at, calls }) => {
        expect(results, `at ${at}`).to.deep.equal(SERVED.map((result, call) => (call < calls ? result : EPIPE)));
        expect([a.ending, b.state, c.state], `at ${at}`).to.deep.equal(['exit with code 0', 'killed', 'running']);
      },
    );
  });

  it('the innermost callee is killed: its caller gets -EPIPE and goes on', async () => {
    await atEveryMoment(
      ({ c }) => world.monitor.kill(c),
      ({ a, b, c }, results, { at, inner }) => {
        expect(results, `at ${at}`).to.deep.equal([inner > 0 ? 1 : EPIPE + 1, 300]);
        expect([a.ending, b.state, c.state], `at ${at}`).to.deep.equal(['exit with code 0', 'running', 'killed']);
      },
    );
  });

  it('the switcher faults: whoever the thread is in takes the blame, nobody else', async () => {
    const fault = ({ a }: Cast): void => {
      const { context } = threadOf(a);
      context.setCapability(CONTEXT_PCC, { ...context.capability(CONTEXT_PCC), tag: false });
    };
    const blame = [0, ECANCELED, ECANCELED + 1];
    await atEveryMoment(fault, ({ a, b, c }, results, { at, depth, calls, printed }) => {
      const expected = SERVED.map((result, call) => (call === calls ? blame[depth] : result));
      expect(results, `at ${at}`).to.deep.equal(depth === 0 ? SERVED.slice(0, printed) : expected);
      expect([a.state, b.state, c.state], `at ${at}`).to.deep.equal([
        depth === 0 ? 'faulted' : 'exited',
        'running',
        'running',
      ]);
      expect([a.faults, b.faults, c.faults], `at ${at}`).to.deep.equal(
        [0, 1, 2].map((index) => (index === depth ? 1 : 0)),
      );
    });
    await atEveryMoment(
      fault,
      ({ a }, _, { at, depth }) => expect(a.exitCode, `at ${at}: ${a.ending}`).to.equal(depth === 0 ? 42 : 0),
      true,
    );
  });
});
