// `capvm exec` and what goes with it: a further program in a running cVM, restarts, what Linux cVMs report.
import { expect } from 'chai';
import { capvm, compileIfStale, Live } from '../cli/capvm.ts';
import type { Outcome } from '../cli/capvm.ts';
import { debianImage } from '../helpers/packages.ts';
import { client, needs, withServices } from './live-services.ts';

const box = (processes: number): string => `version: 1
cvms:
  - { name: box, image: busybox-static, memory: 16M, processes: ${processes}, publish: ['0:80'], env: { WHERE: here }, cwd: /etc, command: [sh, -c, 'echo up; exec busybox httpd -f -p 80 -h /'] }
`;
const UP = /up/;

describe('capvm exec', () => {
  before(async function () {
    await debianImage(this, 'busybox-static');
    compileIfStale();
  });

  const exec = (live: Live, words: readonly string[], input = ''): Promise<Outcome> =>
    capvm(['exec', ...words], { input, directory: live.directory, environment: { XDG_RUNTIME_DIR: live.directory! } });

  it('runs a program beside the first: its files, arguments, environment, exit code', async () => {
    await withServices(box(4), async (start) => {
      const live = await start(UP);
      const script = 'echo "$1 $WHERE $MORE $(busybox pwd)"; echo wrong >&2; busybox cat; exit 7';
      const words = ['-e', 'MORE=m', 'box', '--', 'sh', '-c', script, 'sh', 'a b'];
      expect(await exec(live, words, 'in\nput')).to.deep.equal({ code: 7, stdout: 'a b here m /etc\nin\nput', stderr: 'wrong\n' }); // prettier-ignore
      const large = 'x'.repeat(1_000_000);
      const copied = await exec(live, ['box', '--', 'busybox', 'cat'], large);
      expect(copied.stdout === large && copied.code === 0).to.equal(true);
      const killed = await exec(live, ['box', '--', 'sh', '-c', 'kill -9 $$']);
      expect(killed.code).to.equal(137);
      const shown = await exec(live, ['--cwd', '/usr/bin', '-n', 'box', '--', 'sh', '-c', 'busybox pwd; read x || echo end'], 'x'); // prettier-ignore
      expect(shown.stdout).to.equal('/usr/bin\nend\n');
    });
  });

  it('says in one line what it cannot do', async () => {
    await withServices(box(1), async (start) => {
      const live = await start(UP);
      expect(await exec(live, ['box', '--', 'nosuch'])).to.deep.equal({ code: 127, stdout: '', stderr: 'capvm: exec: there is no program "nosuch" in the cVM\n' }); // prettier-ignore
      expect((await exec(live, ['box', '--', '/etc/hosts'])).code).to.equal(126);
      const full = await exec(live, ['box', '--', 'busybox', 'true']);
      expect([full.code, full.stderr]).to.deep.equal([126, 'capvm: exec: "busybox": no process is free, or no memory; give the cVM more `processes`\n']); // prettier-ignore
      expect(await exec(live, ['nobox', '--', 'true'])).to.include({ code: 65, stderr: 'capvm: exec: there is no cVM called "nobox"\n' }); // prettier-ignore
      expect((await exec(live, ['box'])).code).to.equal(64);
      expect((await exec(live, ['box', '--', 'x'.repeat(40_000)])).stderr).to.match(/at most \d+\n$/);
    });
  });

  it('forwards Ctrl-C to the program and what it started; the end of the cVM ends it', async () => {
    await withServices(box(4), async (start) => {
      const live = await start(UP);
      const environment = { XDG_RUNTIME_DIR: live.directory! };
      const script = 'trap "echo caught; exit 5" INT; echo ready; busybox sleep 100; echo not here';
      const child = new Live(['exec', '-n', 'box', '--', 'sh', '-c', script], { environment });
      await child.until(/ready/);
      child.child.kill('SIGINT');
      expect(await child.done).to.deep.include({ code: 5, stdout: 'ready\ncaught\n' });
      const left = new Live(['exec', '-n', 'box', '--', 'sh', '-c', 'echo ready; busybox sleep 100'], { environment });
      await left.until(/ready/);
      await capvm(['stop', 'box'], { environment });
      expect(await left.done).to.deep.include({ code: 119, stderr: 'capvm: exec: its cVM has ended\n' });
    });
  });

  it('reaches a program that never sleeps', async () => {
    const busy = box(3).replace(/command: .*\]/, "command: [sh, -c, 'echo up; while :; do :; done']");
    await withServices(busy, async (start) => {
      const live = await start(UP);
      const { stdout } = await exec(live, ['box', '--', 'sh', '-c', 'echo here']);
      expect(stdout).to.equal('here\n');
    });
  });
});

describe('what Linux programs write and use', () => {
  before(async function () {
    await debianImage(this, 'busybox-static');
    compileIfStale();
  });

  it('goes to standard output and standard error apart', async () => {
    const words = ['run', '--image', 'busybox-static', '--', 'sh', '-c'];
    const both = await capvm([...words, 'echo out; echo err >&2; echo more >/dev/stderr; exit 3']);
    expect(both).to.deep.equal({ code: 3, stdout: 'out\n', stderr: 'err\nmore\n' });
  });

  it('is traced on standard error, decoded, and counted', async () => {
    const script = 'echo hello; busybox cat /nosuch 2>/dev/null; exit 4';
    const run = ['run', '--image', 'busybox-static', '--strace', '--stats', '--', 'sh', '-c', script];
    const { stdout, stderr, code } = await capvm(run);
    expect([stdout, code]).to.deep.equal(['hello\n', 4]);
    const lines = stderr.split('\n');
    expect(lines).to.include('[1] write(1, "hello\\n", 6) = 6');
    expect(lines).to.include('[1] exit_group(4) = ?');
    expect(lines.some((line) => /^\[\d+\] openat\(AT_FDCWD, "\/nosuch", O_RDONLY, 00\) = -1 ENOENT$/.test(line))).to.equal(true); // prettier-ignore
    expect(lines.some((line) => /^\[1\] wait4\(-1, \[exit 1\], 0x0, NULL\) = \d+$/.test(line))).to.equal(true);
    expect(lines.some((line) => /^ +openat +2 +1 +\d+$/.test(line))).to.equal(true);
    expect(stderr).to.match(/ Linux: 1 process, [\d.]+M mapped, at most [\d.]+M of [\d.]+M, \d+ system calls/);
  });
});

const redis = `version: 1
cvms:
  - name: redis
    image: test-redis-server-busybox-static
    memory: 80M
    processes: 2
    restart: on-failure
    publish: ['0:6379']
    volumes: [{ file: data.disk, size: 32M, at: /data }]
    command: [redis-server, --dir, /data, --appendonly, 'yes', --appendfsync, always, --save, '', --protected-mode, 'no']
  - name: asker
    image: test-redis-server-busybox-static
    memory: 80M
    processes: 2
    connect: [redis]
    background: true
    command: [redis-server, --save, '']
`;

describe('a Linux cVM that is restarted', () => {
  before(async function () {
    await debianImage(this, 'redis-server', 'busybox-static');
    needs(this, 'redis-cli', 'redis-tools');
    compileIfStale();
  });

  it('has its port, its peers and its disk again', async () => {
    await withServices(redis, async (start) => {
      const live = await start(/Ready to accept[\s\S]*Ready to accept/);
      const environment = { XDG_RUNTIME_DIR: live.directory! };
      const port = /127\.0\.0\.1:(\d+) is port 6379/.exec(live.stderr)![1];
      const ask = (...words: string[]): Promise<string> => client('redis-cli', '-p', port, ...words);
      for (const times of [1, 2]) {
        expect(await ask('INCR', 'count')).to.equal(String(times));
        await capvm(['exec', '-n', 'redis', '--', 'busybox', 'kill', '-9', '1'], { environment });
        await live.until(new RegExp(`(Ready to accept[^]*?){${2 + times}}`));
        expect(await ask('GET', 'count')).to.equal(String(times));
      }
      const peer = await capvm(['exec', '-n', 'asker', '--', 'redis-cli', '-h', 'redis', 'PING'], { environment });
      expect(peer.stdout).to.equal('PONG\n');
      const shown = await capvm(['ps', '--stats'], { environment });
      expect(shown.stdout).to.match(/2 restarts[\s\S]*network: [\d,]+ bytes in/);
    });
  });
});
