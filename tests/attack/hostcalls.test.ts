import { expect } from 'chai';
import { FILE_READ } from '../../src/monitor/abi.ts';
import { HOSTCALLS } from '../../src/monitor/index.ts';
import { Scene } from './scene.ts';

const SEED = BigInt(process.env.CAPVM_SEED ?? Date.now());
const hex = (value: number | bigint): string => `0x${value.toString(16)}`;

/** Every hostcall, from threads that may never come back; each refusal is one of those that the hostcall documents. */
async function flood(parameters: readonly string[], isRandom = false): Promise<{ scene: Scene; tally: string }> {
  const scene = await Scene.create();
  const { monitor } = scene.world;
  const attacker = scene.attacker('attacker', 'hostcalls', [hex(scene.victim.data.base + 4096), ...parameters], {
    threads: 600,
    memory: 256 * 1024,
  });
  monitor.allowCall('guard', attacker, scene.victim);
  const peer = scene.world.cvm('peer', {
    image: 'worker',
    background: true,
    arguments: ['listen', 'out', '64', 'block', '0', '0'],
  });
  const board = monitor.createFile('board', 4096);
  monitor.allowFile(board, attacker, FILE_READ);
  monitor.allowFile(monitor.createFile('theirs', peer), attacker, FILE_READ);
  monitor.connect('out', attacker, peer);
  monitor.connect('in', peer, attacker);
  const signatures = new Map([...HOSTCALLS.values()].map(({ name, signature }) => [name, signature]));
  monitor.audit.onRecord(({ cvm, kind, text, check }) => {
    if (kind !== 'refusal' || cvm !== 'attacker') return;
    const [name] = text.split(':');
    expect(signatures.get(name) ?? 'ENOSYS', text).to.match(new RegExp(`\\b${check}\\b`));
  });
  const stop = await scene.run([peer, attacker], { step: 100_000n });
  // At random it may hurt itself: a thread or a handler anywhere in its code.
  expect(stop.reason).to.be.oneOf(isRandom ? ['ended', 'deadlock'] : ['ended']);
  if (!isRandom) expect([attacker.exitCode, scene.lines(attacker).at(-1)]).to.deep.equal([0, 'summary: done']);
  monitor.removeFile(board);
  return { scene, tally: scene.lines(attacker).at(-2)! };
}

describe('attack: hostile arguments of hostcalls', () => {
  it('from a table, in every place of every hostcall', async () => {
    const { scene, tally } = await flood(['0']);
    const [answered, refused] = /answered (\d+) refused (\d+)/.exec(tally)!.slice(1).map(Number);
    expect(answered).to.be.greaterThan(1000);
    expect(refused).to.be.greaterThan(5000);
    await scene.expectUnharmed();
  });

  it(`at random (CAPVM_SEED=${SEED})`, async () => {
    for (let round = 0n; round < 4n; round++) {
      const { scene } = await flood([hex(((SEED + 2n * round) & 0xffff_ffff_ffffn) | 1n), '2500'], true);
      await scene.expectUnharmed();
    }
  });
});
