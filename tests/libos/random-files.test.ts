// Random operations on files give on the library OS what they give on this computer's file system, by qemu-riscv64. Another
// seed: SEED in the environment.
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { compileProgram, hasCompiler, hasQemu, imageOf, runImage, runOnQemu } from './linux-program.ts';

const SPECIAL = fileURLToPath(new URL('special/', import.meta.url));
const { SEED } = process.env;
const SEEDS = SEED === undefined ? [1, 2, 3, 4, 5, 6, 22, 26] : [Number(SEED)];

describe('random operations on files', function () {
  this.timeout(60_000);
  let elf: Uint8Array;
  before(function () {
    if (hasCompiler() && hasQemu()) elf = compileProgram('files', SPECIAL);
    else this.skip();
  });
  for (const seed of SEEDS)
    it(`seed ${seed}`, async () => {
      const expected = runOnQemu('files', elf, [`${seed}`]);
      expect(expected.exitCode).to.equal(0);
      const { output, exitCode } = await runImage(imageOf('files', elf), ['/usr/bin/files', `${seed}`]);
      const [said, wanted] = [output, expected.output].map((text) => text.split('\n'));
      const first = said.findIndex((line, index) => line !== wanted[index]);
      expect(said.slice(Math.max(0, first - 4), first + 4)).to.deep.equal(
        wanted.slice(Math.max(0, first - 4), first + 4),
      );
      expect(said.length).to.equal(wanted.length);
      expect(exitCode).to.equal(0);
    });
});
