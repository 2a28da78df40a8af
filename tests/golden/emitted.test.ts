// What the translator emits for a dozen small programs, as text. A change of the translator changes these files on purpose
// or not at all: `EMITTED=accept npx mocha tests/golden/emitted.test.ts` writes them anew, and the diff is to be read.
import { expect } from 'chai';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { Machine, type MachineOptions } from '../../src/host/index.ts';
import { assemble } from '../helpers/assembler.ts';

const RAM = 0x8000_0000n;
const BUDGET = 2_000;

interface Program {
  readonly source: string;
  readonly options?: MachineOptions;
}

const loop = (body: string): string => `
  loop: ${body}
        addi a0, a0, -1
        bne a0, zero, loop
  end:  jal zero, end`;

/** a0 starts as 100, sp and a1 point into RAM, floating point is on. */
const PROGRAMS: Readonly<Record<string, Program>> = {
  'counting loop': { source: loop('add a2, a2, a0') },
  'loads and stores': { source: loop('ld a3, 0(a1)\n addi a3, a3, 1\n sd a3, 8(a1)') },
  'word arithmetic': { source: loop('addw a2, a2, a0\n slliw a3, a2, 3\n subw a4, a3, a2') },
  'a branch in a loop': { source: loop('andi a3, a0, 1\n beq a3, zero, even\n addi a2, a2, 1\n even: addi a4, a4, 1') },
  'nested loops': {
    source: loop('addi a5, zero, 3\n inner: add a2, a2, a5\n addi a5, a5, -1\n bne a5, zero, inner'),
  },
  'a call': {
    source: `${loop('jal ra, add')}
  add:  add a2, a2, a0
        jalr zero, 0(ra)`,
  },
  recursion: {
    source: `${loop('addi a3, zero, 4\n jal ra, down')}
  down: beq a3, zero, out
        addi sp, sp, -16
        sd ra, 0(sp)
        addi a3, a3, -1
        jal ra, down
        ld ra, 0(sp)
        addi sp, sp, 16
  out:  jalr zero, 0(ra)`,
  },
  'a jump to a register': {
    source: `
        auipc a4, 0
        addi a4, a4, 16
  loop: addi a0, a0, -1
        jalr zero, 0(a4)
        addi a2, a2, 1
        bne a0, zero, loop
  end:  jal zero, end`,
  },
  'an instruction of the core': { source: loop('addi a3, a3, 1\n csrrs a2, instret, zero') },
  'double precision': { source: loop('fadd.d fa0, fa0, fa1\n fmul.d fa2, fa0, fa1') },
  'a division': { source: loop('divu a2, a1, a0\n remu a3, a1, a0') },
  'an endless loop': { source: 'addi a2, a2, 1\n loop: add a2, a2, a2\n jal zero, loop' },
  'without capabilities': { source: loop('lw a3, 4(a1)\n sw a3, 12(a1)'), options: { cheri: false } },
  'relocated addresses': { source: loop('lw a3, 4(a1)\n sw a3, 12(a1)'), options: { addressing: 'relocated' } },
};

async function emit({ source, options }: Program): Promise<string> {
  const machine = await Machine.create({
    memory: '1M',
    tohost: null,
    engine: 'translate',
    translateAfter: 0,
    ...options,
  });
  const emitted = machine.core.translator!.keepEmitted();
  machine.memory.write(RAM, assemble(source, { base: RAM }).bytes);
  machine.registers.set('mstatus', 3n << 13n);
  machine.registers.set('fcsr', 1n);
  machine.registers.set('a0', 100n);
  machine.registers.set('a1', RAM + 0x8000n);
  machine.registers.set('sp', RAM + 0x9000n);
  machine.registers.pc = RAM;
  machine.runSync({ budget: BUDGET });
  return emitted.all.map((region) => emitted.describe(region)).join('\n');
}

describe('Emitted Wasm', () => {
  for (const [name, program] of Object.entries(PROGRAMS)) {
    it(`of ${name}`, async () => {
      const file = new URL(`emitted/${name.replaceAll(' ', '-')}.txt`, import.meta.url);
      const actual = `${program.source.trim().replaceAll(/^ +/gm, '  ')}\n\n${await emit(program)}`;
      if (process.env.EMITTED === 'accept') writeFileSync(file, actual);
      const expected = existsSync(file) ? readFileSync(file, 'utf8') : '';
      const hint = 'differs; if that is meant: EMITTED=accept npx mocha tests/golden/emitted.test.ts';
      expect(actual === expected, `${name}: ${firstDifference(expected, actual)}; ${hint}`).to.equal(true);
    });
  }
});

function firstDifference(expected: string, actual: string): string {
  const [before, after] = [expected.split('\n'), actual.split('\n')];
  const at = after.findIndex((line, index) => line !== before[index]);
  return `line ${at + 1}, expected "${before[at]?.trim()}", got "${after[at]?.trim()}"`;
}
