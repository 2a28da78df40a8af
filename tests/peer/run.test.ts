import { expect } from 'chai';
import { Scene } from './scene.ts';

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

describe('Peer: the run', () => {
  it('waits for host code without using the processor, and is no deadlock', async () => {
    const scene = await Scene.create();
    scene.worker('waiting', ['block', 0, 0], { background: false });
    const run = scene.monitor.run();
    await pause(100);
    const before = process.cpuUsage();
    await pause(400);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1000).to.be.lessThan(200);
    await scene.peer.end();
    // Without a peer those who wait wait for each other.
    expect((await run).reason).to.equal('deadlock');
  });

  it('lets time pass as it does outside while a peer lives, at once when none does', async () => {
    const scene = await Scene.create();
    const sleeper = scene.worker('sleeper', ['sleep', 80_000_000]);
    const begin = performance.now();
    await scene.during(async () => {
      while (sleeper.alive) await pause(5);
    });
    expect(performance.now() - begin).to.be.at.least(79);
    scene.monitor.restart(sleeper);
    const later = scene.world.cvm('later', { image: 'worker', arguments: ['sleep', '10000000000'] });
    scene.monitor.start(later);
    const again = performance.now();
    expect((await scene.monitor.run()).reason).to.equal('ended');
    expect(performance.now() - again).to.be.lessThan(5000);
  });

  it('keeps its budget, its signal, and hears of what host code does meanwhile', async () => {
    const scene = await Scene.create();
    const waiting = scene.worker('waiting', ['block', 0, 0], { background: false });
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 30);
    expect((await scene.monitor.run({ signal: abort.signal })).reason).to.equal('aborted');
    const run = scene.monitor.run();
    setTimeout(() => scene.monitor.kill(waiting), 20);
    setTimeout(() => scene.monitor.destroy(scene.peer.cvm), 40);
    expect((await run).reason).to.equal('ended');
    const other = scene.worker('spinning', ['spin'], { background: false });
    expect((await scene.monitor.run({ budget: 1_000_000n })).reason).to.equal('budget');
    expect(other.alive).to.equal(true);
  });
});
