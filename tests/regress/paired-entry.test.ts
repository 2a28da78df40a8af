// A region began at the second half of a pair of instructions: when that half was none for the fast path, the interpreter took
// the region's mark for an illegal instruction.
import { expect } from 'chai';
import { Machine } from '../../src/host/index.ts';
import { assemble } from '../helpers/assembler.ts';

const RAM = 0x8000_0000n;
const TURNS = 40;

/** c.mv and c.ld make a pair; the loop that begins at c.ld loads across doublewords. */
const PROGRAM = `
  li s0, ${TURNS}
  li s1, ${RAM + 0x1001n}
  turn:
  addi a0, s0, 0
  li a2, 300
  .half 0x87aa           # c.mv a5, a0
  again:
  .half 0x6084           # c.ld s1, 0(s1): a load of the address that it is loaded from
  addi a2, a2, -1
  bne a2, zero, again
  addi s0, s0, -1
  bne s0, zero, turn
  stop:
  jal zero, stop`;

describe('A region that begins at the second half of a pair', () => {
  for (const engine of ['interp', 'translate'] as const) {
    it(`is entered when the pair cannot do that half (${engine})`, async () => {
      const machine = await Machine.create({ memory: '1M', engine, translateAfter: 256, tohost: null });
      machine.memory.write(RAM, assemble(PROGRAM, { base: RAM }).bytes);
      machine.memory.writeU64(RAM + 0x1001n, RAM + 0x1001n);
      machine.registers.pc = RAM;
      const stop = machine.runSync({ budget: TURNS * 1000 });
      expect(stop.reason).to.equal('budget');
      expect([machine.registers.get('s0'), machine.registers.get('a5')]).to.deep.equal([0n, 1n]);
    });
  }
});
