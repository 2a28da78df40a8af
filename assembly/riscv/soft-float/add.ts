// Addition and subtraction in integer arithmetic: all rounding modes, all flags.
import { RDN } from "./flags";
import {
  LEAD, exponentMax, exponentOf, invalid, isInfinite, isNan, propagateNan, scaleOf, signMask, signOf,
  significandOf, withSign,
} from "./format";
import { roundPack, shiftRightSticky } from "./round";

export function addSoft<T>(a: T, b: T, rm: u32): T {
  if (exponentOf<T>(a) == exponentMax<T>() || exponentOf<T>(b) == exponentMax<T>()) return addSpecial<T>(a, b);
  return addUnpacked<T>(
    signOf<T>(a), scaleOf<T>(a), significandOf<T>(a),
    signOf<T>(b), scaleOf<T>(b), significandOf<T>(b), rm,
  );
}

export function subSoft<T>(a: T, b: T, rm: u32): T {
  return addSoft<T>(a, b ^ signMask<T>(), rm);
}

/** At least one operand is infinite or NaN. */
function addSpecial<T>(a: T, b: T): T {
  if (isNan<T>(a) || isNan<T>(b)) return propagateNan<T>(a, b);
  if (!isInfinite<T>(a)) return b;
  if (isInfinite<T>(b) && a != b) return invalid<T>();
  return a;
}

/**
 * Rounded sum of two numbers in working form; zeros allowed.
 *
 * Sticky alignment is exact enough: bits only fall out when the exponents differ by more than the zero bits at
 * the bottom of the shifted significand (>= 10), and then at most one leading bit cancels, so the sticky bit
 * stays below the rounding position. This holds for a 48-bit binary32 product too (15 zero bits).
 */
export function addUnpacked<T>(
  signA: u32, exponentA: i32, a: u64,
  signB: u32, exponentB: i32, b: u64, rm: u32,
): T {
  let sign = signA;
  let exponent = exponentA;
  if (exponentA >= exponentB) {
    b = shiftRightSticky(b, exponentA - exponentB);
  } else {
    a = shiftRightSticky(a, exponentB - exponentA);
    exponent = exponentB;
  }
  if (signA == signB) {
    let sum = a + b;
    if (sum == 0) return withSign<T>(sign, 0);
    if (sum >> (LEAD + 1)) {
      sum = (sum >> 1) | (sum & 1);
      exponent++;
    }
    return roundPack<T>(sign, exponent, sum, rm);
  }
  if (a == b) return withSign<T>(<u32>(rm == RDN), 0); // x - x is +0, but -0 when rounding down
  let difference = a - b;
  if (a < b) {
    difference = b - a;
    sign ^= 1;
  }
  const shift = <i32>clz<u64>(difference) - (63 - LEAD);
  return roundPack<T>(sign, exponent - shift, difference << shift, rm);
}
