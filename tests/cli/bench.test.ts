import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { main } from '../../src/cli/bench.ts';
import type { CapvmError } from '../../src/host/index.ts';
import { capvm, childrenOf, compileIfStale, withFiles } from './capvm.ts';

interface Document {
  readonly schema: number;
  readonly rows: readonly Record<string, unknown>[];
}

const MAIN = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));

describe('capvm bench ipc', function () {
  this.timeout(240_000);
  before(compileIfStale);

  it('prints rows as JSON on stdout and nothing elsewhere', async () => {
    const { code, stdout, stderr } = await capvm([
      'bench',
      'ipc',
      '--json',
      '--quick',
      '--bytes',
      '64,4K',
      '--no-host',
    ]);
    expect([code, stderr]).to.deep.equal([0, '']);
    const { schema, rows } = JSON.parse(stdout) as Document;
    expect(schema).to.equal(1);
    for (const row of rows)
      expect(Object.keys(row)).to.deep.equal(['where', 'mechanism', 'kind', 'bytes', 'instructions', 'charge', 'nanoseconds']); // prettier-ignore
    expect(new Set(rows.map(({ where }) => where))).to.deep.equal(new Set(['capvm', 'linux']));
    expect(new Set(rows.map(({ bytes }) => bytes))).to.deep.equal(new Set([64, 4096]));
    expect(new Set(rows.map(({ mechanism, kind, bytes }) => `${mechanism} ${kind} ${bytes}`)).size).to.equal(rows.length); // prettier-ignore
  });

  it('prints the same counts as TSV, and writes a page and a chart', async () => {
    await withFiles({}, async (directory) => {
      const files = ['--html', join(directory, 'ipc.html'), '--svg', join(directory, 'ipc.svg')];
      const parameters = ['bench', 'ipc', '--tsv', '--quick', '--bytes', '64', '--no-host', '--linux', 'best-case'];
      const { code, stdout, stderr } = await capvm([...parameters, ...files]);
      expect([code, stderr]).to.deep.equal([0, '']);
      const [names, ...lines] = stdout.trimEnd().split('\n');
      expect(names).to.equal('where\tmechanism\tkind\tbytes\tinstructions\tcharge\tnanoseconds');
      expect(lines.every((line) => line.split('\t').length === 7)).to.equal(true);
      expect(lines.every((line) => line.startsWith('capvm\t'))).to.equal(true); // none of Linux's best case is of 64
      expect(readFileSync(join(directory, 'ipc.html'), 'utf8')).to.match(/^<!doctype html>[^]*<\/html>\n$/);
      expect(readFileSync(join(directory, 'ipc.svg'), 'utf8')).to.match(/^<svg [^]*<\/svg>\n$/);
    });
  });

  it('measures the host too, and prints two tables', async () => {
    const { code, stdout, stderr } = await capvm(['bench', 'ipc', '--quick', '--bytes', '64']);
    expect([code, stderr]).to.deep.equal([0, '']);
    expect(stdout).to.match(/Guest instructions per round trip.*: cVMs \| Debian Linux\n/);
    expect(stdout).to.match(/Microseconds of host time per round trip.*\n +bytes .*\| +pipe +Unix +TCP\n/);
  });

  const WRONG: readonly (readonly [parameters: readonly string[], message: RegExp])[] = [
    [[], /capvm bench ipc/],
    [['tcp'], /capvm bench ipc/],
    [['ipc', 'ipc'], /capvm bench ipc/],
    [['ipc', '--json', '--tsv'], /not both/],
    [['ipc', '--bytes', '0'], /"0" is not a size/],
    [['ipc', '--bytes', '2M'], /"2M" is not a size/],
    [['ipc', '--bytes', '64,,1'], /"" is not a size/],
    [['ipc', '--bytes', '1e3'], /"1e3" is not a size/],
    [['ipc', '--linux', 'worst'], /"worst" is none of default, best-case/],
    [['ipc', '--frobnicate'], /frobnicate/],
  ];
  for (const [parameters, message] of WRONG) {
    it(`refuses ${JSON.stringify(parameters.join(' '))}`, async () => {
      await main(parameters).then(
        () => expect.fail('it did not'),
        (error: CapvmError) => {
          expect(error.exitCode).to.equal(64);
          expect(error.message).to.match(message);
        },
      );
    });
  }

  it('says where it cannot write, before it measures', async () => {
    const { code, stderr } = await capvm(['bench', 'ipc', '--svg', '/nowhere/chart.svg']);
    expect(code).to.equal(73);
    expect(stderr).to.equal('capvm: cannot write /nowhere/chart.svg: no such file\n');
  });

  it('is interrupted by Ctrl-C: exit code 130, a line, no process left', async function () {
    if (!existsSync('/proc/self/task')) this.skip();
    const child = spawn(process.execPath, [MAIN, 'bench', 'ipc', '--bytes', '1M'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.on('data', (chunk) => (output += String(chunk)));
    child.stderr.on('data', (chunk) => (output += String(chunk)));
    const closed = new Promise<number | null>((resolve) => child.on('close', resolve));
    let children: number[] = [];
    while (children.length < 2) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      children = childrenOf(child.pid!);
    }
    child.kill('SIGINT');
    expect(await closed).to.equal(130);
    expect(output).to.equal('capvm: interrupted\n');
    for (const pid of children) expect(existsSync(`/proc/${pid}`), `process ${pid}`).to.equal(false);
  });

  it('explains itself', async () => {
    for (const parameters of [
      ['help', 'bench'],
      ['bench', '--help'],
      ['bench', 'ipc', '--help'],
    ]) {
      // prettier-ignore
      const { code, stdout, stderr } = await capvm(parameters);
      expect([code, stderr]).to.deep.equal([0, '']);
      expect(stdout).to.match(/^usage: capvm bench ipc/);
    }
  });
});
