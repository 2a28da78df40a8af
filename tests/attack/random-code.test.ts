import { expect } from 'chai';
import * as abi from '../../src/monitor/abi.ts';
import { Random } from '../helpers/random.ts';
import { BUFFER, CODE, randomGuest, STACK_TOP, WORDS } from './random-guest.ts';
import type { Request } from './random-guest.ts';
import { Scene } from './scene.ts';

const SEED = BigInt(process.env.CAPVM_SEED ?? Date.now());
const PROGRAMS = Number(process.env.CAPVM_PROGRAMS ?? 40);

/** Calls the victim, serves calls of a third party with random code too, and has a file, streams and a loan. */
const REQUESTS: readonly Request[] = [
  [abi.HOSTCALL_FILE_OPEN, 'board', abi.FILE_READ],
  [abi.HOSTCALL_FILE_ADVERTISE, 'own', BUFFER + 0x400, 256],
  [abi.HOSTCALL_STREAM_OPEN, 'out', abi.STREAM_SEND],
  [abi.HOSTCALL_STREAM_OPEN, 'in', abi.STREAM_RECEIVE, BUFFER, 64 + abi.RING_CONTROL],
  [abi.HOSTCALL_LOAN_LEND, 0, BUFFER + 0x200, 64],
  [abi.HOSTCALL_CALL_BIND, 'guard'],
  [abi.HOSTCALL_CALL_OFFER, 'back', CODE + 4 * 200, STACK_TOP, 256, 2],
];
const SLOTS = [0, 1, 2, 3, abi.SLOT_CALL, abi.SLOT_CALL + 1, abi.SLOT_STREAM, abi.SLOT_STREAM + 1, abi.SLOT_FILE];

/** Every other file is revoked before it is removed. */
const turnsOver = (program: number): boolean => program % 2 === 0;

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
      const board = monitor.createFile('board', 4096);
      monitor.allowFile(board, attacker, abi.FILE_READ);
      monitor.allowFile(monitor.createFile('own', attacker), caller, abi.FILE_READ | abi.FILE_WRITE);
      const listener = scene.world.cvm('listener', {
        image: 'worker',
        background: true,
        arguments: ['listen', 'out', '64', 'block', '0', '0'],
      });
      monitor.connect('out', attacker, listener);
      monitor.connect('in', listener, attacker);
      attacker.faultHandler = CODE + 4 * random.below(WORDS);
      await scene.run([listener, attacker, caller], { budget: 5000n, step: 2500n });
      for (let turn = 0; turn < 20 && attacker.alive; turn++) {
        attacker.faultHandler = CODE + 4 * random.below(turn % 4 === 0 ? 1 : WORDS);
        await scene.run([], { budget: BigInt(1 + random.below(1500)), step: 1500n });
        for (const { title = '' } of monitor.holdings(attacker)) titles.set(title, (titles.get(title) ?? 0) + 1);
        if (attacker.alive) expect([caller.state, caller.faults], caller.ending).to.deep.equal(['running', 0]);
      }
      totals.faults += attacker.faults;
      totals.served += scene.lines(caller).length;
      const { base, sizeBytes } = board.region!;
      expect(monitor.machine.memory.read(base, sizeBytes).every((byte) => byte === 0), 'a file that it may read').to.equal(true); // prettier-ignore
      if (turnsOver(program)) monitor.revokeFile(board);
      scene.expectTitles();
      monitor.removeFile(board);
      monitor.destroy(attacker);
      // Bad buffers make the victim's handler fault: the call's end, not the victim's.
      await scene.expectUnharmed(scene.victim);
    }
    expect([...titles.keys()]).to.include.members(['code', 'data', 'gate', 'file']);
    expect(totals.faults).to.be.greaterThan(PROGRAMS);
    expect(totals.served).to.be.greaterThan(PROGRAMS / 2);
  });
});
