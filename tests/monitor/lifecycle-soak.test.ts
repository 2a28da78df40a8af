// Thousands of lives: whatever a cVM was given comes back, and nothing grows. CAPVM_SOAK=N multiplies the rounds.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import { FILE_READ, FILE_WRITE } from '../../src/monitor/abi.ts';
import type { Cvm, SharedFile } from '../../src/monitor/index.ts';
import { Sealer } from '../../src/monitor/seal.ts';
import { sourceOf, World } from './world.ts';

const FACTOR = Number(process.env.CAPVM_SOAK ?? 1);
const ROUNDS = 1500 * FACTOR;
const WARM_UP = 300;
/** What a steady heap may differ by from one collection to the next; the objects of one cVM kept in each round would be more. */
const NOISE_BYTES = 3 * 1024 * 1024;

/** JS heap and buffers, collected twice: buffers are freed in the background. */
async function heapBytes(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  await new Promise((resolve) => setTimeout(resolve, 50));
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Follows otypes from the sealer and back. */
class OtypeCount {
  inUse = 0;
  total = 0;
  readonly #allocate = Sealer.prototype.allocateOtype;
  readonly #release = Sealer.prototype.releaseOtype;

  constructor() {
    // eslint-disable-next-line @typescript-eslint/no-this-alias
    const count = this;
    const { prototype } = Sealer;
    prototype.allocateOtype = function (this: Sealer) {
      count.inUse++;
      count.total++;
      return count.#allocate.call(this);
    };
    prototype.releaseOtype = function (this: Sealer, otype) {
      count.inUse--;
      count.#release.call(this, otype);
    };
  }

  restore(): void {
    Object.assign(Sealer.prototype, { allocateOtype: this.#allocate, releaseOtype: this.#release });
  }
}

/** What the caller prints of its files. */
const FILES = ['advertise: 0', 'open: 0, size 4096', 'write: 64'];

/** A caller and sender, and who serves it, connected in all ways; not started. */
function connected(world: World, last: readonly string[]): [a: Cvm, b: Cvm, board: SharedFile] {
  const file = ['advertise', 'own', '4096', 'open', 'board', '3', 'write', '0', '64', '0'];
  const verbs = [...file, 'bind', 'e', 'call', '0', '1', '2', '3', '0', 'send', 's', '100', '100', '0', ...last];
  const b = world.cvm('b', {
    image: 'worker',
    arguments: ['offer', 'e', '2', 'open', 'board', '1', 'open', 'own', '1', 'receive', 's', '64', '0', '64', 'spin'],
  });
  const a = world.cvm('a', { image: 'worker', arguments: verbs });
  world.monitor.allowCall('e', a, b);
  world.monitor.connect('s', a, b);
  world.monitor.connect('in', sourceOf(new Uint8Array(8)), a);
  world.monitor.connect('out', a, { write: () => undefined });
  const files = [world.monitor.createFile('board', 4096), world.monitor.createFile('own', a)];
  for (const file of files) for (const cvm of [a, b]) world.monitor.allowFile(file, cvm, FILE_READ | FILE_WRITE);
  return [a, b, files[0]];
}

describe(`a soak of ${ROUNDS} rounds`, function () {
  this.timeout(60_000 * FACTOR);
  let otypes: OtypeCount;
  beforeEach(() => (otypes = new OtypeCount()));
  afterEach(() => otypes.restore());

  it('of creating, connecting, running, pausing and destroying leaves memory as it was', async () => {
    const world = await World.create({ memory: '2M', auditRecords: 1024 });
    const { monitor } = world;
    const [free, otypesBefore] = [monitor.freeBytes, otypes.inUse];
    const endings = new Set<string>();
    let heap = 0;
    for (let index = 0; index < WARM_UP + ROUNDS; index++) {
      if (index === WARM_UP) heap = await heapBytes();
      const [a, b, board] = connected(world, index % 2 === 0 ? ['spin'] : ['fault', 'load']);
      world.start(b, a);
      // From before the first instruction to after the last.
      await monitor.run({ budget: BigInt(((index * 97) % 150) * 150) });
      if (b.state === 'running' && index % 3 === 0) monitor.pause(b);
      if (index % 6 === 0) await monitor.run({ budget: 1000n });
      endings.add(a.state).add(b.state);
      for (const cvm of index % 4 < 2 ? [a, b] : [b, a]) monitor.destroy(cvm);
      monitor.removeFile(board);
      world.clear();
    }
    expect([...endings]).to.include.members(['running', 'paused', 'faulted']);
    expect([monitor.freeBytes, otypes.inUse]).to.deep.equal([free, otypesBefore]);
    expect(otypes.total).to.be.greaterThan(4 * ROUNDS);
    expect([monitor.cvms.length, monitor.streams.size]).to.deep.equal([0, 0]);
    expect((await heapBytes()) - heap).to.be.lessThan(NOISE_BYTES);
  });

  it('of restarting one and the other leaves memory as it was', async () => {
    const world = await World.create({ memory: '2M', auditRecords: 1024 });
    const { monitor } = world;
    const [a, b] = connected(world, ['spin']);
    world.start(b, a);
    let [heap, free, inUse] = [0, 0, 0];
    for (let index = 0; index < WARM_UP + ROUNDS; index++) {
      if (index === WARM_UP) [heap, free, inUse] = [await heapBytes(), monitor.freeBytes, otypes.inUse];
      // Both in the end, so that what is compared is the same state.
      for (const cvm of [a, b]) {
        await monitor.run({ budget: BigInt(((index * 97) % 150) * 150) });
        monitor.restart(cvm);
      }
      monitor.restart(a);
      world.clear();
    }
    expect([a.restarts, b.restarts]).to.deep.equal([2 * (WARM_UP + ROUNDS), WARM_UP + ROUNDS]);
    expect([monitor.freeBytes, otypes.inUse, a.threads.size]).to.deep.equal([free, inUse, 1]);
    expect((await heapBytes()) - heap).to.be.lessThan(NOISE_BYTES);
    await monitor.run({ budget: 100_000n });
    expect(world.lines(a)).to.deep.equal([...FILES, 'bind: 0', `call 0: ${6 + a.id * 1000}`, 'send: 100', 'close: 0']); // prettier-ignore
  });
});
