// assembly/riscv/soft-float against an exact reference: every function, every rounding mode, results and flags,
// fast paths (with NX accrued before and not) and the soft versions behind them.
// CAPVM_SEED repeats a run, CAPVM_FLOAT_CASES sets the number of cases per function (default 1000).
import { expect } from 'chai';
import { Random, freshSeed } from '../helpers/random.ts';
import { MODES, NV, NX, OF, RNE, RUP, UF } from './exact.ts';
import { Library } from './library.ts';
import { OPERATIONS } from './operations.ts';
import type { Operation } from './operations.ts';

const CASES = Number(process.env.CAPVM_FLOAT_CASES ?? 1000);
const seed = freshSeed();

/** frm and reserved bits around fflags: no function may touch them. */
const BYSTANDERS = 0x160;

function hex(bits: bigint): string {
  return bits < 0n ? bits.toString() : `0x${bits.toString(16)}`;
}

/** Fails unless every version of the function yields the reference's result and adds just its flags. */
function check(library: Library, operation: Operation, operands: readonly bigint[], rm: number): void {
  const { name, kinds, hasMode, reference } = operation;
  const expected = reference(operands, rm);
  const mode = hasMode ? rm : undefined;
  for (const version of library.has(`${name}Soft`) ? [name, `${name}Soft`] : [name]) {
    for (const accrued of [0, NX, UF | OF]) {
      const got = library.call(version, kinds, operands, mode, BYSTANDERS | accrued);
      if (got.bits === expected.bits && got.flags === (BYSTANDERS | accrued | expected.flags)) continue;
      const call = `${version}(${operands.map(hex).join(', ')}) ${hasMode ? MODES[rm] : ''} fflags ${accrued}`;
      const wanted = `${hex(expected.bits)} flags ${expected.flags}`;
      throw new Error(`${call}: ${hex(got.bits)} flags ${got.flags & 31}, not ${wanted}; CAPVM_SEED=${seed}`);
    }
  }
}

describe('soft-float', function () {
  this.timeout(60_000); // the compiler, and a machine that may be busy

  let library: Library;

  before(async () => {
    library = await Library.compile();
  });

  it('neither allocates nor imports', () => {
    expect(library.text).not.to.contain('~lib/rt');
    expect(library.text).not.to.contain('(import');
  });

  describe(`agrees with exact arithmetic, seed ${seed}`, () => {
    for (const [index, operation] of OPERATIONS.entries()) {
      it(operation.name, () => {
        const random = new Random(seed + index);
        for (let i = 0; i < CASES; i++) check(library, operation, operation.generate(random), i % MODES.length);
      });
    }
  });

  describe('cases once wrong or easily so', () => {
    const cases: readonly [string, string, bigint[], number, bigint, number][] = [
      [
        'splits a subnormal factor',
        'f64_mulAdd',
        [0x5edfffffffffffffn, 0x8000000004000000n, 0x1940000000000000n],
        RNE,
        0x9d5fffffffffffffn,
        NX,
      ],
      [
        'infinity times zero beats a quiet NaN',
        'f64_mulAdd',
        [0x7ff0000000000000n, 0n, 0x7ff8000000000000n],
        RNE,
        0x7ff8000000000000n,
        NV,
      ],
      [
        'rounds up to the least normal number: tiny all the same',
        'f64_mul',
        [0x001fffffffffffffn, 0x3fe0000000000000n],
        RNE,
        0x0010000000000000n,
        UF | NX,
      ],
      [
        'rounds up to the least normal number: not tiny',
        'f64_mul',
        [0x000fffffffffffffn, 0x3ff0000000000001n],
        RUP,
        0x0010000000000000n,
        NX,
      ],
      [
        'counts a bit that a carry pushes out',
        'f64_mulAdd',
        [0x3fffffffffffffffn, 0x3ff0000000000000n, 0x3f50000000000401n],
        RNE,
        0x4000020000000000n,
        NX,
      ],
      [
        'sees what lies just above a midpoint',
        'f32_mulAdd',
        [0x3f800001n, 0x3fc00000n, 0x00800000n],
        RNE,
        0x3fc00002n,
        NX,
      ],
      [
        'sees what lies just below a midpoint',
        'f32_mulAdd',
        [0x3f800001n, 0x3fc00000n, 0x80800000n],
        RNE,
        0x3fc00001n,
        NX,
      ],
      [
        'a product of 54 bits is inexact',
        'f64_mul',
        [0x3ff0000000000001n, 0x3ff8000000000000n],
        RNE,
        0x3ff8000000000002n,
        NX,
      ],
      ['a signaling NaN loses to a number, with NV', 'f32_min', [0x7f800001n, 0x3f800000n], RNE, 0x3f800000n, NV],
      ['minimum of zeros is the negative one', 'f32_min', [0n, 0x80000000n], RNE, 0x80000000n, 0],
      ['a negative fraction truncates to unsigned zero', 'f64_to_u64', [0xbfe0000000000000n], 1, 0n, NX],
      ['minus one is no unsigned number', 'f64_to_u64', [0xbff0000000000000n], 1, 0n, NV],
      ['unsigned words are sign-extended', 'f64_to_u32', [0x41e0000000000000n], RNE, 0xffffffff80000000n, 0],
      ['NaN converts to the greatest integer', 'f32_to_i32', [0xffc00000n], RNE, 0x7fffffffn, NV],
      ['2^63 - 1 is not 2^63', 'i64_to_f64', [0x7fffffffffffffffn], RNE, 0x43e0000000000000n, NX],
    ];
    for (const [title, name, operands, rm, bits, flags] of cases) {
      it(title, () => {
        const operation = OPERATIONS.find((candidate) => candidate.name === name)!;
        expect(operation.reference(operands, rm)).to.deep.equal({ bits, flags });
        check(library, operation, operands, rm);
      });
    }
  });
});
