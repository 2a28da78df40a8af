import { expect } from 'chai';
import { CvmError } from '../../src/monitor/index.ts';
import type { Cvm } from '../../src/monitor/index.ts';
import { image, World } from './world.ts';

const worker = (world: World, name: string, verbs: string[], spec: Parameters<World['cvm']>[1] = {}): Cvm =>
  world.cvm(name, { image: 'worker', arguments: verbs, ...spec });

describe('cVMs', () => {
  it('run, get their arguments, and end with an exit code', async () => {
    const world = await World.create();
    const hello = world.cvm('hello', { memory: 64 * 1024, arguments: ['one', '', 'trois: €'] });
    expect(hello.state).to.equal('created');
    world.start(hello);
    const stop = await world.monitor.run();
    expect(stop.reason).to.equal('ended');
    expect([hello.state, hello.exitCode]).to.deep.equal(['exited', 0]);
    const lines = world.lines(hello);
    expect(lines.slice(0, 3)).to.deep.equal(['Hello from a cVM.', 'argument 0: one', 'argument 1: ']);
    expect(Buffer.from(lines[3], 'latin1').toString()).to.equal('argument 2: trois: €');
    expect(hello.instructions).to.equal(world.monitor.machine.instructions);
  });

  it('are deterministic: time, entropy and every instruction', async () => {
    const runs = await Promise.all(
      [1, 2].map(async () => {
        const world = await World.create({ seed: 7n });
        const cvms = ['a', 'b'].map((name) =>
          worker(world, name, ['entropy', 'threads', '3', 'sleep', '5', 'entropy']),
        );
        world.start(...cvms);
        await world.monitor.run();
        return [
          cvms.map((cvm) => world.output(cvm)),
          cvms.map((cvm) => cvm.instructions),
          world.monitor.machine.stateHash(),
        ];
      }),
    );
    expect(runs[0]).to.deep.equal(runs[1]);
    const [[a, b]] = runs[0] as [string[]];
    expect(a.split('\n')[0])
      .to.match(/^entropy [0-9a-f]{16}$/)
      .and.not.equal(b.split('\n')[0]);
  });

  it('share one copy of their code, not their data', async () => {
    const world = await World.create();
    const [a, b] = ['a', 'b'].map((name) => worker(world, name, ['fill', name === 'a' ? '17' : '34', 'exit', '0']));
    expect(a.resources.text).to.equal(b.resources.text);
    world.start(a, b);
    await world.monitor.run();
    const { memory } = world.monitor.machine;
    const values = (cvm: Cvm): number[] => [...new Set(memory.read(cvm.data.base + 0x20000, 4096))];
    expect([values(a), values(b)]).to.deep.equal([[17], [34]]);
  });

  it('share the processor: one that spins or sleeps by wfi for ever holds up nobody', async () => {
    const world = await World.create();
    const cvms = [
      worker(world, 'spin', ['spin'], { background: true }),
      worker(world, 'wfi', ['wfi'], { background: true }),
      worker(world, 'work', ['threads', '4']),
    ];
    world.start(...cvms);
    expect((await world.monitor.run({ budget: 50_000_000n })).reason).to.equal('ended');
    expect(world.lines(cvms[2]).at(-1)).to.equal('turns 400');
    expect(cvms.map(({ state }) => state)).to.deep.equal(['running', 'running', 'exited']);
    world.monitor.kill(cvms[0]);
    expect(cvms[0].state).to.equal('killed');
  });

  it('sleep and time out in simulated time', async () => {
    const world = await World.create();
    const a = worker(world, 'a', ['sleep', '1000000000', 'block', '0', '5000', 'block', '1', '0']);
    world.start(a);
    await world.monitor.run();
    const [slept, timedOut, differs] = world.lines(a);
    expect(slept).to.match(/^sleep: 0, time 1000\d{6}$/);
    expect(timedOut).to.equal('block: -110');
    expect(differs).to.equal('block: -11');
    expect(Number(world.monitor.machine.instructions)).to.be.lessThan(10_000);
  });

  it('stop at the budget and go on from there', async () => {
    const world = await World.create();
    const a = worker(world, 'a', ['threads', '2']);
    world.start(a);
    let stops = 0;
    while ((await world.monitor.run({ budget: 97n })).reason === 'budget') stops++;
    expect(stops).to.be.greaterThan(20);
    expect(world.lines(a).at(-1)).to.equal('turns 200');
  });

  it('stop at an abort signal', async () => {
    const world = await World.create();
    world.start(worker(world, 'spin', ['spin']));
    const stop = await world.monitor.run({ signal: AbortSignal.timeout(100) });
    expect(stop.reason).to.equal('aborted');
  });

  it('end when their instructions are used up, to the instruction', async () => {
    const world = await World.create();
    const a = worker(world, 'spin', ['spin'], { instructions: 123_457n });
    world.start(a);
    await world.monitor.run();
    expect([a.state, a.ending, a.instructions]).to.deep.equal(['killed', 'used up its 123457 instructions', 123_457n]);
  });

  it('have no more threads than they may', async () => {
    const world = await World.create();
    const a = worker(world, 'a', ['threads', '8'], { threads: 4 });
    world.start(a);
    await world.monitor.run({ budget: 100_000n });
    expect(world.lines(a).filter((line) => line === 'thread_create: -11')).to.have.length(5);
  });

  for (const [kind, check] of [
    ['load', /^CapEx_LengthViolation of ddc .* at 0x[0-9a-f]+ <doFault/],
    ['store', /^CapEx_LengthViolation of ddc /],
    ['jump', /^CapEx_LengthViolation of pcc /],
    ['illegal', /^illegal instruction at 0x[0-9a-f]+ </],
    ['ecall', /^environment call from U-mode at /],
    ['stack', /^CapEx_LengthViolation of ddc /],
  ] as const) {
    it(`fault by ${kind}: the cVM ends, the report names the check, the other goes on`, async () => {
      const world = await World.create();
      const a = worker(world, 'a', ['fault', kind]);
      const b = worker(world, 'b', ['threads', '2']);
      world.start(a, b);
      await world.monitor.run();
      expect([a.state, a.exitCode]).to.deep.equal(['faulted', undefined]);
      expect(a.ending).to.match(check);
      expect(b.state).to.equal('exited');
      expect(world.monitor.audit.count('a', 'fault')).to.equal(1);
      expect(world.monitor.audit.count('b', 'fault')).to.equal(0);
    });
  }

  it('take their faults themselves as often as they may', async () => {
    const world = await World.create();
    const a = worker(world, 'a', ['handler', 'fault', 'load'], { faults: 1 });
    const b = worker(world, 'b', ['handler', 'fault', 'load']);
    world.start(a, b);
    await world.monitor.run();
    expect(world.output(a)).to.match(/^handler: cause 28 value 0x421 pc 0x[0-9a-f]+\n$/);
    expect([a.state, a.exitCode, b.state]).to.deep.equal(['exited', 42, 'faulted']);
  });

  it('keep their floating-point registers to themselves', async () => {
    const world = await World.create({ slice: 1000 });
    const names = ['a', 'b', 'c'];
    const cvms = names.map((name, i) =>
      worker(world, name, ['float', `${i + 1}`, 'sleep', '10', 'float', '9', 'sleep', '10', 'float', '9']),
    );
    world.start(...cvms);
    await world.monitor.run();
    cvms.forEach((cvm, i) => {
      const floats = world.lines(cvm).filter((line) => line.startsWith('f1'));
      expect(floats).to.deep.equal(['f1 0', `f1 ${i + 1}`, 'f1 9']);
    });
  });

  it('are cleared when destroyed, tags included, and their place is used again', async () => {
    const world = await World.create();
    const free = world.monitor.freeBytes;
    for (let round = 0; round < 20; round++) {
      const a = worker(world, 'a', ['fill', '255', 'spin']);
      const { data, text, gate } = a.resources;
      world.start(a);
      await world.monitor.run({ budget: 1_000_000n });
      const { memory } = world.monitor.machine;
      expect(memory.read(data.base, data.sizeBytes).some((byte) => byte === 255)).to.equal(true);
      world.monitor.destroy(a);
      expect(a.state).to.equal('destroyed');
      for (const { base, sizeBytes } of [data, text, gate.record]) {
        expect(memory.read(base, sizeBytes).every((byte) => byte === 0)).to.equal(true);
        expect(memory.taggedGranules(base, sizeBytes)).to.deep.equal([]);
      }
      expect(world.monitor.freeBytes).to.equal(free);
    }
    expect(world.monitor.cvms).to.deep.equal([]);
  });

  it('come and go by the hundred, in little memory', async () => {
    const world = await World.create({ memory: '16M' });
    const free = world.monitor.freeBytes;
    for (let round = 0; round < 2; round++) {
      const cvms = Array.from({ length: 300 }, (_, i) =>
        world.cvm(`c${i}`, { image: 'hello', memory: 48 * 1024, arguments: [`${i}`] }),
      );
      world.start(...cvms);
      expect((await world.monitor.run()).reason).to.equal('ended');
      cvms.forEach((cvm, i) => expect(world.output(cvm)).to.include(`argument 0: ${i}\n`));
      for (const cvm of cvms) world.monitor.destroy(cvm);
      expect(world.monitor.freeBytes).to.equal(free);
    }
  });

  it('are refused with a reason when they cannot be', async () => {
    const world = await World.create({ memory: '1M' });
    const refused = (spec: Parameters<World['cvm']>[1] & { name?: string }, why: RegExp): void => {
      const before = world.monitor.freeBytes;
      expect(() => world.cvm(spec.name ?? 'x', { image: 'worker', ...spec }), String(why)).to.throw(CvmError, why);
      expect(world.monitor.freeBytes).to.equal(before);
    };
    refused({ name: 'a/b' }, /a name is 1 to 32/);
    refused({ name: '' }, /a name is 1 to 32/);
    refused({ memory: 0 }, /memory of 0 bytes/);
    refused({ memory: NaN }, /memory of NaN bytes/);
    refused({ memory: 4096 }, /4096 bytes of memory, its data and stack need \d+/);
    refused({ memory: 2 ** 31 }, /no room for 2147483648 bytes more/);
    refused({ memory: 1024 * 1024 }, /no room/);
    refused({ arguments: ['x'.repeat(5000)] }, /arguments are too long/);
    refused({ arguments: ['a\0b'] }, /contains a NUL/);
    world.cvm('x', { image: 'worker' });
    refused({ name: 'x' }, /called x already/);
    expect(() => world.monitor.connect('s', { read: () => 0 }, { write: () => undefined })).to.throw(
      CvmError,
      /connects no two cVMs/,
    );
    expect(image('worker').dataStart % 4096).to.equal(0);
  });

  it('start once, and stay dead', async () => {
    const world = await World.create();
    const a = worker(world, 'a', ['exit', '300']);
    world.start(a);
    expect(() => world.monitor.start(a)).to.throw(CvmError, /is running/);
    await world.monitor.run();
    expect(a.exitCode).to.equal(300 & 255);
    world.monitor.kill(a);
    expect(a.state).to.equal('exited');
    expect(() => world.monitor.start(a)).to.throw(CvmError, /is exited/);
  });

  it('may be killed from a console callback, in the middle of their hostcall', async () => {
    const killed: string[] = [];
    const world = await World.create({
      onConsole: (cvm) => {
        killed.push(cvm.name);
        world.monitor.destroy(cvm);
      },
    });
    const a = worker(world, 'a', ['print', 'x', 'print', 'y', 'spin']);
    const b = worker(world, 'b', ['exit', '5']);
    world.start(a, b);
    expect((await world.monitor.run({ budget: 10_000_000n })).reason).to.equal('ended');
    expect(killed).to.deep.equal(['a']);
    expect([a.state, b.exitCode]).to.deep.equal(['destroyed', 5]);
  });

  it('throw what a console callback threw, afterwards, out of run()', async () => {
    const world = await World.create({
      onConsole: () => {
        throw new Error('no paper');
      },
    });
    const a = worker(world, 'a', ['print', 'x', 'exit', '6']);
    world.start(a);
    const error = await world.monitor.run().catch((thrown: unknown) => thrown);
    expect(error).to.be.an('error').with.property('message', 'no paper');
    await world.monitor.run();
    expect(a.exitCode).to.equal(6);
  });
});
