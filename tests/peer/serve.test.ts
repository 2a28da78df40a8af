import { expect } from 'chai';
import { PeerError } from '../../src/peer/index.ts';
import { Scene } from './scene.ts';

const until = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 1));
};

/** The cVM "client" calls the peer's entry "sum", and ends. */
async function client(scene: Scene, verbs: readonly (string | number)[]) {
  const cvm = scene.world.cvm('client', {
    image: 'worker',
    arguments: ['bind', 'sum', ...verbs].map(String),
    background: true,
  });
  scene.monitor.allowCall('sum', cvm, scene.peer.cvm);
  scene.monitor.start(cvm);
  return { cvm, ended: () => until(() => !cvm.alive) };
}

describe('Peer: served calls', () => {
  it('get integers and a copy of the buffer, and give a value', async () => {
    const scene = await Scene.create();
    const { cvm, ended } = await client(scene, ['rise', 'call', 1, 2, 3, 4, 0, 'call', 5, 0, 0, 0, 10]);
    const heard: unknown[] = [];
    await scene.during(async () => {
      await scene.peer.serve('sum', (args, buffer, caller) => {
        heard.push([args, [...buffer], caller.name]);
        return args.reduce((sum, value) => sum + value, 0n);
      });
      await ended();
    });
    expect(heard).to.deep.equal([
      [[1n, 2n, 3n, 4n], [], 'client'],
      [[5n, 0n, 0n, 0n], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 'client'],
    ]);
    expect(scene.world.lines(cvm)).to.deep.equal(['bind: 0', 'call 1: 10', 'call 5: 5']);
  });

  it("write the caller's buffer, and may take their time", async () => {
    const scene = await Scene.create();
    const { cvm, ended } = await client(scene, ['call', 0, 0, 0, 0, 64, 'show']);
    await scene.during(async () => {
      await scene.peer.serve('sum', async (_args, buffer) => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        return { value: -7000n, buffer: buffer.map((_, index) => 0xa0 + index) };
      });
      await ended();
    });
    expect(scene.world.lines(cvm)).to.deep.equal(['bind: 0', 'call 0: -7000', 'arena a0 a1 df']);
  });

  it('that fail: -ECANCELED for the caller, or the error that was meant, and run() throws what host code threw', async () => {
    const scene = await Scene.create();
    const { cvm, ended } = await client(scene, [
      'call',
      0,
      0,
      0,
      0,
      0,
      'call',
      1,
      0,
      0,
      0,
      0,
      'call',
      2,
      0,
      0,
      0,
      8,
      'call',
      3,
      0,
      0,
      0,
      0,
    ]);
    const run = scene.monitor.run().then(() => 'no error', (error: Error) => error.message); // prettier-ignore
    await scene.peer.serve('sum', async ([verb], buffer) => {
      if (verb === 0n) throw new PeerError('EPERM', 'not you');
      if (verb === 1n) throw new Error('a bug at the host');
      if (verb === 2n) return { value: 0n, buffer: new Uint8Array(buffer.length + 1) };
      return 4n;
    });
    expect(await run).to.equal('a bug at the host');
    expect(await scene.monitor.run().catch((error: Error) => error.message)).to.equal(
      '9 bytes for a buffer of 8 of cVM client',
    );
    await scene.during(ended);
    expect(scene.world.lines(cvm)).to.deep.equal([
      'bind: 0',
      'call 0: -1',
      'call 1: -125',
      'call 2: -125',
      'call 3: 4',
    ]);
  });

  it('tell onError instead, where there is one', async () => {
    const errors: string[] = [];
    const scene = await Scene.create({
      onError: (error, entry) => errors.push(`${entry}: ${(error as Error).message}`),
    });
    const { cvm, ended } = await client(scene, ['call', 0, 0, 0, 0, 0]);
    const { stop } = await scene.during(async () => {
      await scene.peer.serve('sum', () => {
        throw new TypeError('oh');
      });
      await ended();
    });
    expect(errors).to.deep.equal(['sum: oh']);
    expect([scene.world.lines(cvm)[1], stop.reason]).to.deep.equal(['call 0: -125', 'ended']);
  });

  it('may call on, into the caller too', async () => {
    const scene = await Scene.create();
    const { cvm, ended } = await client(scene, ['offer', 'back', 1, 'call', 6, 0, 0, 0, 0]);
    scene.monitor.allowCall('back', scene.peer.cvm, cvm);
    await scene.during(async () => {
      await scene.peer.serve('sum', async ([x]) => (await scene.peer.call('back', [0, x, 100])).value);
      await ended();
    });
    expect(scene.world.lines(cvm)[2]).to.equal(`call 6: ${106 + scene.peer.cvm.id * 1000}`);
  });

  it('refuse a buffer that is too large, and more entries than there are stacks', async () => {
    const scene = await Scene.create({ payloadBytes: 1024 });
    const { cvm, ended } = await client(scene, ['call', 0, 0, 0, 0, 2048, 'call', 0, 0, 0, 0, 1024]);
    const { result } = await scene.during(async () => {
      await scene.peer.serve('sum', () => 1n, { concurrency: 10 });
      const error = await scene.peer.serve('other', () => 1n, { concurrency: 7 }).catch((e: PeerError) => e.message);
      await ended();
      return error;
    });
    expect(result).to.equal('serve other 7 times: 6 of 16 are left: ENOMEM');
    expect(scene.world.lines(cvm).slice(1)).to.deep.equal(['call 0: -7', 'call 0: 1']);
  });

  it('of callers who are killed end without anybody, and are bounded', async () => {
    const scene = await Scene.create();
    const { cvm } = await client(scene, ['call', 1, 0, 0, 0, 0]);
    const { result } = await scene.during(async () => {
      const answers: (() => void)[] = [];
      const handler = (): Promise<bigint> => new Promise((resolve) => answers.push(() => resolve(1n)));
      await scene.peer.serve('sum', handler, { concurrency: 1 });
      for (const count of [1, 2]) {
        await until(() => answers.length === count);
        scene.monitor.restart(cvm);
      }
      // The stack is free, but host code has two requests of one that are abandoned: -EAGAIN.
      await until(() => !cvm.alive);
      const third = scene.world.lines(cvm).at(-1);
      answers[0]();
      await new Promise((resolve) => setTimeout(resolve, 20));
      scene.monitor.restart(cvm);
      await until(() => answers.length === 3);
      answers[2]();
      await until(() => !cvm.alive);
      return [third, scene.world.lines(cvm).at(-1), answers.length];
    });
    expect(result).to.deep.equal(['call 1: -11', 'call 1: 1', 3]);
  });

  it('survive callers that give up at any moment', async () => {
    const scene = await Scene.create();
    const [impatient, patient] = ['impatient', 'patient'].map((name) => {
      const cvm = scene.world.cvm(name, { image: 'attack/impatient', arguments: [name], background: true });
      scene.monitor.allowCall('sum', cvm, scene.peer.cvm);
      scene.monitor.start(cvm);
      return cvm;
    });
    let served = 0;
    let mixed = 0;
    let most = 0;
    let now = 0;
    await scene.during(async () => {
      const handler = async ([number]: readonly bigint[], buffer: Uint8Array) => {
        most = Math.max(most, ++now);
        if (buffer.length !== 256 || buffer.some((byte) => byte !== Number(number))) mixed++;
        if (served++ % 3 === 0) await new Promise((resolve) => setTimeout(resolve, 0));
        now--;
        return { value: number, buffer: buffer.map((byte) => byte + 1) };
      };
      await scene.peer.serve('sum', handler, { concurrency: 8 });
      await until(() => !patient.alive && !impatient.alive);
    });
    expect(scene.world.lines(patient)).to.deep.equal(['40 answers, 0 wrong']);
    const [answered, gaveUp, refused] = /(\d+), gave up (\d+), refused (\d+)/.exec(scene.world.output(impatient))!.slice(1).map(Number); // prettier-ignore
    expect(answered + gaveUp + refused).to.equal(1200);
    expect(gaveUp).to.be.greaterThan(5);
    expect([mixed, most <= 16, scene.peer.cvm.faults]).to.deep.equal([0, true, 0]);
  });

  it('do not let time run away while the host works', async () => {
    const scene = await Scene.create();
    // The client's own limit of the call would pass at once if time did not go by as it does outside.
    const image = scene.world.cvm('caller', { image: 'examples/06-call', arguments: ['client'], background: true });
    scene.monitor.allowCall('store', image, scene.peer.cvm);
    scene.monitor.allowCall('count', image, scene.peer.cvm);
    scene.monitor.start(image);
    let kept = new Uint8Array();
    await scene.during(async () => {
      await scene.peer.serve('store', async ([verb], buffer) => {
        if (verb === 0n) {
          if (buffer.length > 64) throw new PeerError('E2BIG', 'put');
          kept = buffer.slice();
          return 0n;
        }
        if (verb === 1n) return { value: kept.length, buffer: kept };
        if (verb === 2n) await new Promise((resolve) => setTimeout(resolve, 30));
        throw new PeerError(verb === 3n ? 'ECANCELED' : 'ENOSYS', 'store');
      });
      await scene.peer.serve('count', ([c]) => kept.filter((byte) => byte === Number(c)).length);
      await until(() => !image.alive);
    });
    expect(scene.world.lines(image)).to.deep.equal([
      'kept 30 bytes: capabilities all the way down',
      'it has 4 letters a',
      'too large: E2BIG',
      'unknown verb: ENOSYS',
      'a callee that crashes: ECANCELED',
      'a callee that hangs: ETIMEDOUT',
      'a callee that writes too much: ECANCELED',
      'not allowed: ENOENT',
      'still there: 30',
    ]);
    expect(scene.peer.cvm.exitCode).to.equal(0);
  });
});
