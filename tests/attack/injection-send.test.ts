// Kills and faults at every instruction of a send that a thread makes abroad: the sender's handler runs on its caller's
// thread. After each: everybody is told exactly what is so at that place, the lock is free, the stack is free, no half
// message ever arrives, and what has arrived is not left lying.
import { expect } from 'chai';
import { CONTEXT_PCC, formatCapability, parseElf, SymbolTable } from '../../src/host/index.ts';
import type { Cvm } from '../../src/monitor/index.ts';
import type { Thread } from '../../src/monitor/thread.ts';
import { image, imageBytes, World } from '../monitor/world.ts';

/** Results of the three calls: the last finds the ring full. */
const SENT = 200;
const EAGAIN = -11;
const SERVED = [SENT, SENT, EAGAIN];
const EBADF = -9;
const EFAULT = -14;
const EPIPE = -32;
const ECANCELED = -125;
const A0 = 10;
const SWITCHER = 0x8000_1000n;
const RING_BYTES = 1024;

interface Cast {
  readonly caller: Cvm;
  readonly sender: Cvm;
  readonly receiver: Cvm;
  readonly next: Cvm;
}

/** Where the caller's thread is, so many instructions after the beginning. */
interface Moment {
  readonly at: number;
  /** Distance from gate_send, or, negative, instructions before it. */
  readonly place: number;
  readonly a0: number;
  /** Calls that have gone back. */
  readonly calls: number;
  /** Which send it is. */
  readonly send: number;
}

type Answer = (moment: Moment) => number;

describe('attack: kills and faults at every instruction of a send', () => {
  const symbols = new SymbolTable(parseElf(imageBytes('switcher')).symbols);
  const gate = symbols.address('gate_send')!;
  const [window, full, sent, windowEnd, end] = ['send_window', 'send_full', 'send_sent', 'send_window_end', 'send_end'].map((name) => Number(symbols.address(name)! - gate)); // prettier-ignore
  let world: World;
  let free = 0;
  let moments: Moment[] = [];

  before(async () => {
    world = await World.create({ slice: 1_000_000, memory: '1M', engine: 'lockstep' });
    free = world.monitor.freeBytes;
    moments = await findMoments();
    expect(moments.length).to.be.greaterThan(300);
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
    world.start(receiver, sender);
    await world.monitor.run({ budget: 8000n, background: true });
    world.start(caller);
    while (world.lines(caller).length === 0) await world.monitor.run({ budget: 50n });
    expectConsumed(receiver, 'before');
    // However many runs there are until the moment, nobody else takes a turn.
    world.monitor.pause(receiver);
    return { caller, sender, receiver, next };
  }

  /** All of them in a send, and the four instructions before: the library's, up to CInvoke. */
  async function findMoments(): Promise<Moment[]> {
    const found: Moment[] = [];
    const { caller } = await cast();
    let send = 0;
    for (let at = 0; caller.alive; at++) {
      const { context } = threadOf(caller);
      const place = Number(context.capability(CONTEXT_PCC).address - SWITCHER - gate);
      if (place >= 0 && place < end) {
        const here = {
          a0: Number(BigInt.asIntN(64, context.x(A0))),
          calls: resultsOf(caller).length,
          send: place === 0 ? ++send : send,
        };
        if (place === 0) for (const before of [4, 3, 2, 1]) found.push({ ...here, at: at - before, place: -before });
        found.push({ ...here, at, place });
      }
      await world.monitor.run({ budget: 1n });
    }
    return found;
  }

  const resultsOf = (cvm: Cvm): number[] => world.lines(cvm).slice(1).map((line) => Number(line.slice(5))); // prettier-ignore

  function expectTitles(when: string): void {
    for (const cvm of world.monitor.cvms) {
      for (const { title, where, capability } of world.monitor.holdings(cvm))
        if (title === undefined) expect.fail(`${when}: ${cvm.name} ${where}: ${formatCapability(capability)}`);
    }
  }

  /** What was sent was received: head and tail of the ring. */
  function expectConsumed({ alive, origin }: Cvm, when: string): void {
    if (!alive) return;
    const { memory } = world.monitor.machine;
    const control = Number(image('attack/relay').symbols.address('ring')) + origin + RING_BYTES;
    expect(memory.readU64(control + 8), `${when}: consumed`).to.equal(memory.readU64(control));
  }

  /** `act` at every moment; what the two callers are told in their calls. */
  async function atEveryMoment(
    act: (cast: Cast) => void,
    expected: (moment: Moment) => { readonly caller: readonly number[]; readonly next: readonly number[] },
    check: (cast: Cast, moment: Moment, when: string) => void = () => undefined,
  ): Promise<void> {
    for (const moment of moments) {
      const when = `at ${moment.at}, place ${moment.place.toString(16)}`;
      const actors = await cast();
      await world.monitor.run({ budget: BigInt(moment.at) });
      act(actors);
      if (actors.receiver.state === 'paused') world.monitor.resume(actors.receiver);
      expectTitles(`after ${when}`);
      await world.monitor.run({ budget: 20_000n, background: true });
      expect(resultsOf(actors.caller), when).to.deep.equal(expected(moment).caller);
      expectConsumed(actors.receiver, when);
      world.start(actors.next);
      await world.monitor.run({ budget: 20_000n, background: true });
      expectTitles(`long after ${when}`);
      expect(resultsOf(actors.next), `next, ${when}`).to.deep.equal(expected(moment).next);
      expect(world.lines(actors.receiver), when).to.deep.equal([]);
      check(actors, moment, when);
    }
  }

  /** The call in which it happens is told so, the others are served. */
  const onlyThisCall = (answer: Answer) => (moment: Moment) => {
    const caller = SERVED.map((result, call) => (call === moment.calls ? answer(moment) : result));
    return { caller, next: SERVED };
  };

  /** Nothing is sent any more. */
  const fromThisCallOn = (answer: Answer, next: number) => (moment: Moment) => {
    const caller = [...SERVED.slice(0, moment.calls), answer(moment), EPIPE, EPIPE].slice(0, SERVED.length);
    return { caller, next: SERVED.map(() => next) };
  };

  /** A pair is gone under the library's hands: cvm_stream_send looks once more, cvm_stream_send_some does not. */
  const taken = (calls: number): number => (calls === 2 ? EPIPE : SERVED[calls]);

  /** A fault that is the sender's own ends its handler, and counts; an answer to a send does not. */
  const expectBlame =
    (answer: Answer) =>
    ({ sender, receiver }: Cast, moment: Moment, when: string): void => {
      expect([sender.state, receiver.state, receiver.faults], when).to.deep.equal(['running', 'running', 0]);
      expect(sender.faults, when).to.equal(answer(moment) === ECANCELED ? 1 : 0);
    };

  it('the owner of the thread is killed: the lock is free', async () => {
    await atEveryMoment(
      ({ caller }) => world.monitor.kill(caller),
      ({ calls }) => ({ caller: SERVED.slice(0, calls), next: SERVED }),
    );
  });

  it('the sender is killed: its caller gets -EPIPE, the receiver no half message', async () => {
    await atEveryMoment(
      ({ sender }) => world.monitor.kill(sender),
      fromThisCallOn(() => EPIPE, EBADF),
    );
  });

  it('the receiver is killed, and its memory given away: the sender gets -EPIPE', async () => {
    const kill = ({ receiver }: Cast): void => {
      world.monitor.kill(receiver);
      world.monitor.destroy(receiver);
    };
    // On its way out of the switcher with everything sent, the thread has its answer.
    const answer: Answer = ({ place, a0 }) => (place > windowEnd && a0 === SENT ? SENT : EPIPE);
    await atEveryMoment(kill, fromThisCallOn(answer, EPIPE));
  });

  it("the switcher faults: before the lock it is the sender's fault, then an answer; what was sent, was sent", async () => {
    const fault = ({ caller }: Cast): void => {
      const { context } = threadOf(caller);
      context.setCapability(CONTEXT_PCC, { ...context.capability(CONTEXT_PCC), tag: false });
    };
    const answer: Answer = ({ place, calls }) => {
      if (place < 0) return taken(calls);
      if (place < window || place >= windowEnd) return ECANCELED;
      return place < sent ? EFAULT : SERVED[calls];
    };
    await atEveryMoment(fault, onlyThisCall(answer), expectBlame(answer));
  });

  it('the copy traps: an answer for whoever sends', async () => {
    // Source, destination and control of the ring are gone, as if they had been taken away.
    const untag = ({ caller }: Cast): void => {
      const { context } = threadOf(caller);
      for (const register of [5, 6, 28]) context.setX(register, context.x(register));
    };
    // By instruction, where it is not -EFAULT: what is loaded or looked at again afterwards, and what makes the source
    // and the place of the lock, without which there is no send.
    const fault: readonly number[] = [4, window - 8, window - 4];
    const none: readonly number[] = [0, window + 8, full, full + 4];
    const control: readonly number[] = [window + 12, window + 16, window + 20];
    const isFull = new Set(moments.filter(({ place }) => place === full).map(({ send }) => send));
    const answer: Answer = ({ place, calls, send }) => {
      if (place < 0) return place < -2 ? EPIPE : taken(calls);
      if (fault.includes(place)) return ECANCELED;
      if (isFull.has(send)) return control.includes(place) ? EFAULT : EAGAIN;
      return none.includes(place) || place >= sent ? SERVED[calls] : EFAULT;
    };
    await atEveryMoment(untag, onlyThisCall(answer), expectBlame(answer));
  });
});
