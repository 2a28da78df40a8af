// Every program of programs/ says the same on the library OS and under Debian's qemu-riscv64.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { compileProgram, hasCompiler, hasQemu, PROGRAMS, runOnLibraryOs, runOnQemu } from './linux-program.ts';

describe('programs on the library OS and on Linux', function () {
  this.timeout(60_000);
  before(function () {
    if (hasCompiler() && hasQemu()) return;
    console.log('      skipped: gcc-riscv64-linux-gnu, libc6-dev-riscv64-cross and qemu-user are needed');
    this.skip();
  });
  const names = readdirSync(PROGRAMS).filter((file) => file.endsWith('.c'));
  for (const name of names.map((file) => file.slice(0, -2)))
    it(name, async () => {
      const elf = compileProgram(name);
      const expected = runOnQemu(name, elf);
      expect(expected.exitCode).to.equal(0);
      const { output, exitCode } = await runOnLibraryOs(name, elf);
      expect(output.split('\n')).to.deep.equal(expected.output.split('\n'));
      expect(exitCode).to.equal(0);
    });

  it('call everything that the library OS answers', async () => {
    const called = new Set<string>();
    for (const name of names.map((file) => file.slice(0, -2))) {
      const { trace = [] } = await runOnLibraryOs(name, compileProgram(name), { strace: true });
      for (const line of trace) called.add(/^\[\d+\] (\w+)\(/.exec(line)?.[1] ?? line);
    }
    const missing = [...handlers()].filter((call) => !called.has(call) && !ELSEWHERE.includes(call));
    expect(missing).to.deep.equal([]);
  });
});

/** Calls that do not come back, or that qemu-riscv64 does not know: other tests have them. */
const ELSEWHERE = [
  'exit',
  'exit_group',
  'execveat',
  'rt_sigreturn',
  'get_robust_list',
  'riscv_flush_icache',
  'riscv_hwprobe',
  'epoll_pwait2',
];

/** Names of calls that are listed and have a handler. */
function handlers(): Set<string> {
  const library = fileURLToPath(new URL('../../guests/libos/', import.meta.url));
  const sources = readdirSync(library, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.c'));
  const code = sources.map((file) => readFileSync(join(library, file), 'utf8')).join('\n');
  const defined = new Set([...code.matchAll(/\bsys_(\w+)\(/g)].map(([, name]) => name));
  const listed = readFileSync(join(library, 'kernel/syscalls.def'), 'utf8').matchAll(/^[A-Z]+\(\d+, (\w+)/gm);
  return new Set([...listed].map(([, name]) => name).filter((name) => defined.has(name)));
}
