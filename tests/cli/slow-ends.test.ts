// Whoever is at the other side of a FIFO or a pipe may never come, or never read: the command line goes on listening.
import { execFileSync } from 'node:child_process';
import { closeSync, constants, createReadStream, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { capvm, compileIfStale, Live, program, withFiles } from './capvm.ts';
import type { Outcome } from './capvm.ts';
import { manifest } from './manifests.ts';

const CAT = [{ name: 'cat', verbs: [], image: 'sender' }];
const streams = (input: string, output: string): string =>
  manifest(CAT, `streams:\n  - { name: file, from: host, to: cat, file: ${input} }\n  - { name: data, from: cat, to: host, file: ${output} }\n`); // prettier-ignore
/** A cVM that prints without end. */
const CHATTER = manifest([{ name: 'a', verbs: ['print', 'x'.repeat(1000)], more: 'restart: always, restarts: 1000000' }]); // prettier-ignore

interface Scene {
  readonly directory: string;
  start(...args: string[]): Live;
  ask(...args: string[]): Promise<Outcome>;
}

async function scene(files: Record<string, string>, action: (scene: Scene) => Promise<void>): Promise<void> {
  await withFiles(files, async (directory) => {
    const environment = { XDG_RUNTIME_DIR: directory };
    const lives: Live[] = [];
    execFileSync('mkfifo', [join(directory, 'in'), join(directory, 'out')]);
    const start = (...args: string[]): Live => {
      lives.push(new Live(args, { directory, environment }));
      return lives.at(-1)!;
    };
    try {
      await action({ directory, start, ask: (...args) => capvm(args, { directory, environment }) });
    } finally {
      for (const { child } of lives) child.kill('SIGKILL');
      await Promise.all(lives.map(({ done }) => done));
    }
  });
}

/** Other work may keep this machine busy: nothing here is measured. */
async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await later(50);
}

const later = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Opened as soon as somebody reads it. */
async function writerOf(fifo: string): Promise<number> {
  let descriptor: number | undefined;
  await until(() => {
    try {
      descriptor = openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK);
      return true;
    } catch {
      return false;
    }
  });
  return descriptor!;
}

describe('slow ends at the host', function () {
  this.timeout(60_000);
  before(compileIfStale);

  for (const [what, input, output] of [
    ['a FIFO that nobody writes', 'in', '/dev/null'],
    ['a FIFO that nobody reads', '/dev/zero', 'out'],
  ]) {
    it(`${what} keeps nobody from ps, stop, Ctrl-C and --max-time`, async () => {
      await scene({ 'm.yaml': streams(input, output) }, async ({ start, ask }) => {
        const timed = start('up', '--max-time', '1', 'm.yaml');
        expect((await timed.done).code).to.equal(123);
        const live = start('up', 'm.yaml');
        await until(async () => /^ {2}cat +running /m.test((await ask('ps')).stdout));
        live.child.kill('SIGINT');
        expect(await live.done).to.deep.include({ code: 130 });
        const stopped = start('up', 'm.yaml');
        await until(async () => (await ask('stop', 'cat')).code === 0);
        // What was written for a reader who may yet come is waited for.
        if (output === 'out') stopped.child.kill('SIGTERM');
        expect((await stopped.done).code).to.equal(output === 'out' ? 143 : 0);
      });
    });
  }

  it('passes through FIFOs what comes late, in pieces, to a reader who comes late', async () => {
    await scene({ 'm.yaml': streams('in', 'out') }, async ({ directory, start }) => {
      const bytes = Buffer.from(Uint8Array.from({ length: 300_000 }, (_, at) => at * 7 + (at >>> 8)));
      const live = start('up', 'm.yaml');
      await later(400);
      const descriptor = openSync(join(directory, 'in'), constants.O_RDWR);
      writeFileSync(descriptor, bytes.subarray(0, 10));
      await later(200);
      const pieces: Buffer[] = [];
      const reader = createReadStream(join(directory, 'out')).on('data', (piece) => pieces.push(piece as Buffer));
      const ended = new Promise<void>((resolve) => reader.on('close', () => resolve()));
      const file = join(directory, 'rest');
      writeFileSync(file, bytes.subarray(10));
      execFileSync('sh', ['-c', 'cat rest > in'], { cwd: directory });
      closeSync(descriptor);
      expect(await live.done).to.deep.include({ code: 0, stdout: `cat | sent ${bytes.length} bytes\n` });
      await ended;
      expect(Buffer.concat(pieces).equals(bytes)).to.equal(true);
    });
  });

  it('a reader of stdout who does not read makes the cVMs stand still, and nothing else', async () => {
    await scene({ 'm.yaml': CHATTER }, async ({ start, ask }) => {
      const live = start('up', 'm.yaml');
      live.child.stdout!.pause();
      const instructions = async (): Promise<number> =>
        (JSON.parse((await ask('ps', '--json')).stdout) as { instructions: number }[])[0]?.instructions ?? 0;
      let [before, now] = [0, 0];
      await until(async () => {
        [before, now] = [now, await instructions()];
        return now > 0 && now === before;
      });
      live.child.stdout!.resume();
      await until(async () => (await instructions()) > now);
      live.child.stdout!.pause();
      await later(500);
      live.child.kill('SIGTERM');
      await later(1000);
      live.child.stdout!.resume();
      expect((await live.done).code).to.equal(143);
    });
  });

  it('npm start waits for a FIFO as for standard input', async () => {
    await scene({}, async ({ directory, start }) => {
      const live = start('start', '--no-ipc', 'in');
      const descriptor = await writerOf(join(directory, 'in'));
      await later(500);
      live.child.kill('SIGINT');
      const { code, stdout } = await live.done;
      closeSync(descriptor);
      expect([code, stdout.trimEnd().split('\n').at(-1)]).to.deep.equal([130, 'Not finished: interrupted']);
      expect((await start('start', '--no-ipc', '--max-time', '0.5', 'in').done).code).to.equal(123);
      const fed = start('start', '--no-ipc', 'in');
      await later(300);
      execFileSync('sh', ['-c', 'printf late > in'], { cwd: directory });
      expect((await fed.done).stdout).to.match(/^file {11}in, 4 bytes\n[^]*\nThe digests agree/);
    });
  });

  it('has the exit code of the run when nobody hears what is said', async () => {
    await scene({ 'm.yaml': manifest([{ name: 'a', verbs: ['exit', 3] }]) }, async ({ directory }) => {
      const silent = (redirection: string): number => {
        try {
          execFileSync('sh', ['-c', `"$0" "$1" up m.yaml 2${redirection}`, process.execPath, program], { cwd: directory, env: { ...process.env, XDG_RUNTIME_DIR: directory } }); // prettier-ignore
          return 0;
        } catch (error) {
          return (error as { status: number }).status;
        }
      };
      expect([silent('>/dev/full'), silent('>&-'), silent('>/dev/null')]).to.deep.equal([3, 3, 3]);
    });
  });
});
