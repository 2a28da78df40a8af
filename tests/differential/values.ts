// Operand values that find bugs: boundaries, patterns, and plain random bits.
import type { Random } from '../helpers/random.ts';

const MASK = (1n << 64n) - 1n;
// prettier-ignore
const INTEGERS = [0n, 1n, 2n, 3n, 4n, 7n, 8n, 31n, 32n, 33n, 63n, 64n, 0x7fn, 0x80n, 0xffn, 0x7fffn, 0x8000n, 0xffffn, 0x7fff_ffffn, 0x8000_0000n,
  0xffff_ffffn, 0x1_0000_0000n, 0x7fff_ffff_ffff_ffffn, 0x8000_0000_0000_0000n, MASK, MASK - 1n, 0xffff_ffff_8000_0000n, 0xffff_ffff_7fff_ffffn];

export function integer(random: Random): bigint {
  const value = random.weighted<() => bigint>([
    [4, () => random.pick(INTEGERS)],
    [2, () => BigInt(random.between(-70, 70))],
    [1, () => (1n << BigInt(random.below(64))) + BigInt(random.between(-1, 1))],
    [2, () => random.u64()],
    [1, () => BigInt.asIntN(32, random.u64())],
    [1, () => random.u64() >> BigInt(random.below(64))],
  ])();
  return value & MASK;
}

type Format = { fraction: number; exponent: number };
const SINGLE: Format = { fraction: 23, exponent: 8 };
const DOUBLE: Format = { fraction: 52, exponent: 11 };

function floating(random: Random, { fraction, exponent }: Format): bigint {
  const top = (1 << exponent) - 1;
  const bias = top >> 1;
  const fractionMask = (1n << BigInt(fraction)) - 1n;
  const special = (): [number, bigint] =>
    random.pick<[number, bigint]>([
      [0, 0n],
      [0, 1n],
      [0, fractionMask],
      [1, 0n],
      [top, 0n],
      [top, 1n],
      [top, 1n << BigInt(fraction - 1)],
      [top, fractionMask],
      [top - 1, fractionMask],
      [bias, 0n],
      [bias, 1n],
      [bias - 1, 0n],
      [bias - 1, fractionMask],
      [bias + 1, 1n << BigInt(fraction - 1)],
    ]);
  // Exponents close to each other make cancellation, rounding at every bit, and integer conversions near their limits.
  const near = (): [number, bigint] => [bias + random.between(-fraction - 3, 70), random.u64() & fractionMask];
  const sparse = (): [number, bigint] => [
    bias + random.between(-4, 66),
    ((random.u64() & 7n) << BigInt(random.below(fraction))) & fractionMask,
  ];
  const edge = (): [number, bigint] => [
    random.pick([random.between(0, 3), random.between(top - 4, top - 1)]),
    random.u64() & fractionMask,
  ];
  const any = (): [number, bigint] => [random.below(top + 1), random.u64() & fractionMask];
  const [e, m] = random.weighted([
    [4, special],
    [4, near],
    [3, sparse],
    [2, edge],
    [2, any],
  ])();
  const sign = random.chance(0.5) ? 1n : 0n;
  return (((sign << BigInt(exponent)) | BigInt(Math.max(0, Math.min(top, e)))) << BigInt(fraction)) | m;
}

export const single = (random: Random): bigint => floating(random, SINGLE);
export const double = (random: Random): bigint => floating(random, DOUBLE);

/** Content of an f register: a double, a boxed single, or a single whose box is broken. */
export function floatRegister(random: Random): bigint {
  return random.weighted<() => bigint>([
    [9, () => double(random)],
    [9, () => 0xffff_ffff_0000_0000n | single(random)],
    [1, () => single(random)],
    [1, () => random.u64()],
  ])();
}
