import { expect } from 'chai';
import { deploy, parseManifest, SERVICE_CHARGE, SWITCH_CHARGE } from '../../src/monitor/index.ts';
import type { Deployment } from '../../src/monitor/index.ts';
import { imageBytes, World } from './world.ts';

describe('the stats of a cVM', () => {
  it('say what it is doing, what it used and what it has', async () => {
    const world = await World.create();
    const b = world.cvm('b', { image: 'worker', arguments: ['offer', 'e', '1', 'receive', 's', '64', '0', '64'] });
    const verbs = ['bind', 'e', 'hammer', '0', 'hostcall', '99', '0', '0', '0', '0', 'block', '0', '0'];
    const a = world.cvm('a', { image: 'worker', arguments: verbs, threads: 4, memory: 300 * 1024 });
    world.monitor.allowCall('e', a, b);
    world.monitor.connect('s', a, b);
    expect(world.monitor.stats(a)).to.deep.include({ state: 'created', threads: [], instructions: 0n });
    world.start(b, a);
    await world.monitor.run({ budget: 1_000_123n });
    const stats = world.monitor.stats(a);
    expect(stats).to.deep.include({
      name: 'a',
      state: 'running',
      exitCode: undefined,
      ending: '',
      background: false,
      restarts: 0,
      limits: { threads: 4, faults: 0, instructions: undefined, deadline: undefined },
      refusals: 1,
      faults: 0,
      memory: { dataBytes: a.data.sizeBytes, textBytes: a.resources.text.sizeBytes, textUsers: 2, programBytes: 0 },
      streams: [{ name: 's', direction: 'send', peer: 'b', bytes: 0 }],
      calls: [{ name: 'e', to: 'b' }],
    });
    expect(stats.instructions).to.equal(a.instructions).and.not.equal(0n);
    expect([stats.hostcalls, stats.consoleBytes]).to.deep.equal([a.hostcalls, world.output(a).length]);
    const [main, hammer] = stats.threads;
    expect([main.state, main.path]).to.deep.equal(['blocked', ['a']]);
    expect(main.waitsFor).to.match(/^word 0x/);
    expect([hammer.state, hammer.path[0], hammer.waitsFor]).to.deep.equal(['ready', 'a', '']);
    expect(main.instructions + hammer.instructions).to.equal(stats.instructions);
    expect(world.monitor.stats(b).streams).to.deep.equal([{ name: 's', direction: 'receive', peer: 'a', bytes: 0 }]);
  });

  it('share out all that the monitor charges', async () => {
    const world = await World.create();
    const cvms = ['a', 'b', 'c'].map((name) => world.cvm(name, { image: 'worker', arguments: ['threads', '2'] }));
    world.start(...cvms);
    await world.monitor.run();
    const charges = cvms.map((cvm) => world.monitor.stats(cvm).charge);
    const sum = (pick: (charge: (typeof charges)[0]) => number): number => charges.map(pick).reduce((x, y) => x + y);
    const { switches, services, total } = world.monitor.charges;
    expect([sum((c) => c.switches), sum((c) => c.services), sum((c) => c.total)]).to.deep.equal([
      switches,
      services,
      total,
    ]);
    for (const charge of charges)
      expect(charge.total)
        .to.equal(charge.switches * SWITCH_CHARGE + charge.services * SERVICE_CHARGE)
        .and.greaterThan(0);
  });

  it('are still there when it has ended', async () => {
    const world = await World.create();
    const a = world.cvm('a', { image: 'worker', arguments: ['fault', 'load'] });
    world.start(a);
    await world.monitor.run();
    const { state, ending, faults, threads } = world.monitor.stats(a);
    expect([state, faults, threads]).to.deep.equal(['faulted', 1, []]);
    expect(ending).to.match(/^CapEx_LengthViolation of ddc /);
  });
});

describe('a restart policy in a manifest', () => {
  async function run(policy: string, verbs: string): Promise<Deployment> {
    const text = `version: 1\ncvms: [{ name: a, image: worker, memory: 256K, arguments: [${verbs}], ${policy} }]`;
    const deployment = await deploy(parseManifest(text), { switcher: imageBytes('switcher'), readImage: imageBytes });
    deployment.start();
    expect((await deployment.monitor.run({ budget: 10_000_000n })).reason).to.equal('ended');
    return deployment;
  }

  const CASES: readonly [policy: string, verbs: string, restarts: number, state: string][] = [
    ['threads: 1', 'exit, 1', 0, 'exited'],
    ['restart: never', 'exit, 1', 0, 'exited'],
    ['restart: on-failure', 'exit, 0', 0, 'exited'],
    ['restart: on-failure', 'exit, 1', 10, 'exited'],
    ['restart: on-failure, restarts: 3', 'fault, load', 3, 'faulted'],
    ['restart: on-failure, restarts: 2, instructions: 1000', 'spin', 2, 'killed'],
    ['restart: on-failure, restarts: 2, deadline: 1000', 'sleep, 1000000000', 2, 'killed'],
    ['restart: always, restarts: 4', 'exit, 0', 4, 'exited'],
    ['restart: always, restarts: 0', 'exit, 0', 0, 'exited'],
  ];
  for (const [policy, verbs, restarts, state] of CASES) {
    it(`${policy}: ${verbs} is restarted ${restarts} times`, async () => {
      const { monitor } = await run(policy, verbs);
      const [cvm] = monitor.cvms;
      expect([cvm.restarts, cvm.state]).to.deep.equal([restarts, state]);
      expect(monitor.audit.count('a', 'restart')).to.equal(restarts);
    });
  }
});
