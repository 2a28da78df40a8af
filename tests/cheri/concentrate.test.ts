// Properties of capability compression and of every instruction that derives capabilities, on the compiled core code
// (core.ts) against an independent model (model.ts). CAPVM_SEED repeats a run; the seed is in each title.
import { expect } from 'chai';
import fc from 'fast-check';
import * as layout from '../../assembly/layout.ts';
import { freshSeed } from '../helpers/random.ts';
import { Bench } from './core.ts';
import type { Bits } from './core.ts';
import * as model from './model.ts';

const SEED = freshSeed();
const RUNS = 5000;
const [SOURCE, OPERAND, RESULT] = [10, 11, 12] as const;

/** 64-bit numbers of every magnitude, runs of ones and zeros, and neighbours of powers of two. */
const word = fc.oneof(
  fc.bigInt(0n, model.MAX64),
  fc.tuple(fc.bigInt(0n, model.MAX64), fc.integer({ min: 0, max: 63 })).map(([v, shift]) => v >> BigInt(shift)),
  fc
    .tuple(fc.integer({ min: 0, max: 63 }), fc.integer({ min: -20, max: 20 }))
    .map(([n, d]) => BigInt.asUintN(64, (1n << BigInt(n)) + BigInt(d))),
  fc.bigInt(0x80000000n, 0x84000000n),
);

/** A request [base, top) inside the address space. */
const request = fc.tuple(word, word).map(([a, b]) => {
  const base = a < b ? a : b;
  return { base, length: (a < b ? b : a) - base };
});

/** Any 128-bit pattern: random ones, and ones that setBounds makes. */
const pattern: fc.Arbitrary<Omit<Bits, 'tag'>> = fc.oneof(
  fc.record({ high: fc.bigInt(0n, model.MAX64), address: word }),
  fc.tuple(request, fc.bigInt(0n, model.MAX64), word).map(([{ base, length }, high, inside]) => ({
    high: model.withBounds(high, model.encode(base, base + length)),
    address: base + (length ? inside % length : 0n),
  })),
);

function check<T extends unknown[]>(
  arbitraries: { [K in keyof T]: fc.Arbitrary<T[K]> },
  body: (...args: T) => void,
): void {
  fc.assert(fc.property(...(arbitraries as [fc.Arbitrary<unknown>]), body as (...args: unknown[]) => void), {
    seed: SEED,
    numRuns: RUNS,
  });
}

describe(`CHERI Concentrate (CAPVM_SEED=${SEED})`, function () {
  let bench: Bench;

  before(async function () {
    this.timeout(120_000);
    bench = await Bench.create();
  });

  beforeEach(() => bench.reset());

  function setInteger(register: number, value: bigint): void {
    bench.set(bench.x(register), { tag: 0, high: 0n, address: value });
  }

  function integerOf(name: string, register: number): bigint {
    bench.execute(name, { rd: RESULT, rs1: register });
    return bench.get(bench.x(RESULT)).address;
  }

  it('decodes any pattern as the model does', () => {
    check<[Omit<Bits, 'tag'>]>([pattern], (cap) => {
      const p = bench.x(SOURCE);
      bench.set(p, { tag: 0, ...cap });
      const { base, top, perms, otype } = bench.decoded(p);
      expect({ base, top }).to.deep.equal(model.bounds(cap));
      expect(perms).to.equal(model.perms(cap.high));
      expect(otype).to.equal(model.otype(cap.high));
      expect(bench.get(p)).to.deep.equal({ tag: 0, ...cap });
    });
  });

  it('sets the bounds the model sets, and they decode to what covers the request', () => {
    check<[{ base: bigint; length: bigint }]>([request], ({ base, length }) => {
      bench.set(bench.x(SOURCE), { tag: 1, high: model.ALMIGHTY_HIGH, address: base });
      setInteger(OPERAND, length);
      bench.execute('CSETBOUNDS', { rd: RESULT, rs1: SOURCE, rs2: OPERAND });
      const encoding = model.encode(base, base + length);
      const result = bench.get(bench.x(RESULT));
      expect(result).to.deep.equal({ tag: 1, high: model.withBounds(model.ALMIGHTY_HIGH, encoding), address: base });
      const decoded = model.bounds(result);
      expect(decoded).to.deep.equal({ base: encoding.base, top: encoding.top });
      expect(decoded.base <= base && decoded.top >= base + length).to.equal(true);
      bench.execute('CSETBOUNDSEXACT', { rd: RESULT, rs1: SOURCE, rs2: OPERAND });
      expect(bench.get(bench.x(RESULT))).to.deep.equal({ ...result, tag: encoding.exact ? 1 : 0 });
    });
  });

  it('re-encodes what it decoded', () => {
    check<[{ base: bigint; length: bigint }, bigint]>([request, word], ({ base, length }, inside) => {
      const encoding = model.encode(base, base + length);
      const address = base + (length ? inside % length : 0n);
      const cap = { tag: 0, high: model.withBounds(0n, encoding), address };
      bench.set(bench.x(SOURCE), cap);
      const decoded = bench.decoded(bench.x(SOURCE));
      expect(decoded.base).to.equal(encoding.base);
      expect(decoded.top).to.equal(encoding.top);
      const fields = BigInt.asUintN(
        64,
        bench.exports['encodeBounds']!(decoded.base, BigInt.asUintN(64, decoded.top), decoded.top >> 64n) as bigint,
      );
      expect(fields & 0x7ffffffn).to.equal(encoding.field);
      expect(fields >> 40n).to.equal(0n);
    });
  });

  it('CRRL and CRAM name lengths and alignments that are exact', () => {
    check<[bigint, bigint]>([word, word], (length, anywhere) => {
      setInteger(SOURCE, length);
      const rounded = integerOf('CRRL', SOURCE);
      const mask = integerOf('CRAM', SOURCE);
      expect(BigInt.asUintN(64, ~mask + 1n) & ~mask).to.equal(0n);
      expect(rounded).to.equal(BigInt.asUintN(64, model.encode(0n, length).top));
      const base = anywhere & mask;
      fc.pre(rounded >= length && base + rounded <= model.MAX64 + 1n);
      expect(model.encode(base, base + rounded).exact).to.equal(true);
    });
  });

  it('tests representability exactly, and the fast test never says yes where the exact one says no', () => {
    check<[Omit<Bits, 'tag'>, bigint, boolean]>([pattern, word, fc.boolean()], (cap, value, relative) => {
      const to = relative ? BigInt.asUintN(64, cap.address + BigInt.asIntN(20, value)) : value;
      const exact = model.isRepresentable({ tag: 1, ...cap }, to);
      expect(bench.exports['isRepresentable']!(cap.high, cap.address, to)).to.equal(Number(exact));
      const increment = BigInt.asUintN(64, to - cap.address);
      if (bench.exports['isRepresentableFast']!(cap.high, cap.address, increment)) expect(exact).to.equal(true);
    });
  });

  it('the fast test says yes to every move within the bounds', () => {
    check<[{ base: bigint; length: bigint }, bigint, bigint]>([request, word, word], ({ base, length }, a, b) => {
      const encoding = model.encode(base, base + length);
      fc.pre(length > 0n);
      const from = base + (a % length);
      const increment = BigInt.asUintN(64, base + (b % length) - from);
      expect(bench.exports['isRepresentableFast']!(encoding.field, from, increment)).to.equal(1);
    });
  });

  it('CBuildCap on almighty authority tags exactly what CSetBounds could have made', () => {
    check<[Omit<Bits, 'tag'>]>([pattern], (cap) => {
      const { base, top } = model.bounds(cap);
      const makeable = base <= top && top <= model.MAX64 + 1n && model.withBounds(cap.high, model.encode(base, top));
      bench.set(bench.x(OPERAND), { tag: 0, ...cap });
      bench.execute('CBUILDCAP', { rd: RESULT, rs1: 0, rs2: OPERAND });
      const tag = makeable === cap.high && ((cap.high >> 46n) & 3n) === 0n ? 1 : 0;
      expect(bench.get(bench.x(RESULT)).tag).to.equal(tag);
    });
  });

  describe('sequences of derivations', () => {
    /** Everything that writes a capability register from others, with how its immediate is drawn. */
    const OPERATIONS = [
      'CMOVE CCLEARTAG CANDPERM CSETFLAGS CSETHIGH CSETADDR CSETOFFSET CINCOFFSET CSETBOUNDS CSETBOUNDSEXACT CFROMPTR',
      'CINCOFFSETIMM CSETBOUNDSIMM CSEAL CCSEAL CUNSEAL CSEALENTRY CBUILDCAP CCOPYTYPE',
    ].flatMap((line) => line.split(' '));
    const REGISTERS = [8, 9, 10, 11, 12, 13] as const;

    const step = fc.record({
      name: fc.constantFrom(...OPERATIONS),
      rd: fc.constantFrom(...REGISTERS),
      rs1: fc.constantFrom(...REGISTERS),
      rs2: fc.constantFrom(...REGISTERS),
      imm: fc.integer({ min: -2048, max: 2047 }),
      /** Loaded into rs2 first, to have integers of use. */
      operand: fc.option(fc.oneof(word, fc.bigInt(0n, 64n), fc.bigInt(0n, 0x7ffffn)), { freq: 2 }),
    });
    const start = fc.array(fc.tuple(request, fc.bigInt(0n, 0xffffn), fc.boolean()), { minLength: 6, maxLength: 6 });

    /** Six tagged capabilities to ranges and permissions of their own; two of them can seal. */
    function arrange(given: [{ base: bigint; length: bigint }, bigint, boolean][]): void {
      given.forEach(([{ base, length }, permissions, sealing], i) => {
        const range = sealing ? { base: 0n, length: 0x40000n } : { base, length };
        const encoding = model.encode(range.base, range.base + range.length);
        const high = model.withBounds((permissions | (sealing ? 0x280n : 4n)) << 48n, encoding);
        const cap = { tag: 1, high, address: range.base };
        bench.set(bench.x(REGISTERS[i]!), cap);
      });
    }

    const isSealed = (cap: Bits): boolean => model.otype(cap.high) !== 0x3ffff;

    function isUnsealing(name: string, after: Bits): boolean {
      return name === 'CUNSEAL' && !isSealed(after);
    }

    function explain(s: { name: string }, before: Bits, after: Bits): string {
      const text = (c: Bits): string => `${c.tag} ${c.high.toString(16)} ${c.address.toString(16)}`;
      return `${s.name}: ${text(before)} -> ${text(after)}`;
    }

    it('never widen bounds or permissions, never tag what was untagged, keep derived fields and windows true', () => {
      const sequence = fc.tuple(start, fc.array(step, { minLength: 1, maxLength: 40 }), word);
      fc.assert(
        fc.property(sequence, ([given, steps, tohost]) => {
          bench.setU64(layout.TOHOST, tohost & ~7n);
          arrange(given);
          for (const s of steps) {
            if (s.operand !== null && s.rs2 !== s.rs1) setInteger(s.rs2, s.operand);
            const before = bench.get(bench.x(s.rs1));
            const imm = s.name === 'CSETBOUNDSIMM' ? s.imm & 0xfff : s.imm;
            expect(bench.execute(s.name, { ...s, imm })).to.equal(undefined);
            const after = bench.get(bench.x(s.rd));
            if (after.tag) {
              expect(before.tag, explain(s, before, after)).to.equal(1);
              expect(model.isWithin(after, before), explain(s, before, after)).to.equal(true);
              if (isSealed(before) && !isUnsealing(s.name, after)) expect(after).to.deep.equal(before);
            }
            expectTrueToItsBits(s.rd, after);
          }
        }),
        { seed: SEED, numRuns: 2000 },
      );
    });

    /** What the struct says beside the bits is what decoding the bits afresh says. */
    function expectTrueToItsBits(register: number, cap: Bits): void {
      const p = bench.x(register);
      const kept = { ...bench.decoded(p), ...bench.windows(p) };
      bench.set(p, cap);
      expect({ ...bench.decoded(p), ...bench.windows(p) }).to.deep.equal(kept);
      expect({ base: kept.base, top: kept.top }).to.deep.equal(model.bounds(cap));
      expectWindowsAllowed(p, cap);
    }

    function expectWindowsAllowed(p: number, cap: Bits): void {
      const { base, top } = model.bounds(cap);
      const ramEnd = 0x80000000n + bench.u64(layout.RAM_SIZE);
      const tohost = bench.u64(layout.TOHOST);
      const { load, store } = bench.windows(p);
      for (const [window, permission] of [
        [load, 4],
        [store, 8],
      ] as const) {
        if (!window) continue;
        expect(cap.tag).to.equal(1);
        expect(model.otype(cap.high)).to.equal(0x3ffff);
        expect(model.perms(cap.high) & permission).to.equal(permission);
        expect(window[0] >= base && window[1] <= top && window[0] >= 0x80000000n && window[1] <= ramEnd).to.equal(true);
        expect((window[0] | window[1]) & 15n).to.equal(0n);
      }
      if (store) expect(tohost + 8n <= store[0] || tohost >= store[1]).to.equal(true);
    }
  });
});
