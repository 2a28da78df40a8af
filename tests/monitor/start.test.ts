import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect } from 'chai';
import type { StartReport } from '../../src/cli/start-report.ts';
import { deploy, parseManifest } from '../../src/monitor/index.ts';
import { Random } from '../helpers/random.ts';
import { imageBytes, sourceOf, World } from './world.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const SEED = BigInt(process.env.CAPVM_SEED ?? Date.now());
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

function randomBytes(random: Random, size: number): Uint8Array {
  const words = BigUint64Array.from({ length: Math.ceil(size / 8) }, () => random.u64());
  return new Uint8Array(words.buffer, 0, size);
}

describe(`a file from cVM to cVM (CAPVM_SEED=${SEED})`, () => {
  const random = new Random(SEED);
  const sizes = [
    0,
    1,
    55,
    56,
    63,
    64,
    65,
    119,
    120,
    65535,
    65536,
    65537,
    131072,
    ...Array.from({ length: 8 }, () => random.below(300_000)),
  ];
  for (const size of sizes) {
    it(`of ${size} bytes has the digest that Node computes`, async () => {
      const file = randomBytes(random, size);
      const world = await World.create({ memory: '2M' });
      const [sender, receiver] = ['sender', 'receiver'].map((name) => world.cvm(name));
      world.monitor.connect('file', sourceOf(file, random.chance(0.5) ? 1 + random.below(70_000) : Infinity), sender);
      world.monitor.connect('data', sender, receiver);
      world.start(sender, receiver);
      expect((await world.monitor.run()).reason).to.equal('ended');
      expect(world.lines(receiver)).to.deep.equal([`sha256 ${sha256(file)} ${size} bytes`]);
      expect(world.lines(sender)).to.deep.equal([`sent ${size} bytes`]);
    });
  }

  it('may be larger than all of RAM', async () => {
    const file = randomBytes(random, 3 * 1024 * 1024);
    const world = await World.create({ memory: '1M' });
    const [sender, receiver] = ['sender', 'receiver'].map((name) => world.cvm(name, { memory: 192 * 1024 }));
    world.monitor.connect('file', sourceOf(file), sender);
    world.monitor.connect('data', sender, receiver);
    world.start(sender, receiver);
    await world.monitor.run();
    expect(world.lines(receiver)[0]).to.equal(`sha256 ${sha256(file)} ${file.length} bytes`);
  });
});

describe(`a file through the pipeline of all primitives (CAPVM_SEED=${SEED})`, () => {
  const random = new Random(SEED);
  const text = readFileSync(join(ROOT, 'examples/01-pipeline.yaml'), 'utf8');
  const BLOCK = 65536;
  // Nothing, parts of blocks, whole ones, all slots of the shared file once and twice.
  const sizes = [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, 8 * BLOCK, 8 * BLOCK + 1, 17 * BLOCK + 5];
  for (const size of sizes) {
    it(`of ${size} bytes has the digest that Node computes`, async () => {
      const file = randomBytes(random, size);
      const printed: Record<string, string> = {};
      const { monitor, cvms, start } = await deploy(parseManifest(text), {
        switcher: imageBytes('switcher'),
        readImage: (name) => readFileSync(join(ROOT, 'examples', name)),
        source: () => sourceOf(file, random.chance(0.5) ? 1 + random.below(100_000) : Infinity),
        onConsole: ({ name }, bytes) => (printed[name] = (printed[name] ?? '') + Buffer.from(bytes).toString()),
      });
      start();
      expect((await monitor.run()).reason).to.equal('ended');
      expect(printed.digest).to.equal(`sha256 ${sha256(file)} ${size} bytes\n`);
      expect(printed.reader).to.equal(`published ${size} bytes\n`);
      const blocks = Math.ceil(size / BLOCK);
      expect([printed.left, printed.right]).to.deep.equal(
        [Math.ceil(blocks / 2), Math.floor(blocks / 2)].map((count) => `passed on ${count} blocks\n`),
      );
      for (const name of ['reader', 'left', 'right', 'digest'])
        expect([cvms.get(name)!.exitCode, cvms.get(name)!.faults], name).to.deep.equal([0, 0]);
    });
  }
});

describe('capvm start', () => {
  let directory: string;
  before(() => (directory = mkdtempSync(join(tmpdir(), 'capvm-start-'))));
  after(() => rmSync(directory, { recursive: true }));

  const start = (...parameters: string[]): ReturnType<typeof startWith> => startWith('', {}, ...parameters);

  function startWith(
    input: string,
    { stdout: output = 'pipe' }: { stdout?: number | 'pipe' },
    ...parameters: string[]
  ): { status: number | null; stdout: string; stderr: string } {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--import', TSX, join(ROOT, 'src/cli/main.ts'), 'start', ...parameters],
      {
        cwd: directory,
        encoding: 'utf8',
        input,
        stdio: ['pipe', output, 'pipe'],
        env: { ...process.env, NODE_OPTIONS: '', TSX_TSCONFIG_PATH: join(ROOT, 'tsconfig.json') },
      },
    );
    return { status, stdout, stderr };
  }

  it('ends without a stack trace when its report cannot be written', () => {
    const full = openSync('/dev/full', 'w');
    const { status, stderr } = startWith('x', { stdout: full }, '-', '--no-ipc');
    closeSync(full);
    expect([status, stderr]).to.deep.equal([73, 'capvm: standard output: no space left on device\n']);
  });

  it('says so when a manifest has nothing to pass', () => {
    const { status, stdout } = start('--no-ipc', '--manifest', join(ROOT, 'examples/02-hello.yaml'));
    expect(status).to.equal(1);
    expect(stdout).to.match(/\nNothing was passed: no stream of the manifest comes from the host\.\n$/);
  });

  it('passes a file, checks its digest, and says what the attacker met; silent on standard error', () => {
    const file = Buffer.from('Ein Ring, sie zu knechten\n'.repeat(4000));
    writeFileSync(join(directory, 'ring.txt'), file);
    const { status, stdout, stderr } = start('ring.txt', '--json', '--no-ipc');
    const report = JSON.parse(stdout) as StartReport;
    expect([status, stderr]).to.deep.equal([0, '']);
    expect(report).to.deep.include({
      schema: 1,
      ok: true,
      file: 'ring.txt',
      bytes: file.length,
      sha256: sha256(file),
      expected: sha256(file),
      stop: 'ended',
    });
    expect(report.instructions).to.be.greaterThan(50 * file.length);
    expect(report.instructionsPerByte).to.be.within(30, 120);
    expect(report.attacks.attempts).to.be.greaterThan(100);
    expect(report.attacks.obtained).to.equal(0);
    expect(report.attacks.stoppedByCheck).to.include.keys(
      'CapEx_LengthViolation',
      'CapEx_TagViolation',
      'CapEx_SealViolation',
      'CapEx_PermitStoreCapViolation',
    );
    expect(report.cvms.map(({ name, state, faults }) => [name, state, faults > 0])).to.deep.equal([
      ['reader', 'exited', false],
      ['left', 'exited', false],
      ['right', 'exited', false],
      ['checksum', 'running', false],
      ['digest', 'exited', false],
      ['hostile', 'running', true],
    ]);
    expect(report.rows).to.deep.equal([]);
  });

  it('measures what communication costs, and reports it with the transfer', () => {
    writeFileSync(join(directory, 'small'), 'one line\n');
    const asJson = start('small', '--json', '--bytes', '64');
    const { ok, rows } = JSON.parse(asJson.stdout) as StartReport;
    expect([asJson.status, asJson.stderr, ok]).to.deep.equal([0, '', true]);
    expect(new Set(rows.map(({ where }) => where))).to.deep.equal(new Set(['capvm', 'linux', 'host']));
    expect(new Set(rows.map(({ mechanism }) => mechanism))).to.include.all.keys('cp_call', 'cp_file', 'cp_stream', 'cp_stream_loan', 'tcp'); // prettier-ignore
    const asText = start('small', '--bytes', '64');
    expect([asText.status, asText.stderr]).to.deep.equal([0, '']);
    expect(asText.stdout).to.match(
      /The digests agree[^]*Guest instructions per round trip[^]*Microseconds of host time/,
    );
  });

  it('takes the file from standard input', () => {
    const { status, stdout } = startWith('from a pipe', {}, '-', '--no-ipc');
    expect([status, stdout.includes(sha256(Buffer.from('from a pipe')))]).to.deep.equal([0, true]);
  });

  it('prints the same for people', () => {
    writeFileSync(join(directory, 'empty'), '');
    const { status, stdout } = start('empty', '--no-ipc');
    expect(status).to.equal(0);
    expect(stdout).to.match(/^file {11}empty, 0 bytes\nsha256 {9}e3b0c442/);
    expect(stdout).to.match(/The digests agree, the others are unharmed, the attacker got nothing\.\n$/);
  });

  const BAD: readonly [what: string, parameters: string[], status: number, message: RegExp][] = [
    ['a file that is not there', ['nothing-here'], 66, /^capvm: nothing-here: no such file or directory\n$/],
    ['a directory', ['.'], 66, /^capvm: \.: it is a directory\n$/],
    ['an unknown option', ['--fast'], 64, /^capvm: start: Unknown option '--fast'; see `capvm help start`\n$/],
    ['a size that is none', ['--bytes', '2M'], 64, /^capvm: --bytes: "2M" is not a size/],
    ['two files', ['a', 'b'], 64, /^capvm: start: one file at a time; see `capvm help start`\n$/],
    ['an empty name', [''], 64, /^capvm: start: the file's name is empty; see `capvm help start`\n$/],
    ['a manifest that is not there', ['--manifest', 'm.yaml'], 66, /^capvm: m\.yaml: no such file or directory\n$/],
    [
      'a manifest that is none',
      ['--manifest', 'bad.yaml'],
      65,
      /^capvm: bad\.yaml:2:1: colour: unknown key; known are version, machine, cvms, streams, calls, files\n$/,
    ],
    [
      'a manifest without its image',
      ['--manifest', 'lost.yaml'],
      66,
      /^capvm: lost\.elf: no such file or directory\n$/,
    ],
    ['a manifest whose image is none', ['--manifest', 'text.yaml'], 65, /^capvm: bad\.yaml: not an ELF file/],
  ];
  for (const [what, parameters, status, message] of BAD) {
    it(`refuses ${what} with one line and exit code ${status}`, () => {
      const cvm = (file: string): string => `version: 1\ncvms: [{ name: a, image: ${file}, memory: 64K }]\n`;
      writeFileSync(join(directory, 'bad.yaml'), 'version: 1\ncolour: red\ncvms: []\n');
      writeFileSync(join(directory, 'lost.yaml'), cvm('lost.elf'));
      writeFileSync(join(directory, 'text.yaml'), cvm('bad.yaml'));
      const result = start(...parameters);
      expect(result.stderr).to.match(message);
      expect([result.status, result.stdout]).to.deep.equal([status, '']);
    });
  }
});
