// Random differential runs against QEMU from the command line:
//   tsx tests/differential/run.ts [--seed N] [--count N] [--rounds N] [--profile NAME] [--no-cheri] [--bits] [--translate] [--list] [--show N] [--snippet SEED] [--minimise] [--differences]
import { parseArgs } from 'node:util';
import { freshSeed } from '../helpers/random.ts';
import { describeSnippet } from './compare.ts';
import { createSubject, type Variant } from './capvm.ts';
import { DIFFERENCES } from './differences.ts';
import { generateSnippet, snippetSeeds } from './generate.ts';
import { minimise } from './minimise.ts';
import { SUPERVISOR_TRAP } from './program.ts';
import { runBoth, type Mismatch } from './both.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    count: { type: 'string', default: '500' },
    rounds: { type: 'string', default: '1' },
    profile: { type: 'string' },
    'no-cheri': { type: 'boolean', default: false },
    snippet: { type: 'string' },
    minimise: { type: 'boolean', default: false },
    differences: { type: 'boolean', default: false },
    show: { type: 'string', default: '3' },
    bits: { type: 'boolean', default: false },
    translate: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
  },
});

const variant: Variant = { cheri: !values['no-cheri'], bitManipulation: values.bits, translate: values.translate };

async function show(mismatch: Mismatch): Promise<void> {
  const found = values.minimise ? minimise(await createSubject(variant), mismatch) : mismatch;
  console.log(
    `\n${describeSnippet(found.placed)}${found.differences
      .slice(0, 12)
      .map((line) => `  ! ${line}`)
      .join('\n')}`,
  );
}

async function main(): Promise<number> {
  if (values.differences) {
    for (const [what, why] of DIFFERENCES) console.log(`- ${what}: ${why}`);
    return 0;
  }
  let failures = 0;
  const firstSeed = values.seed === undefined ? freshSeed() : Number(values.seed);
  for (let round = 0; round < Number(values.rounds); round++) {
    const seed = firstSeed + round;
    const seeds = values.snippet === undefined ? snippetSeeds(seed, Number(values.count)) : [BigInt(values.snippet)];
    const snippets = seeds.map((one) => generateSnippet(one, SUPERVISOR_TRAP, values.profile));
    const result = runBoth(await createSubject(variant), snippets);
    console.log(
      `seed ${seed}: ${result.compared} of ${snippets.length} snippets compared, ${result.mismatches.length} differ${result.note}`,
    );
    failures += result.mismatches.length + (snippets.length - result.compared);
    if (values.list)
      for (const { placed, differences } of result.mismatches)
        console.log(`  ${placed.snippet.name}: ${differences[0]}`);
    for (const mismatch of result.mismatches.slice(0, Number(values.show))) await show(mismatch);
  }
  return failures === 0 ? 0 : 1;
}

process.exitCode = await main();
