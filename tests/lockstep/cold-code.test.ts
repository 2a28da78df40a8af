// Code that has not run is not translated; regions that leave for it later on are made anew with it inside.
import { expect } from 'chai';
import type { EngineStatistics } from '../../src/host/index.ts';
import { Machine } from '../../src/host/index.ts';
import { assemble } from '../helpers/assembler.ts';

const RAM = 0x8000_0000n;
const TURNS = 60_000;
const NOPS = 300;

/** A loop whose branch goes the other way in the last `from` turns. */
const program = (from: number): string => `
  li s0, ${TURNS}
  li s1, ${from}
  again:
  blt s0, s1, other
  addi a0, a0, 1
  back:
  addi s0, s0, -1
  bne s0, zero, again
  stop:
  jal zero, stop
  other:
  addi a1, a1, 3
  ${'xor a2, a2, a1\n'.repeat(NOPS)}
  jal zero, back`;

async function run(from: number, engine: 'translate' | 'lockstep'): Promise<EngineStatistics> {
  const machine = await Machine.create({ memory: '1M', engine, translateAfter: 256, tohost: null });
  machine.memory.write(RAM, assemble(program(from), { base: RAM }).bytes);
  machine.registers.pc = RAM;
  const budget = BigInt(TURNS * 4 + from * (NOPS + 2) + 100);
  machine.runSync({ budget });
  expect(machine.registers.get('a1')).to.equal(BigInt(Math.max(0, from - 1) * 3));
  return machine.statistics!;
}

describe('Code that has not run yet', () => {
  it('is not translated', async () => {
    const { regionInstructions, exits } = await run(0, 'translate');
    expect(regionInstructions).to.be.within(1, NOPS);
    expect(exits.cold).to.equal(1); // the end of the loop
  });

  it('is translated when regions leave for it often', async () => {
    const { regionInstructions, exits, translatedInstructions, interpretedInstructions } = await run(
      20_000,
      'translate',
    );
    expect(regionInstructions).to.be.greaterThan(NOPS);
    expect(exits.cold).to.be.within(1, 1000);
    expect(translatedInstructions / interpretedInstructions).to.be.greaterThan(5);
  });

  it('does the same in either engine', () => run(20_000, 'lockstep'));
});
