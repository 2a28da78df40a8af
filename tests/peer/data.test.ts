import { expect } from 'chai';
import { FILE_READ, FILE_WRITE } from '../../src/monitor/abi.ts';
import { errnoOf, patternBytes, Scene } from './scene.ts';

describe('Peer: files', () => {
  it('reads, writes, waits and notifies, with the rights that it has', async () => {
    const scene = await Scene.create();
    const other = scene.worker('other', [
      'open',
      'f',
      3,
      'await',
      8,
      0,
      0,
      'write',
      100,
      50_000,
      0,
      'write',
      12,
      4,
      1,
      'notify',
      12,
    ]);
    const file = scene.monitor.createFile('f', 65536);
    scene.monitor.allowFile(file, other, FILE_READ | FILE_WRITE);
    scene.monitor.allowFile(file, scene.peer.cvm, FILE_READ | FILE_WRITE);
    const { result } = await scene.during(async () => {
      const mine = scene.peer.file('f', 'rw');
      const waiting = mine.wait(12, 0);
      expect(await mine.write(8, Uint8Array.of(1, 0, 0, 0))).to.equal(4);
      expect(await mine.notify(8)).to.equal(1);
      await waiting;
      expect(await errnoOf(scene.peer.file('f', 'w').read(0, 1))).to.equal('EPERM');
      expect(await errnoOf(mine.wait(16, 0, { timeoutNs: 1000 }))).to.equal('ETIMEDOUT');
      return {
        size: await mine.size(),
        bytes: await mine.read(100, 50_000),
        end: await mine.read(65530, 100),
        behind: await mine.write(65536, Uint8Array.of(1)),
      };
    });
    expect(result.size).to.equal(65536);
    expect(result.bytes).to.deep.equal(patternBytes(0, 50_000));
    expect([result.end.length, result.behind]).to.deep.equal([6, 0]);
  });

  it('gets no more than its manifest gives it, and learns of a revocation', async () => {
    const scene = await Scene.create();
    const file = scene.monitor.createFile('f', 4096);
    scene.monitor.allowFile(file, scene.peer.cvm, FILE_READ);
    const { result } = await scene.during(async () => {
      const reader = scene.peer.file('f', 'r');
      const seen = [
        await errnoOf(scene.peer.file('f', 'rw').read(0, 1)),
        await errnoOf(scene.peer.file('f', 'r').write(0, Uint8Array.of(1))),
        await errnoOf(scene.peer.file('g', 'r').read(0, 1)),
        (await reader.read(0, 3)).length,
      ];
      const waiting = errnoOf(reader.wait(0, 0));
      setTimeout(() => scene.monitor.revokeFile(file, scene.peer.cvm), 10);
      seen.push((await waiting) as string, (await errnoOf(reader.read(0, 1))) as string);
      scene.monitor.allowFile(file, scene.peer.cvm, FILE_READ);
      return [...seen, (await reader.read(0, 2)).length];
    });
    expect(result).to.deep.equal(['EPERM', 'EPERM', 'ENOENT', 3, 'EREVOKED', 'EPERM', 2]);
  });
});

describe('Peer: streams', () => {
  it('receives until the end of file', async () => {
    const scene = await Scene.create();
    const sender = scene.worker('sender', ['send', 'data', 100_000, 3000, 5]);
    scene.monitor.connect('data', sender, scene.peer.cvm);
    const { result } = await scene.during(async () => {
      const parts: number[] = [];
      for await (const part of scene.peer.receive('data')) parts.push(...part);
      return Uint8Array.from(parts);
    });
    expect(result).to.deep.equal(patternBytes(0, 100_000));
  });

  it("sends, in order, with the receiver's patience", async () => {
    const scene = await Scene.create();
    const receiver = scene.worker('receiver', ['receive', 'data', 1024, 3, 700], { background: false });
    scene.monitor.connect('data', scene.peer.cvm, receiver);
    await scene.during(async () => {
      await Promise.all([0, 1, 2].map((part) => scene.peer.send('data', patternBytes(part * 30_000, 30_000))));
      await scene.peer.close('data');
    });
    expect(scene.world.lines(receiver)).to.deep.equal(['receive: 90000 bytes, 0 wrong, end 0']);
  });

  it('learns that the other side died', async () => {
    const scene = await Scene.create();
    const sender = scene.worker('sender', ['send', 'in', 10, 10, 0, 'spin']);
    const deaf = scene.worker('deaf', ['listen', 'out', 64, 1, 'block', 0, 0]);
    scene.monitor.connect('in', sender, scene.peer.cvm);
    scene.monitor.connect('out', scene.peer.cvm, deaf);
    const { result } = await scene.during(async () => {
      const sent = errnoOf(scene.peer.send('out', new Uint8Array(1000)));
      setTimeout(() => scene.monitor.kill(deaf), 20);
      return [await sent, await errnoOf(scene.peer.send('nowhere', new Uint8Array(1)))];
    });
    expect(result).to.deep.equal(['EPIPE', 'ENOENT']);
  });

  it('breaks off, times out, closes under a reader', async () => {
    const scene = await Scene.create();
    const sender = scene.worker('sender', ['send', 'data', 1_000_000, 3000, 0]);
    const quiet = scene.worker('quiet', ['block', 0, 0]);
    scene.monitor.connect('data', sender, scene.peer.cvm);
    scene.monitor.connect('quiet', quiet, scene.peer.cvm);
    const { result } = await scene.during(async () => {
      let count = 0;
      for await (const part of scene.peer.receive('data')) if ((count += part.length) > 10_000) break;
      await scene.peer.close('data');
      const late = await errnoOf(scene.peer.receive('quiet', { timeoutNs: 1000 }).next());
      const closed = errnoOf(scene.peer.receive('quiet').next());
      await scene.peer.close('quiet');
      return [count > 10_000, late, await closed];
    });
    expect(result).to.deep.equal([true, 'ETIMEDOUT', 'EBADF']);
    expect(scene.world.lines(sender)[0]).to.equal('send: -32');
  });

  it('lends and borrows', async () => {
    const scene = await Scene.create();
    const borrower = scene.worker('borrower', ['borrow', 'out', 1, 'block', 0, 0]);
    const lender = scene.worker('lender', ['lend', 'in', 40_960, 0, 'block', 0, 0]);
    scene.monitor.connect('out', scene.peer.cvm, borrower);
    scene.monitor.connect('in', lender, scene.peer.cvm);
    const { result } = await scene.during(async () => {
      await scene.peer.lend('out', patternBytes(0, 8192));
      const late = await errnoOf(scene.peer.lend('out', patternBytes(0, 64), { timeoutNs: 100_000 }));
      const loan = await scene.peer.borrow('in');
      const whole = await loan.read(0, 100_000);
      const refused = await errnoOf(loan.write(0, Uint8Array.of(1)));
      await loan.close();
      return { late, whole, refused, gone: await errnoOf(loan.size()) };
    });
    expect(scene.world.lines(borrower)[1]).to.equal('read: 8192, 0 wrong');
    expect(result.whole).to.deep.equal(patternBytes(0, 40_960));
    expect([result.late, result.refused, result.gone]).to.deep.equal(['ETIMEDOUT', 'EPERM', 'EREVOKED']);
    expect(scene.world.lines(lender)).to.include('returned: 0');
  });
});
