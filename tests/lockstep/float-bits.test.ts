// Signs, comparisons and arithmetic of singles and doubles on every pair of values that emitted code tells apart: zeros, NaNs
// of both kinds, infinities, subnormals, singles boxed and not.
import { expect } from 'chai';
import { assemble } from '../helpers/assembler.ts';
import { createPair, runInLockstep, translatedShare } from './lockstep.ts';

const RAM = 0x8000_0000n;
const DATA = RAM + 0x8000n;
const BOX = 0xffff_ffff_0000_0000n;

const ORDINARY = [0x3ff0_0000_0000_0000n, 0xc008_0000_0000_0000n, BOX | 0x3f80_0000n, BOX | 0xc040_0000n];
const ODD = [
  0n,
  1n << 63n,
  BOX,
  BOX | 0x8000_0000n, // zeros
  0x7ff0_0000_0000_0000n,
  BOX | 0xff80_0000n, // infinities
  0x7ff8_0000_0000_0000n,
  0x7ff0_0000_0000_0001n,
  BOX | 0x7fc0_0000n,
  BOX | 0xff80_0001n, // NaNs
  1n,
  BOX | 1n, // subnormals
  0x3f80_0000n,
  0xffff_fffe_3f80_0000n, // not boxed
];

const results = ['feq', 'flt', 'fle'].flatMap((name) => [`${name}.d a5, fa0, fa1`, `${name}.s a6, fa0, fa1`]);
const signs = ['fsgnj', 'fsgnjn', 'fsgnjx'].flatMap((name) => [
  ...[`${name}.d fa2, fa0, fa1`, `fmv.x.d a5, fa2`, `${name}.s fa3, fa0, fa1`, `fmv.x.d a6, fa3`],
  ...[`${name}.d fa4, fa0, fa0`, `fmv.x.d a5, fa4`, `${name}.s fa5, fa0, fa0`, `fmv.x.d a6, fa5`],
]);
const arithmetic = ['fadd', 'fmul', 'fdiv'].flatMap((name) => [`${name}.s fa6, fa0, fa1`, `fmv.x.d a6, fa6`]);
/** Every result goes into a6's and a5's sums. */
const summed = (lines: readonly string[]): string[] =>
  lines.flatMap((line) => [line, ...(line.includes(' a5,') ? ['add s2, s2, a5'] : ['add s3, s3, a6'])]);

const program = (values: number, body: readonly string[]): string => `
  outer: addi s0, zero, 0
  loop:  add t0, a1, s0
         fld fa0, 0(t0)
         addi s1, zero, 0
  inner: add t1, a1, s1
         fld fa1, 0(t1)
         ${summed(body).join('\n')}
         addi s1, s1, 8
         addi t2, zero, ${values * 8}
         bne s1, t2, inner
         addi s0, s0, 8
         bne s0, t2, loop
         jal zero, outer`;

describe('Bits of floating point in lockstep', function () {
  this.timeout(60_000);
  for (const [name, values] of [
    ['ordinary numbers', ORDINARY],
    ['odd ones', [...ORDINARY, ...ODD]],
  ] as const) {
    for (const [what, body] of Object.entries({ comparisons: results, signs, arithmetic })) {
      it(`${what} of ${name}`, async () => {
        const { bytes } = assemble(program(values.length, body), { base: RAM });
        const pair = await createPair({ memory: '1M', tohost: null }, (machine) => {
          machine.memory.write(RAM, bytes);
          values.forEach((value, index) => machine.memory.writeU64(DATA + BigInt(index) * 8n, value));
          machine.registers.set('a1', DATA);
          machine.registers.set('mstatus', 0x6000n);
          machine.registers.set('fcsr', 1n);
          machine.registers.pc = RAM;
        });
        for (const budget of [7n, 1000n, 20_000n]) runInLockstep(pair, budget, 20, 5, `${what} of ${name}`);
        expect(translatedShare(pair.translator)).to.be.greaterThan(values === ORDINARY ? 0.5 : 0);
      });
    }
  }
});
