// A store behind a pair of instructions emptied the record of its second half, which the pair then executed as nothing.
import { expect } from 'chai';
import { Machine } from '../../src/host/index.ts';
import { assemble } from '../helpers/assembler.ts';
import { writeElf } from '../helpers/elf-writer.ts';

const ENTRY = 0x8000_0000n;
/** The granule that is stored to; the pair begins so many parcels before it. */
const GRANULE = ENTRY + 128n;
const TIMES = 10n;
const nops = (parcels: number): string => '.half 1\n'.repeat(parcels);

/** Every turn stores to the pair's neighbourhood what is there. */
const untouched = (parcels: number): string => `
  li a0, ${GRANULE}
  lw a4, 12(a0)
  li a2, ${TIMES}
  jal zero, again
  .align 64
  ${nops(32 - parcels)}
  again:
  addi a3, a3, 1
  .half 0x0585           # c.addi a1, 1
  ${nops(parcels - 3)}
  sw a4, 12(a0)
  addi a2, a2, -1
  bne a2, zero, again
  stop:
  jal zero, stop`;

/** Every turn stores to the upper half of the pair's second instruction: the turn's number becomes its immediate. */
const CHANGED = `
  li a0, ${GRANULE}
  li a2, ${TIMES}
  lhu a4, 0(a0)
  jal zero, again
  .align 64
  ${nops(29)}
  again:
  addi a3, a3, 1
  addi a1, a1, 0
  addi a4, a4, 16
  sh a4, 0(a0)
  addi a2, a2, -1
  bne a2, zero, again
  stop:
  jal zero, stop`;

describe('code stored to next to a pair of instructions', () => {
  for (const engine of ['interp', 'translate'] as const) {
    async function run(program: string): Promise<bigint[]> {
      const machine = await Machine.create({ memory: '1M', engine, translateAfter: 0 });
      const { bytes } = assemble(program, { base: ENTRY });
      machine.load(writeElf({ entry: ENTRY, segments: [{ address: ENTRY, bytes }] }));
      machine.runSync({ budget: 1000n });
      return [machine.registers.get('a1'), machine.registers.get('a3')];
    }

    for (const parcels of [3, 4, 5]) {
      it(`is executed as it is, ${parcels} parcels ahead (${engine})`, async () => {
        expect(await run(untouched(parcels))).to.deep.equal([TIMES, TIMES]);
      });
    }

    it(`is executed as it becomes (${engine})`, async () => {
      expect(await run(CHANGED)).to.deep.equal([(TIMES * (TIMES - 1n)) / 2n, TIMES]);
    });
  }
});
