import { expect } from 'chai';
import { Peer } from '../../src/peer/index.ts';
import { bytes, errnoOf, Scene } from './scene.ts';

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

describe('Peer: its cVM is restarted', () => {
  it('calls, serves, opens streams and files again; what was pending rejects with EPIPE', async () => {
    const scene = await Scene.create();
    const { monitor, peer } = scene;
    const server = scene.world.cvm('server', { image: 'worker', background: true, arguments: ['offer', 'e', '2', 'block', '0', '0'] }); // prettier-ignore
    const client = scene.world.cvm('client', { image: 'worker', background: true, arguments: ['bind', 'sum', 'call', '3', '4', '0', '0', '0'] }); // prettier-ignore
    const reader = scene.world.cvm('reader', { image: 'worker', background: true, arguments: ['receive', 'data', '1024', '0', '100'] }); // prettier-ignore
    monitor.allowCall('e', peer.cvm, server);
    monitor.allowCall('sum', client, peer.cvm);
    monitor.connect('data', peer.cvm, reader);
    const shared = monitor.createFile('shared', 64);
    monitor.allowFile(shared, peer.cvm, 3);
    monitor.start(server);
    const { result } = await scene.during(async () => {
      const lives = [];
      const asked: (() => void)[] = [];
      const file = peer.file('shared', 'rw');
      await peer.serve('sum', async ([a, b]) => {
        if (asked.length === 0) await new Promise<void>((resolve) => asked.push(resolve));
        return a + b;
      });
      for (const life of [0, 1]) {
        const { value } = await peer.call('e', [0n, 20n, 22n]);
        if (life === 1) monitor.restart(reader);
        else monitor.start(reader);
        await peer.send('data', new Uint8Array(10));
        await file.write(0, bytes(`life ${life}`));
        lives.push([Number(value) % 1000, Buffer.from(await file.read(0, 6)).toString()]);
        if (life === 1) break;
        monitor.start(client);
        while (asked.length === 0) await pause(1);
        const pending = [peer.call('e', [11n]), file.wait(32, 0)].map(errnoOf);
        await pause(5);
        const ended = peer.ended;
        monitor.restart(peer.cvm);
        await ended;
        lives.push(await Promise.all(pending));
        // The answer to a request of the life that is over is for nobody.
        asked[0]();
      }
      monitor.restart(client);
      while (client.alive) await pause(1);
      await peer.close('data');
      while (reader.alive) await pause(1);
      return lives;
    });
    expect(result).to.deep.equal([[42, 'life 0'], ['EPIPE', 'EPIPE'], [42, 'life 1']]); // prettier-ignore
    expect(scene.world.lines(client).at(-1)).to.equal('call 3: 7');
    expect(scene.world.lines(reader)).to.deep.equal(['receive: 10 bytes, 9 wrong, end -32', 'receive: 10 bytes, 9 wrong, end 0']); // prettier-ignore
  });

  it('is there for a program that comes back after it was ended, and no handle of an earlier life serves', async () => {
    const scene = await Scene.create();
    const { monitor, peer } = scene;
    const source = scene.world.cvm('source', { image: 'worker', background: true, arguments: ['send', 'in', '10', '10', '0', 'block', '0', '0'] }); // prettier-ignore
    monitor.connect('in', source, peer.cvm);
    const shared = monitor.createFile('shared', 64);
    monitor.allowFile(shared, peer.cvm, 3);
    monitor.start(source);
    const { result } = await scene.during(async () => {
      const pieces = peer.receive('in');
      const first = await pieces.next();
      monitor.restart(peer.cvm);
      await peer.file('shared', 'rw').size();
      return [(first.value as Uint8Array).length, await errnoOf(pieces.next())];
    });
    expect(result).to.deep.equal([10, 'EPIPE']);
    expect(peer).to.be.instanceOf(Peer);
    expect([peer.cvm.state, peer.cvm.restarts]).to.deep.equal(['exited', 1]);
    monitor.restart(peer.cvm);
    expect((await scene.during(() => peer.file('shared', 'r').size())).result).to.equal(64);
  });
});
