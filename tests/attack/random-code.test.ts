import { expect } from 'chai';
import * as abi from '../../src/monitor/abi.ts';
import { Random } from '../helpers/random.ts';
import { CODE, randomGuest, STACK_TOP, WORDS } from './random-guest.ts';
import type { Request } from './random-guest.ts';
import { Scene } from './scene.ts';

const SEED = BigInt(process.env.CAPVM_SEED ?? Date.now());
const PROGRAMS = Number(process.env.CAPVM_PROGRAMS ?? 60);

/** Calls the victim, and serves calls of a third party with random code too. */
const REQUESTS: readonly Request[] = [
  [abi.HOSTCALL_CALL_BIND, 'guard'],
  [abi.HOSTCALL_CALL_OFFER, 'back', CODE + 4 * 200, STACK_TOP, 256, 2],
];
const SLOTS = [0, 1, 2, 3, abi.SLOT_CALL, abi.SLOT_CALL + 1];

describe(`attack: random code that calls and is called (CAPVM_SEED=${SEED})`, () => {
  it('never widens what it was given, nor harms whom it calls or who calls it', async function () {
    this.timeout(300_000);
    const random = new Random(SEED);
    const titles = new Map<string, number>();
    const totals = { faults: 0, served: 0 };
    for (let program = 0; program < PROGRAMS; program++) {
      const scene = await Scene.create({ slice: 500, memory: '1M' });
      const { monitor } = scene.world;
      const caller = scene.world.cvm('caller', {
        image: 'worker',
        background: true,
        arguments: ['rise', 'bind', 'back', 'hammer', '0', 'block', '0', '0'],
      });
      const attacker = monitor.createCvm({
        name: 'attacker',
        image: randomGuest(random, `program ${program}`, REQUESTS, SLOTS),
        memory: 0x8000,
        stack: 4096,
        faults: 60,
      });
      monitor.allowCall('guard', attacker, scene.victim);
      monitor.allowCall('back', caller, attacker);
      attacker.faultHandler = CODE + 4 * random.below(WORDS);
      await scene.run([attacker, caller], { budget: 5000n, step: 2500n });
      for (let turn = 0; turn < 20 && attacker.alive; turn++) {
        attacker.faultHandler = CODE + 4 * random.below(turn % 4 === 0 ? 1 : WORDS);
        await scene.run([], { budget: BigInt(1 + random.below(1500)), step: 1500n });
        for (const { title = '' } of monitor.holdings(attacker)) titles.set(title, (titles.get(title) ?? 0) + 1);
        if (attacker.alive) expect([caller.state, caller.faults], caller.ending).to.deep.equal(['running', 0]);
      }
      totals.faults += attacker.faults;
      totals.served += scene.lines(caller).length;
      monitor.destroy(attacker);
      // Bad buffers make the victim's handler fault: the call's end, not the victim's.
      await scene.expectUnharmed(scene.victim.faults);
    }
    expect([...titles.keys()]).to.include.members(['code', 'data', 'gate']);
    expect(totals.faults).to.be.greaterThan(PROGRAMS);
    expect(totals.served).to.be.greaterThan(PROGRAMS / 2);
  });
});
