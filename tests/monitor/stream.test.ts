import { expect } from 'chai';
import type { Cvm, HostSink } from '../../src/monitor/index.ts';
import { sourceOf, World } from './world.ts';

/** As guests/worker makes it. */
const patternByte = (at: number): number => (at * 167 + (at >>> 8) * 13 + (at >>> 16)) & 0xff;
const pattern = (size: number): Uint8Array => Uint8Array.from({ length: size }, (_, at) => patternByte(at));

function sinkTo(pieces: Uint8Array[], ends: boolean[] = []): HostSink {
  return { write: (bytes) => void pieces.push(bytes), end: (orderly) => void ends.push(orderly) };
}

async function pair(sender: string[], receiver: string[]): Promise<{ world: World; a: Cvm; b: Cvm }> {
  const world = await World.create();
  const a = world.cvm('a', { image: 'worker', arguments: sender });
  const b = world.cvm('b', { image: 'worker', arguments: receiver });
  world.monitor.connect('s', a, b);
  world.start(a, b);
  return { world, a, b };
}

describe('CP_Stream', () => {
  const SIZES: readonly [total: number, piece: number, from: number, capacity: number, to: number, take: number][] = [
    [0, 1, 0, 64, 0, 64],
    [1, 1, 0, 64, 0, 1],
    [15, 15, 1, 64, 0, 64],
    [1000, 7, 3, 64, 5, 13],
    [1000, 200, 0, 64, 0, 200],
    [4096, 4096, 0, 4096, 0, 4096],
    [5000, 1000, 8, 4096, 8, 4095],
    [5000, 999, 4, 2048, 12, 4095],
    [5000, 333, 5, 1024, 13, 777],
    [40_000, 10_000, 16, 65_536, 16, 65_536],
    [70_001, 70_001, 0, 32_768, 3, 70_000],
    [70_001, 50_000, 3, 65_536, 16, 70_000],
    [300_000, 150_000, 0, 65_536, 128, 90_000],
  ];
  for (const [total, piece, from, capacity, to, take] of SIZES) {
    it(`carries ${total} bytes, ${piece} at a time from +${from}, through ${capacity}, ${take} at a time to +${to}`, async () => {
      const { world, a, b } = await pair(
        ['send', 's', `${total}`, `${piece}`, `${from}`],
        ['receive', 's', `${capacity}`, `${to}`, `${take}`],
      );
      const stop = await world.monitor.run({ budget: 100_000_000n });
      expect(world.lines(a)).to.deep.equal([`send: ${total}`, 'close: 0']);
      expect(world.lines(b)).to.deep.equal([`receive: ${total} bytes, 0 wrong, end 0`]);
      expect(stop.reason).to.equal('ended');
      expect([a.faults, b.faults]).to.deep.equal([0, 0]);
    });
  }

  it('copies in less than 0.2 instructions per byte', async () => {
    const counts: bigint[] = [];
    for (const size of [64, 64 + 65536]) {
      const { world, a } = await pair(
        ['sleep', '100000', 'put', 's', '0x10000', `${size}`, '1'],
        ['listen', 's', '131072', '1', 'sleep', '1000000'],
      );
      await world.monitor.run({ budget: 10_000_000n });
      expect(world.lines(a)[1]).to.equal(`put: ${size}`);
      counts.push(a.instructions);
    }
    expect(Number(counts[1] - counts[0]) / 65536).to.be.lessThan(0.2);
  });

  it('gives the sender no capability but a sealed pair', async () => {
    const { world, a } = await pair(['send', 's', '100000', '1000', '0'], ['receive', 's', '4096', '0', '4096']);
    const seen = new Set<string | undefined>();
    for (let i = 0; i < 300 && a.alive; i++) {
      await world.monitor.run({ budget: 997n });
      for (const { title } of world.monitor.holdings(a)) seen.add(title);
    }
    expect([...seen]).to.have.members(['code', 'data', 'gate', 'crossing']);
  });

  it('answers -EAGAIN when full, counts what fits, and takes no more', async () => {
    const { world, a } = await pair(
      ['sleep', '100000', 'put', 's', '0x20000', '60', '3'],
      ['listen', 's', '128', '1', 'sleep', '1000000'],
    );
    await world.monitor.run({ budget: 10_000_000n });
    expect(world.lines(a).slice(1)).to.deep.equal(['put: 60', 'put: 60', 'put: 8']);
  });

  it('tells the sender of a wrong address, and lets it go on', async () => {
    for (const address of ['0', '0x7ffffff0', '0xffffffffffffffc0', '0x7fffffffffffffff', '0x1000']) {
      const { world, a } = await pair(
        ['sleep', '100000', 'put', 's', address, '32', '2', 'put', 's', '0x20000', '32', '1'],
        ['listen', 's', '128', '1', 'sleep', '1000000'],
      );
      await world.monitor.run({ budget: 10_000_000n });
      expect(world.lines(a).slice(1), address).to.deep.equal(['put: -14', 'put: -14', 'put: 32']);
      expect([a.state, a.faults]).to.deep.equal(['exited', 0]);
    }
  });

  it('sends capabilities as data', async () => {
    const { world, a, b } = await pair(
      ['sleep', '100000', 'put', 's', '0x8000', '64', '1'],
      ['listen', 's', '128', '1', 'sleep', '1000000'],
    );
    const clist = a.data.base - a.origin;
    expect(clist % 16).to.equal(0);
    await world.monitor.run({ budget: 10_000_000n });
    expect(
      world.monitor
        .holdings(b)
        .filter(({ where }) => where.startsWith('0x'))
        .every(({ title }) => title === 'gate'),
    ).to.equal(true);
    void a;
  });

  it('survives a receiver that spoils its ring', async () => {
    const nonsense = ['0', '1', '128', '129', '0xffffffffffffffff', '0x8000000000000000', '0x7fffffffffffff80'];
    for (const head of nonsense)
      for (const tail of nonsense) {
        const { world, a, b } = await pair(
          ['sleep', '100000', 'put', 's', '0x20000', '100', '2'],
          ['listen', 's', '128', '1', 'spoil', '128', head, tail, 'sleep', '1000000'],
        );
        const outside = (): string =>
          Buffer.from(world.monitor.machine.memory.read(a.data.base, a.data.sizeBytes - 65536)).toString('latin1');
        await world.monitor.run({ budget: 90_000n });
        const before = outside();
        await world.monitor.run({ budget: 10_000_000n });
        expect(
          world
            .lines(a)
            .slice(1)
            .every((line) => /^put: (-11|\d+)$/.test(line)),
          `${head} ${tail}`,
        ).to.equal(true);
        expect([a.faults, b.faults]).to.deep.equal([0, 0]);
        expect(before.length).to.equal(outside().length);
      }
  });

  it('takes the ring away in the middle of a copy when the receiver is killed; the sender gets -EPIPE', async () => {
    for (const budget of [3_000n, 10_000n, 10_007n, 25_001n, 100_003n]) {
      const { world, a, b } = await pair(
        ['send', 's', '10000000', '100000', '0'],
        ['receive', 's', '65536', '0', '65536'],
      );
      await world.monitor.run({ budget: 1_000_000n + budget });
      world.monitor.kill(b);
      world.monitor.destroy(b);
      await world.monitor.run({ budget: 50_000_000n });
      expect(world.lines(a)[0]).to.equal('send: -32');
      expect([a.state, a.exitCode, a.faults]).to.deep.equal(['exited', 0, 0]);
    }
  });

  it('wakes whoever waits for a peer that ends', async () => {
    const cases: [string[], string[], string, string][] = [
      [['fault', 'load'], ['receive', 's', '64', '0', '64'], '', 'receive: 0 bytes, 0 wrong, end -32'],
      [['exit', '3'], ['receive', 's', '64', '0', '64'], '', 'receive: 0 bytes, 0 wrong, end 0'],
      [['send', 's', '9', '9', '0'], ['sleep', '1000', 'exit', '0'], 'send: -32', ''],
    ];
    for (const [sender, receiver, left, right] of cases) {
      const { world, a, b } = await pair(sender, receiver);
      expect((await world.monitor.run({ budget: 10_000_000n })).reason).to.equal('ended');
      if (left !== '') expect(world.lines(a)[0]).to.equal(left);
      if (right !== '') expect(world.lines(b)[0]).to.equal(right);
    }
  });

  it('delivers what was sent before the sender died', async () => {
    const { world, b } = await pair(
      ['send', 's', '100', '100', '0', 'fault', 'load'],
      ['receive', 's', '256', '0', '64'],
    );
    await world.monitor.run({ budget: 10_000_000n });
    expect(world.lines(b)).to.deep.equal(['receive: 100 bytes, 0 wrong, end 0']);
  });

  it('refuses rings that no capability covers, or that are no power of two, or not its own', async () => {
    const sizes = ['63', '100', '0', '4294967296', '1048576', '65536', '64'];
    const { world, b } = await pair(
      ['sleep', '1'],
      sizes.flatMap((size) => ['listen', 's', size, '1']),
    );
    await world.monitor.run({ budget: 10_000_000n });
    expect(world.lines(b)).to.deep.equal([
      ...['listen: -22', 'listen: -22', 'listen: -22', 'listen: -22', 'listen: -22'],
      ...['listen: 0', 'wait: 0', 'listen: 0', 'wait: 0'],
    ]);
  });

  it('gives up waiting when it shall', async () => {
    const { world, b } = await pair(['sleep', '10000000'], ['listen', 's', '64', '5000', 'sleep', '1']);
    await world.monitor.run({ budget: 10_000_000n });
    expect(world.lines(b).slice(0, 2)).to.deep.equal(['listen: 0', 'wait: -110']);
  });

  it('reports threads that wait for each other', async () => {
    const { world } = await pair(
      ['receive', 's', '64', '0', '1', 'block', '0', '0'],
      ['receive', 's', '64', '0', '64'],
    );
    const stop = await world.monitor.run({ budget: 10_000_000n });
    expect(stop.reason).to.equal('deadlock');
    expect(stop.waiting).to.have.length(2);
  });

  describe('loans', () => {
    it('lends, reads without a copy, returns', async () => {
      const { world, a, b } = await pair(['lend', 's', '5000', '0'], ['borrow', 's', '2']);
      const stop = await world.monitor.run({ budget: 50_000_000n });
      expect(world.lines(a)).to.deep.equal(['lend: 0', 'returned: 0', 'recall: -22']);
      expect(world.lines(b)).to.deep.equal([
        'borrow: 0 of 5000 bytes',
        'read: 5000, 0 wrong',
        'return: 0',
        'again: -128',
      ]);
      expect(stop.reason).to.equal('ended');
    });

    it('is revoked for good when recalled, in the middle of a read too', async () => {
      const { world, a, b } = await pair(['lend', 's', '65536', '1000003'], ['borrow', 's', '1000']);
      await world.monitor.run({ budget: 50_000_000n });
      expect(world.lines(a)).to.deep.equal(['lend: 0', 'returned: -110', 'recall: 0']);
      expect(world.lines(b).slice(1)).to.deep.equal(['read: -128, 0 wrong', 'return: 0', 'again: -128']);
      expect([b.state, b.faults]).to.deep.equal(['exited', 0]);
    });

    it('ends with its lender', async () => {
      const { world, a, b } = await pair(['lend', 's', '65536', '0'], ['borrow', 's', '100000']);
      await world.monitor.run({ budget: 2_000_000n });
      world.monitor.destroy(a);
      await world.monitor.run({ budget: 50_000_000n });
      expect(world.lines(b)[1]).to.equal('read: -128, 0 wrong');
    });
  });

  describe('with host code at an end', () => {
    it('reads from the host, in any pieces', async () => {
      for (const [size, piece] of [
        [0, 1],
        [1, 1],
        [100_000, 333],
        [100_000, Infinity],
      ] as const) {
        // prettier-ignore
        const world = await World.create();
        const b = world.cvm('b', { image: 'worker', arguments: ['receive', 's', '4096', '0', '3000'] });
        world.monitor.connect('s', sourceOf(pattern(size), piece), b);
        world.start(b);
        await world.monitor.run({ budget: 100_000_000n });
        expect(world.output(b)).to.match(new RegExp(`^receive: ${size} bytes, 0 wrong, end 0\n$`));
      }
    });

    it('writes to the host', async () => {
      const world = await World.create();
      const pieces: Uint8Array[] = [];
      const ends: boolean[] = [];
      const a = world.cvm('a', { image: 'worker', arguments: ['send', 's', '200000', '100000', '3'] });
      world.monitor.connect('s', a, sinkTo(pieces, ends));
      world.start(a);
      await world.monitor.run({ budget: 100_000_000n });
      expect(world.lines(a)).to.deep.equal(['send: 200000', 'close: 0']);
      expect(Buffer.concat(pieces).equals(Buffer.from(pattern(200_000)))).to.equal(true);
      expect(ends).to.deep.equal([true]);
    });

    it('throws at the host what host code threw, and the guest sees a dead peer', async () => {
      const bad: (() => number)[] = [
        () => {
          throw new Error('disk on fire');
        },
        () => 1.5,
        () => -1,
        () => 1e9,
      ];
      for (const read of bad) {
        const world = await World.create();
        const b = world.cvm('b', { image: 'worker', arguments: ['receive', 's', '4096', '0', '3000'] });
        world.monitor.connect('s', { read }, b);
        world.start(b);
        let thrown: unknown;
        await world.monitor.run().catch((error: unknown) => (thrown = error));
        expect(String(thrown)).to.match(/disk on fire|read\(\) returned/);
        await world.monitor.run({ budget: 1_000_000n });
        expect(world.lines(b)).to.deep.equal(['receive: 0 bytes, 0 wrong, end -32']);
      }
    });

    it('tells the host whether the sender ended or died', async () => {
      const ends: boolean[] = [];
      for (const verbs of [
        ['exit', '0'],
        ['fault', 'ecall'],
      ]) {
        // prettier-ignore
        const world = await World.create();
        const a = world.cvm('a', { image: 'worker', arguments: verbs });
        world.monitor.connect('s', a, sinkTo([], ends));
        world.start(a);
        await world.monitor.run({ budget: 1_000_000n });
      }
      expect(ends).to.deep.equal([true, false]);
    });
  });
});
