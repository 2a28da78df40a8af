import { expect } from 'chai';
import { PERMISSION } from '../../src/host/index.ts';
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
  const SIZES: readonly [total: number, piece: number, from: number, buffer: number, to: number][] = [
    [0, 1, 0, 64, 0],
    [1, 1, 0, 1, 0],
    [15, 15, 1, 16, 0],
    [1000, 7, 3, 13, 5],
    [4096, 4096, 0, 4096, 0],
    [5000, 1000, 8, 4095, 8],
    [5000, 999, 4, 4095, 12],
    [5000, 333, 5, 777, 13],
    [40_000, 10_000, 16, 65_536, 16],
    [70_001, 70_001, 0, 70_000, 3],
    [70_001, 50_000, 3, 70_000, 16],
    [300_000, 150_000, 0, 131_072, 128],
  ];
  for (const [total, piece, from, buffer, to] of SIZES) {
    it(`carries ${total} bytes, ${piece} at a time from +${from}, into ${buffer} at +${to}`, async () => {
      const { world, a, b } = await pair(
        ['send', 's', `${total}`, `${piece}`, `${from}`],
        ['receive', 's', `${buffer}`, `${to}`],
      );
      const stop = await world.monitor.run({ budget: 100_000_000n });
      expect(stop.reason).to.equal('ended');
      expect(world.lines(a)).to.deep.equal([`send: ${total}`, 'close: 0']);
      expect(world.output(b)).to.match(new RegExp(`^receive: ${total} bytes in \\d+ pieces, 0 wrong, end 0\n$`));
      expect(world.monitor.streams.get('s')!.bytes).to.equal(total);
    });
  }

  it('copies in less than 0.2 instructions per byte', async () => {
    const { world, a, b } = await pair(['hold', 's', '100'], ['register', 's', '65536', '0', '1']);
    await world.monitor.run({ budget: 10_000_000n });
    expect(world.lines(a)).to.deep.equal(['holding 65536', 'write: 0', 'commit: 0']);
    expect(world.lines(b)).to.deep.equal(['register: 0', 'wait: 1']);
    expect(Number(a.instructions) / (100 * 65536)).to.be.lessThan(0.2);
  });

  it('gives the sender a store-only capability to exactly the buffer, for as long as he fills it', async () => {
    const { world, a, b } = await pair(['late', 's'], ['register', 's', '4096', '0', '1']);
    const slot = a.data.base + 16 * 16;
    let seen = 0;
    for (let i = 0; i < 2000 && a.alive; i++) {
      await world.monitor.run({ budget: 10n });
      const window = world.monitor.machine.memory.readCapability(slot);
      if (!window.tag) continue;
      seen++;
      expect(window.permissions).to.equal(PERMISSION.Store);
      const granted = world.monitor.streams.get('s')!.window!;
      expect([window.base, window.top]).to.deep.equal([BigInt(granted.base), BigInt(granted.base + granted.sizeBytes)]);
      expect(granted.base).to.be.at.least(b.data.base);
    }
    expect(seen).to.be.greaterThan(0);
    expect(world.monitor.machine.memory.tag(slot)).to.equal(false);
  });

  it('ends a sender who writes beyond the window, and tells the receiver', async () => {
    const { world, a, b } = await pair(['overrun', 's'], ['receive', 's', '4096', '0']);
    await world.monitor.run({ budget: 10_000_000n });
    expect(a.state).to.equal('faulted');
    expect(a.ending).to.match(/^CapEx_LengthViolation of c10 /);
    expect(world.lines(a)).to.deep.equal(['room: 4096']);
    expect(world.lines(b)).to.deep.equal(['receive: 0 bytes in 0 pieces, 0 wrong, end -32']);
    expect(b.exitCode).to.equal(0);
  });

  it('lets nobody write after the commit', async () => {
    const { world, a, b } = await pair(['late', 's'], ['receive', 's', '4096', '0']);
    await world.monitor.run({ budget: 10_000_000n });
    expect(world.lines(a)).to.deep.equal(['first: 0', 'commit: 0']);
    expect(a.ending).to.match(/^CapEx_TagViolation of c10 /);
    expect(world.output(b)).to.match(/^receive: 16 bytes in 1 pieces/);
  });

  for (const [where, what] of [
    ['register', /^CapEx_TagViolation of c9 0x0 at 0x[0-9a-f]+ <keep_in_register/],
    ['ddc', /^CapEx_TagViolation of ddc 0x0 at 0x[0-9a-f]+ <keep_as_ddc/],
  ] as const) {
    it(`takes back copies of the window too: ${where}`, async () => {
      const { world, a, b } = await pair(['keep', 's', where], ['receive', 's', '4096', '0']);
      await world.monitor.run({ budget: 10_000_000n });
      expect(a.ending).to.match(what);
      expect(world.output(b)).to.match(/^receive: 16 bytes in 1 pieces/);
    });
  }

  it('takes the window away in the middle of a copy when the receiver is killed; the sender gets -EPIPE', async () => {
    for (const budget of [3_000n, 10_000n, 10_007n, 25_001n, 100_003n]) {
      const { world, a, b } = await pair(['hold', 's', '1000000'], ['register', 's', '65536', '0', '1']);
      await world.monitor.run({ budget });
      expect(world.output(a)).to.equal('holding 65536\n');
      world.monitor.kill(b);
      world.monitor.destroy(b);
      await world.monitor.run({ budget: 10_000_000n });
      expect(world.lines(a)).to.deep.equal(['holding 65536', 'write: -32', 'commit: -32']);
      expect([a.state, a.exitCode, a.faults]).to.deep.equal(['exited', 0, 0]);
    }
  });

  it('wakes whoever waits for a peer that ends', async () => {
    const cases: [string[], string[], string, string][] = [
      [['fault', 'load'], ['receive', 's', '64', '0'], '', 'receive: 0 bytes in 0 pieces, 0 wrong, end -32'],
      [['exit', '3'], ['receive', 's', '64', '0'], '', 'receive: 0 bytes in 0 pieces, 0 wrong, end 0'],
      [['send', 's', '9', '9', '0'], ['sleep', '1000', 'exit', '0'], 'send: -32', ''],
    ];
    for (const [sender, receiver, left, right] of cases) {
      const { world, a, b } = await pair(sender, receiver);
      expect((await world.monitor.run({ budget: 10_000_000n })).reason).to.equal('ended');
      if (left !== '') expect(world.lines(a)[0]).to.equal(left);
      if (right !== '') expect(world.lines(b)[0]).to.equal(right);
    }
  });

  it('delivers what was committed before the sender died', async () => {
    const { world, b } = await pair(
      ['send', 's', '100', '100', '0', 'fault', 'load'],
      ['sleep', '1000000', 'receive', 's', '64', '0'],
    );
    await world.monitor.run({ budget: 10_000_000n });
    expect(world.lines(b)[1]).to.match(/^receive: 100 bytes in 2 pieces, 0 wrong, end 0$/);
  });

  it('reports threads that wait for each other', async () => {
    const { world } = await pair(['receive', 's', '64', '0', 'block', '0', '0'], ['receive', 's', '64', '0']);
    const stop = await world.monitor.run({ budget: 10_000_000n });
    expect(stop.reason).to.equal('deadlock');
    expect(stop.waiting).to.have.length(2);
    expect(stop.waiting.join())
      .to.match(/a thread \d+: word 0x[0-9a-f]+/)
      .and.match(/b thread \d+: stream s: data/);
  });

  it('takes at most eight buffers at once, none in the c-list, none outside', async () => {
    const { world, b } = await pair(['sleep', '1'], ['register', 's', '16', '0', '9']);
    await world.monitor.run({ budget: 1_000_000n });
    expect(world.lines(b).slice(0, 9)).to.deep.equal([...Array(8).fill('register: 0'), 'register: -11']);
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
        const b = world.cvm('b', { image: 'worker', arguments: ['receive', 's', '4096', '0'] });
        world.monitor.connect('s', sourceOf(pattern(size), piece), b);
        world.start(b);
        await world.monitor.run({ budget: 100_000_000n });
        expect(world.output(b)).to.match(new RegExp(`^receive: ${size} bytes in \\d+ pieces, 0 wrong, end 0\n$`));
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
        const b = world.cvm('b', { image: 'worker', arguments: ['receive', 's', '4096', '0'] });
        world.monitor.connect('s', { read }, b);
        world.start(b);
        let thrown: unknown;
        await world.monitor.run().catch((error: unknown) => (thrown = error));
        expect(String(thrown)).to.match(/disk on fire|read\(\) returned/);
        await world.monitor.run({ budget: 1_000_000n });
        expect(world.lines(b)).to.deep.equal(['receive: 0 bytes in 0 pieces, 0 wrong, end -32']);
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
