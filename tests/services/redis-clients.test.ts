// Debian's redis-server in a cVM, asked by Debian's own clients on this computer, and killed while they write.
import { execFile, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { compileIfStale, Live, withFiles } from '../cli/capvm.ts';
import { debianImage } from '../helpers/packages.ts';

const run = promisify(execFile);
const CLIENT_MILLISECONDS = 60_000;

describe("Redis in a cVM and Debian's clients", () => {
  before(function () {
    compileIfStale();
    if (spawnSync('redis-cli', ['--version']).status === 0) return;
    console.log('      skipped: redis-tools is needed');
    this.skip();
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
        const benchmark = ['-p', `${port}`, '-q', ...options];
        const { stdout } = await run('redis-benchmark', benchmark, { timeout: CLIENT_MILLISECONDS });
        const tests = options[options.indexOf('-t') + 1].split(',').length;
        expect(stdout.match(/requests per second/g)).to.have.length(tests);
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
  await withFiles({ 'redis.yaml': manifest }, async (directory) => {
    const lives: Live[] = [];
    const start = async (): Promise<Live> => {
      const live = new Live(['up', 'redis.yaml'], { directory, environment: { XDG_RUNTIME_DIR: directory } });
      lives.push(live);
      await live.until(/Ready to accept connections/);
      return live;
    };
    try {
      await action({ port, start });
    } finally {
      for (const { child } of lives) child.kill('SIGKILL');
      await Promise.all(lives.map(({ done }) => done));
    }
  });
}

/** What redis-cli prints, without the end of the line; nothing when the server is gone. */
async function ask(port: number, ...words: readonly string[]): Promise<string> {
  const options = { timeout: CLIENT_MILLISECONDS };
  return run('redis-cli', ['-p', `${port}`, ...words], options).then(
    ({ stdout }) => stdout.trimEnd(),
    () => '',
  );
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
