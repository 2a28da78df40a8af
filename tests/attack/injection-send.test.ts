// Kills and faults at every instruction of a send that a thread makes abroad: the sender's handler runs on its caller's
// thread. After each: the lock is free, the stack is free, no half message ever arrives.
import { expect } from 'chai';
import { CONTEXT_PCC, formatCapability, parseElf, SymbolTable } from '../../src/host/index.ts';
import type { Cvm } from '../../src/monitor/index.ts';
import type { Thread } from '../../src/monitor/thread.ts';
import { imageBytes, World } from '../monitor/world.ts';

const SENT = 200;
const EPIPE = -32;
const SWITCHER = 0x8000_1000n;

interface Cast {
  readonly caller: Cvm;
  readonly sender: Cvm;
  readonly receiver: Cvm;
  readonly next: Cvm;
}

describe('attack: kills and faults at every instruction of a send', () => {
  let world: World;
  let free = 0;
  /** Instructions after the beginning at which the caller's thread is in gate_send. */
  let moments: number[] = [];

  before(async () => {
    world = await World.create({ slice: 1_000_000, memory: '1M', engine: 'lockstep' });
    free = world.monitor.freeBytes;
    const symbols = new SymbolTable(parseElf(imageBytes('switcher')).symbols);
    const places = ['gate_send', 'send_window', 'send_unlock', 'send_end'];
    const [from, window, unlock, to] = places.map((name) => SWITCHER + symbols.address(name)!);
    const { caller } = await cast();
    for (let at = 0; caller.alive; at++) {
      const { address } = threadOf(caller).context.capability(CONTEXT_PCC);
      // One in three of the long copy's; all others, and the library's last instructions before it.
      if (address >= from && address < to && (address < window || address >= unlock || at % 3 === 0)) moments.push(at);
      await world.monitor.run({ budget: 1n });
    }
    expect(moments.length).to.be.greaterThan(100);
    moments = [...new Set(moments.flatMap((at) => (moments.includes(at - 1) ? [at] : [at - 4, at - 3, at - 2, at - 1, at])))]; // prettier-ignore
  });

  const threadOf = ({ threads }: Cvm): Thread => [...threads][0];

  async function cast(): Promise<Cast> {
    for (const cvm of world.monitor.cvms) world.monitor.destroy(cvm);
    world.clear();
    expect(world.monitor.freeBytes).to.equal(free);
    const make = (name: string, role: string, background: boolean): Cvm =>
      world.cvm(name, { image: 'attack/relay', memory: 48 * 1024, arguments: [role], background });
    const [receiver, sender] = [make('receiver', 'listen', true), make('sender', 'serve', true)];
    const [caller, next] = [make('caller', 'call', false), make('next', 'call', false)];
    world.monitor.connect('wire', sender, receiver);
    for (const one of [caller, next]) world.monitor.allowCall('relay', one, sender);
    world.start(receiver, sender, caller);
    while (world.lines(caller).length === 0) await world.monitor.run({ budget: 50n });
    return { caller, sender, receiver, next };
  }

  const resultsOf = (cvm: Cvm): number[] => world.lines(cvm).slice(1).map((line) => Number(line.slice(5))); // prettier-ignore

  function expectTitles(when: string): void {
    for (const cvm of world.monitor.cvms) {
      for (const { title, where, capability } of world.monitor.holdings(cvm))
        if (title === undefined) expect.fail(`${when}: ${cvm.name} ${where}: ${formatCapability(capability)}`);
    }
  }

  /** `act` at every moment; what the caller was told is one of `told`; who comes next is told `then`. */
  async function atEveryMoment(act: (cast: Cast) => void, told: readonly number[], then?: number): Promise<void> {
    const seen = new Set<number>();
    for (const at of moments) {
      const actors = await cast();
      await world.monitor.run({ budget: BigInt(at) });
      act(actors);
      expectTitles(`after ${at}`);
      world.start(actors.next);
      await world.monitor.run({ budget: 100_000n });
      expectTitles(`long after ${at}`);
      const results = resultsOf(actors.caller);
      for (const result of results) expect(told, `at ${at}`).to.include(result);
      results.forEach((result) => seen.add(result));
      if (then !== undefined) expect(resultsOf(actors.next), `at ${at}`).to.deep.equal([then, then]);
      expect(world.lines(actors.receiver), `at ${at}`).to.deep.equal([]);
    }
    expect([...seen].sort()).to.deep.equal([...told].sort());
  }

  it('the owner of the thread is killed: the lock is free', async () => {
    await atEveryMoment(({ caller }) => world.monitor.kill(caller), [SENT], SENT);
  });

  it('the sender is killed: its caller gets -EPIPE, the receiver no half message', async () => {
    await atEveryMoment(({ sender }) => world.monitor.kill(sender), [EPIPE, SENT]);
  });

  it('the receiver is killed, and its memory given away: the sender gets -EPIPE', async () => {
    await atEveryMoment(
      ({ receiver }) => {
        world.monitor.kill(receiver);
        world.monitor.destroy(receiver);
      },
      [EPIPE, SENT],
      EPIPE,
    );
  });
});
