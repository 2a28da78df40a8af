// Debian's redis-server in a cVM, asked by Debian's own clients on this computer, and killed while they write.
import { expect } from 'chai';
import { compileIfStale } from '../cli/capvm.ts';
import type { Live } from '../cli/capvm.ts';
import { debianImage } from '../helpers/packages.ts';
import { client, freePort, needs, withServices } from './live-services.ts';

describe("Redis in a cVM and Debian's clients", () => {
  before(function () {
    compileIfStale();
    needs(this, 'redis-cli', 'redis-tools');
  });

  it('answers redis-benchmark: one client, fifty, pipelined', async function () {
    await debianImage(this, 'redis-server');
    await withRedis(['--save', ''], async ({ start, port }) => {
      const live = await start();
      for (const options of [
        ['-c', '1', '-n', '300', '-t', 'set,get,incr,lpush'],
        ['-c', '50', '-n', '1000', '-t', 'set,get'],
        ['-c', '5', '-P', '16', '-n', '4000', '-t', 'get'],
      ]) {
        const printed = await client('redis-benchmark', '-p', `${port}`, '-q', ...options);
        const tests = options[options.indexOf('-t') + 1].split(',').length;
        expect(printed.match(/requests per second/g)).to.have.length(tests);
      }
      expect(await ask(port, 'GET', 'counter:__rand_int__')).to.equal('300');
      expect(await ask(port, 'LLEN', 'mylist')).to.equal('300');
      live.child.kill('SIGINT');
      await live.done;
      expect(live.stdout).to.include('ready to exit, bye bye');
    });
  });

  it('loses no acknowledged write when the whole machine is killed', async function () {
    await debianImage(this, 'redis-server');
    await withRedis(['--save', '', '--appendonly', 'yes', '--appendfsync', 'always'], async ({ start, port }) => {
      let acknowledged = 0;
      for (const round of [1, 2, 3]) {
        const live = await start();
        expect(Number(await ask(port, 'DBSIZE'))).to.be.within(acknowledged, acknowledged + 1);
        if (acknowledged > 0) expect(await ask(port, 'GET', `key${acknowledged}`)).to.equal(`value${acknowledged}`);
        const killed = new Promise((resolve) => setTimeout(resolve, 400 * round)).then(() =>
          live.child.kill('SIGKILL'),
        );
        const before = acknowledged;
        while ((await ask(port, 'SET', `key${acknowledged + 1}`, `value${acknowledged + 1}`)) === 'OK') acknowledged++;
        await killed;
        await live.done;
        expect(acknowledged).to.be.above(before);
      }
    });
  });

  it('saves its data beside its work: BGSAVE and BGREWRITEAOF, found again', async function () {
    await debianImage(this, 'redis-server');
    await withRedis(['--appendonly', 'yes'], async ({ start, port }) => {
      const live = await start();
      await ask(port, 'SET', 'a', 'one');
      await ask(port, 'BGSAVE');
      await live.until(/Background saving terminated with success/);
      await ask(port, 'BGREWRITEAOF');
      await live.until(/Background AOF rewrite finished successfully/);
      live.child.kill('SIGTERM');
      await live.done;
      const again = await start();
      expect(await ask(port, 'GET', 'a')).to.equal('one');
      again.child.kill('SIGTERM');
      await again.done;
    });
  });
});

interface Scene {
  readonly port: number;
  /** `capvm up`, ready to accept connections. */
  start(): Promise<Live>;
}

async function withRedis(options: readonly string[], action: (scene: Scene) => Promise<void>): Promise<void> {
  const port = await freePort();
  const command = ['redis-server', '--dir', '/data', '--protected-mode', 'no', ...options];
  const manifest = `version: 1
cvms:
  - name: redis
    image: redis-server
    command: ${JSON.stringify(command)}
    memory: 96M
    processes: 2
    volumes: [{ file: disk, size: 32M, at: /data }]
    publish: ['${port}:6379']
`;
  await withServices(manifest, (start) => action({ port, start: () => start(/Ready to accept connections/) }));
}

/** Nothing when the server is gone. */
const ask = (port: number, ...words: readonly string[]): Promise<string> =>
  client('redis-cli', '-p', `${port}`, ...words).catch(() => '');
