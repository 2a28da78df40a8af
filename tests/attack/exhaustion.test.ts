import { expect } from 'chai';
import { Scene } from './scene.ts';

/** What there is to exhaust, how often it is tried, what the attacker gets, and how long the victim has to bear it. */
// prettier-ignore
const RESOURCES: readonly (readonly [what: string, amount: number, outcome: string, threads?: number])[] = [
  ['threads', 1000, 'EAGAIN, but 0x3f'],
  ['thread churn', 2000, '0x0'],
  ['processor', 40, '0x28'],
  ['sleepers', 40, '0x28'],
  ['time', 40, '0x0'],
  ['stacks', 40, '0x28'],
  ['handles', 1000, '0x0'],
  ['names', 2000, 'ENOENT'],
  ['console', 400, '0x0'],
  ['hostcalls', 20_000, '0x0'],
  ['refusals', 70_000, 'ENOSYS'],
  ['faults', 20_000, 'illegal instruction'],
  ['entropy', 5000, '0x0'],
];

describe('attack: exhaustion', () => {
  for (const [what, amount, outcome] of RESOURCES) {
    it(`of ${what} leaves the others what they need`, async () => {
      const scene = await Scene.create();
      const { monitor } = scene.world;
      const attacker = scene.attacker('attacker', 'exhaust', [what, `${amount}`], { threads: 64, background: true });
      monitor.allowCall('guard', attacker, scene.victim);
      const ends = (): boolean => scene.attempts[0]?.result !== undefined;
      await scene.run([attacker], { budget: 60_000_000n, step: 500_000n, watch: ends });
      scene.expectOutcomes({ [outcome]: [`exhaust ${what}`] });
      expect(monitor.audit.records().length).to.be.at.most(65_536);
      await scene.expectUnharmed();
    });
  }

  it('of time itself: a thread that traps without ever retiring an instruction does not stop the clock', async () => {
    const scene = await Scene.create();
    const attacker = scene.attacker('attacker', 'exhaust', ['clock'], { background: true, faults: 0 });
    const sleeper = scene.world.cvm('sleeper', { image: 'worker', arguments: ['sleep', '500'] });
    const stop = await scene.run([attacker, sleeper], { budget: 2_000_000n });
    expect([stop.reason, sleeper.state, attacker.state]).to.deep.equal(['ended', 'exited', 'running']);
    expect(attacker.refusals).to.be.greaterThan(400);
    await scene.world.monitor.run({ budget: 1000n, background: true });
    await scene.expectUnharmed();
  });

  it("of a callee's allowance of faults: those in calls are not held against it", async () => {
    const scene = await Scene.create();
    const careful = scene.attacker('careful', 'careful', [], { faults: 1, background: true });
    const attacker = scene.attacker('attacker', 'exhaust', ['allowance', '20']);
    scene.world.monitor.allowCall('careful', attacker, careful);
    await scene.run([careful, attacker]);
    scene.expectOutcomes({ 'careful: CapEx_LengthViolation, but 0x5': ['exhaust allowance'] });
    expect([careful.state, careful.faults, ...scene.lines(careful)]).to.deep.equal(['running', 21, 'took its fault']);
    await scene.expectUnharmed();
  });
});
