// Exact numbers and their rounding into a binary format, in BigInt rationals: nothing here shares a method with
// the library under test. Rounding follows the definitions literally: find the two neighbours of the exact
// number, compare it with the point midway between them, choose by mode and sign.
// Source: IEEE 754-2008 sections 3.4, 4.3, 7.4 to 7.6; RISC-V detects tininess after rounding.

export const NX = 1;
export const UF = 2;
export const OF = 4;
export const DZ = 8;
export const NV = 16;

export const RNE = 0;
export const RTZ = 1;
export const RDN = 2;
export const RUP = 3;
export const RMM = 4;
export const MODES = ['RNE', 'RTZ', 'RDN', 'RUP', 'RMM'] as const;

export interface Format {
  readonly name: 'f32' | 'f64';
  readonly width: number;
  /** Significand bits, the hidden one included. */
  readonly precision: number;
  /** Exponents of the least normal and of the greatest finite number. */
  readonly emin: number;
  readonly emax: number;
  readonly infinity: bigint;
  readonly nan: bigint;
}

function format(name: 'f32' | 'f64', width: number, precision: number): Format {
  const emax = 2 ** (width - precision - 1) - 1;
  const infinity = BigInt(2 * emax + 1) << BigInt(precision - 1);
  return { name, width, precision, emin: 1 - emax, emax, infinity, nan: infinity | (1n << BigInt(precision - 2)) };
}

export const F32 = format('f32', 32, 24);
export const F64 = format('f64', 64, 53);

/** A positive number: n / d, or its square root. */
export interface Magnitude {
  readonly n: bigint;
  readonly d: bigint;
  readonly isRoot?: boolean;
}

/** What an operation yields: bit pattern and the flags raised. */
export interface Outcome {
  readonly bits: bigint;
  readonly flags: number;
}

/** n / d scaled by 2^power. */
function scale({ n, d }: Magnitude, power: number): Magnitude {
  return power >= 0 ? { n: n << BigInt(power), d } : { n, d: d << BigInt(-power) };
}

/** Sign of x - m * 2^power. */
function compareTo(x: Magnitude, m: bigint, power: number): number {
  const scaled = scale(x, x.isRoot ? -2 * power : -power);
  const difference = scaled.n - (x.isRoot ? m * m : m) * scaled.d;
  return difference > 0n ? 1 : difference < 0n ? -1 : 0;
}

/** Greatest integer m with m * m <= x. */
function integerRoot(x: bigint): bigint {
  if (x < 2n) return x;
  let root = 1n << BigInt((bitLength(x) + 1) >> 1);
  for (;;) {
    const next = (root + x / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

/** Greatest m with m * 2^power <= x. */
function floorTo(x: Magnitude, power: number): bigint {
  const scaled = scale(x, x.isRoot ? -2 * power : -power);
  const quotient = scaled.n / scaled.d;
  return x.isRoot ? integerRoot(quotient) : quotient;
}

export function bitLength(x: bigint): number {
  return x.toString(2).length;
}

/** Greatest e with 2^e <= x. */
function floorLog2(x: Magnitude): number {
  let e = bitLength(x.n) - bitLength(x.d);
  if (x.isRoot) e >>= 1;
  while (compareTo(x, 1n, e) < 0) e--;
  while (compareTo(x, 1n, e + 1) >= 0) e++;
  return e;
}

/** x rounded to a multiple of 2^power, in units of it. */
export function roundTo(x: Magnitude, power: number, isNegative: boolean, rm: number): { m: bigint; isExact: boolean } {
  const below = floorTo(x, power);
  if (compareTo(x, below, power) === 0) return { m: below, isExact: true };
  const midway = compareTo(x, 2n * below + 1n, power - 1);
  let isUp: boolean;
  if (rm === RTZ) isUp = false;
  else if (rm === RDN) isUp = isNegative;
  else if (rm === RUP) isUp = !isNegative;
  else if (midway !== 0) isUp = midway > 0;
  else isUp = rm === RMM || (below & 1n) === 1n;
  return { m: isUp ? below + 1n : below, isExact: false };
}

export function withSign(to: Format, isNegative: boolean, magnitude: bigint): bigint {
  return isNegative ? magnitude | (1n << BigInt(to.width - 1)) : magnitude;
}

/** The format's number for a nonzero exact one, with the flags of the rounding. */
export function round(to: Format, isNegative: boolean, x: Magnitude, rm: number): Outcome {
  const e = floorLog2(x);
  const last = to.precision - 1;
  const unbounded = roundTo(x, e - last, isNegative, rm).m; // as if the exponent had no limits
  const carries = bitLength(unbounded) > to.precision;
  if (e + Number(carries) > to.emax) {
    const isTowardsZero = rm === RTZ || (rm === RDN && !isNegative) || (rm === RUP && isNegative);
    return { bits: withSign(to, isNegative, to.infinity - (isTowardsZero ? 1n : 0n)), flags: OF | NX };
  }
  const isTiny = e + Number(carries) < to.emin;
  const power = Math.max(e, to.emin) - last;
  const { m, isExact } = roundTo(x, power, isNegative, rm);
  const flags = isExact ? 0 : isTiny ? UF | NX : NX;
  return { bits: withSign(to, isNegative, encode(to, m, power)), flags };
}

/** Bit pattern of m * 2^power, which must be a number of the format, without sign. */
function encode(to: Format, m: bigint, power: number): bigint {
  if (bitLength(m) > to.precision) return encode(to, m >> 1n, power + 1);
  if (bitLength(m) < to.precision) return m; // subnormal or zero
  const field = BigInt(power + to.precision - 1 + to.emax);
  return (field << BigInt(to.precision - 1)) | (m & ((1n << BigInt(to.precision - 1)) - 1n));
}
