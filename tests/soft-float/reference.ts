// Every operation of the library by definition, on exact numbers (exact.ts).
// Source: RISC-V Unprivileged ISA 20191213, chapter 11.
import { DZ, NV, NX, RDN, round, roundTo, withSign } from './exact.ts';
import type { Format, Magnitude, Outcome } from './exact.ts';

/** A bit pattern taken apart; `m` * 2^`e` is the magnitude of a finite one. */
interface Datum {
  readonly bits: bigint;
  readonly isNegative: boolean;
  readonly kind: 'finite' | 'infinite' | 'quiet' | 'signaling';
  readonly m: bigint;
  readonly e: number;
}

function decode(of: Format, bits: bigint): Datum {
  const fractionBits = BigInt(of.precision - 1);
  const isNegative = bits >> BigInt(of.width - 1) === 1n;
  const field = Number((bits >> fractionBits) & BigInt(2 * of.emax + 1));
  const fraction = bits & ((1n << fractionBits) - 1n);
  const common = { bits, isNegative, m: 0n, e: 0 };
  if (field === 2 * of.emax + 1) {
    if (fraction === 0n) return { ...common, kind: 'infinite' };
    return { ...common, kind: fraction >> (fractionBits - 1n) ? 'quiet' : 'signaling' };
  }
  const m = field === 0 ? fraction : fraction | (1n << fractionBits);
  return { ...common, kind: 'finite', m, e: Math.max(field, 1) - of.emax - Number(fractionBits) };
}

const isNan = (x: Datum): boolean => x.kind === 'quiet' || x.kind === 'signaling';
const isZero = (x: Datum): boolean => x.kind === 'finite' && x.m === 0n;
const signed = (x: Datum): bigint => (x.isNegative ? -x.m : x.m);

function dyadic(m: bigint, e: number): Magnitude {
  return e >= 0 ? { n: m << BigInt(e), d: 1n } : { n: m, d: 1n << BigInt(-e) };
}

/** NaN result if some operand is one. */
function nanOf(of: Format, ...operands: Datum[]): Outcome | undefined {
  if (!operands.some(isNan)) return undefined;
  return { bits: of.nan, flags: operands.some((x) => x.kind === 'signaling') ? NV : 0 };
}

const invalid = (of: Format): Outcome => ({ bits: of.nan, flags: NV });
const exactly = (bits: bigint): Outcome => ({ bits, flags: 0 });

/** Exact sum of two finite numbers, rounded; zero results take their sign from IEEE 754 section 6.3. */
function sum(of: Format, a: Datum, b: Datum, rm: number): Outcome {
  const e = Math.min(a.e, b.e);
  const total = (signed(a) << BigInt(a.e - e)) + (signed(b) << BigInt(b.e - e));
  if (total !== 0n) return round(of, total < 0n, dyadic(total < 0n ? -total : total, e), rm);
  const isNegative = a.isNegative === b.isNegative ? a.isNegative : rm === RDN;
  return exactly(withSign(of, isNegative, 0n));
}

export function add(of: Format, aBits: bigint, bBits: bigint, rm: number): Outcome {
  const [a, b] = [decode(of, aBits), decode(of, bBits)];
  const nan = nanOf(of, a, b);
  if (nan) return nan;
  if (a.kind === 'infinite' && b.kind === 'infinite' && a.bits !== b.bits) return invalid(of);
  if (a.kind === 'infinite') return exactly(a.bits);
  if (b.kind === 'infinite') return exactly(b.bits);
  return sum(of, a, b, rm);
}

export function sub(of: Format, a: bigint, b: bigint, rm: number): Outcome {
  return add(of, a, b ^ (1n << BigInt(of.width - 1)), rm);
}

export function mul(of: Format, aBits: bigint, bBits: bigint, rm: number): Outcome {
  const [a, b] = [decode(of, aBits), decode(of, bBits)];
  const nan = nanOf(of, a, b);
  if (nan) return nan;
  const isNegative = a.isNegative !== b.isNegative;
  if (a.kind === 'infinite' || b.kind === 'infinite') {
    return isZero(a) || isZero(b) ? invalid(of) : exactly(withSign(of, isNegative, of.infinity));
  }
  if (isZero(a) || isZero(b)) return exactly(withSign(of, isNegative, 0n));
  return round(of, isNegative, dyadic(a.m * b.m, a.e + b.e), rm);
}

export function div(of: Format, aBits: bigint, bBits: bigint, rm: number): Outcome {
  const [a, b] = [decode(of, aBits), decode(of, bBits)];
  const nan = nanOf(of, a, b);
  if (nan) return nan;
  if ((a.kind === 'infinite' && b.kind === 'infinite') || (isZero(a) && isZero(b))) return invalid(of);
  const isNegative = a.isNegative !== b.isNegative;
  if (a.kind === 'infinite') return exactly(withSign(of, isNegative, of.infinity));
  if (b.kind === 'infinite' || isZero(a)) return exactly(withSign(of, isNegative, 0n));
  if (isZero(b)) return { bits: withSign(of, isNegative, of.infinity), flags: DZ };
  const x = dyadic(a.m, a.e - b.e);
  return round(of, isNegative, { n: x.n, d: x.d * b.m }, rm);
}

export function sqrt(of: Format, bits: bigint, rm: number): Outcome {
  const a = decode(of, bits);
  const nan = nanOf(of, a);
  if (nan) return nan;
  if (isZero(a)) return exactly(bits);
  if (a.isNegative) return invalid(of);
  if (a.kind === 'infinite') return exactly(bits);
  return round(of, false, { ...dyadic(a.m, a.e), isRoot: true }, rm);
}

export function mulAdd(of: Format, aBits: bigint, bBits: bigint, cBits: bigint, rm: number): Outcome {
  const [a, b, c] = [decode(of, aBits), decode(of, bBits), decode(of, cBits)];
  const isInvalid = (a.kind === 'infinite' && isZero(b)) || (isZero(a) && b.kind === 'infinite');
  if (isInvalid) return invalid(of); // even if c is a quiet NaN
  const nan = nanOf(of, a, b, c);
  if (nan) return nan;
  const isNegative = a.isNegative !== b.isNegative;
  if (a.kind === 'infinite' || b.kind === 'infinite') {
    if (c.kind === 'infinite' && c.isNegative !== isNegative) return invalid(of);
    return exactly(withSign(of, isNegative, of.infinity));
  }
  if (c.kind === 'infinite') return exactly(cBits);
  return sum(of, { bits: 0n, isNegative, kind: 'finite', m: a.m * b.m, e: a.e + b.e }, c, rm);
}

/** Sign of a - b as numbers (-0 equals +0); undefined if unordered. */
function order(a: Datum, b: Datum): number | undefined {
  if (isNan(a) || isNan(b)) return undefined;
  const rank = (x: Datum): bigint => signed(x.kind === 'infinite' ? { ...x, m: 1n, e: 2000 } : x);
  const [eA, eB] = [a, b].map((x) => (x.kind === 'infinite' ? 2000 : x.e)) as [number, number];
  const e = Math.min(eA, eB);
  const difference = (rank(a) << BigInt(eA - e)) - (rank(b) << BigInt(eB - e));
  return difference > 0n ? 1 : difference < 0n ? -1 : 0;
}

function compare(
  of: Format,
  aBits: bigint,
  bBits: bigint,
  isQuiet: boolean,
  holds: (sign: number) => boolean,
): Outcome {
  const [a, b] = [decode(of, aBits), decode(of, bBits)];
  const sign = order(a, b);
  if (sign !== undefined) return exactly(holds(sign) ? 1n : 0n);
  const isSignaling = a.kind === 'signaling' || b.kind === 'signaling';
  return { bits: 0n, flags: !isQuiet || isSignaling ? NV : 0 };
}

export const eq = (of: Format, a: bigint, b: bigint): Outcome => compare(of, a, b, true, (sign) => sign === 0);
export const lt = (of: Format, a: bigint, b: bigint): Outcome => compare(of, a, b, false, (sign) => sign < 0);
export const le = (of: Format, a: bigint, b: bigint): Outcome => compare(of, a, b, false, (sign) => sign <= 0);

function extremum(of: Format, aBits: bigint, bBits: bigint, isMinimum: boolean): Outcome {
  const [a, b] = [decode(of, aBits), decode(of, bBits)];
  const flags = a.kind === 'signaling' || b.kind === 'signaling' ? NV : 0;
  if (isNan(a) && isNan(b)) return { bits: of.nan, flags };
  if (isNan(a)) return { bits: bBits, flags };
  if (isNan(b)) return { bits: aBits, flags };
  const isLess = order(a, b) === 0 ? a.isNegative : order(a, b)! < 0;
  return exactly(isLess === isMinimum ? aBits : bBits);
}

export const min = (of: Format, a: bigint, b: bigint): Outcome => extremum(of, a, b, true);
export const max = (of: Format, a: bigint, b: bigint): Outcome => extremum(of, a, b, false);

export function classify(of: Format, bits: bigint): Outcome {
  const a = decode(of, bits);
  const classes = ['-infinite', '-normal', '-subnormal', '-zero', '+zero', '+subnormal', '+normal', '+infinite'];
  const isNormal = a.m >> BigInt(of.precision - 1) === 1n;
  const finite = isZero(a) ? 'zero' : isNormal ? 'normal' : 'subnormal';
  const name = (a.isNegative ? '-' : '+') + (a.kind === 'infinite' ? a.kind : finite);
  const index = a.kind === 'signaling' ? 8 : a.kind === 'quiet' ? 9 : classes.indexOf(name);
  return exactly(1n << BigInt(index));
}

/** fcvt between the formats. */
export function toFloat(from: Format, to: Format, bits: bigint, rm: number): Outcome {
  const a = decode(from, bits);
  const nan = nanOf(to, a);
  if (nan) return nan;
  if (a.kind === 'infinite') return exactly(withSign(to, a.isNegative, to.infinity));
  if (isZero(a)) return exactly(withSign(to, a.isNegative, 0n));
  return round(to, a.isNegative, dyadic(a.m, a.e), rm);
}

export function fromInteger(to: Format, value: bigint, rm: number): Outcome {
  if (value === 0n) return exactly(0n);
  return round(to, value < 0n, { n: value < 0n ? -value : value, d: 1n }, rm);
}

/** fcvt to an integer: the register's 64 bits; 32-bit results are sign-extended, unsigned ones too. */
export function toInteger(from: Format, bits: bigint, width: number, isSigned: boolean, rm: number): Outcome {
  const a = decode(from, bits);
  const lowest = isSigned ? -(1n << BigInt(width - 1)) : 0n;
  const highest = (1n << BigInt(isSigned ? width - 1 : width)) - 1n;
  const register = (value: bigint): bigint => BigInt.asUintN(64, BigInt.asIntN(width, value));
  if (isNan(a)) return { bits: register(highest), flags: NV };
  if (a.kind === 'infinite') return { bits: register(a.isNegative ? lowest : highest), flags: NV };
  const rounded = roundTo(dyadic(a.m, a.e), 0, a.isNegative, rm);
  const value = a.isNegative ? -rounded.m : rounded.m;
  if (value < lowest) return { bits: register(lowest), flags: NV };
  if (value > highest) return { bits: register(highest), flags: NV };
  return { bits: register(value), flags: rounded.isExact ? 0 : NX };
}
