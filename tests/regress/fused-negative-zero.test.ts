// -0 times a number plus -0 came out as +0 from translated code: the error of the sum, +0, was added to it.
import { expect } from 'chai';
import { Machine } from '../../src/host/index.ts';
import { assemble } from '../helpers/assembler.ts';
import { writeElf } from '../helpers/elf-writer.ts';

const ENTRY = 0x8000_0000n;
// NX has accrued, so that regions take their fast paths; the loop makes a region.
const PROGRAM = `
  li t0, 0x6000
  csrrs zero, mstatus, t0
  csrrwi zero, fcsr, 1
  li a0, 3
  fcvt.d.l fa0, a0
  li a1, 1
  slli a1, a1, 63
  fmv.d.x fa1, a1
  li a2, 20
  again:
  fmadd.d fa2, fa1, fa0, fa1
  fmv.x.d a3, fa2
  fmsub.d fa3, fa1, fa0, ft0
  fmv.x.d a4, fa3
  addi a2, a2, -1
  bne a2, zero, again
  stop:
  jal zero, stop`;

describe('fused multiply-add of zeros', () => {
  for (const engine of ['interp', 'translate'] as const) {
    it(`keeps the sign (${engine})`, async () => {
      const machine = await Machine.create({ memory: '1M', engine, translateAfter: 0 });
      const { bytes } = assemble(PROGRAM, { base: ENTRY });
      machine.load(writeElf({ entry: ENTRY, segments: [{ address: ENTRY, bytes }] }));
      machine.runSync({ budget: 1000n });
      expect(machine.registers.get('a3')).to.equal(1n << 63n);
      expect(machine.registers.get('a4')).to.equal(1n << 63n);
    });
  }
});
