import { expect } from 'chai';
import { FILE_READ, FILE_WRITE } from '../../src/monitor/abi.ts';
import { CvmError } from '../../src/monitor/index.ts';
import type { Cvm } from '../../src/monitor/index.ts';
import { World } from './world.ts';

const RUN = { budget: 50_000_000n };
const worker = (world: World, name: string, verbs: string[], spec: Parameters<World['cvm']>[1] = {}): Cvm =>
  world.cvm(name, { image: 'worker', arguments: verbs, ...spec });

describe('a restart', () => {
  it('begins a cVM anew from any state but destroyed', async () => {
    const world = await World.create();
    const bring: Record<string, (cvm: Cvm) => unknown> = {
      created: () => undefined,
      running: (cvm) => world.monitor.start(cvm),
      paused: (cvm) => (world.monitor.start(cvm), world.monitor.pause(cvm)),
      exited: async (cvm) => (world.monitor.start(cvm), await world.monitor.run()),
      killed: (cvm) => world.monitor.kill(cvm),
    };
    for (const [state, reach] of Object.entries(bring)) {
      const a = worker(world, 'a', ['show', 'rise', 'show', 'exit', '3']);
      await reach(a);
      expect(a.state).to.equal(state);
      world.clear();
      world.monitor.restart(a);
      expect([a.state, a.exitCode, a.ending, a.restarts, a.instructions]).to.deep.equal([
        'running',
        undefined,
        '',
        1,
        0n,
      ]);
      expect((await world.monitor.run()).reason).to.equal('ended');
      expect(world.lines(a), state).to.deep.equal(['arena 00 00 00', 'arena 01 02 40']);
      expect([a.state, a.exitCode]).to.deep.equal(['exited', 3]);
      world.monitor.destroy(a);
    }
    const gone = worker(world, 'a', []);
    world.monitor.destroy(gone);
    expect(() => world.monitor.restart(gone)).to.throw(CvmError, /is destroyed/);
  });

  it('leaves nothing of the last life: memory, threads, handlers, counters, what it held', async () => {
    const world = await World.create();
    const a = worker(world, 'a', ['handler', 'fill', '17', 'threads', '2', 'fault', 'load'], { faults: 1 });
    world.start(a);
    await world.monitor.run();
    expect([a.exitCode, a.faults]).to.deep.equal([42, 1]);
    const { memory } = world.monitor.machine;
    expect(memory.read(a.data.base + 0x20000, 4096)).to.deep.equal(new Uint8Array(4096).fill(17));
    const free = world.monitor.freeBytes;
    world.monitor.restart(a);
    expect(memory.read(a.data.base + 0x20000, 4096)).to.deep.equal(new Uint8Array(4096));
    expect([a.threads.size, a.faultHandler, a.faults, a.hostcalls]).to.deep.equal([1, undefined, 0, 0]);
    expect(world.monitor.holdings(a).filter(({ title }) => title === undefined)).to.deep.equal([]);
    expect(world.monitor.freeBytes).to.equal(free);
    await world.monitor.run();
    expect(a.exitCode).to.equal(42);
  });

  it('goes on with the entropy: no life has the numbers of another', async () => {
    const world = await World.create();
    const a = worker(world, 'a', ['entropy']);
    world.start(a);
    for (let round = 0; round < 3; round++) {
      await world.monitor.run();
      world.monitor.restart(a);
    }
    await world.monitor.run();
    expect(new Set(world.lines(a))).to.have.length(4);
  });

  it('of a receiver: the sender sees a dead peer, opens the stream again, and goes on', async () => {
    const world = await World.create();
    const a = worker(world, 'a', ['send', 's', '4000000', '1000', '0', 'send', 's', '5000', '1000', '0']);
    const b = worker(world, 'b', ['receive', 's', '4096', '0', '4096']);
    world.monitor.connect('s', a, b);
    world.start(a, b);
    await world.monitor.run({ budget: 500_000n });
    world.monitor.restart(b);
    expect((await world.monitor.run(RUN)).reason).to.equal('ended');
    expect(world.lines(a).filter((line) => line.startsWith('send'))).to.deep.equal(['send: -32', 'send: 5000']);
    expect(world.lines(b)).to.have.length(1);
    expect(world.lines(b)[0]).to.match(/^receive: 5000 bytes, 0 wrong, end 0$/);
  });

  it('of a sender: the receiver sees a dead peer, opens the stream again, and gets it from the start', async () => {
    const world = await World.create();
    const a = worker(world, 'a', ['send', 's', '300000', '1000', '0']);
    const b = worker(world, 'b', ['receive', 's', '4096', '0', '4096', 'receive', 's', '4096', '0', '4096']);
    world.monitor.connect('s', a, b);
    world.start(a, b);
    await world.monitor.run({ budget: 500_000n });
    world.monitor.restart(a);
    expect((await world.monitor.run(RUN)).reason).to.equal('ended');
    expect(world.lines(b)[0]).to.match(/^receive: \d+ bytes, 0 wrong, end -32$/);
    expect(world.lines(b)[1]).to.match(/^receive: 300000 bytes, 0 wrong, end 0$/);
  });

  it('of a peer, again and again, does not use up handles', async () => {
    const world = await World.create();
    const again = Array.from({ length: 30 }, () => ['receive', 's', '4096', '0', '4096']).flat();
    const a = worker(world, 'a', ['send', 's', '9999999', '1000', '0']);
    const b = worker(world, 'b', again);
    world.monitor.connect('s', a, b);
    world.start(a, b);
    for (let round = 0; round < 29; round++) {
      await world.monitor.run({ budget: 100_000n });
      world.monitor.restart(a);
    }
    await world.monitor.run({ budget: 100_000n });
    expect(world.lines(b)).to.have.length(29);
    for (const line of world.lines(b)) expect(line).to.match(/^receive: [1-9]\d* bytes, 0 wrong, end -32$/);
  });

  it('of a callee: calls end with -EPIPE, then may be bound again', async () => {
    const world = await World.create();
    const b = worker(world, 'b', ['offer', 'e', '2', 'block', '0', '0'], { background: true });
    const verbs = ['bind', 'e', 'call', '2', '0', '0', '0', '0', 'bind', 'e', 'call', '0', '1', '2', '3', '0'];
    const a = worker(world, 'a', verbs);
    world.monitor.allowCall('e', a, b);
    world.start(b, a);
    await world.monitor.run({ budget: 100_000n });
    world.monitor.restart(b);
    expect((await world.monitor.run(RUN)).reason).to.equal('ended');
    expect(world.lines(a)).to.deep.equal(['bind: 0', 'call 2: -32', 'bind: 0', `call 0: ${6 + a.id * 1000}`]);
    expect(world.monitor.holdings(a).filter(({ title }) => title === undefined)).to.deep.equal([]);
  });

  it('of a caller: its permits stay', async () => {
    const world = await World.create();
    const b = worker(world, 'b', ['offer', 'e', '1', 'block', '0', '0'], { background: true });
    const a = worker(world, 'a', ['bind', 'e', 'call', '0', '1', '2', '3', '0', 'call', '2', '0', '0', '0', '0']);
    world.monitor.allowCall('e', a, b);
    world.start(b, a);
    for (let round = 0; round < 5; round++) {
      world.clear();
      await world.monitor.run({ budget: 100_000n });
      expect(world.lines(a)).to.deep.equal(['bind: 0', `call 0: ${6 + a.id * 1000}`]);
      world.monitor.restart(a);
    }
  });

  it('of an owner takes its file from those who have it; they may open it again', async () => {
    const world = await World.create();
    const a = worker(world, 'a', ['advertise', 'f', '4096', 'block', '0', '0'], { background: true });
    const read = ['read', '0', '16', '0'];
    const b = worker(world, 'b', ['open', 'f', '1', ...read, '99999999', 'open', 'f', '1', ...read, '1']);
    const file = world.monitor.createFile('f', a);
    world.monitor.allowFile(file, b, FILE_READ);
    world.start(a, b);
    await world.monitor.run({ budget: 200_000n });
    expect(world.lines(b)).to.deep.equal(['open: 0, size 4096']);
    world.monitor.restart(a);
    // Its first turn, in which it advertises the file again.
    world.monitor.pause(b);
    await world.monitor.run({ budget: 100_000n });
    world.monitor.resume(b);
    expect((await world.monitor.run(RUN)).reason).to.equal('ended');
    expect(world.lines(b).map((line) => line.replace(/, \d+ wrong/, ''))).to.deep.equal([
      'open: 0, size 4096',
      'read: -128',
      'open: 0, size 4096',
      'read: 16',
    ]);
    expect(world.lines(a)).to.deep.equal(['advertise: 0', 'advertise: 0']);
  });

  it('of a holder: the file stays as it was, for it and for others', async () => {
    const world = await World.create();
    const a = worker(world, 'a', ['open', 'f', '3', 'read', '0', '16', '5', '1', 'write', '0', '64', '5', 'spin']);
    const b = worker(world, 'b', ['open', 'f', '1', 'read', '0', '16', '5', '99999999']);
    const file = world.monitor.createFile('f', 4096);
    world.monitor.allowFile(file, a, FILE_READ | FILE_WRITE);
    world.monitor.allowFile(file, b, FILE_READ);
    world.start(a, b);
    await world.monitor.run({ budget: 500_000n });
    world.monitor.restart(a);
    world.clear();
    await world.monitor.run({ budget: 500_000n });
    expect(world.lines(a)).to.deep.equal(['open: 0, size 4096', 'read: 16, 0 wrong', 'write: 64']);
    expect([b.state, world.lines(b)]).to.deep.equal(['running', []]);
    expect(world.monitor.stats(a).files).to.deep.equal([{ name: 'f', bytes: 4096, rights: 'read and write' }]);
  });

  it('of a lender and of a borrower ends the loan', async () => {
    for (const who of ['a', 'b'] as const) {
      const world = await World.create();
      const a = worker(world, 'a', ['lend', 's', '1024', '0', 'spin'], { background: true });
      const b = worker(world, 'b', ['borrow', 's', '99999999', 'spin'], { background: true });
      const c = worker(world, 'c', ['spin']);
      world.monitor.connect('s', a, b);
      world.start(a, b, c);
      await world.monitor.run({ budget: 1_000_000n });
      expect([world.lines(a), world.lines(b)]).to.deep.equal([['lend: 0'], ['borrow: 0 of 1024 bytes']]);
      world.monitor.restart(who === 'a' ? a : b);
      await world.monitor.run({ budget: 1_000_000n });
      if (who === 'a') expect(world.lines(b)[1]).to.equal('read: -128, 0 wrong');
      else expect(world.lines(a)[1]).to.match(/^returned: (0|-32)$/);
      for (const cvm of [a, b])
        expect(world.monitor.holdings(cvm).filter(({ title }) => title === undefined)).to.deep.equal([]);
      expect([a.faults, b.faults]).to.deep.equal([0, 0]);
    }
  });

  it('of itself, from its console callback, in the middle of its hostcall', async () => {
    let left = 3;
    const printed: string[] = [];
    const world = await World.create({
      onConsole: (cvm, bytes) => {
        printed.push(Buffer.from(bytes).toString().trim());
        if (left-- > 0) world.monitor.restart(cvm);
      },
    });
    const a = worker(world, 'a', ['print', 'x', 'print', 'y']);
    world.start(a);
    expect((await world.monitor.run()).reason).to.equal('ended');
    expect([printed, a.restarts, a.exitCode]).to.deep.equal([['x', 'x', 'x', 'x', 'y'], 3, 0]);
  });

  it('is what onEnd may do for one that ended, but not for one that the host ended', async () => {
    const ended: string[] = [];
    const world = await World.create({
      onEnd: (cvm) => {
        ended.push(`${cvm.name} ${cvm.state}`);
        if (cvm.name === 'exits' && cvm.restarts < 2) world.monitor.restart(cvm);
      },
    });
    const cvms = [
      worker(world, 'exits', ['exit', '1']),
      worker(world, 'faults', ['fault', 'load']),
      worker(world, 'quota', ['spin'], { instructions: 1000n }),
      worker(world, 'killed', ['spin']),
      worker(world, 'destroyed', ['spin']),
    ];
    world.start(...cvms);
    await world.monitor.run({ budget: 10_000n });
    world.monitor.kill(cvms[3]);
    world.monitor.destroy(cvms[4]);
    expect((await world.monitor.run()).reason).to.equal('ended');
    expect(ended.sort()).to.deep.equal([
      'exits exited',
      'exits exited',
      'exits exited',
      'faults faulted',
      'quota killed',
    ]);
  });
});
