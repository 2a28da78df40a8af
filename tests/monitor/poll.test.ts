// Waiting for several things at once: every kind of item, what wakes a poll and what does not.
import { expect } from 'chai';
import * as abi from '../../src/monitor/abi.ts';
import type { Cvm } from '../../src/monitor/index.ts';
import { sourceOf, World } from './world.ts';

const RUN = { budget: 5_000_000n };
/** Offsets in the worker's arena: items, words; its rings lie at the beginning. */
const ITEMS = 0x10000;
const WORD = 0x14000;

interface Item {
  kind: number;
  handle?: number;
  place?: number;
  expected?: number;
}

const arena = (cvm: Cvm): number => Number(cvm.image.symbols.address('arena'));
const worker = (world: World, name: string): Cvm => world.cvm(name, { image: 'worker', background: true });

/** Memory of a cVM, absolute. */
const at = (cvm: Cvm, offset: number): number => cvm.origin + arena(cvm) + offset;

function putItems(world: World, cvm: Cvm, items: readonly Item[]): void {
  const { memory } = world.monitor.machine;
  items.forEach(({ kind, handle = 0, place = 0, expected = 0 }, index) => {
    const base = at(cvm, ITEMS + index * abi.POLL_ITEM_SIZE);
    memory.writeU32(base + abi.POLL_KIND, kind);
    memory.writeU32(base + abi.POLL_HANDLE, handle);
    memory.writeU64(base + abi.POLL_PLACE, BigInt(place));
    memory.writeU32(base + abi.POLL_EXPECTED, expected);
  });
}

/** Two workers with what a poll can wait for: stream s from a to b, t from b to a, file f. */
class Bench {
  readonly world: World;
  #verbs = new Map<string, string[]>();

  private constructor(world: World) {
    this.world = world;
  }

  static async create(): Promise<Bench> {
    return new Bench(await World.create());
  }

  verbs(name: string, ...verbs: (string | number)[]): this {
    this.#verbs.set(name, verbs.map(String));
    return this;
  }

  /** Creates the workers with these verbs, connects them, pokes the items, starts them. */
  start(items: Record<string, readonly Item[]>): { a: Cvm; b: Cvm } {
    const { world } = this;
    const make = (name: string): Cvm =>
      world.cvm(name, { image: 'worker', background: true, arguments: this.#verbs.get(name) ?? ['block', '0', '0'] });
    const [a, b] = [make('a'), make('b')];
    world.monitor.connect('s', a, b);
    world.monitor.connect('t', b, a);
    const file = world.monitor.createFile('f', 4096);
    world.monitor.allowFile(file, a, 3);
    world.monitor.allowFile(file, b, 3);
    for (const [name, list] of Object.entries(items)) putItems(world, name === 'a' ? a : b, list);
    world.start(b, a);
    return { a, b };
  }

  async run(): Promise<void> {
    await this.world.monitor.run({ ...RUN, background: true });
  }

  /** Results of hostcalls, in order. */
  results(cvm: Cvm, number = abi.HOSTCALL_POLL): number[] {
    return this.world
      .lines(cvm)
      .filter((line) => line.startsWith(`hostcall ${number}: `))
      .map((line) => Number(line.split(': ')[1]));
  }
}

const image = await World.create().then((world) => worker(world, 'probe'));
const ARENA = arena(image);
const poll = (count: number, nanoseconds: number | string = 0, items = ARENA + ITEMS): (string | number)[] => [
  ...['hostcall', abi.HOSTCALL_POLL, items, count, nanoseconds, 0],
];
const NEVER = '0xffffffffffffffff';
const forEver = ['block', 0, 0];
/** Opens the receiving end of s without waiting. */
const listen = (name: string): (string | number)[] => ['listen', name, 128, 1];
const openSender = (name: string): (string | number)[] => ['put', name, 0, 0, 0];
const lend = (offset: number): (string | number)[] => ['hostcall', abi.HOSTCALL_LOAN_LEND, 0, ARENA + offset, 64, 0];
const borrow = ['hostcall', abi.HOSTCALL_LOAN_BORROW, 0, 0, 0, 0];
const closeFile = (handle: number): (string | number)[] => ['hostcall', abi.HOSTCALL_FILE_CLOSE, handle, 0, 0, 0];
const closeStream = (handle: number): (string | number)[] => ['hostcall', abi.HOSTCALL_STREAM_CLOSE, handle, 0, 0, 0];

describe('poll', () => {
  const wordItem: Item = { kind: abi.POLL_WORD, place: ARENA + WORD, expected: 0 };

  it('answers with the first item that is so, without waiting', async () => {
    const bench = await Bench.create();
    const items = [wordItem, { ...wordItem, expected: 5 }, { ...wordItem, expected: 6 }];
    const { a } = bench
      .verbs('a', ...poll(3), ...poll(2, NEVER), ...poll(1, NEVER), ...poll(1, 500))
      .start({ a: items });
    await bench.run();
    expect(bench.results(a)).to.deep.equal([1, 1, -abi.EAGAIN, -abi.ETIMEDOUT]);
  });

  it('refuses what cannot be waited for, whatever stands before it', async () => {
    const wrong: [Item, number][] = [
      [{ kind: 6 }, -abi.EINVAL],
      [{ kind: 0xffffffff }, -abi.EINVAL],
      [{ ...wordItem, place: ARENA + WORD + 2 }, -abi.EINVAL],
      [{ ...wordItem, place: 0x7fffffff }, -abi.EFAULT],
      [{ kind: abi.POLL_FILE }, -abi.EBADF],
      [{ kind: abi.POLL_FILE, handle: 0xffffffff }, -abi.EBADF],
      ...[abi.POLL_RECEIVE, abi.POLL_SEND, abi.POLL_BORROW, abi.POLL_RETURNED].flatMap((kind): [Item, number][] => [
        [{ kind }, -abi.EBADF],
        [{ kind, handle: 16 }, -abi.EBADF],
      ]),
    ];
    for (const [item, error] of wrong) {
      const bench = await Bench.create();
      const { a } = bench.verbs('a', ...poll(2)).start({ a: [{ ...wordItem, expected: 5 }, item] });
      await bench.run();
      expect(bench.results(a), JSON.stringify(item)).to.deep.equal([error]);
    }
    const bench = await Bench.create();
    const { a } = bench
      .verbs('a', ...poll(0), ...poll(33), ...poll(2, 0, 8), ...poll(32, 0, ARENA - 1e6))
      .start({ a: [] });
    await bench.run();
    expect(bench.results(a)).to.deep.equal([-abi.EINVAL, -abi.EINVAL, -abi.EFAULT, -abi.EFAULT]);
  });

  it('is woken through a word of a shared file, at its index', async () => {
    const bench = await Bench.create();
    const items = [wordItem, { kind: abi.POLL_FILE, handle: 0, place: 64, expected: 0 }];
    const { a } = bench
      .verbs('a', 'open', 'f', 1, ...poll(2), ...forEver)
      .verbs('b', 'open', 'f', 3, 'sleep', 100_000, 'put-word', 0, 64, 7, 'notify', 64)
      .start({ a: items });
    await bench.run();
    expect(bench.results(a)).to.deep.equal([1]);
  });

  it('tells a loan from bytes, and bytes from a loan', async () => {
    const items = [
      { kind: abi.POLL_RECEIVE, handle: 0, place: 0 },
      { kind: abi.POLL_BORROW, handle: 0 },
    ];
    for (const order of [items, [...items].reverse()]) {
      const wanted = order[0].kind === abi.POLL_BORROW ? 0 : 1;
      const lending = await Bench.create();
      const { b } = lending
        .verbs('a', 'sleep', 100_000, ...openSender('s'), ...lend(0), ...forEver)
        .verbs('b', ...listen('s'), ...poll(2), ...forEver)
        .start({ b: order });
      await lending.run();
      expect(lending.results(b), 'loan').to.deep.equal([wanted]);

      const sending = await Bench.create();
      const { b: receiver } = sending
        .verbs('a', 'sleep', 100_000, 'put', 's', ARENA, 8, 1, ...forEver)
        .verbs('b', ...listen('s'), ...poll(2), ...forEver)
        .start({ b: order });
      await sending.run();
      expect(sending.results(receiver), 'bytes').to.deep.equal([1 - wanted]);
    }
  });

  it('waits for that loan, not for another, and not for room in the ring', async () => {
    const bench = await Bench.create();
    const { a, b } = bench
      .verbs(
        'a',
        'sleep',
        50_000,
        ...openSender('s'),
        ...lend(0),
        ...lend(64),
        ...poll(1, 500_000),
        ...poll(1),
        ...forEver,
      )
      .verbs(
        'b',
        ...listen('s'),
        'sleep',
        100_000,
        ...borrow,
        ...borrow,
        ...closeFile(1),
        'sleep',
        1_000_000,
        ...closeFile(0),
        ...forEver,
      )
      .start({ a: [{ kind: abi.POLL_RETURNED, handle: 0, place: 0 }] });
    await bench.run();
    expect(bench.results(a, abi.HOSTCALL_LOAN_LEND)).to.deep.equal([0, 1]);
    expect(bench.results(b, abi.HOSTCALL_FILE_CLOSE)).to.deep.equal([0, 0]);
    expect(bench.results(a)).to.deep.equal([-abi.ETIMEDOUT, 0]);
  });

  it('waits for room, and for a receiver that is not there yet', async () => {
    const bench = await Bench.create();
    const items = [wordItem, { kind: abi.POLL_SEND, handle: 0 }];
    const { a } = bench
      .verbs(
        'a',
        ...openSender('s'),
        ...poll(2, 1000),
        ...poll(2),
        'put',
        's',
        ARENA,
        128,
        1,
        ...poll(2, 1000),
        ...poll(2),
      )
      .verbs('b', 'sleep', 50_000, ...listen('s'), 'sleep', 500_000, 'spoil', 128, 128, 64, 'sleep', 1)
      .start({ a: items });
    await bench.run();
    expect(bench.results(a)).to.deep.equal([-abi.ETIMEDOUT, 1, -abi.ETIMEDOUT, 1]);
  });

  describe('ends when what it waits for is', () => {
    const CASES: [
      what: string,
      item: Item,
      before: (string | number)[],
      act: (bench: Bench, a: Cvm, b: Cvm) => void,
      wanted: number,
    ][] = [
      ['killed as a sender', { kind: abi.POLL_RECEIVE }, listen('t'), ({ world }, _a, b) => world.monitor.kill(b), 1],
      [
        'killed as a receiver',
        { kind: abi.POLL_SEND },
        openSender('s'),
        ({ world }, _a, b) => world.monitor.kill(b),
        1,
      ],
      [
        'restarted as a sender',
        { kind: abi.POLL_BORROW },
        listen('t'),
        ({ world }, _a, b) => world.monitor.restart(b),
        1,
      ],
      [
        'restarted as a receiver',
        { kind: abi.POLL_SEND },
        openSender('s'),
        ({ world }, _a, b) => world.monitor.restart(b),
        1,
      ],
      [
        'destroyed as a sender',
        { kind: abi.POLL_RECEIVE },
        listen('t'),
        ({ world }, _a, b) => world.monitor.destroy(b),
        1,
      ],
      [
        'destroyed as a receiver',
        { kind: abi.POLL_SEND },
        openSender('s'),
        ({ world }, _a, b) => world.monitor.destroy(b),
        1,
      ],
    ];
    for (const [what, item, before, act, wanted] of CASES)
      it(what, async () => {
        const bench = await Bench.create();
        const serve = item.kind === abi.POLL_SEND ? ['listen', 's', 64, 1] : openSender('t');
        const fill = item.kind === abi.POLL_SEND ? ['put', 's', ARENA, 64, 1] : [];
        const { a, b } = bench
          .verbs('a', 'sleep', 20_000, ...before, ...fill, ...poll(2), ...forEver)
          .verbs('b', ...serve, ...forEver)
          .start({ a: [wordItem, item] });
        await bench.world.monitor.run({ budget: 500_000n, background: true });
        expect(bench.results(a), 'waits').to.deep.equal([]);
        act(bench, a, b);
        await bench.run();
        expect(bench.results(a)).to.deep.equal([wanted]);
      });

    it('a file that is revoked', async () => {
      const bench = await Bench.create();
      const { a } = bench
        .verbs('a', 'open', 'f', 1, ...poll(2), ...poll(2), ...forEver)
        .start({ a: [wordItem, { kind: abi.POLL_FILE }] });
      await bench.world.monitor.run({ budget: 500_000n, background: true });
      const { files } = a;
      bench.world.monitor.revokeFile(files[0]!, a);
      await bench.run();
      expect(bench.results(a)).to.deep.equal([-abi.EREVOKED, -abi.EREVOKED]);
    });

    it('an end that another thread of its own cVM closes', async () => {
      for (const kind of [abi.POLL_RECEIVE, abi.POLL_BORROW]) {
        const bench = await Bench.create();
        const { a } = bench.verbs('a', ...listen('t'), ...poll(2), ...forEver).start({ a: [wordItem, { kind }] });
        await bench.world.monitor.run({ budget: 500_000n, background: true });
        a.receiving(0n)!.closeReceiver('closed');
        await bench.run();
        expect(bench.results(a)).to.deep.equal([1]);
      }
    });

    it('its own call: the caller goes on', async () => {
      const world = await World.create();
      const b = world.cvm('b', {
        image: 'worker',
        background: true,
        arguments: ['offer', 'e', '1', 'block', '0', '0'],
      });
      const a = world.cvm('a', {
        image: 'worker',
        arguments: ['bind', 'e', 'call', '11', '0', '0', '0', '0', 'print', 'on'],
      });
      world.monitor.allowCall('e', a, b);
      world.start(b, a);
      await world.monitor.run({ budget: 300_000n });
      expect(world.lines(a)).to.deep.equal(['bind: 0']);
      world.monitor.kill(b);
      await world.monitor.run(RUN);
      expect(world.lines(a)).to.deep.equal(['bind: 0', 'call 11: -32', 'on']);
    });
  });

  it('asks host code that sends, once for each', async () => {
    const world = await World.create();
    const b = world.cvm('b', {
      image: 'worker',
      arguments: ['listen', 's', '64', '1', ...poll(1).map(String), ...closeStream(0).map(String)],
    });
    world.monitor.connect('s', sourceOf(Uint8Array.of(1, 2, 3)), b);
    putItems(world, b, [{ kind: abi.POLL_RECEIVE, place: 3 }]);
    world.start(b);
    await world.monitor.run(RUN);
    expect(world.lines(b)).to.deep.equal(['listen: 0', 'wait: 3', 'hostcall 12: 0', 'hostcall 18: 0']);
  });
});
