import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { CvmJson } from '../../src/cli/cvm-report.ts';
import { printable } from '../../src/cli/printable.ts';
import { capvm, compileIfStale, Live, withFiles } from './capvm.ts';
import type { Outcome, SpawnOptions } from './capvm.ts';
import { manifest } from './manifests.ts';
import type { TestCvm } from './manifests.ts';

interface UpOptions extends SpawnOptions {
  readonly args?: readonly string[];
  readonly rest?: string;
}

/** `capvm up` of these cVMs; its control socket is in the directory of the test. */
const up = (cvms: readonly TestCvm[], { args = [], rest, ...options }: UpOptions = {}): Promise<Outcome> =>
  withFiles({ 'm.yaml': manifest(cvms, rest), 'in.txt': 'some input\n' }, (directory) =>
    capvm(['up', ...args, 'm.yaml'], { directory, environment: { XDG_RUNTIME_DIR: directory }, ...options }),
  );

/** With a full disk for standard output. */
function full(directory: string, file: string): Promise<Outcome> {
  const descriptor = openSync('/dev/full', 'w');
  const live = new Live(['up', file], { directory, environment: { XDG_RUNTIME_DIR: directory }, stdout: descriptor });
  closeSync(descriptor);
  return live.done;
}

const row = (stderr: string, name: string): string[] =>
  (stderr.split('\n').find((line) => line.startsWith(`${name} `)) ?? '').split(/ {2,}/);

describe('capvm up', () => {
  before(compileIfStale);

  it('prints whole lines behind names, then a table on stderr', async () => {
    const { code, stdout, stderr } = await up([
      { name: 'a', verbs: ['print', 'one', 'print', 'two'] },
      { name: 'longer', verbs: ['print', 'three', 'exit', 0] },
    ]);
    expect([code, stdout]).to.deep.equal([0, 'a      | one\na      | two\nlonger | three\n']);
    const [first, title, ...rows] = stderr.trimEnd().split('\n');
    expect(first).to.match(/^capvm: m\.yaml: ended; [\d,]+ instructions, [\d,]+ charged, \d+\.\d\d s$/);
    expect(title.split(/ +/)).to.deep.equal(['NAME', 'STATE', 'EXIT', 'INSTRUCTIONS', 'MEMORY', 'HOSTCALLS']);
    expect(rows).to.have.length(2);
    expect(row(stderr, 'longer').slice(0, 3)).to.deep.equal(['longer', 'exited', '0']);
  });

  it('is silent with --quiet, and says more with --stats', async () => {
    const cvms = [{ name: 'a', verbs: ['print', 'one'] }];
    expect((await up(cvms, { args: ['--quiet'] })).stderr).to.equal('');
    const { stderr } = await up([...cvms, { name: 'b', verbs: ['exit', 0] }], {
      args: ['--stats'],
      rest: 'streams:\n  - { name: s, from: a, to: b }\n',
    });
    expect(stderr).to.match(
      /^a: code \d+K shared by 2, console 4 bytes, charged [\d,]+ \(\d+ switches, \d+ services\)$/m,
    );
    expect(stderr).to.match(/^ {2}stream s to b: 0 bytes$/m);
  });

  const CODES: readonly [what: string, cvms: TestCvm[], args: string[], code: number, stderr: RegExp][] = [
    ['the exit code of a cVM', [{ name: 'a', verbs: ['exit', 3] }], [], 3, /exited +3 /],
    ['the first in the manifest', [{ name: 'a', verbs: ['sleep', 9000, 'exit', 4] }, { name: 'b', verbs: ['exit', 3] }], [], 4, /ended/], // prettier-ignore
    [
      '122 for a fault',
      [{ name: 'a', verbs: ['fault', 'load'] }],
      [],
      122,
      /^a +faulted [^]*^ {2}CapEx_LengthViolation of ddc.*; 1 fault$/m,
    ],
    ['119 for a limit', [{ name: 'a', verbs: ['spin'], more: 'instructions: 5000' }], [], 119, /^a +killed [^]*^ {2}used up its 5000 instructions$/m], // prettier-ignore
    ['119 for a deadline', [{ name: 'a', verbs: ['block', 0, 0], more: 'deadline: 5000' }], [], 119, /^a +killed [^]*^ {2}lived its 5000 ns$/m], // prettier-ignore
    ['121 when all wait', [{ name: 'a', verbs: ['block', 0, 0] }], [], 121, /every thread waits: a thread 1: word 0x/],
    [
      '124 for --budget',
      [{ name: 'a', verbs: ['spin'] }],
      ['--budget', '1M'],
      124,
      /the budget is used up; 1,000,000 inst/,
    ],
    ['123 for --max-time', [{ name: 'a', verbs: ['spin'] }], ['--max-time', '0.3'], 123, /stopped after 0.3 s/],
    ['0 whatever background cVMs do', [{ name: 'a', verbs: ['fault', 'load'], more: 'background: true' }, { name: 'b', verbs: ['sleep', 90000] }], [], 0, /faulted \(background\)/], // prettier-ignore
  ];
  for (const [what, cvms, args, expected, message] of CODES) {
    it(`exits with ${what}`, async () => {
      const { code, stderr } = await up(cvms, { args });
      expect(stderr).to.match(message);
      expect(code).to.equal(expected);
    });
  }

  const CUTS: readonly [what: string, args: string[], verbs: TestCvm['verbs']][] = [
    ['--budget', ['--budget', '1M'], ['spin']],
    ['--max-time', ['--max-time', '0.3'], ['spin']],
    ['a deadlock', [], ['block', 0, 0]],
  ];
  for (const [what, args, verbs] of CUTS) {
    it(`calls stopped what was cut short by ${what}, with what it was doing`, async () => {
      const cvms = [
        { name: 'a', verbs },
        { name: 'b', verbs: ['exit', 3] },
      ];
      const { stdout, stderr } = await up(cvms, { args: [...args, '--json'] });
      expect([row(stderr, 'a')[1], row(stderr, 'b').slice(1, 3)]).to.deep.equal(['stopped', ['exited', '3']]);
      const summary = JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as { cvms: CvmJson[]; explanation: string };
      expect(summary.cvms.map(({ state, threads }) => [state, threads.length])).to.deep.equal([['stopped', 1], ['exited', 0]]); // prettier-ignore
      expect(summary.explanation.startsWith(summary.cvms[0].ending)).to.equal(true);
    });
  }

  it('has no line wider than a terminal in its table', async () => {
    const bad = ['hostcall', 99, 0, 0, 0, 0, 'fault', 'load'];
    const { stderr } = await up([{ name: 'a', verbs: bad, more: 'background: true, restart: always, restarts: 3' }, { name: 'b', verbs: ['sleep', 900_000, 'exit', 3] }]); // prettier-ignore
    expect(stderr).to.match(/^ {2}CapEx_LengthViolation .*; 1 fault; 1 refusal; 3 restarts$/m);
    for (const line of stderr.split('\n').slice(1).filter((text) => !text.startsWith(' '))) expect(line.length).to.be.at.most(80); // prettier-ignore
  });

  it('restarts as the manifest says', async () => {
    const { code, stdout, stderr } = await up([
      { name: 'a', verbs: ['print', 'x', 'exit', 7], more: 'restart: on-failure, restarts: 2' },
    ]);
    expect([code, stdout]).to.deep.equal([7, 'a | x\na | x\na | x\n']);
    expect(stderr).to.match(/^ {2}2 restarts$/m);
  });

  it('prints lines as they are into a pipe, escapes and all', async () => {
    const long = 'y'.repeat(1500);
    const { stdout } = await up([{ name: 'a', verbs: ['print', '\x1b[31mred', 'print', long, 'fault', 'load'] }]);
    expect(stdout).to.equal(`a | \x1b[31mred\na | ${long}\n`);
  });

  it('lets no control character reach a terminal', () => {
    expect(printable('\x1b[2Jred\r\n\ttab\0 \x7f é \x9b31m €')).to.equal('␛[2Jred␍␊\ttab␀ ␡ é �31m €');
  });

  it('prints events as JSON, the summary last', async () => {
    const { code, stdout, stderr } = await up(
      [
        { name: 'a', verbs: ['print', 'one', 'fault', 'load'] },
        { name: 'b', verbs: ['hostcall', 99, 0, 0, 0, 0] },
      ],
      { args: ['--json'] },
    );
    expect([code, stderr.startsWith('capvm: m.yaml: ended')]).to.deep.equal([122, true]);
    const events = stdout.trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>); // prettier-ignore
    expect(events[0]).to.deep.include({ event: 'up', schema: 1, file: 'm.yaml', cvms: ['a', 'b'] });
    expect(events).to.deep.include({ event: 'console', cvm: 'a', text: 'one' });
    const kinds = events.map(({ event, cvm }) => `${String(event)} ${String(cvm)}`);
    expect(kinds).to.include.members(['start a', 'start b', 'fault a', 'kill a', 'refusal b', 'exit b']);
    expect(events.at(-1)).to.deep.include({ event: 'summary', reason: 'ended', explanation: 'ended', exitCode: 122 });
    const { cvms } = events.at(-1) as { cvms: { name: string; state: string; exitCode: number | null }[] };
    expect(cvms.map(({ name, state, exitCode }) => [name, state, exitCode])).to.deep.equal([
      ['a', 'faulted', null],
      ['b', 'exited', 0],
    ]);
  });

  it('makes no more events of faults and refusals than a person can read', async () => {
    const cvms = [
      { name: 'hostile', image: 'hostile', verbs: ['nobody', 0x80003000, 'again'], more: 'faults: 1000000' },
    ];
    const { code, stdout } = await up(cvms, { args: ['--json', '--quiet', '--budget', '2M'] });
    const summary = JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as { cvms: { faults: number }[] };
    expect(code).to.equal(124);
    expect(summary.cvms[0].faults).to.be.greaterThan(200);
    expect(stdout.split('"event":"fault"')).to.have.length(101);
  });

  it('connects standard input and output, files, and what --stream says', async () => {
    const streams = (input: string, output: string): string =>
      `streams:\n  - { name: in, from: host, to: r, ${input} }\n  - { name: out, from: s, to: host, ${output} }\n`;
    const bytes = Buffer.from(Uint8Array.from({ length: 70_000 }, (_, at) => (at * 167 + (at >>> 8) * 13 + (at >>> 16)) & 0xff)); // prettier-ignore
    const cvms = [
      { name: 'r', verbs: ['receive', 'in', 4096, 0, 4096] },
      { name: 's', verbs: ['send', 'out', 70_000, 1000, 0] },
    ];
    const files = { 'm.yaml': manifest(cvms, streams("file: '-'", "file: '-'")), 'f.yaml': manifest(cvms, streams('file: in.bin', 'file: out.bin')), 'none.yaml': manifest(cvms, streams('', '').replaceAll(', }', ' }')), 'in.bin': bytes }; // prettier-ignore
    await withFiles(files, async (directory) => {
      const environment = { XDG_RUNTIME_DIR: directory };
      const run = (...args: string[]): Promise<Outcome> => {
        const live = new Live(['up', ...args], { directory, environment });
        live.child.stdout!.setEncoding('latin1');
        live.child.stdin!.end(bytes);
        return live.done;
      };
      const hash = (data: Buffer): string => createHash('sha256').update(data).digest('hex');
      const piped = await run('m.yaml');
      expect(hash(Buffer.from(piped.stdout, 'latin1'))).to.equal(hash(bytes));
      expect(piped.stderr).to.match(/^r \| receive: 70000 bytes, 0 wrong, end 0$/m);
      expect(piped.code).to.equal(0);
      const fromFiles = await run('f.yaml');
      expect(fromFiles.stdout).to.match(/^r \| receive: 70000 bytes, 0 wrong, end 0$/m);
      expect(hash(readFileSync(join(directory, 'out.bin')))).to.equal(hash(bytes));
      const given = await run('none.yaml', '--stream', 'in=in.bin', '--stream', 'out=given.bin');
      expect(given.code, given.stderr).to.equal(0);
      expect(hash(readFileSync(join(directory, 'given.bin')))).to.equal(hash(bytes));
      const bad: readonly [args: string[], message: string][] = [
        [['none.yaml'], 'stream in of none.yaml names no file: give --stream in=FILE'],
        [['m.yaml', '--stream', 'in'], '--stream: "in" is not NAME=FILE'],
        [['m.yaml', '--stream', 'x=y'], '--stream: m.yaml has no stream called "x"'],
        [['m.yaml', '--json'], '--json writes to standard output, where a stream of the manifest goes'],
      ];
      for (const [args, message] of bad) {
        const { code, stderr } = await run(...args);
        expect([code, stderr]).to.deep.equal([64, `capvm: ${message}\n`]);
      }
    });
  }).timeout(30_000);

  it('ends when nobody reads what it prints, or the disk is full', async () => {
    const cvms = [{ name: 'a', verbs: ['print', 'x'], more: 'restart: always, restarts: 1000000' }];
    const cat = manifest([{ name: 'cat', verbs: [], image: 'sender' }], "streams:\n  - { name: file, from: host, to: cat, file: /dev/zero }\n  - { name: data, from: cat, to: host, file: '-' }\n"); // prettier-ignore
    await withFiles({ 'm.yaml': manifest(cvms), 'cat.yaml': cat }, async (directory) => {
      for (const args of [['m.yaml'], ['--json', 'm.yaml'], ['cat.yaml']]) {
        const live = new Live(['up', ...args], { directory, environment: { XDG_RUNTIME_DIR: directory } });
        await live.until(/./s);
        live.child.stdout!.destroy();
        const { code, stderr } = await live.done;
        expect([code, stderr.replace(/^cat \|.*\n/gm, '')], args.join(' ')).to.deep.equal([141, '']);
      }
      if (!existsSync('/dev/full')) return;
      for (const file of ['m.yaml', 'cat.yaml']) {
        const { code, stderr } = await full(directory, file);
        expect(code).to.equal(73);
        expect(stderr).to.match(/^capvm: (cannot write|standard output): [^\n]*no space left on device[^\n]*\n$/m);
      }
    });
  });

  it('waits for standard input that has not come yet, while others run', async () => {
    const cvms = [
      { name: 'r', verbs: ['receive', 'in', 4096, 0, 4096] },
      { name: 't', verbs: ['sleep', 1000, 'print', 'meanwhile'] },
    ];
    const text = manifest(cvms, "streams:\n  - { name: in, from: host, to: r, file: '-' }\n");
    await withFiles({ 'm.yaml': text }, async (directory) => {
      const live = new Live(['up', '--quiet', 'm.yaml'], { directory, environment: { XDG_RUNTIME_DIR: directory } });
      await live.until(/t \| meanwhile/);
      live.child.stdin!.write(Buffer.from([0, 167]));
      await new Promise((resolve) => setTimeout(resolve, 200));
      live.child.stdin!.end(Buffer.from([(2 * 167) & 0xff]));
      const { code, stdout } = await live.done;
      expect([code, stdout.split('\n')[2]]).to.deep.equal([0, 'r | receive: 3 bytes, 0 wrong, end 0']);
    });
  });

  for (const [signal, expected, why] of [
    ['SIGINT', 130, 'interrupted'],
    ['SIGTERM', 143, 'terminated'],
  ] as const) {
    it(`ends all cVMs and prints the table at ${signal}`, async () => {
      const cvms = [
        { name: 'a', verbs: ['print', 'up', 'spin'] },
        { name: 'b', verbs: ['block', 0, 0], more: 'background: true' },
      ];
      const { code, stderr } = await up(cvms, { signal });
      expect(code).to.equal(expected);
      expect(stderr).to.match(new RegExp(`^capvm: m\\.yaml: ${why}; `));
      expect([row(stderr, 'a')[1], row(stderr, 'b')[1]]).to.deep.equal(['stopped', 'stopped (background)']);
    });
  }

  it('does not wait at a second Ctrl-C', async () => {
    await withFiles({ 'm.yaml': manifest([{ name: 'a', verbs: ['print', 'up', 'spin'] }]) }, async (directory) => {
      const live = new Live(['up', 'm.yaml'], { directory, environment: { XDG_RUNTIME_DIR: directory } });
      await live.until(/a \| up/);
      live.child.kill('SIGINT');
      live.child.kill('SIGINT');
      expect((await live.done).code).to.equal(130);
      expect(existsSync(join(directory, 'capvm', `${live.child.pid}.sock`))).to.equal(false);
    });
  });

  it('runs the same on every engine', async () => {
    const cvms = [{ name: 'a', verbs: ['entropy', 'sleep', 5, 'entropy'] }];
    const outputs = await Promise.all(
      ['interp', 'translate', 'lockstep', 'auto'].map((engine) => up(cvms, { args: ['--engine', engine] })),
    );
    for (const { code, stdout } of outputs) expect([code, stdout]).to.deep.equal([0, outputs[0].stdout]);
  }).timeout(20_000);
});
