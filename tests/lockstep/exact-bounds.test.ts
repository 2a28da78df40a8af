// Accesses through capabilities whose bounds are no whole granules, all around those bounds, and atomics: both engines agree on what
// is read, what is written, what loses its tag and what traps.
import { expect } from 'chai';
import { assemble } from '../helpers/assembler.ts';
import { createPair, runInLockstep, translatedShare } from './lockstep.ts';

const RAM = 0x8000_0000n;
const DATA = RAM + 0x8000n;

const ACCESSES = [
  'lb t0, 0(ct4)',
  'lhu t0, 0(ct4)',
  'lw t0, 0(ct4)',
  'ld t0, 0(ct4)',
  'ld t0, 8(ct4)',
  'ld t4, -8(ct4)',
  'cmove ct5, ct4\n ld t5, 0(ct5)', // prettier-ignore
  'sb t0, 0(ct4)',
  'sh t0, 0(ct4)',
  'sw t0, 4(ct4)',
  'sd t0, 0(ct4)',
  'amoadd.d t0, t1, (ct4)',
  'amoswap.w t0, t1, (ct4)',
  'amomaxu.w t1, t0, (ct4)', // prettier-ignore
];

/** `derive` makes ca1 of cs0, which covers the data. */
const program = (derive: string, access: string): string => `
        jal t0, begin
        addi s8, s8, 1
        csrrs s4, mepc, zero
        addi s4, s4, 4
        csrrw zero, mepc, s4
        mret
begin:  csrrw zero, mtvec, t0
        li s1, ${DATA}
        cspecialrw cs6, ddc, c0
        csetaddr cs0, cs6, s1
        csetboundsimm cs0, cs0, 512
        cincoffsetimm ca1, cs0, 68
        ${derive}
        jal t2, enter
        .mode cap
loop:   addi s9, s9, 1
        andi t3, s9, 63
        add t3, t3, s1
        addi t3, t3, 40
        csetaddr ct4, ca1, t3
        andi t3, s9, 7
        bne t3, zero, plain
        sc cs6, 64(cs0)
        sc cs6, 80(cs0)
plain:  add t1, s9, s8
        ${access}
        add s8, s8, t0
        add s8, s8, t4
        add s8, s8, t5
        add s8, s8, t1
        cjal c0, loop
        .mode int
enter:  cspecialrw ct0, pcc, c0
        csetaddr ct0, ct0, t2
        li t1, 1
        csetflags ct0, ct0, t1
        jalr.cap c0, ct0`;

/** High word of an untagged pattern whose top, 0, is below its base. */
const TOP_BELOW_BASE = -0x0000_ffff_ffff_f008n;

describe('Bounds that no tagged capability has, in lockstep', () => {
  it('are read', async () => {
    const derive = `li t1, ${TOP_BELOW_BASE}\naddi s2, s1, 8\nsd.ddc t1, (s2)\nlc.ddc ca1, (s1)`;
    for (const what of ['cgetbase', 'cgetlen', 'cgettop', 'cgetoffset']) {
      const { bytes } = assemble(program(derive, `${what} t0, ca1`), { base: RAM });
      const pair = await createPair({ memory: '1M', tohost: null }, (machine) => {
        machine.memory.write(RAM, bytes);
        machine.registers.pc = RAM;
      });
      runInLockstep(pair, 997n, 20, 5, what);
    }
  });
});

describe('Bounds in the middle of granules, in lockstep', function () {
  this.timeout(120_000);

  for (const [what, derive] of [
    ['within a granule', 'csetboundsimm ca1, ca1, 8'],
    ['over granules', 'csetboundsimm ca1, ca1, 28'],
    ['read only', 'csetboundsimm ca1, ca1, 24\n li t1, 4\n candperm ca1, ca1, t1'],
    ['write only', 'csetboundsimm ca1, ca1, 24\n li t1, 8\n candperm ca1, ca1, t1'],
    ['sealed', 'csetboundsimm ca1, ca1, 24\n csealentry ca1, ca1'],
    ['untagged', 'csetboundsimm ca1, ca1, 24\n ccleartag ca1, ca1'],
  ] as const) {
    it(what, async () => {
      for (const access of ACCESSES) {
        const { bytes } = assemble(program(derive, access), { base: RAM });
        const pair = await createPair({ memory: '1M', tohost: null }, (machine) => {
          machine.memory.write(RAM, bytes);
          machine.registers.pc = RAM;
        });
        runInLockstep(pair, 997n, 60, 10, `${what}: ${access}`);
        expect(translatedShare(pair.translator), access).to.be.greaterThan(0.4);
      }
    });
  }
});
