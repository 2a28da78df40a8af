// A function with many loops gets few regions: what one of them holds is entered there when it comes next.
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import type { EngineStatistics } from '../../src/host/index.ts';
import { Machine } from '../../src/host/index.ts';

const IMAGE = new URL('../../guests/images/bench/mix.elf', import.meta.url);
/** Of the function with most of the benchmark's loops. */
const LARGEST_REGION = 497;

async function runMix(engine: 'translate' | 'lockstep', budget: number): Promise<EngineStatistics> {
  const machine = await Machine.create({ memory: '2M', engine });
  machine.load(readFileSync(IMAGE));
  machine.runSync({ budget });
  return machine.statistics!;
}

describe('Loops that a region covers', () => {
  it('get no region each', async () => {
    const { regionInstructions, translatedInstructions, interpretedInstructions } = await runMix(
      'translate',
      40_000_000,
    );
    expect(regionInstructions).to.be.within(LARGEST_REGION, 9 * LARGEST_REGION);
    expect(translatedInstructions / interpretedInstructions).to.be.greaterThan(9);
  });

  it('run the same in either engine', () => runMix('lockstep', 6_000_000));
});
