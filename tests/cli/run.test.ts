import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CodeBuilder } from '../helpers/code-builder.ts';
import { A0, A1, boundsFault, DATA, echo, elf, endless, exit, hello, RAM, text, UART } from '../host/programs.ts';
import { capvm, compileIfStale, withFiles } from './capvm.ts';
import type { Outcome, SpawnOptions } from './capvm.ts';

/** `capvm run ARGS` in a directory that has `p.elf`. */
const run = (image: Uint8Array, args: readonly string[], options: SpawnOptions = {}): Promise<Outcome> =>
  withFiles({ 'p.elf': image }, (directory) => capvm(['run', ...args], { ...options, directory }));

describe('capvm run', () => {
  before(compileIfStale);

  it('passes output, a summary line and the exit code on', async () => {
    const { code, stdout, stderr } = await run(hello('Hello\n', 7), ['p.elf']);
    expect([code, stdout]).to.deep.equal([7, 'Hello\n']);
    expect(stderr).to.match(/^capvm: exit with code 7; \d+ instructions in \d+\.\d+ s \(\d+\.\d MIPS\)\n$/);
  });

  it('prints one JSON object on request', async () => {
    const { code, stdout, stderr } = await run(hello('Hello\n', 3), ['--json', '--hash', 'p.elf']);
    const result = JSON.parse(stdout) as Record<string, unknown>;
    expect(result).to.deep.include({ reason: 'exit', exitCode: 3, output: 'Hello\n' });
    expect(result.hash).to.match(/^[0-9a-f]{16}$/);
    expect([code, stderr]).to.deep.equal([3, '']);
  });

  it('gives the same hash each time', async () => {
    const hashOf = async (): Promise<string> =>
      /hash ([0-9a-f]{16})/.exec((await run(hello('x'), ['--hash', 'p.elf'])).stderr)![1];
    expect(await hashOf()).to.equal(await hashOf());
  });

  it('turns exit codes beyond 255 into some that are not 0', async () => {
    expect((await run(hello('', 256), ['--quiet', 'p.elf'])).code).to.equal(255);
    expect((await run(hello('', 257), ['--quiet', 'p.elf'])).code).to.equal(1);
  });

  it('stops at its budget and after its time', async () => {
    const budget = await run(endless(), ['--budget', '1e4', 'p.elf']);
    expect([budget.code, budget.stderr]).to.satisfy(
      ([code, line]: [number, string]) => code === 124 && /; 10000 instructions/.test(line),
    );
    const time = await run(endless(), ['--max-time', '0.2', 'p.elf']);
    expect([time.code, /stopped after 0.2 s/.test(time.stderr)]).to.deep.equal([123, true]);
  });

  it('reports an unhandled trap and an idle guest', async () => {
    const trap = await run(boundsFault(), ['p.elf']);
    expect(trap.code).to.equal(122);
    expect(trap.stderr).to.match(/CapEx_LengthViolation[^]*<faulting_load>[^]*past the bounds/);
    const idle = await run(elf(new CodeBuilder(RAM).label('l').word(0x10500073, 4).to('l', 'jal', { d: 0 })), [
      'p.elf',
    ]);
    expect(idle.code).to.equal(121);
  });

  it('feeds stdin to the guest', async () => {
    const { stdout, code } = await run(echo(), ['--quiet', 'p.elf'], { input: 'HAL!' });
    expect([stdout, code]).to.deep.equal(['IBM', 0]);
  });

  it('passes arguments, before and after `--`', async () => {
    const code = new CodeBuilder(RAM).op('ld', { d: A0, s: A1, i: 16 }).li(A1, UART);
    code.op('lbu', { d: 12, s: A0, i: 0 }).op('sb', { s: A1, t: 12, i: 0 });
    expect((await run(elf(exit(code, 0)), ['p.elf', '--quiet', 'first', '--', '-second'])).stdout).to.equal('-');
  });

  it('ends cleanly on Ctrl-C', async () => {
    const code = new CodeBuilder(RAM).li(A1, UART).op('sb', { s: A1, t: A1, i: 0 }).label('l').to('l', 'jal', { d: 0 });
    const { code: exitCode, stderr } = await run(elf(code), ['p.elf'], { signal: 'SIGINT' });
    expect([exitCode, /^capvm: interrupted; /.test(stderr)]).to.deep.equal([130, true]);
  });

  it('runs a plain RISC-V machine, relocated ones, and large ones', async () => {
    for (const option of ['--no-cheri', '--addressing=relocated', '--memory=3G', '--user-traps', '--engine=interp']) {
      expect((await run(hello('ok'), ['--quiet', option, 'p.elf'])).stdout, option).to.equal('ok');
    }
  });

  it('writes signatures of 4 and 8 bytes per line', async () => {
    const image = elf(exit(new CodeBuilder(RAM), 0), {
      data: text('0123456789abcdefXYZ'),
      symbols: { begin_signature: DATA, end_signature: DATA + 16n },
    });
    await withFiles({ 'p.elf': image }, async (directory) => {
      const signature = async (granularity: string): Promise<string> => {
        await capvm(['run', '--signature', 'out.sig', '--signature-granularity', granularity, 'p.elf'], { directory });
        return readFileSync(join(directory, 'out.sig'), 'utf8');
      };
      expect(await signature('4')).to.equal('33323130\n37363534\n62613938\n66656463\n');
      expect(await signature('8')).to.equal('3736353433323130\n6665646362613938\n');
    });
  });

  it('traces to stderr or a file, never to stdout', async () => {
    await withFiles({ 'p.elf': hello('T') }, async (directory) => {
      const toStderr = await capvm(['run', '--quiet', '--trace=instructions', 'p.elf'], { directory });
      expect(toStderr.stdout).to.equal('T');
      expect(toStderr.stderr).to.match(/^\[0\] \[M\]: 0x0000000080000000 /);
      const toFile = await capvm(['run', '--quiet', '--trace-file', 't.jsonl', '--trace-json', 'p.elf'], { directory });
      expect([toFile.stdout, toFile.stderr]).to.deep.equal(['T', '']);
      const lines = readFileSync(join(directory, 't.jsonl'), 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as { index: number });
      expect(lines[0].index).to.equal(0);
      const bare = await capvm(['run', '--quiet', '--trace', 'p.elf'], { directory });
      expect(bare.stderr).to.contain('x10 <- ');
    });
  });
});
