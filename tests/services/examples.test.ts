// The examples with Debian's programs, each as its own first lines say: what they pull, what they print, what they answer.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { ImageStore } from '../../src/image/index.ts';
import { capvm, compileIfStale, Live, withFiles } from '../cli/capvm.ts';
import type { Outcome } from '../cli/capvm.ts';
import { PULL_MILLISECONDS } from '../helpers/packages.ts';

const RUN_MILLISECONDS = 120_000;
const UNAVAILABLE = 69;

const textOf = (name: string): string => readFileSync(new URL(`../../examples/${name}.yaml`, import.meta.url), 'utf8');

/** The pulls that its comment names, done; false: packages cannot be had, which is said. */
async function pulled(name: string): Promise<boolean> {
  const [comment] = /^(#.*\n)+/.exec(textOf(name))!;
  const commands = [...comment.matchAll(/capvm (pull [^\n,]*?)(?=,|\n)/g)].map(([, words]) => words.trim());
  expect(commands, `${name}: what to pull first`).not.to.be.empty;
  for (const command of commands) {
    const words = command.split(' ');
    const wanted = words[1] === '--name' ? [words[2]] : words.slice(1);
    if (wanted.every((image) => new ImageStore().find(image) !== undefined)) continue;
    const { code, stderr } = await capvm(words);
    if (code === UNAVAILABLE) console.log(`      skipped: ${stderr.trim()}`);
    else expect(code, stderr).to.equal(0);
    if (code !== 0) return false;
  }
  return true;
}

/** Its disks are in a directory that goes. */
const inCopy = (name: string, action: (directory: string) => Promise<void>): Promise<void> =>
  withFiles({ [`${name}.yaml`]: textOf(name) }, action);

const run = (name: string, directory: string, args: readonly string[] = [], input = ''): Promise<Outcome> =>
  capvm(['up', `${name}.yaml`, '--quiet', ...args], { directory, input, environment: { XDG_RUNTIME_DIR: directory } });

/** While it runs; then it is ended by Ctrl-C. */
async function whileUp(name: string, directory: string, ready: RegExp, action: () => Promise<void>): Promise<void> {
  const live = new Live(['up', `${name}.yaml`], { directory, environment: { XDG_RUNTIME_DIR: directory } });
  try {
    await live.until(ready);
    await action();
  } finally {
    live.child.kill('SIGINT');
    await live.done;
  }
}

describe('examples with programs of Debian', function () {
  this.timeout(PULL_MILLISECONDS + RUN_MILLISECONDS);
  before(() => compileIfStale());

  const example = (name: string, what: string, action: (directory: string) => Promise<void>): void => {
    it(`${name}: ${what}`, async function () {
      if (!(await pulled(name))) return this.skip();
      await inCopy(name, action);
    });
  };

  example('14-redis', 'answers at port 6379', (directory) =>
    whileUp('14-redis', directory, /Ready to accept/, async () => {
      const { connect } = await import('node:net');
      const answer = await new Promise<string>((resolve, reject) => {
        const socket = connect(6379, '127.0.0.1', () => socket.write('PING\r\n'));
        socket.on('data', (bytes) => (resolve(bytes.toString()), socket.destroy())).on('error', reject);
      });
      expect(answer).to.equal('+PONG\r\n');
    }),
  );

  example('15-redis-python', 'counts three visits', async (directory) => {
    const { code, stdout } = await run('15-redis-python', directory);
    const lines = stdout.split('\n').filter((line) => line.startsWith('client'));
    expect(lines.map((line) => /'count': (\d)/.exec(line)?.[1])).to.deep.equal(['1', '2', '3']);
    expect(code).to.equal(0);
  });

  example('16-sqlite', 'has one row more with each run', async (directory) => {
    for (const rows of [1, 2]) {
      const { code, stdout } = await run('16-sqlite', directory);
      expect(stdout.trim().split('\n')).to.have.length(rows);
      expect(code).to.equal(0);
    }
  });

  example('17-lua', 'reads standard input', async (directory) => {
    const { code, stdout } = await run('17-lua', directory, [], 'one two three\n');
    expect(stdout).to.match(/1\s+ONE\n.*2\s+TWO\n.*3\s+THREE\n/);
    expect(code).to.equal(0);
  });

  example('18-fan-out', 'has an answer of each worker', async (directory) => {
    const { code, stdout } = await run('18-fan-out', directory);
    const answers = [...stdout.matchAll(/(w\d): 28/g)].map(([, worker]) => worker);
    expect(answers).to.have.members(['w1', 'w2', 'w3', 'w4']);
    expect(code).to.equal(0);
  });

  example('19-nginx', 'serves its page and what Python answers', (directory) =>
    whileUp('19-nginx', directory, /^/, async () => {
      const get = async (path: string): Promise<string> => {
        for (let tries = 0; tries < 200; tries++) {
          const response = await fetch(`http://127.0.0.1:8081${path}`).catch(() => undefined);
          if (response?.ok === true) return response.text();
          await new Promise((resolve) => setTimeout(resolve, 200));
        }
        throw new Error(`no answer for ${path}`);
      };
      expect(await get('/')).to.include('nginx');
      expect(JSON.parse(await get('/api/x'))).to.deep.equal({ path: '/api/x' });
    }),
  );

  example('20-bzip2', 'gets back what it compressed', async (directory) => {
    const text = fileURLToPath(new URL('../../README.md', import.meta.url));
    const { code, stdout } = await run('20-bzip2', directory, ['--stream', `text=${text}`]);
    expect(stdout).to.match(new RegExp(` ${readFileSync(text).length} /tmp/text\n`));
    expect(code).to.equal(0);
  });
});
