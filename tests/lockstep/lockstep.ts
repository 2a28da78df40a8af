// Two machines with the same program, one interpreting and one translating, run in the same slices and compared.
import { expect } from 'chai';
import { Machine } from '../../src/host/index.ts';
import type { MachineOptions } from '../../src/host/index.ts';
import { COUNT_REGIONS, COUNT_TRANSLATED } from '../../assembly/translate/map.ts';

export interface Pair {
  readonly interpreter: Machine;
  readonly translator: Machine;
}

/** `prepare` loads the program into either machine. */
export async function createPair(options: MachineOptions, prepare: (machine: Machine) => void): Promise<Pair> {
  const interpreter = await Machine.create({ ...options, engine: 'interp' });
  const translator = await Machine.create({ translateAfter: 0, ...options, engine: 'translate' });
  prepare(interpreter);
  prepare(translator);
  return { interpreter, translator };
}

/** Runs `slices` slices of `budget` instructions; pc and instret are compared after each, everything every `every`. */
export function runInLockstep(
  { interpreter, translator }: Pair,
  budget: bigint,
  slices: number,
  every: number,
  what: string,
): void {
  for (let slice = 1; slice <= slices; slice++) {
    const expected = interpreter.runSync({ budget });
    const actual = translator.runSync({ budget });
    const where = `${what}, budget ${budget}, slice ${slice}`;
    expect([actual.reason, actual.pc, actual.totalInstructions], where).to.deep.equal([
      expected.reason,
      expected.pc,
      expected.totalInstructions,
    ]);
    if (slice % every === 0 || slice === slices || expected.reason !== 'budget') {
      expect(translator.stateHash(), where).to.equal(interpreter.stateHash());
    }
    if (expected.reason !== 'budget') return;
  }
}

export const regionsOf = (machine: Machine): number => machine.core.readU32(COUNT_REGIONS);

/** Share of the instructions that ran translated. */
export const translatedShare = (machine: Machine): number =>
  Number(machine.core.readU64(COUNT_TRANSLATED)) / Number(machine.instructions);
