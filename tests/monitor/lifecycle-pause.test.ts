import { expect } from 'chai';
import { CvmError } from '../../src/monitor/index.ts';
import type { Cvm } from '../../src/monitor/index.ts';
import { World } from './world.ts';

const RUN = { budget: 20_000_000n };
const worker = (world: World, name: string, verbs: string[], spec: Parameters<World['cvm']>[1] = {}): Cvm =>
  world.cvm(name, { image: 'worker', arguments: verbs, ...spec });

const call = (...values: number[]): string[] => ['call', ...values.map(String)];

/** a calls b's entry, which waits for ever beside it. */
async function pair(verbs: string[]): Promise<{ world: World; a: Cvm; b: Cvm }> {
  const world = await World.create();
  const b = worker(world, 'b', ['offer', 'e', '2', 'block', '0', '0'], { background: true });
  const a = worker(world, 'a', ['rise', 'bind', 'e', ...verbs]);
  world.monitor.allowCall('e', a, b);
  world.start(b, a);
  return { world, a, b };
}

describe('a pause', () => {
  it('stops a cVM that spins, and nobody else', async () => {
    const world = await World.create();
    const [a, b] = ['a', 'b'].map((name) => worker(world, name, ['spin']));
    world.start(a, b);
    await world.monitor.run({ budget: 1_000_000n });
    world.monitor.pause(a);
    const [stopped, other] = [a.instructions, b.instructions];
    await world.monitor.run({ budget: 1_000_000n });
    expect([a.state, a.instructions, b.instructions]).to.deep.equal(['paused', stopped, other + 1_000_000n]);
    world.monitor.resume(a);
    await world.monitor.run({ budget: 1_000_000n });
    expect(a.state).to.equal('running');
    expect(Number(a.instructions - stopped)).to.be.within(400_000, 600_000);
  });

  it('is for running cVMs, a resume for paused ones; everything else is refused', async () => {
    const world = await World.create();
    const { monitor } = world;
    const refused = (cvm: Cvm, state: string, ...verbs: ('pause' | 'resume' | 'start')[]): void => {
      expect(cvm.state).to.equal(state);
      for (const verb of verbs)
        expect(() => monitor[verb](cvm), `${verb} ${state}`).to.throw(CvmError, `cVM ${cvm.name} is ${state}`);
    };
    const created = worker(world, 'created', ['spin']);
    refused(created, 'created', 'pause', 'resume');
    world.start(created);
    refused(created, 'running', 'resume', 'start');
    monitor.pause(created);
    refused(created, 'paused', 'pause', 'start');
    monitor.resume(created);
    monitor.kill(created);
    refused(created, 'killed', 'pause', 'resume', 'start');
    monitor.destroy(created);
    refused(created, 'destroyed', 'pause', 'resume', 'start');
    const [exited, faulted] = [worker(world, 'x', ['exit', '0']), worker(world, 'f', ['fault', 'load'])];
    world.start(exited, faulted);
    await monitor.run();
    refused(exited, 'exited', 'pause', 'resume', 'start');
    refused(faulted, 'faulted', 'pause', 'resume', 'start');
  });

  it('changes nothing but when: paused and resumed anywhere, a cVM prints the same', async () => {
    const run = async (every: bigint): Promise<string> => {
      const world = await World.create();
      const a = worker(world, 'a', ['rise', 'show', 'entropy', 'sleep', '5', 'block', '0', '700', 'print', 'end']);
      world.start(a);
      for (;;) {
        const { reason } = await world.monitor.run({ budget: every });
        if (reason !== 'budget') break;
        world.monitor.pause(a);
        expect((await world.monitor.run(RUN)).reason).to.equal('paused');
        world.monitor.resume(a);
      }
      return world.output(a).replace(/time \d+/g, '');
    };
    const whole = await run(1_000_000n);
    for (const every of [37n, 211n, 1009n]) expect(await run(every)).to.equal(whole);
  });

  it('lets run() say that only a resume helps', async () => {
    const world = await World.create();
    const a = worker(world, 'a', ['print', 'x']);
    world.start(a);
    world.monitor.pause(a);
    const stop = await world.monitor.run();
    expect([stop.reason, stop.waiting.map((line) => line.replace(/\d+/, 'N'))]).to.deep.equal([
      'paused',
      ['a thread N: a resume'],
    ]);
    world.monitor.resume(a);
    expect((await world.monitor.run()).reason).to.equal('ended');
    expect(world.lines(a)).to.deep.equal(['x']);
  });

  it('lets deadlines go on: who should have been woken meanwhile, is as soon as it is over', async () => {
    const world = await World.create();
    const a = worker(world, 'a', ['sleep', '1000000', 'print', 'late']);
    const b = worker(world, 'b', ['block', '0', '500000', 'print', 'late']);
    const c = worker(world, 'c', ['spin']);
    world.start(a, b, c);
    await world.monitor.run({ budget: 50_000n });
    world.monitor.pause(a);
    world.monitor.pause(b);
    await world.monitor.run({ budget: 3_000_000n });
    expect([world.output(a), world.output(b)]).to.deep.equal(['', '']);
    world.monitor.resume(a);
    world.monitor.resume(b);
    world.monitor.kill(c);
    await world.monitor.run(RUN);
    expect(world.lines(a)[0]).to.match(/^sleep: 0, time 305\d{4}$/);
    expect(world.lines(b)).to.deep.equal(['block: -110', 'late']);
  });

  it('from a console callback takes effect before the next instruction', async () => {
    const printed: string[] = [];
    const world = await World.create({
      onConsole: (cvm, bytes) => {
        printed.push(Buffer.from(bytes).toString());
        world.monitor.pause(cvm);
      },
    });
    const a = worker(world, 'a', ['print', 'x', 'print', 'y']);
    world.start(a);
    const stops: string[] = [];
    for (let round = 0; round < 3; round++) {
      const before = a.instructions;
      stops.push((await world.monitor.run()).reason);
      if (a.state !== 'paused') break;
      expect(a.instructions > before).to.equal(true);
      world.monitor.resume(a);
    }
    expect([stops, printed]).to.deep.equal([
      ['paused', 'paused', 'ended'],
      ['x\n', 'y\n'],
    ]);
  });

  it('of a callee stops those who are in a call to it; a kill sets them free', async () => {
    const { world, a, b } = await pair([...call(2, 0, 0, 0, 0), 'print', 'free']);
    await world.monitor.run({ budget: 100_000n });
    world.monitor.pause(b);
    const before = a.instructions;
    expect((await world.monitor.run(RUN)).reason).to.equal('paused');
    expect([a.instructions, a.state]).to.deep.equal([before, 'running']);
    world.monitor.resume(b);
    await world.monitor.run({ budget: 100_000n });
    expect(a.instructions).to.equal(before + 100_000n);
    world.monitor.pause(b);
    world.monitor.kill(b);
    expect((await world.monitor.run(RUN)).reason).to.equal('ended');
    expect(world.lines(a).slice(1)).to.deep.equal(['call 2: -32', 'free']);
  });

  it('of a caller stops its thread inside the callee, and the callee serves others', async () => {
    const { world, a, b } = await pair(call(2, 0, 0, 0, 0));
    const c = worker(world, 'c', ['bind', 'e', ...call(0, 1, 2, 3, 0)]);
    world.monitor.allowCall('e', c, b);
    await world.monitor.run({ budget: 100_000n });
    world.monitor.pause(a);
    const before = a.instructions;
    world.start(c);
    expect((await world.monitor.run(RUN)).reason).to.equal('paused');
    expect([a.instructions, world.lines(c)[1], c.state]).to.deep.equal([
      before,
      `call 0: ${6 + c.id * 1000}`,
      'exited',
    ]);
  });

  it('of a callee, at any instruction of a call: it executes nothing until the resume, and the call comes out right', async () => {
    const verbs = [...call(7, 3000, 0, 0, 64), ...call(4, 0, 0, 0, 64)];
    const { world: whole, a: first } = await pair(verbs);
    await whole.monitor.run(RUN);
    const before = await pair(verbs);
    while (before.world.lines(before.a).length === 0) await before.world.monitor.run({ budget: 1n });
    const begin = before.world.monitor.machine.instructions;
    let insideOrAtTheDoor = 0;
    for (let offset = 0n; offset < 1400n; offset += 7n) {
      const { world, a, b } = await pair(verbs);
      await world.monitor.run({ budget: begin + offset });
      if (a.state === 'exited') break;
      world.monitor.pause(b);
      const { hostcalls } = b;
      const { reason, waiting } = await world.monitor.run({ budget: 1_000_000n });
      expect(['paused', 'ended'], `at ${offset}`).to.include(reason);
      expect(b.hostcalls, `at ${offset}`).to.equal(hostcalls);
      if (reason === 'paused' && waiting.some((line) => line.startsWith('a') && line.endsWith('a resume'))) {
        const [{ path }] = world.monitor.stats(a).threads;
        expect(path, `at ${offset}`).to.deep.equal(['a', 'b']);
        insideOrAtTheDoor++;
      }
      world.monitor.resume(b);
      expect((await world.monitor.run(RUN)).reason, `at ${offset}`).to.equal('ended');
      expect(world.lines(a), `at ${offset}`).to.deep.equal(whole.lines(first));
      expect([a.faults, b.faults]).to.deep.equal([0, 0]);
    }
    expect(insideOrAtTheDoor).to.be.greaterThan(50);
  });

  it('of a receiver holds the sender up, and loses nothing', async () => {
    const world = await World.create();
    const a = worker(world, 'a', ['send', 's', '300000', '1000', '0']);
    const b = worker(world, 'b', ['receive', 's', '4096', '0', '4096']);
    world.monitor.connect('s', a, b);
    world.start(a, b);
    await world.monitor.run({ budget: 500_000n });
    world.monitor.pause(b);
    const { instructions } = b;
    expect((await world.monitor.run({ budget: 100_000_000n })).reason).to.equal('paused');
    expect([b.instructions, a.state]).to.deep.equal([instructions, 'running']);
    world.monitor.resume(b);
    await world.monitor.run({ budget: 100_000_000n });
    expect(world.lines(b)[0]).to.match(/^receive: 300000 bytes, 0 wrong, end 0$/);
  });

  it('of a sender or a receiver, at any instruction of a send, loses nothing and blocks nobody else', async () => {
    for (let offset = 0n; offset < 2000n; offset += 31n) {
      const world = await World.create({ memory: '2M' });
      const a = worker(world, 'a', ['send', 's', '1000', '333', '3']);
      const b = worker(world, 'b', ['receive', 's', '64', '1', '50']);
      const c = worker(world, 'c', ['print', 'others go on']);
      world.monitor.connect('s', a, b);
      world.start(b, a);
      await world.monitor.run({ budget: 3000n + offset });
      const cvm = offset % 2n === 0n ? a : b;
      if (cvm.state !== 'running') break;
      world.monitor.pause(cvm);
      const { instructions } = cvm;
      world.start(c);
      await world.monitor.run({ budget: 1_000_000n });
      expect([cvm.instructions, world.lines(c)]).to.deep.equal([instructions, ['others go on']]);
      world.monitor.resume(cvm);
      expect((await world.monitor.run(RUN)).reason).to.equal('ended');
      expect([world.lines(a)[0], world.lines(b)[0]], `at ${offset}`).to.deep.equal(['send: 1000', 'receive: 1000 bytes, 0 wrong, end 0']); // prettier-ignore
    }
  });

  it('does not keep a cVM from being killed, destroyed or restarted', async () => {
    const world = await World.create();
    const free = world.monitor.freeBytes;
    for (const verb of ['kill', 'destroy', 'restart'] as const) {
      const a = worker(world, `a-${verb}`, ['threads', '4', 'print', 'done']);
      world.start(a);
      await world.monitor.run({ budget: 3000n });
      world.monitor.pause(a);
      await world.monitor.run();
      world.monitor[verb](a);
      expect((await world.monitor.run()).reason).to.equal('ended');
      expect(a.state).to.equal({ kill: 'killed', destroy: 'destroyed', restart: 'exited' }[verb]);
      world.monitor.destroy(a);
    }
    expect(world.monitor.freeBytes).to.equal(free);
  });
});

describe('a deadline', () => {
  for (const [what, verbs] of [
    ['spins', ['spin']],
    ['sleeps', ['sleep', '1000000000']],
    ['waits for ever', ['block', '0', '0']],
  ] as const) {
    it(`ends a cVM that ${what}, on time`, async () => {
      const world = await World.create();
      const a = worker(world, 'a', [...verbs], { deadline: 50_000n });
      const b = worker(world, 'b', ['sleep', '1000000']);
      world.start(a);
      expect((await world.monitor.run()).reason).to.equal('ended');
      expect([a.state, a.ending, world.monitor.now]).to.deep.equal(['killed', 'lived its 50000 ns', 50_000n]);
      world.start(b);
      expect((await world.monitor.run()).reason).to.equal('ended');
      expect(b.state).to.equal('exited');
    });
  }

  it('counts while the cVM is paused, and from the beginning after a restart', async () => {
    const world = await World.create();
    const a = worker(world, 'a', ['spin'], { deadline: 50_000n });
    world.start(a);
    await world.monitor.run({ budget: 10_000n });
    world.monitor.pause(a);
    expect((await world.monitor.run()).reason).to.equal('ended');
    expect([a.state, a.instructions, world.monitor.now]).to.deep.equal(['killed', 10_000n, 50_000n]);
    world.monitor.restart(a);
    await world.monitor.run();
    expect([a.state, world.monitor.now]).to.deep.equal(['killed', 100_000n]);
  });
});
