import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { capvm, compileIfStale, Live, withFiles } from './capvm.ts';
import type { Outcome } from './capvm.ts';
import { manifest } from './manifests.ts';

const SPINNER = { name: 'spinner', verbs: ['print', 'up', 'spin'] };
const WAITER = { name: 'waiter', verbs: ['block', 0, 0], more: 'background: true' };

interface Scene {
  readonly directory: string;
  /** Where the sockets are. */
  readonly sockets: string;
  readonly live: Live;
  ask(...args: string[]): Promise<Outcome>;
  start(file: string): Promise<Live>;
}

/** A run of a spinner and a waiter, ended at the end. */
async function scene(action: (scene: Scene) => Promise<void>): Promise<void> {
  const files = { 'm.yaml': manifest([SPINNER, WAITER]), 'n.yaml': manifest([SPINNER, { ...WAITER, name: 'other' }]) };
  await withFiles(files, async (directory) => {
    const environment = { XDG_RUNTIME_DIR: directory };
    const lives: Live[] = [];
    const start = async (file: string): Promise<Live> => {
      const live = new Live(['up', file], { directory, environment });
      lives.push(live);
      await live.until(/spinner \| up/);
      return live;
    };
    const ask = (...args: string[]): Promise<Outcome> => capvm(args, { directory, environment });
    try {
      const live = await start('m.yaml');
      await action({ directory, sockets: join(directory, 'capvm'), live, ask, start });
    } finally {
      for (const { child } of lives) child.kill('SIGKILL');
      await Promise.all(lives.map(({ done }) => done));
    }
  });
}

type Runs = { run: number; cvms: { name: string; state: string; restarts: number; instructions: number }[] }[];
const states = ({ stdout }: Outcome): string[] =>
  (JSON.parse(stdout) as Runs).flatMap(({ cvms }) => cvms.map(({ name, state }) => `${name} ${state}`));

describe('capvm ps, pause, resume, restart, kill, stop', function () {
  this.timeout(20_000);
  before(compileIfStale);

  it('show and change what a run does', () =>
    scene(async ({ ask, live }) => {
      const shown = await ask('ps');
      expect(shown.stdout).to.match(
        /^run \d+: m\.yaml, \d+\.\d s, [\d,]+ instructions\n {2}NAME +STATE +INSTRUCTIONS /,
      );
      expect(shown.stdout).to.match(/^ {2}spinner +running +[\d,]+ /m);
      expect((await ask('ps', '--stats')).stdout).to.match(/^ {4}thread \d+ blocked: word 0x[0-9a-f]+, /m);
      expect((await ask('pause', 'spinner')).code).to.equal(0);
      const paused = await ask('ps', '--json');
      expect(states(paused)).to.deep.equal(['spinner paused', 'waiter running']);
      expect((await ask('ps', '--json')).stdout.match(/"instructions":\d+/)?.[0]).to.equal(paused.stdout.match(/"instructions":\d+/)?.[0]); // prettier-ignore
      expect((await ask('resume', 'spinner')).code).to.equal(0);
      expect((await ask('restart', 'm', 'spinner')).code).to.equal(0);
      await live.until(/up\n[^]*spinner \| up/);
      expect((await ask('stop', 'm.yaml', 'spinner')).code).to.equal(0);
      const { code, stderr } = await live.done;
      expect(code).to.equal(0);
      expect(stderr).to.match(/^spinner +stopped .*\n {2}stopped by capvm stop; 1 restart$/m);
      expect(await ask('ps')).to.deep.equal({ code: 0, stdout: '', stderr: 'capvm: no run is going on\n' });
    }));

  it('make a kill a failure of the run, also of a paused cVM', () =>
    scene(async ({ ask, live }) => {
      await ask('pause', 'spinner');
      expect((await ask('kill', 'spinner')).code).to.equal(0);
      const { code, stderr } = await live.done;
      expect(code).to.equal(119);
      expect(stderr).to.match(/^spinner +killed .*\n {2}killed by capvm kill$/m);
    }));

  it('let Ctrl-C end a run that is paused', () =>
    scene(async ({ ask, live }) => {
      await ask('pause', 'spinner');
      live.child.kill('SIGINT');
      expect((await live.done).code).to.equal(130);
    }));

  it('refuse with one line and an exit code', () =>
    scene(async ({ ask, live }) => {
      const refused = async (args: string[], code: number, message: string): Promise<void> => {
        expect(await ask(...args), args.join(' ')).to.deep.equal({ code, stdout: '', stderr: `capvm: ${message}\n` });
      };
      await refused(['pause', 'nobody'], 65, 'pause: there is no cVM called "nobody"');
      await refused(['resume', 'spinner'], 65, 'resume: cVM spinner is running');
      await refused(['pause', '1', 'spinner'], 69, 'no run is called "1"; `capvm ps` lists them');
      await refused(['pause'], 64, 'pause: give [RUN] NAME; see `capvm help pause`');
      await refused(['pause', 'a', 'b', 'c'], 64, 'pause: give [RUN] NAME; see `capvm help pause`');
      await refused(['ps', 'x'], 64, 'ps: it takes no arguments; see `capvm help ps`');
      await ask('kill', 'waiter');
      await refused(['kill', 'waiter'], 65, 'kill: cVM waiter is killed');
      live.child.kill('SIGKILL');
      await live.done;
      await refused(['kill', 'spinner'], 69, 'no run is going on');
    }));

  it('tell several runs apart', () =>
    scene(async ({ ask, live, start }) => {
      const second = await start('n.yaml');
      const { code, stderr } = await ask('pause', 'spinner');
      const numbers = [live.child.pid!, second.child.pid!].sort((a, b) => a - b);
      expect([code, stderr]).to.deep.equal([64, `capvm: several runs could be meant: give one of ${numbers.join(', ')} before the name\n`]); // prettier-ignore
      expect((await ask('pause', 'other')).code).to.equal(0);
      expect((await ask('pause', 'n', 'spinner')).code).to.equal(0);
      expect((await ask('kill', String(second.child.pid), 'spinner')).code).to.equal(0);
      expect((await second.done).code).to.equal(119);
      expect(states(await ask('ps', '--json'))).to.deep.equal(['spinner running', 'waiter running']);
    }));
});

/** Connected, and whatever it gets. */
function visitor(path: string): Promise<{ socket: Socket; text: () => string; closed: Promise<void> }> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    let text = '';
    socket.setEncoding('utf8').on('data', (piece: string) => (text += piece));
    const closed = new Promise<void>((done) => socket.on('close', () => done()));
    socket.on('error', reject);
    socket.on('connect', () => resolve({ socket, text: () => text, closed }));
  });
}

describe('the control socket of a run', function () {
  this.timeout(20_000);
  before(compileIfStale);

  it('is for this user only', () =>
    scene(async ({ sockets, live }) => {
      expect(statSync(sockets).mode & 0o777).to.equal(0o700);
      expect(statSync(join(sockets, `${live.child.pid}.sock`)).mode & 0o777).to.equal(0o600);
    }));

  it('answers nonsense with one line, and goes on', () =>
    scene(async ({ sockets, live, ask }) => {
      const path = join(sockets, `${live.child.pid}.sock`);
      const nonsense = ['\n', '{}\n', 'null\n', '[1]\n', '{"verb":"fly"}\n', '{"verb":"pause"}\n', '{"verb":"pause","name":{}}\n', '{"verb":"__proto__","name":"x"}\n', 'x'.repeat(100_000)]; // prettier-ignore
      for (const text of nonsense) {
        const { socket, text: answer, closed } = await visitor(path);
        socket.on('error', () => undefined);
        socket.write(text);
        await closed;
        if (text.length < 1000) expect(JSON.parse(answer()), text).to.deep.equal({ error: 'not a request' });
      }
      expect(states(await ask('ps', '--json'))).to.deep.equal(['spinner running', 'waiter running']);
    }));

  it('is not held up by those who say nothing, say it slowly, or do not listen', () =>
    scene(async ({ sockets, live, ask }) => {
      const path = join(sockets, `${live.child.pid}.sock`);
      const visitors = await Promise.all(Array.from({ length: 6 }, () => visitor(path)));
      visitors[0].socket.write('{"verb"');
      visitors[1].socket.pause();
      visitors[1].socket.write('{"verb":"ps"}\n');
      expect(states(await ask('ps', '--json'))).to.deep.equal(['spinner running', 'waiter running']);
      visitors[1].socket.resume();
      await Promise.all(visitors.map(({ closed }) => closed));
      expect((await ask('kill', 'spinner')).code).to.equal(0);
      expect((await live.done).code).to.equal(119);
    }));

  it('of a run that is stopped is reported as silent, the others all the same', () =>
    scene(async ({ ask, live, start }) => {
      const second = await start('n.yaml');
      live.child.kill('SIGSTOP');
      const shown = await ask('ps', '--json');
      expect(shown.stderr).to.equal(`capvm: run ${live.child.pid} does not answer\n`);
      expect(states(shown)).to.deep.equal(['spinner running', 'other running']);
      live.child.kill('SIGCONT');
      second.child.kill('SIGINT');
      await second.done;
      expect(states(await ask('ps', '--json'))).to.deep.equal(['spinner running', 'waiter running']);
    }));

  it('goes with its run, and what a dead run left is cleared by the next', () =>
    scene(async ({ sockets, live, start, ask }) => {
      live.child.kill('SIGKILL');
      await live.done;
      expect(readdirSync(sockets)).to.deep.equal([`${live.child.pid}.sock`]);
      expect((await ask('ps')).stderr).to.equal('capvm: no run is going on\n');
      const next = await start('m.yaml');
      expect(readdirSync(sockets)).to.deep.equal([`${next.child.pid}.sock`]);
      next.child.kill('SIGINT');
      await next.done;
      expect(readdirSync(sockets)).to.deep.equal([]);
    }));

  it('may answer anything: others do not stumble over it', async () => {
    await withFiles({}, async (directory) => {
      mkdirSync(join(directory, 'capvm'), { mode: 0o700 });
      mkdirSync(join(directory, 'capvm', '3.sock'));
      for (const answer of ['', '{', 'null', '[]', '{"ok":{}}', '{"ok":{"cvms":null}}']) {
        const server = createServer((socket) => socket.end(`${answer}\n`));
        await new Promise<void>((resolve) => server.listen(join(directory, 'capvm', '1.sock'), resolve));
        const outcome = await capvm(['ps'], { directory, environment: { XDG_RUNTIME_DIR: directory } });
        server.close();
        expect(outcome, answer).to.deep.equal({ code: 0, stdout: '', stderr: 'capvm: run 1 does not answer\n' });
      }
    });
  });

  it('is not made where somebody else could have a hand in it; the run goes on without', async () => {
    const files = { 'm.yaml': manifest([{ name: 'a', verbs: ['print', 'x'] }]) };
    const cases: readonly [prepare: (directory: string) => string, why: RegExp][] = [
      [(directory) => (mkdirSync(join(directory, 'real')), symlinkSync('real', join(directory, 'capvm')), directory), /belongs to somebody else or is no directory/], // prettier-ignore
      [(directory) => (writeFileSync(join(directory, 'capvm'), ''), directory), /EEXIST|no directory/],
      [() => '/proc', /\/proc\/capvm: ENOENT/],
      [(directory) => (mkdirSync(join(directory, 'd'.repeat(90))), join(directory, 'd'.repeat(90))), /is too long a path/], // prettier-ignore
    ];
    for (const [prepare, why] of cases) {
      await withFiles(files, async (directory) => {
        const environment = { XDG_RUNTIME_DIR: prepare(directory) };
        const { code, stdout, stderr } = await capvm(['up', 'm.yaml'], { directory, environment });
        expect([code, stdout]).to.deep.equal([0, 'a | x\n']);
        expect(stderr.split('\n')[0]).to.match(/^capvm: no control socket: /).and.match(why); // prettier-ignore
      });
    }
  });

  it('opens a directory that was open to others to this user only', async () => {
    const files = { 'm.yaml': manifest([{ name: 'a', verbs: ['print', 'x'] }]) };
    await withFiles(files, async (directory) => {
      execFileSync('mkdir', ['-m', '0777', join(directory, 'capvm')]);
      await capvm(['up', 'm.yaml'], { directory, environment: { XDG_RUNTIME_DIR: directory } });
      expect(statSync(join(directory, 'capvm')).mode & 0o777).to.equal(0o700);
      expect(existsSync(join(directory, 'capvm'))).to.equal(true);
    });
  });
});
