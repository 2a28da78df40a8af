// Host code that reacts from inside: ends, destroys or fails while the monitor is in the middle of a guest's service.
import { expect } from 'chai';
import * as abi from '../../src/monitor/abi.ts';
import type { Cvm, HostSource } from '../../src/monitor/index.ts';
import { World } from './world.ts';

const RUN = { budget: 5_000_000n };
const text = (...verbs: (string | number)[]): string[] => verbs.map(String);

describe('host code at an end of a stream', () => {
  for (const how of ['kill', 'destroy', 'restart'] as const)
    it(`may ${how} the receiver that asks it for bytes: nothing of it runs on, nothing is written`, async () => {
      const world = await World.create();
      const b = world.cvm('b', { image: 'worker', arguments: text('listen', 's', 64, 0, 'print', 'on') });
      const bytes = { from: b.data.base, size: b.data.sizeBytes };
      let asked = 0;
      const source: HostSource = {
        read(into) {
          if (asked++ > 0) return undefined;
          world.monitor[how](b);
          return into.fill(0xa5).length;
        },
      };
      world.monitor.connect('s', source, b);
      world.start(b);
      const stop = await world.monitor.run(RUN);
      expect(asked).to.equal(how === 'restart' ? 2 : 1);
      expect(stop.reason).to.equal(how === 'restart' ? 'deadlock' : 'ended');
      expect(world.lines(b)).to.deep.equal(how === 'restart' ? ['listen: 0', 'listen: 0'] : ['listen: 0']);
      if (how === 'destroy')
        expect(world.monitor.machine.memory.read(bytes.from, bytes.size).every((byte) => byte === 0)).to.equal(true);
      else expect(world.monitor.machine.memory.read(bytes.from, bytes.size).includes(0xa5)).to.equal(false);
    });

  it('that fails leaves no memory behind', async () => {
    const world = await World.create();
    const free = world.monitor.freeBytes;
    const a = world.cvm('a', { image: 'worker', arguments: text('put', 's', 0x20000, 64, 1) });
    const sink = {
      write(): void {
        throw new Error('disk full');
      },
    };
    world.monitor.connect('s', a, sink);
    world.start(a);
    let failure: unknown;
    await world.monitor.run(RUN).catch((error: unknown) => (failure = error));
    expect(failure).to.be.an('error').with.property('message', 'disk full');
    world.monitor.destroy(a);
    expect(world.monitor.freeBytes).to.equal(free);
  });

  it('that ends streams while bells are heard makes nobody miss a bell', async () => {
    const world = await World.create({ memory: '16M' });
    const silent = { write: () => undefined };
    /** Opens so many streams, each of which takes a bit in the words of bells. */
    const filler = (name: string, count: number): Cvm => {
      const names = Array.from({ length: count }, (_, index) => `${name}-${index}`);
      const verbs = text(...names.flatMap((stream) => ['put', stream, 0x20000, 0, 0]), 'block', 0, 0);
      const cvm = world.cvm(name, { image: 'worker', arguments: verbs, background: true });
      for (const stream of names) world.monitor.connect(stream, cvm, silent);
      return cvm;
    };
    const first = [0, 1, 2, 3].map((index) => filler(`first${index}`, 16));
    const second = [0, 1, 2, 3].map((index) => filler(`second${index}`, 16));
    const b = world.cvm('b', { image: 'worker', arguments: text('listen', 's', 64, 0) });
    const ringing = ['put', 'k', 0x20000, 8, 1, 'put', 's', 0x20000, 8, 1, 'block', 0, 0];
    const verbs = text('put', 'k', 0, 0, 0, 'sleep', 1000, 'put', 's', 0, 0, 0, ...ringing);
    const a = world.cvm('a', { image: 'worker', arguments: verbs, background: true });
    world.monitor.connect('k', a, { write: () => first.forEach((cvm) => world.monitor.destroy(cvm)) });
    world.monitor.connect('s', a, b);
    world.start(b, ...first, a, ...second);
    await world.monitor.run(RUN);
    expect(world.lines(b)).to.deep.equal(['listen: 0', 'wait: 8']);
  });
});

describe('host code that is asked by a poll', () => {
  it('may end what the poll has looked at already: it does not wait for that in vain', async () => {
    const world = await World.create();
    const item = (handle: number): (string | number)[] => ['item', abi.POLL_RECEIVE, handle, 0, 0];
    const poll = ['ask', abi.HOSTCALL_POLL, '&4096', 2, 0, 0, 0, 0];
    const verbs = text('listen', 't', 64, 1, 'listen', 'h', 128, 1, ...item(0), ...item(1), ...poll);
    const a = world.cvm('a', { image: 'worker', arguments: verbs });
    const b = world.cvm('b', { image: 'worker', background: true, arguments: text('block', 0, 0) });
    let asked = 0;
    const source: HostSource = {
      read() {
        if (asked++ === 1) world.monitor.kill(b);
        return undefined;
      },
    };
    world.monitor.connect('t', b, a);
    world.monitor.connect('h', source, a);
    world.start(b, a);
    const stop = await world.monitor.run(RUN);
    expect([stop.reason, world.lines(a).at(-1)]).to.deep.equal(['ended', `ask ${abi.HOSTCALL_POLL}: 0`]);
  });
});

describe('a file that is removed twice', () => {
  it('is not given back twice: the memory may be another cVM by then', async () => {
    const world = await World.create();
    const file = world.monitor.createFile('f', 4096);
    world.monitor.removeFile(file);
    const free = world.monitor.freeBytes;
    const again = world.monitor.createFile('f', 4096);
    world.monitor.machine.memory.writeU32(again.region!.base, 7);
    world.monitor.removeFile(file);
    expect(world.monitor.machine.memory.readU32(again.region!.base)).to.equal(7);
    expect(world.monitor.freeBytes).to.equal(free - 4096);
    expect(() => world.monitor.createFile('f', 64)).to.throw(/taken/);
  });
});

describe('handles of streams', () => {
  it('serve again when the peer at the other end is gone for good', async () => {
    const world = await World.create({ memory: '16M' });
    const verbs = Array.from({ length: 20 }, (_, at) => ['sleep', 1_000_000, 'put', `s${at}`, 0x20000, 8, 1]).flat();
    const a = world.cvm('a', { image: 'worker', arguments: text(...verbs) });
    const results = (): string[] => world.lines(a).filter((line) => line.startsWith('put'));
    for (let at = 0; at < 20; at++) {
      const peer = world.cvm(`peer${at}`, { image: 'worker', arguments: text('block', 0, 0) });
      world.monitor.connect(`s${at}`, a, peer);
      if (at === 0) world.start(a);
      while (results().length <= at) await world.monitor.run({ budget: 100n });
      world.monitor.destroy(peer);
    }
    expect(results()).to.deep.equal(Array.from({ length: 20 }, () => `put: ${-abi.EAGAIN}`));
  });
});
