// The translator against the interpreter, bit for bit: the benchmark kernels and random programs, in slices short and
// long, everything translated at first sight.
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { HOST_FUSES } from '../../assembly/translate/map.ts';
import { assemble } from '../helpers/assembler.ts';
import { Random } from '../helpers/random.ts';
import { createPair, regionsOf, runInLockstep, translatedShare } from './lockstep.ts';
import { randomCapabilityProgram, randomDerivations } from './random-capabilities.ts';
import { randomCrossings } from './random-crossings.ts';
import { randomCopyProgram } from './random-copies.ts';
import { randomEdges } from './random-edges.ts';
import { pageTables, randomPagedProgram, randomProgram } from './random-program.ts';

const RAM = 0x8000_0000n;
const DATA = RAM + 0x8000n;
const KERNELS = ['sieve', 'sha256', 'fib', 'quicksort', 'nbody', 'float', 'bytecode'];
/** The seed of the first random program; set SEED to repeat one. */
const SEED = Number(process.env.SEED ?? 1);
const PROGRAMS = Number(process.env.PROGRAMS ?? 6);
/** Fewer, as some of these take a second. */
const PROGRAMS_AT_EDGES = Number(process.env.PROGRAMS ?? 2);

describe('Translator in lockstep with the interpreter', function () {
  this.timeout(120_000);

  for (const [kernel, fuses] of [...KERNELS.map((name) => [name, true] as const), ['nbody', false] as const]) {
    it(`kernel ${kernel}${fuses ? '' : ", without the engine's fused multiply-add"}`, async () => {
      const image = new Uint8Array(readFileSync(new URL(`../../guests/images/bench/${kernel}.elf`, import.meta.url)));
      const pair = await createPair({ memory: '2M' }, (machine) => {
        machine.load(image);
        if (!fuses) machine.core.writeU32(HOST_FUSES, 0);
      });
      runInLockstep(pair, 7n, 300, 100, kernel);
      runInLockstep(pair, 1009n, 300, 100, kernel);
      expect(translatedShare(pair.translator)).to.be.greaterThan(0.7);
    });
  }

  for (const addressing of ['absolute', 'relocated'] as const) {
    for (const [kind, write, known] of [
      ['random programs', randomProgram, []],
      // An f register loaded through a capability, where the region leaves to the core what is slow.
      ['random programs in capability mode', randomCapabilityProgram, [7900]],
      ['random derivations', randomDerivations, []],
      ['random crossings', randomCrossings, []],
      ['random copies through capabilities', randomCopyProgram, []],
      // An atomic on its own code.
      ['random edges of capabilities', randomEdges, [85]],
      // A store to code behind the second half of a pair of instructions.
      ['random programs behind page tables', randomPagedProgram, [7738]],
    ] as const) {
      const data = write === randomPagedProgram ? RAM + 0x8fa0n : DATA; // across pages
      const programs = write === randomEdges ? PROGRAMS_AT_EDGES : PROGRAMS;
      it(`${programs} ${kind}, ${addressing}`, async () => {
        for (const seed of [...known, ...Array.from({ length: programs }, (_, index) => SEED + index)]) {
          const random = new Random(seed);
          const tables = write === randomPagedProgram ? pageTables(random) : [];
          const { bytes } = assemble(write(random, data), { base: RAM });
          // Some as they run otherwise, too: first interpreted, in pairs, and what has not run yet left out of regions.
          const translateAfter = seed % 3 === 0 ? 8 : 0;
          const tohost = write === randomEdges && seed % 5 === 0 ? data + 64n : null;
          const pair = await createPair({ memory: '1M', addressing, tohost, translateAfter }, (machine) => {
            machine.memory.write(RAM, bytes);
            for (const [address, entry] of tables) machine.memory.writeU64(address, entry);
            machine.memory.write(
              data,
              new Uint8Array(256).map((_, index) => (index * 73) & 255),
            );
            machine.registers.pc = RAM;
            if (seed % 2 === 0) machine.core.writeU32(HOST_FUSES, 0);
          });
          for (const budget of [1n, 7n, 100n, 1000n]) runInLockstep(pair, budget, 60, 20, `seed ${seed}`);
          if (translateAfter === 0) expect(regionsOf(pair.translator)).to.be.greaterThan(0);
        }
      });
    }
  }
});
