// Division and square root: all rounding modes, all flags.
// Both take a 53-bit candidate from the host's correctly rounded operation on the significands alone, scaled so that
// nothing can overflow or underflow, and find the sign of its error with an exact integer remainder.
import { DZ, raiseFlags } from "./flags";
import {
  LEAD, bias, exponentMax, exponentOf, infinity, invalid, isInfinite, isNan, isZero, propagateNan,
  scaleOf, signOf, significandOf, withSign,
} from "./format";
import { roundPack } from "./round";

/** Bits below the 53-bit candidate in a working significand. */
const SPARE = LEAD - 52;
const TWO_52: f64 = 4503599627370496.0;
const TWO_26: f64 = 67108864.0;

/**
 * The candidate q as working significand, nudged by the sign of its error: a little more or less than q.
 *
 * That decides every rounding: neither a quotient nor a root of p-bit numbers can lie exactly midway between two
 * 53-bit numbers (its last bit would have to divide an operand), and every coarser rounding boundary (binary32,
 * subnormal) is itself a 53-bit number. Remainders stay below 2^54: computing them modulo 2^64 loses nothing.
 */
// @ts-ignore: decorator
@inline
function withRemainder(candidate: u64, remainder: i64): u64 {
  // -1, 0 or 1: below the candidate's last bit there are SPARE zero bits to borrow from.
  return (candidate << SPARE) + <u64>(<i64>(remainder > 0) - <i64>(remainder < 0));
}

export function divSoft<T>(a: T, b: T, rm: u32): T {
  const sign = signOf<T>(a) ^ signOf<T>(b);
  if (exponentOf<T>(a) == exponentMax<T>() || exponentOf<T>(b) == exponentMax<T>()) return divSpecial<T>(a, b, sign);
  if (isZero<T>(b)) {
    if (isZero<T>(a)) return invalid<T>();
    raiseFlags(DZ);
    return withSign<T>(sign, infinity<T>());
  }
  if (isZero<T>(a)) return withSign<T>(sign, 0);

  let exponent = scaleOf<T>(a) - scaleOf<T>(b) + bias<T>();
  let dividend = significandOf<T>(a) >> SPARE;
  const divisor = significandOf<T>(b) >> SPARE;
  if (dividend < divisor) {
    dividend <<= 1; // now the quotient lies in [1, 2)
    exponent--;
  }
  // dividend/divisor <= 2 - 2^-52, so the candidate never rounds up to 2.
  const quotient = <u64>((<f64>dividend / <f64>divisor) * TWO_52);
  const remainder = <i64>((dividend << 52) - quotient * divisor);
  return roundPack<T>(sign, exponent, withRemainder(quotient, remainder), rm);
}

/** At least one operand is infinite or NaN. */
function divSpecial<T>(a: T, b: T, sign: u32): T {
  if (isNan<T>(a) || isNan<T>(b)) return propagateNan<T>(a, b);
  if (!isInfinite<T>(a)) return withSign<T>(sign, 0); // finite / infinity, exact
  if (isInfinite<T>(b)) return invalid<T>();
  return withSign<T>(sign, infinity<T>());
}

export function sqrtSoft<T>(a: T, rm: u32): T {
  if (isNan<T>(a)) return propagateNan<T>(a, a);
  if (isZero<T>(a)) return a; // sqrt(-0) = -0
  if (signOf<T>(a)) return invalid<T>();
  if (isInfinite<T>(a)) return a;

  const scale = scaleOf<T>(a) - bias<T>();
  // radicand * 2^(even): an odd exponent lends one factor 2.
  const radicand = (significandOf<T>(a) >> SPARE) << (scale & 1);
  // radicand in [2^52, 2^54), its root in [2^26, 2^27) and below the midpoint under 2^27: root < 2^53.
  const root = <u64>(sqrt<f64>(<f64>radicand) * TWO_26);
  const remainder = <i64>((radicand << 52) - root * root);
  return roundPack<T>(0, (scale >> 1) + bias<T>(), withRemainder(root, remainder), rm);
}
