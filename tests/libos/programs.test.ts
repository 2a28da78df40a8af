// Every program of programs/ says the same on the library OS and under Debian's qemu-riscv64.
import { readdirSync } from 'node:fs';
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
});
