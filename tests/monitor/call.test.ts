import { expect } from 'chai';
import { CONTEXT_PCC, parseElf, SymbolTable } from '../../src/host/index.ts';
import { ENTRY_COUNT, ENTRY_STACKS } from '../../src/monitor/abi.ts';
import { CvmError } from '../../src/monitor/index.ts';
import type { Cvm } from '../../src/monitor/index.ts';
import { imageBytes, World } from './world.ts';

/** Where the switcher's code begins. */
const SWITCHER = 0x8000_1000;
const RUN = { budget: 20_000_000n };

/** a calls b's entry `e`, which serves with `stacks` stacks and waits for ever beside it. */
async function pair(verbs: string[], stacks = 2, options = {}): Promise<{ world: World; a: Cvm; b: Cvm }> {
  const world = await World.create(options);
  const b = world.cvm('b', {
    image: 'worker',
    arguments: ['offer', 'e', `${stacks}`, 'block', '0', '0'],
    background: true,
  });
  const a = world.cvm('a', { image: 'worker', arguments: ['rise', 'bind', 'e', ...verbs] });
  world.monitor.allowCall('e', a, b);
  world.start(b, a);
  return { world, a, b };
}

const call = (...values: (number | string)[]): string[] => ['call', ...values.map(String)];

describe('crossing calls', () => {
  it("run the callee on the caller's thread, with integers there and back", async () => {
    const { world, a, b } = await pair([...call(0, 7, 20, 300, 0), ...call(0, 1, 2, 3, 0)]);
    expect((await world.monitor.run(RUN)).reason).to.equal('ended');
    expect(world.lines(a)).to.deep.equal([
      'bind: 0',
      `call 0: ${327 + b.id * 0 + a.id * 1000}`,
      `call 0: ${6 + a.id * 1000}`,
    ]);
    expect(world.lines(b)).to.deep.equal(['offer: 0']);
    expect([a.state, a.exitCode, b.state, b.faults]).to.deep.equal(['exited', 0, 'running', 0]);
  });

  it('cost less than 300 instructions with a 64-byte argument, the monitor not asked', async () => {
    const { world, a } = await pair([...call(4, 0, 0, 0, 64), ...call(12, 0, 0, 0, 64)]);
    await world.monitor.run(RUN);
    expect(world.lines(a).slice(1, 3)).to.deep.equal(['call 4: 2080', 'call 12: 0']);
    expect(Number(/^instructions (\d+)$/.exec(world.lines(a)[3])?.[1])).to.be.within(100, 300);
  });

  it('lend the callee a buffer to read and write, exactly that and only for the call', async () => {
    const { world, a, b } = await pair([
      ...call(4, 0, 0, 0, 3),
      ...call(5, 100, 0, 0, 64),
      'show',
      ...call(6, 0, 0, 0, 64),
      ...call(6, 0, 0, 0, 0),
    ]);
    await world.monitor.run(RUN);
    expect(world.lines(a).slice(1)).to.deep.equal([
      'call 4: 6',
      'call 5: 0',
      'arena 64 65 a3',
      'call 6: -125',
      'call 6: -128',
    ]);
    expect(world.audit(b).filter((line) => line.startsWith('fault'))[0]).to.match(
      /^fault: CapEx_LengthViolation of c12 /,
    );
    expect(b.state).to.equal('running');
  });

  it('come back as errors when the callee faults, and it serves on', async () => {
    const { world, a, b } = await pair([...call(1, 0, 0, 0, 0), ...call(10, 0, 0, 0, 0), ...call(0, 1, 1, 1, 0)], 1);
    await world.monitor.run(RUN);
    expect(world.lines(a).slice(1)).to.deep.equal(['call 1: -125', 'call 10: -125', `call 0: ${3 + a.id * 1000}`]);
    expect([b.state, b.faults, a.faults]).to.deep.equal(['running', 2, 0]);
  });

  it("give the callee no buffer when it is not the caller's, and disturb it no further", async () => {
    const { world, a, b } = await pair([...call(6, 0, 0, 0, 1 << 20), ...call(0, 1, 2, 3, 0)]);
    await world.monitor.run(RUN);
    expect(world.lines(a).slice(1)).to.deep.equal(['call 6: -128', `call 0: ${6 + a.id * 1000}`]);
    expect([b.state, b.faults, a.faults]).to.deep.equal(['running', 0, 0]);
  });

  it('come back as errors when the callee ends in the middle', async () => {
    const { world, a, b } = await pair([...call(3, 5, 0, 0, 0), ...call(0, 0, 0, 0, 0)]);
    await world.monitor.run(RUN);
    expect(world.lines(a).slice(1)).to.deep.equal(['call 3: -32', 'call 0: -32']);
    expect([b.state, b.exitCode, a.faults]).to.deep.equal(['exited', 5, 0]);
  });

  it('end for the caller when the callee is killed while it hangs or waits', async () => {
    for (const verb of [2, 11]) {
      const { world, a, b } = await pair([...call(verb, 1_000_000_000_000, 0, 0, 0), 'print', 'alive']);
      await world.monitor.run({ budget: 100_000n });
      expect(world.lines(a)).to.deep.equal(['bind: 0']);
      world.monitor.kill(b);
      world.monitor.destroy(b);
      await world.monitor.run(RUN);
      expect(world.lines(a)).to.deep.equal(['bind: 0', `call ${verb}: -32`, 'alive']);
    }
  });

  it('let the callee sleep and make hostcalls in its own name, but not end the thread', async () => {
    const { world, a, b } = await pair([...call(7, 5000, 0, 0, 0), ...call(9, 0, 0, 0, 0)]);
    await world.monitor.run(RUN);
    expect(world.lines(a).slice(1)).to.deep.equal(['call 7: 0', 'call 9: -1']);
    expect(b.refusals).to.equal(1);
  });

  it('nest, to a depth; who is killed in the middle takes with him what is beyond', async () => {
    const make = async (depthVerbs: string[], last: string[]): Promise<{ world: World; cvms: Cvm[] }> => {
      const world = await World.create();
      const c = world.cvm('c', {
        image: 'worker',
        arguments: ['offer', 'f', '2', 'block', '0', '0'],
        background: true,
      });
      const b = world.cvm('b', {
        image: 'worker',
        arguments: ['bind', 'f', 'offer', 'e', '2', 'block', '0', '0'],
        background: true,
      });
      const a = world.cvm('a', { image: 'worker', arguments: ['bind', 'e', ...depthVerbs, ...last] });
      world.monitor.allowCall('f', b, c);
      world.monitor.allowCall('e', a, b);
      world.start(c, b, a);
      return { world, cvms: [a, b, c] };
    };
    // What came with a call is not kept across a call of the handler's own: it is told, and its caller's memory is out of reach.
    const gone = await make(call(15, 0, 0, 0, 24), []);
    await gone.world.monitor.run(RUN);
    expect(gone.world.lines(gone.cvms[0])[1]).to.equal('call 15: -128');
    expect(gone.cvms.map(({ faults }) => faults)).to.deep.equal([0, 0, 0]);
    const plain = await make(call(8, 0, 30, 40, 0), []);
    await plain.world.monitor.run(RUN);
    expect(plain.world.lines(plain.cvms[0])[1]).to.equal(`call 8: ${71 + plain.cvms[1].id * 1000}`);

    const hanging = await make(call(8, 2, 0, 0, 0), ['print', 'alive']);
    await hanging.world.monitor.run({ budget: 200_000n });
    hanging.world.monitor.kill(hanging.cvms[1]);
    await hanging.world.monitor.run(RUN);
    expect(hanging.world.lines(hanging.cvms[0])).to.deep.equal(['bind: 0', 'call 8: -32', 'alive']);
    expect(hanging.cvms[2].state).to.equal('running');
  });

  it('are refused when the callee has no stack free, or calls lie too deep', async () => {
    const { world, a } = await pair(
      ['hammer', '0', 'hammer', '1', ...Array.from({ length: 20 }, () => call(0, 1, 0, 0, 0)).flat(), 'exit', '0'],
      1,
      { slice: 1003 },
    );
    await world.monitor.run(RUN);
    const results = new Set(
      world
        .lines(a)
        .slice(1)
        .map((line) => line.split(': ')[1]),
    );
    expect([...results].sort()).to.deep.equal(['-11', `${1 + a.id * 1000}`].sort());

    const around = await World.create();
    const [x, y] = ['x', 'y'].map((name) =>
      around.cvm(name, {
        image: 'worker',
        arguments: [
          'offer',
          name,
          '2',
          'bind',
          name === 'x' ? 'y' : 'x',
          ...(name === 'x' ? call(8, 8, 8, 8, 0) : []),
          'exit',
          '0',
        ],
      }),
    );
    around.monitor.allowCall('y', x, y);
    around.monitor.allowCall('x', y, x);
    around.start(y, x);
    await around.monitor.run(RUN);
    expect(around.lines(x)[2]).to.match(/^call 8: -?\d+$/);
  });

  it('find a share of the stacks that gets smaller at any instruction of the claim', async () => {
    const switcher = new SymbolTable(parseElf(imageBytes('switcher')).symbols);
    const [from, to] = ['gate_call', 'call_window'].map((label) => SWITCHER + Number(switcher.address(label)));
    /** x calls y, which calls x, which calls y: the first stack is taken, and the second about to be no longer x's. */
    const scene = async (): Promise<{ world: World; x: Cvm; y: Cvm; z: Cvm; place: () => number }> => {
      const world = await World.create({ slice: 1_000_000 });
      const cvm = (name: string, ...verbs: string[]): Cvm =>
        world.cvm(name, { image: 'worker', background: name !== 'x', arguments: verbs });
      const x = cvm(
        'x',
        'offer',
        'x',
        '2',
        'bind',
        'y',
        'listen',
        'go',
        '64',
        '0',
        ...call(8, 8, 0, 0, 0),
        'exit',
        '0',
      );
      const y = cvm('y', 'offer', 'y', '2', 'bind', 'x', 'block', '0', '0');
      const z = cvm('z', 'block', '0', '0');
      world.monitor.allowCall('y', x, y);
      world.monitor.allowCall('x', y, x);
      world.start(y, x);
      const go = world.monitor.connect('go', { read: () => undefined }, x);
      expect((await world.monitor.run(RUN)).reason).to.equal('deadlock');
      go.put(new Uint8Array(1));
      go.rung();
      const place = (): number => {
        const isThere = world.monitor.stats(x).threads[0]?.path.length === 3;
        return isThere ? Number([...x.threads][0].context.capability(CONTEXT_PCC).address) : 0;
      };
      return { world, x, y, z, place };
    };
    const { world, x, place } = await scene();
    const before = world.monitor.machine.instructions;
    while (x.alive && place() !== from) await world.monitor.run({ budget: 1n });
    const begin = world.monitor.machine.instructions - before;
    for (let at = 0; from + 4 * at <= to; at++) {
      const other = await scene();
      await other.world.monitor.run({ budget: begin + BigInt(at) });
      expect(other.place()).to.equal(from + 4 * at);
      other.world.monitor.allowCall('y', other.z, other.y);
      await other.world.monitor.run(RUN);
      expect([other.x.faults, other.y.faults, other.x.exitCode], `${at}`).to.deep.equal([0, 0, 0]);
    }
  });

  it("need the host's leave, at both ends", async () => {
    const world = await World.create();
    const verbs = ['offer', 'e', '1', 'bind', 'e', 'bind', 'nothing', 'block', '0', '0'];
    const [a, b, c] = ['a', 'b', 'c'].map((name) => world.cvm(name, { image: 'worker', arguments: verbs }));
    world.monitor.allowCall('e', a, b);
    expect(() => world.monitor.allowCall('e', a, c)).to.throw(CvmError, /belongs to another callee/);
    expect(() => world.monitor.allowCall('f', a, a)).to.throw(CvmError, /does not call itself/);
    world.start(b, a, c);
    await world.monitor.run(RUN);
    expect(world.lines(a)).to.deep.equal(['offer: -1', 'bind: 0', 'bind: -2']);
    expect(world.lines(b)).to.deep.equal(['offer: 0', 'bind: -1', 'bind: -2']);
    expect(world.lines(c)).to.deep.equal(['offer: -1', 'bind: -1', 'bind: -2']);
  });

  it('cannot be returned from without having been made', async () => {
    const world = await World.create();
    const a = world.cvm('a', { image: 'worker', arguments: ['return'] });
    const b = world.cvm('b', { image: 'worker', arguments: ['offer', 'e', '1', 'return'] });
    world.monitor.allowCall('e', b, a);
    world.start(a, b);
    await world.monitor.run(RUN);
    expect(a.ending).to.match(/^return without a call at 0x[0-9a-f]+, outside its code$/);
    expect([a.state, b.state]).to.deep.equal(['faulted', 'faulted']);
  });

  describe('killed at any instruction of a call or return', () => {
    const LAST = 900;
    let world: World;
    let entry = 0;

    before(async () => (world = await World.create({ slice: 1_000_000, memory: '2M' })));

    /** a and b anew, stopped `at` instructions beyond the moment at which a has bound the entry. */
    async function stopAt(at: number): Promise<{ a: Cvm; b: Cvm }> {
      for (const cvm of world.monitor.cvms) world.monitor.destroy(cvm);
      world.clear();
      const calls = [...call(0, 1, 2, 3, 16), ...call(4, 0, 0, 0, 8), 'exit', '0'];
      const b = world.cvm('b', {
        image: 'worker',
        arguments: ['offer', 'e', '2', 'block', '0', '0'],
        background: true,
      });
      const a = world.cvm('a', { image: 'worker', arguments: ['rise', 'bind', 'e', ...calls] });
      world.monitor.allowCall('e', a, b);
      world.start(b, a);
      while (world.lines(a).length === 0) await world.monitor.run({ budget: 50n });
      await world.monitor.run({ budget: BigInt(at) });
      return { a, b };
    }

    /** The places of the entry's two stacks; where the record lies is found by what it says, once. */
    function stacks({ image }: Cvm): bigint[] {
      const { memory } = world.monitor.machine;
      const top = image.symbols.address('callStacks')! + 2048n - 16n;
      for (let base = 0x8000_1000; entry === 0; base += 16) {
        if (memory.readU64(base + ENTRY_STACKS) === top && memory.readU64(base + ENTRY_COUNT) === 2n) entry = base;
      }
      expect(memory.readU64(entry + ENTRY_COUNT)).to.equal(2n);
      return [0, 8].map((offset) => memory.readU64(entry + ENTRY_STACKS + offset));
    }

    function holdNothingForeign(cvm: Cvm): void {
      for (const { title, where } of world.monitor.holdings(cvm))
        expect(title, `${cvm.name} ${where}`).to.not.equal(undefined);
    }

    it('the caller leaves no stack in use', async () => {
      let inUse = 0;
      for (let at = 0; at < LAST; at++) {
        const { a, b } = await stopAt(at);
        if (stacks(b).includes(0n)) inUse++;
        world.monitor.kill(a);
        expect(stacks(b), `at ${at}`).to.not.include(0n);
        expect([b.state, b.faults]).to.deep.equal(['running', 0]);
        holdNothingForeign(b);
      }
      expect(inUse).to.be.greaterThan(50);
    });

    it('the callee becomes an error at the caller', async () => {
      const endings = new Set<string>();
      for (let at = 0; at < LAST; at++) {
        const { a, b } = await stopAt(at);
        world.monitor.kill(b);
        holdNothingForeign(a);
        world.monitor.destroy(b);
        await world.monitor.run({ budget: 20_000n });
        const results = world.lines(a).slice(1);
        endings.add(results.join(' '));
        for (const line of results) expect(line, `at ${at}`).to.match(/^call [04]: (-32|-128|-11|\d{8}|36)$/);
        // A later call finds no pair in the c-list, which is a fault of its own; all else ends well.
        expect(
          a.state === 'exited' || a.ending.startsWith('CapEx_TagViolation of c5 '),
          `at ${at}: ${a.ending}`,
        ).to.equal(true);
      }
      expect([...endings].join('; ')).to.match(/-32/);
    });

    it('all memory is free again', () => {
      for (const cvm of world.monitor.cvms) world.monitor.destroy(cvm);
      expect(world.monitor.freeBytes).to.equal(2 * 1024 * 1024 - 4096 - 4096 - 16);
    });
  });
});
