// A load from a device left its register unwritten: the interpreter took "leave the loop" for "trapped".
import { expect } from 'chai';
import { Machine } from '../../src/host/index.ts';
import { assemble } from '../helpers/assembler.ts';
import { writeElf } from '../helpers/elf-writer.ts';

const ENTRY = 0x8000_0000n;
const PROGRAM = `
  lui a3, 0x10000        # UART: the transmitter is always empty
  lbu a0, 5(a3)
  lui a4, 0x200c         # CLINT: mtime
  ld a1, -8(a4)
  sltu a2, zero, a1`;

describe('loads from devices', () => {
  for (const engine of ['interp', 'translate'] as const) {
    it(`write their register (${engine})`, async () => {
      const machine = await Machine.create({ memory: '1M', engine, translateAfter: 0 });
      const { bytes } = assemble(PROGRAM, { base: ENTRY });
      machine.load(writeElf({ entry: ENTRY, segments: [{ address: ENTRY, bytes }] }));
      machine.registers.setX(11, 7n);
      machine.runSync({ budget: 5n });
      expect(machine.registers.get('a0') & 0x60n).to.equal(0x60n);
      expect(machine.registers.get('a1')).to.equal(0n); // 10 MHz at a nominal 1 GHz: nothing has passed yet
      expect(machine.registers.get('a2')).to.equal(0n);
    });
  }
});
