import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { checkManifest } from '../../src/cli/check/check-report.ts';
import type { CheckReport } from '../../src/cli/check/check-report.ts';
import { readManifest } from '../../src/cli/host-files.ts';
import { CapvmError } from '../../src/host/index.ts';
import { capvm, compileIfStale, withFiles } from './capvm.ts';
import type { Outcome } from './capvm.ts';
import { imagePath, manifest } from './manifests.ts';

const EXAMPLES = fileURLToPath(new URL('../../examples/', import.meta.url));

const check = (text: string, args: readonly string[] = [], files: Record<string, string> = {}): Promise<Outcome> =>
  withFiles({ ...files, 'm.yaml': text }, (directory) => capvm(['check', ...args, 'm.yaml'], { directory }));

const report = async (text: string): Promise<CheckReport> => JSON.parse((await check(text, ['--json'])).stdout) as CheckReport; // prettier-ignore

/** a calls b calls c; a sends to b and to the host; a owns a file that c reads; b and c share another. */
const WHOLE = manifest(
  [
    { name: 'a', verbs: ['bind', 'e', 'send', 's', 'o', 'advertise', 'own', '${address:b}'].slice(0, 7) },
    { name: 'b', verbs: ['e', 'f', 's', 'board', '${address:a}'], more: 'restart: on-failure, restarts: 3, background: true' }, // prettier-ignore
    { name: 'c', verbs: ['f', 'own', 'board'], more: 'threads: 1, faults: 2, instructions: 1000, deadline: 5000' },
  ],
  `streams:
  - { name: s, from: a, to: b }
  - { name: o, from: a, to: host, file: out.txt }
calls:
  - { name: e, from: a, to: b }
  - { name: f, from: b, to: c }
files:
  - { name: own, owner: a, read: [c] }
  - { name: board, size: 64K, read: [b, c], write: [b] }
`,
);

describe('capvm check', () => {
  before(compileIfStale);

  it('says what each cVM may touch, and who can reach it', async () => {
    const { code, stdout, stderr } = await check(WHOLE);
    expect([code, stderr]).to.deep.equal([0, '']);
    const image = imagePath('worker');
    expect(stdout.replaceAll(image, 'IMAGE').replace(/[\d.]+M of it free/, 'N of it free').replace(/\d+K to execute/g, 'N to execute')).to.equal(`m.yaml: 3 cVMs in 8M of memory, N of it free

a
  program     IMAGE
  memory      256K to read and write, N to execute, the same for 2 others
  limits      16 threads
  calls       e of b
  sends       s to b
  sends       o to host: out.txt
  file        own: memory of its own, which it lends
  reached by  nobody

b
  program     IMAGE, in the background
  memory      256K to read and write, N to execute, the same for 2 others
  limits      16 threads, restarted on failure, 3 times at most
  calls       f of c
  serves      e to a
  receives    s from a
  file        board: read and write 64K
  is told     where the memory of a lies
  reached by  a, who calls e
              a, who sends s

c
  program     IMAGE
  memory      256K to read and write, N to execute, the same for 2 others
  limits      1 thread, 2 faults of its own, 1000 instructions, 5000 ns
  serves      f to b
  file        own: read what a lends
  file        board: read 64K
  reached by  b, who calls f
              a, through calls of b
              b, who writes file board
              a, whose memory file own is
`); // prettier-ignore
  });

  it('says the same as JSON', async () => {
    const { schema, ok, machine, cvms, problems } = await report(WHOLE);
    expect([schema, ok, machine.memory, problems]).to.deep.equal([1, true, 8 * 1024 ** 2, []]);
    const [, b, c] = cvms;
    expect(b.memory).to.deep.include({ dataBytes: 256 * 1024, textUsers: 3 });
    expect(b.limits).to.deep.equal({ threads: 16, faults: 0, instructions: null, deadline: null, restart: 'on-failure', restarts: 3 }); // prettier-ignore
    expect(c.files).to.deep.equal([
      { name: 'own', bytes: null, owner: 'a', rights: 'read' },
      { name: 'board', bytes: 65536, owner: null, rights: 'read' },
    ]);
    expect(c.reachedBy[1]).to.deep.equal({ who: 'a', how: 'calls through', by: ['b'] });
  });

  it('finds the way through many, and is not confused by circles', async () => {
    const names = ['a', 'b', 'c', 'd'];
    const calls = [['a', 'b'], ['b', 'c'], ['c', 'd'], ['d', 'b'], ['a', 'd']].map(([from, to]) => `  - { name: to-${to}, from: ${from}, to: ${to} }`); // prettier-ignore
    const { cvms } = await report(manifest(names.map((name) => ({ name, verbs: [] })), `calls:\n${calls.join('\n')}\n`)); // prettier-ignore
    const reached = (name: string): string[] =>
      cvms.find((cvm) => cvm.name === name)!.reachedBy.map(({ who, how, by }) => `${who} ${how} ${by.join(' ')}`);
    expect(reached('a')).to.deep.equal([]);
    expect(reached('c')).to.deep.equal(['b calls to-c', 'a calls through b', 'd calls through b']);
    expect(reached('d')).to.deep.equal(['c calls to-d', 'a calls to-d', 'b calls through c']);
  });

  it('finds nothing wrong with any example', async () => {
    const examples = readdirSync(EXAMPLES).filter(
      (name) => name.endsWith('.yaml') && !/^\s*command:/m.test(readFileSync(`${EXAMPLES}${name}`, 'utf8')),
    ); // those with package images need what was pulled
    expect(examples.length).to.be.greaterThan(5);
    for (const name of examples)
      expect((await checkManifest(readManifest(join(EXAMPLES, name)))).problems, name).to.deep.equal([]);
  });

  const one = (more: string, rest = ''): string => manifest([{ name: 'a', verbs: ['s', 'f'], more }], rest);
  const PROBLEMS: readonly [what: string, text: string, code: number, problem: RegExp][] = [
    ['a missing image', WHOLE.replace(imagePath('worker'), 'lost.elf'), 66, /error: cVM a: lost\.elf: no such file or directory/],
    ['an image that is no ELF', WHOLE.replace(imagePath('worker'), 'm.yaml'), 65, /error: cVM a: m\.yaml: not an ELF file/],
    ['an image that is a directory', WHOLE.replace(imagePath('worker'), '.'), 66, /error: cVM a: .*: it is no regular file/],
    ['an image that never ends', WHOLE.replace(imagePath('worker'), '/dev/zero'), 66, /error: cVM a: \/dev\/zero: it is no regular file/],
    ['an image for another machine', WHOLE.replace(imagePath('worker'), process.execPath), 65, /error: cVM a: .*(built for|RISC-V|position)/],
    ['too little memory of a cVM', WHOLE.replace('256K', '8K'), 65, /error: m\.yaml: cVM a: 8192 bytes of memory, its data and stack need \d+/],
    ['too little memory of the machine', WHOLE.replace('256K', '64M'), 65, /error: m\.yaml: cVM a: the machine has no room for 67108864 bytes more/],
    ['arguments that do not fit', manifest([{ name: 'a', verbs: ['x'.repeat(5000)] }]), 65, /error: m\.yaml: cVM a: its arguments are too long/],
    ['an address of one that is not there', manifest([{ name: 'a', verbs: ['${address:zz}'] }]), 65, /error: m\.yaml: cVM a: \$\{address:zz\}: no cVM called "zz" is listed before it/],
    ['a file of the host that is not there', one('threads: 1', 'streams: [{ name: s, from: host, to: a, file: no.txt }]'), 66, /error: stream s: no\.txt: no such file or directory/],
    ['a directory of the host', one('threads: 1', 'streams: [{ name: s, from: host, to: a, file: . }]'), 66, /error: stream s: \.: it is a directory/],
    ['a file that cannot be written', one('threads: 1', 'streams: [{ name: s, from: a, to: host, file: no/such.txt }]'), 73, /error: stream s: no\/such\.txt: no such file or directory/],
    ['a stream without a file', one('threads: 1', 'streams: [{ name: s, from: host, to: a }]'), 0, /warning: stream s: it names no file: up needs --stream s=FILE/],
    ['a file that is read and written', one('threads: 1', 'streams: [{ name: s, from: host, to: a, file: m.yaml }, { name: f, from: a, to: host, file: m.yaml }]'), 0, /warning: stream f: stream s uses m\.yaml too/],
    ['a stream nobody reads', WHOLE.replace('name: s,', 'name: unheard-of,'), 0, /warning: stream unheard-of: a sends on it, but neither its program nor its arguments contain the name unheard-of\n.*: b reads it/],
    ['background only', one('background: true'), 0, /warning: cvms: all are in the background: a run ends at once/],
    ['a file nobody reads', one('threads: 1', 'files: [{ name: f, size: 4K, write: [a] }]'), 0, /warning: file f: nobody may read it/],
    ['a file nobody writes', one('threads: 1', 'files: [{ name: f, size: 4K, read: [a] }]'), 0, /warning: file f: nobody may write it/],
  ]; // prettier-ignore
  for (const [what, text, expected, problem] of PROBLEMS) {
    it(`reports ${what}`, async () => {
      const { problems, ok, said } = await withFiles({ 'm.yaml': text }, async (directory) => {
        const found = await checkManifest(readManifest(join(directory, 'm.yaml')));
        const lines = found.problems.map((line) => `${line.kind}: ${line.where}: ${line.text}`);
        return { ...found, said: lines.join('\n').replaceAll(`${directory}/`, '') };
      });
      const [first] = problems;
      expect(said).to.match(problem);
      expect([ok, first.exitCode ?? 0]).to.deep.equal([expected === 0, expected]);
    });
  }

  it('ends as up would, with one line on stderr; --strict minds warnings', async () => {
    const lost = WHOLE.replaceAll(imagePath('worker'), 'lost.elf');
    const outcome = await check(lost);
    expect(outcome.code).to.equal(66);
    expect(outcome.stderr).to.equal('capvm: m.yaml: cVM a: lost.elf: no such file or directory\n');
    expect(outcome.stdout).to.match(/^error: cVM a: lost\.elf: no such file or directory$/m);
    const up = await withFiles({ 'm.yaml': lost }, (directory) => capvm(['up', 'm.yaml'], { directory }));
    expect(up).to.deep.equal({ code: 66, stdout: '', stderr: 'capvm: lost.elf: no such file or directory\n' });
    const background = one('background: true');
    expect([(await check(background)).code, (await check(background, ['--strict'])).code]).to.deep.equal([0, 1]);
  });
});

const bomb = `version: 1\na: &a [${'x,'.repeat(9)}x]\n${[...'bcdefghij'].map((name, at) => `${name}: &${name} [${`*${'abcdefghij'[at]},`.repeat(9)}]`).join('\n')}\ncvms: *j\n`; // prettier-ignore
const cvm = (fields: string): string => `version: 1\ncvms: [{ name: a, image: a.elf, memory: 64K, ${fields} }]\n`;

const BAD: readonly [what: string, text: string | Uint8Array, message: RegExp][] = [
  ['nothing', '', /: it is empty/],
  ['binary data', Uint8Array.from({ length: 300 }, (_, at) => (at * 7) & 255), /^bad\.yaml/],
  ['an ELF file', Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0), /^bad\.yaml/],
  ['an alias bomb', bomb, /[Ee]xcessive alias count/],
  ['an alias to itself', 'version: 1\ncvms: &a [*a]\n', /^bad\.yaml/],
  ['a nest of thousands of lists', `version: 1\ncvms: ${'['.repeat(20_000)}`, /nested too deeply/],
  ['a huge text', `version: 1\n# ${'x'.repeat(2 ** 21)}\n`, /characters, a manifest has at most 1048576/],
  ['a file beyond all bounds', 'x'.repeat(5 * 2 ** 20), /it is larger than 4 MiB/],
  ['keys of keys, thousands', `version: 1\ncvms:\n  ${'? '.repeat(500)}x\n`, /^bad\.yaml:3:3: a key is no name$/],
  ['lists in lists', `version: 1\ncvms: ${'['.repeat(100)}${']'.repeat(100)}`, /^bad\.yaml:2:39: it is nested too deeply$/],
  ['a key of objects', 'version: 1\n? { a: b }\n: c\n', /^bad\.yaml:1:1: a key is no name$/],
  ['an unknown tag', 'version: !!js/function "x"\ncvms: []\n', /^bad\.yaml/],
  ['two documents', `${cvm('threads: 1')}---\n${cvm('threads: 1')}`, /^bad\.yaml:3:1: a second document begins here; a manifest is one$/],
  ['a prototype', 'version: 1\n__proto__: { cvms: [] }\n', /^bad\.yaml/],
  ['a policy that is none', cvm('restart: sometimes'), /cvms\[0\]\.restart: "sometimes" is none of never, on-failure, always/],
  ['a number beyond all numbers', cvm('instructions: 1e999'), /cvms\[0\]\.instructions: /],
  ['a fraction', cvm('deadline: 1.5'), /cvms\[0\]\.deadline: 1\.5 is not a whole number/],
  ['NaN', cvm('faults: .nan'), /cvms\[0\]\.faults: /],
  ['a negative limit', cvm('restarts: -1'), /cvms\[0\]\.restarts: must be >= 0, not -1/],
  ['too many restarts', cvm('restarts: 1e9'), /cvms\[0\]\.restarts: must be <= 1000000/],
  ['text for a number', cvm('threads: many'), /cvms\[0\]\.threads: "many" is not a whole number/],
  ['null for a list', 'version: 1\ncvms: null\n', /cvms: null is not a list/],
  ['a date', 'version: 2026-11-22\ncvms: []\n', /^bad\.yaml:1:10: version: /],
]; // prettier-ignore

describe('manifests that are none', function () {
  this.timeout(20_000);
  before(compileIfStale);

  for (const [what, text, message] of BAD) {
    it(`${what}: one line`, () =>
      withFiles({ 'bad.yaml': text }, async (directory) => {
        let error: unknown;
        try {
          readManifest(join(directory, 'bad.yaml'));
        } catch (thrown) {
          error = thrown;
        }
        expect(error).to.be.instanceOf(CapvmError);
        const { message: said, exitCode } = error as CapvmError;
        expect(said.replaceAll(`${directory}/`, ''))
          .to.match(message)
          .and.not.include('\n');
        expect(said.length).to.be.lessThan(400);
        expect(exitCode).to.equal(what.startsWith('a file beyond') ? 66 : 65);
      }));
  }

  it('check and up say it, and nothing else', async () => {
    for (const verb of ['check', 'up']) {
      const { code, stdout, stderr } = await withFiles({ 'bad.yaml': cvm('restarts: -1') }, (directory) =>
        capvm([verb, 'bad.yaml'], { directory }),
      );
      expect([code, stdout]).to.deep.equal([65, '']);
      expect(stderr).to.match(/^capvm: bad\.yaml:2:\d+: cvms\[0\]\.restarts: must be >= 0, not -1\n$/);
    }
  });

  it('files that are none, cannot be read or never end: one line too', async () => {
    const cases: readonly [prepare: (path: string) => void, code: number, message: string][] = [
      [() => undefined, 66, 'm.yaml: no such file or directory'],
      [(path) => mkdirSync(path), 66, 'm.yaml: it is a directory'],
      [(path) => writeFileSync(path, new Uint8Array([0xff, 0xfe, 0xfd])), 65, 'm.yaml'],
    ];
    for (const [prepare, code, message] of cases) {
      await withFiles({}, async (directory) => {
        prepare(join(directory, 'm.yaml'));
        for (const verb of ['check', 'up']) {
          const outcome = await capvm([verb, 'm.yaml'], { directory });
          expect([outcome.code, outcome.stderr.split('\n').length]).to.deep.equal([code, 2]);
          expect(outcome.stderr.startsWith(`capvm: ${message}`), outcome.stderr).to.equal(true);
        }
      });
    }
    const endless = await capvm(['check', '/dev/zero']);
    expect([endless.code, endless.stderr]).to.deep.equal([66, 'capvm: /dev/zero: it is larger than 4 MiB\n']);
  });

  it('wrong command lines: one line, 64', async () => {
    for (const args of [
      ['check'],
      ['up'],
      ['check', 'a', 'b'],
      ['up', 'a', 'b'],
      ['up', '--fast', 'x'],
      ['check', '--json=1', 'x'],
      ['up', '--budget', 'x', 'y'],
      ['up', '--max-time', '1e99', 'y'],
      ['up', '--engine', 'x', 'y'],
    ]) {
      // prettier-ignore
      const { code, stderr } = await capvm(args);
      expect([code, stderr.split('\n').length], args.join(' ')).to.deep.equal([64, 2]);
    }
  });

  it('every verb explains itself', async () => {
    for (const verb of ['up', 'check', 'ps', 'pause', 'resume', 'restart', 'kill', 'stop']) {
      const { code, stdout, stderr } = await capvm([verb, '--help']);
      expect([code, stderr], verb).to.deep.equal([0, '']);
      expect(stdout, verb)
        .to.match(new RegExp(`^usage: capvm ${verb} `))
        .and.match(/^Exit codes: /m);
      expect((await capvm(['help', verb])).stdout, verb).to.equal(stdout);
    }
  });
});
