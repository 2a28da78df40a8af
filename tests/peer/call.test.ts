import { expect } from 'chai';
import { Peer } from '../../src/peer/index.ts';
import { image } from '../monitor/world.ts';
import { errnoOf, Scene } from './scene.ts';

/** Verbs of the worker's entry. */
const SUM = 0, CRASH = 1, SPIN = 2, EXIT = 3, READ = 4, FILL = 5, SLEEP = 7; // prettier-ignore
const SERVER = ['offer', 'echo', 2, 'block', 0, 0];

async function served(verbs: readonly (string | number)[] = SERVER): Promise<Scene> {
  const scene = await Scene.create();
  scene.monitor.allowCall('echo', scene.peer.cvm, scene.worker('server', verbs));
  return scene;
}

describe('Peer: calls', () => {
  it('passes integers both ways', async () => {
    const { peer, during } = bound(await served());
    const { result, stop } = await during(() => peer.call('echo', [SUM, 20n, 3, -30n]));
    expect(result).to.deep.equal({ value: BigInt(-7 + peer.cvm.id * 1000), buffer: undefined });
    expect([stop.reason, peer.cvm.exitCode]).to.deep.equal(['ended', 0]);
  });

  it('passes a buffer, and brings back what the callee wrote', async () => {
    const { peer, during } = bound(await served());
    const { result } = await during(async () => [
      await peer.call('echo', [READ], { buffer: Uint8Array.of(1, 2, 3), readOnly: true }),
      await peer.call('echo', [FILL, 7], { buffer: new Uint8Array(5) }),
      await peer.call('echo', [SUM, 0, 0, 0], { buffer: new Uint8Array(8192) }),
    ]);
    expect(result[0]).to.deep.equal({ value: 6n, buffer: undefined });
    expect(result[1]).to.deep.equal({ value: 0n, buffer: Uint8Array.of(7, 8, 9, 10, 11) });
    expect(result[2].value).to.equal(BigInt(peer.cvm.id * 1000) + 8192_000_000n);
  });

  it('rejects with the errors of the callee, and goes on', async () => {
    const { peer, during } = bound(await served());
    const { result } = await during(async () => [
      await errnoOf(peer.call('echo', [CRASH])),
      await errnoOf(peer.call('echo', [99])),
      await errnoOf(peer.call('echo', [FILL], { buffer: new Uint8Array(8), readOnly: true })),
      await errnoOf(peer.call('echo', [SPIN], { timeoutNs: 1_000_000n })),
      await errnoOf(peer.call('echo', [SLEEP, 10 ** 9], { timeoutNs: 1_000_000 })),
      await errnoOf(peer.call('other')),
      await errnoOf(peer.call('echo', [], { buffer: new Uint8Array(5001) })),
      await errnoOf(peer.call('echo', [], { buffer: new Uint8Array(20_000) })),
      await errnoOf(peer.call('echo', [1, 2, 3, 4, 5])),
      (await peer.call('echo', [SUM, 1])).value,
    ]);
    expect(result.slice(0, 9)).to.deep.equal([
      'ECANCELED',
      'EPERM',
      'ECANCELED',
      'ETIMEDOUT',
      'ETIMEDOUT',
      'ENOENT',
      'EINVAL',
      'E2BIG',
      'E2BIG',
    ]);
    expect(result[9]).to.equal(BigInt(peer.cvm.id * 1000 + 1));
  });

  it('may be many at once: stacks of the callee and workers of the peer bound them', async () => {
    const { peer, during } = bound(await served(['offer', 'echo', 2, 'block', 0, 0]));
    const { result } = await during(() =>
      Promise.all(Array.from({ length: 40 }, () => errnoOf(peer.call('echo', [SLEEP, 50_000])))),
    );
    const refused = result.filter((value) => value === 'EAGAIN').length;
    expect(refused).to.be.greaterThan(0);
    expect(result.length - refused).to.be.at.least(2);
  });

  it('waits for a callee that offers later, binds anew to one that restarts', async () => {
    const { scene, peer, during } = bound(await served(['sleep', 3_000_000, ...SERVER]));
    const { result } = await during(async () => {
      const late = await errnoOf(peer.call('echo', [SUM], { timeoutNs: 100_000 }));
      const first = await peer.call('echo', [SUM]);
      const gone = await errnoOf(peer.call('echo', [EXIT, 3]));
      scene.monitor.restart(scene.monitor.cvms.find(({ name }) => name === 'server')!);
      return [late, first.value, gone, (await peer.call('echo', [SUM])).value];
    });
    const value = BigInt(peer.cvm.id * 1000);
    expect(result).to.deep.equal(['ETIMEDOUT', value, 'EPIPE', value]);
  });

  it('rejects what is pending when the peer is killed, destroyed or ended, and all afterwards', async () => {
    for (const how of ['kill', 'destroy', 'end'] as const) {
      const { scene, peer } = bound(await served());
      const run = scene.monitor.run();
      const pending = [errnoOf(peer.call('echo', [SLEEP, 10 ** 12])), errnoOf(peer.call('echo', [SPIN]))];
      await peer.call('echo', [SUM]).catch(() => undefined);
      setTimeout(() => {
        if (how === 'end') void peer.end();
        else scene.monitor[how](peer.cvm);
      }, 30);
      expect(await Promise.all(pending)).to.deep.equal(['EPIPE', 'EPIPE']);
      await peer.ended;
      expect(await errnoOf(peer.call('echo', [SUM]))).to.equal('EPIPE');
      expect((await run).reason).to.equal('ended');
    }
  });

  it('does not trust the program of an attached cVM', async () => {
    const { monitor } = bound(await Scene.create()).scene;
    // Sends what is no frame, on the stream that should bring news.
    const cvm = monitor.createCvm({
      name: 'liar',
      image: image('worker'),
      memory: 262144,
      arguments: ['send', 'news', '1024', '1024', '0'],
    });
    const peer = Peer.attach(monitor, cvm);
    const pending = errnoOf(peer.call('echo'));
    monitor.start(cvm);
    const error = await monitor.run().catch((reason: Error) => reason.message);
    expect(error).to.match(/^a peer sent a frame with \d+ bytes$/);
    expect(await pending).to.equal('EPIPE');
    await peer.ended;
  });
});

const bound = (scene: Scene) => ({ scene, peer: scene.peer, during: scene.during.bind(scene) as Scene['during'] });
