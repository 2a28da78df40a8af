// Random operands that look for trouble: boundaries of the formats, sparse and dense fractions, and operands
// related to one another so that sums cancel, products underflow and quotients overflow.
import type { Random } from '../helpers/random.ts';
import { F64, bitLength } from './exact.ts';
import type { Format } from './exact.ts';

const mask = (bits: number): bigint => (1n << BigInt(bits)) - 1n;

function bit(random: Random, limit: number): bigint {
  return 1n << BigInt(random.below(limit));
}

function fraction(random: Random, bits: number): bigint {
  switch (random.below(10)) {
    case 0:
      return 0n;
    case 1:
      return mask(bits);
    case 2:
      return bit(random, bits);
    case 3:
      return bit(random, bits) | bit(random, bits) | bit(random, bits);
    case 4:
      return mask(bits) ^ bit(random, bits);
    case 5:
      return (mask(bits) * bit(random, bits)) & mask(bits);
    case 6: // ending in any number of zeros: products that are just exact, or just not
      return (random.u64() << BigInt(random.below(bits))) & mask(bits);
    case 7: // a few leading bits
      return (random.u64() << BigInt(bits - random.between(1, 4))) & mask(bits);
    default:
      return random.u64() & mask(bits);
  }
}

function compose(random: Random, of: Format, field: number): bigint {
  const top = 2 * of.emax + 1;
  const clamped = Math.max(0, Math.min(top, field));
  const bits = of.precision - 1;
  const sign = BigInt(random.below(2)) << BigInt(of.width - 1);
  return sign | (BigInt(clamped) << BigInt(bits)) | fraction(random, bits);
}

/** Any bit pattern, extremes preferred. */
export function operand(random: Random, of: Format): bigint {
  const top = 2 * of.emax + 1;
  const p = of.precision;
  switch (random.below(14)) {
    case 0:
      return BigInt(random.below(2)) << BigInt(of.width - 1); // zeros
    case 1:
      return random.chance(0.5) ? compose(random, of, top) : of.infinity;
    case 2:
      return compose(random, of, random.below(3));
    case 3:
      return compose(random, of, top - 1 - random.below(3));
    case 4:
    case 5:
    case 6:
      return compose(random, of, of.emax + random.between(-4, 4));
    case 7:
    case 8:
      return compose(random, of, of.emax + random.between(-p - 3, p + 3));
    case 9:
      return compose(random, of, of.emax + random.between(29, 66)); // about the integer ranges
    case 10:
      return compose(random, of, (of.emax >> 1) + random.below(of.emax));
    default:
      return compose(random, of, random.below(top + 1));
  }
}

/** An operand that makes something of `a`: equal or adjacent, of like exponent, at the edge of over- or underflow. */
export function related(random: Random, of: Format, a: bigint): bigint {
  const p = of.precision;
  const field = Number((a >> BigInt(p - 1)) & mask(of.width - p));
  const sign = BigInt(random.below(2)) << BigInt(of.width - 1);
  const fields = [
    field + random.between(-3, 3),
    field + random.between(-p - 4, p + 4),
    of.emax - field + random.between(-p, p), // products about the least numbers
    3 * of.emax - field + random.between(-3, 2), // products about the greatest
    2 * of.emax - field + random.between(-4, 4), // products about one
    field + of.emax - random.between(-3, p), // quotients about the least numbers
    field - of.emax + random.between(-2, 2), // quotients about the greatest
  ];
  if (random.chance(0.15)) return BigInt.asUintN(of.width, (a ^ sign) + BigInt(random.between(-2, 2)));
  return compose(random, of, Math.min(random.pick(fields), 2 * of.emax));
}

/** A third operand for a * b + c: near -(a * b), or overlapping the product's 2p bits or far below. */
export function addend(random: Random, of: Format, a: bigint, b: bigint): bigint {
  const p = of.precision;
  const fieldOf = (x: bigint): number => Number((x >> BigInt(p - 1)) & mask(of.width - p));
  const product = fieldOf(a) + fieldOf(b) - of.emax;
  if (random.chance(0.25)) return operand(random, of);
  if (random.chance(0.5))
    return compose(random, of, Math.min(product + random.between(-3 * p - 15, 2 * p + 3), 2 * of.emax));
  return BigInt.asUintN(of.width, negatedProduct(of, a, b) + BigInt(random.between(-2, 2)));
}

/** The host's -(a * b): exact, or as close to it as the format goes. */
export function negatedProduct(of: Format, a: bigint, b: bigint): bigint {
  const view = new DataView(new ArrayBuffer(8));
  const number = (bits: bigint): number => {
    view.setBigUint64(0, bits);
    return of === F64 ? view.getFloat64(0) : view.getFloat32(4);
  };
  const product = -(number(a) * number(b));
  if (of === F64) view.setFloat64(0, product);
  else (view.setUint32(0, 0), view.setFloat32(4, product));
  return view.getBigUint64(0);
}

/** A bit pattern that rounds to the narrower format's numbers, midpoints and their neighbours. */
export function nearNarrow(random: Random, narrow: Format): bigint {
  const field = BigInt(F64.emax + random.between(narrow.emin - narrow.precision - 1, narrow.emax + 1));
  const dropped = F64.precision - narrow.precision + random.below(3);
  const kept = (fraction(random, F64.precision - 1) >> BigInt(dropped)) << BigInt(dropped);
  const half = 1n << BigInt(dropped - 1);
  const sign = BigInt(random.below(2)) << 63n;
  return (sign | (field << 52n) | kept) + half * BigInt(random.below(2)) + BigInt(random.between(0, 2)) - 1n;
}

/** An integer of `width` bits, as a signed or unsigned value: powers of two, runs of ones, few significant bits. */
export function integer(random: Random, width: number, isSigned: boolean): bigint {
  let value = random.u64() >> BigInt(random.below(64));
  if (random.chance(0.3)) value = bit(random, 64) + BigInt(random.between(-2, 2));
  else if (random.chance(0.5)) {
    const dropped = BigInt(random.below(bitLength(value)));
    value = ((value >> dropped) << dropped) + BigInt(random.between(-1, 1));
  }
  if (random.chance(0.5)) value = -value;
  return isSigned ? BigInt.asIntN(width, value) : BigInt.asUintN(width, value);
}

/** A float about an integer or half of one: what float-to-integer conversions decide on. */
export function nearInteger(random: Random, of: Format): bigint {
  const view = new DataView(new ArrayBuffer(8));
  const value = Number(integer(random, 64, random.chance(0.5))) * random.pick([1, 1, 0.5, 0.25]);
  if (of === F64) view.setFloat64(0, value);
  else view.setFloat32(4, value);
  return BigInt.asUintN(of.width, view.getBigUint64(0) + BigInt(random.between(-1, 1)));
}
