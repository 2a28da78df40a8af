// Random programs against Debian's qemu-system-riscv64. More of them, and reproducing: tsx tests/differential/run.ts --help
import { expect } from 'chai';
import { freshSeed } from '../helpers/random.ts';
import { runBoth } from './both.ts';
import { createSubject, type Variant } from './capvm.ts';
import { describeSnippet } from './compare.ts';
import { generateSnippet, snippetSeeds } from './generate.ts';
import { SUPERVISOR_TRAP } from './program.ts';
import { qemuVersion } from './qemu.ts';

const FIXED_SEED = 20260701;
const SNIPPETS = 150;
/** Translating everything that runs once is slow. */
const TRANSLATED_SNIPPETS = 50;

describe('random programs end like on QEMU', function () {
  this.timeout(120_000);

  before(function () {
    if (qemuVersion() !== undefined) return;
    console.log('      skipped: qemu-system-riscv64 is not installed');
    this.skip();
  });

  const variants: readonly (readonly [seed: number, count: number, variant: Variant])[] = [
    [FIXED_SEED, SNIPPETS, { cheri: true, bitManipulation: false }],
    [freshSeed(), SNIPPETS, { cheri: true, bitManipulation: true }],
    [freshSeed(), SNIPPETS, { cheri: false, bitManipulation: false }],
    [freshSeed(), TRANSLATED_SNIPPETS, { cheri: true, bitManipulation: false, translate: true }],
  ];

  for (const [seed, count, variant] of variants) {
    const { cheri, bitManipulation, translate = false } = variant;
    const title = `CHERI ${cheri ? 'on' : 'off'}, B ${bitManipulation ? 'on' : 'off'}${translate ? ', translated' : ''}`;
    it(`${count} snippets of seed ${seed}, ${title}`, async () => {
      const snippets = snippetSeeds(seed, count).map((one) => generateSnippet(one, SUPERVISOR_TRAP));
      const { compared, mismatches, note } = runBoth(await createSubject(variant), snippets);
      const report = mismatches
        .slice(0, 2)
        .map(({ placed, differences }) => `${describeSnippet(placed)}${differences.join('\n')}`);
      expect(mismatches.length, `${report.join('\n')}${note}`).to.equal(0);
      expect(compared).to.equal(count);
    });
  }
});
