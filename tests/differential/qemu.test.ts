// Random programs against Debian's qemu-system-riscv64. More of them, and reproducing: tsx tests/differential/run.ts --help
import { expect } from 'chai';
import { freshSeed } from '../helpers/random.ts';
import { runBoth } from './both.ts';
import { createSubject } from './capvm.ts';
import { describeSnippet } from './compare.ts';
import { generateSnippet, snippetSeeds } from './generate.ts';
import { SUPERVISOR_TRAP } from './program.ts';
import { qemuVersion } from './qemu.ts';

const FIXED_SEED = 20260701;
const SNIPPETS = 150;

describe('random programs end like on QEMU', function () {
  this.timeout(120_000);

  before(function () {
    if (qemuVersion() !== undefined) return;
    console.log('      skipped: qemu-system-riscv64 is not installed');
    this.skip();
  });

  for (const [seed, cheri, bitManipulation] of [
    [FIXED_SEED, true, false],
    [freshSeed(), true, true],
    [freshSeed(), false, false],
  ] as const) {
    it(`${SNIPPETS} snippets of seed ${seed}, CHERI ${cheri ? 'on' : 'off'}, B ${bitManipulation ? 'on' : 'off'}`, async () => {
      const snippets = snippetSeeds(seed, SNIPPETS).map((one) => generateSnippet(one, SUPERVISOR_TRAP));
      const { compared, mismatches, note } = runBoth(await createSubject({ cheri, bitManipulation }), snippets);
      const report = mismatches
        .slice(0, 2)
        .map(({ placed, differences }) => `${describeSnippet(placed)}${differences.join('\n')}`);
      expect(mismatches.length, `${report.join('\n')}${note}`).to.equal(0);
      expect(compared).to.equal(SNIPPETS);
    });
  }
});
