// Multiplication in integer arithmetic: all rounding modes, all flags.
import {
  LEAD, bias, exponentMax, exponentOf, infinity, invalid, isNan, isZero, propagateNan, scaleOf, signOf,
  significandOf, withSign,
} from "./format";
import { roundPack } from "./round";

/** Upper 64 bits of the 128-bit product. */
// @ts-ignore: decorator
@inline
export function multiplyHigh(a: u64, b: u64): u64 {
  const aLow = a & 0xffffffff;
  const aHigh = a >> 32;
  const bLow = b & 0xffffffff;
  const bHigh = b >> 32;
  // Neither sum can overflow: (2^32-1)^2 + 2 * (2^32-1) = 2^64 - 1.
  const middle = aHigh * bLow + ((aLow * bLow) >> 32);
  const middle2 = aLow * bHigh + (middle & 0xffffffff);
  return aHigh * bHigh + (middle >> 32) + (middle2 >> 32);
}

export function mulSoft<T>(a: T, b: T, rm: u32): T {
  const sign = signOf<T>(a) ^ signOf<T>(b);
  if (exponentOf<T>(a) == exponentMax<T>() || exponentOf<T>(b) == exponentMax<T>()) return mulSpecial<T>(a, b, sign);
  const significandA = significandOf<T>(a);
  const significandB = significandOf<T>(b);
  if (significandA == 0 || significandB == 0) return withSign<T>(sign, 0);

  // Product of two numbers in [1, 2): in [2, 4) its leading one lands at LEAD, in [1, 2) one below.
  let exponent = scaleOf<T>(a) + scaleOf<T>(b) - bias<T>() + 1;
  let product: u64;
  if (sizeof<T>() == 4) {
    product = ((significandA >> 39) * (significandB >> 39)) << 15; // 24 x 24 bits: exact
  } else {
    const doubled = significandA << 1;
    product = multiplyHigh(doubled, significandB) | <u64>(doubled * significandB != 0);
  }
  if (!(product >> LEAD)) {
    product <<= 1;
    exponent--;
  }
  return roundPack<T>(sign, exponent, product, rm);
}

/** At least one operand is infinite or NaN. */
function mulSpecial<T>(a: T, b: T, sign: u32): T {
  if (isNan<T>(a) || isNan<T>(b)) return propagateNan<T>(a, b);
  if (isZero<T>(a) || isZero<T>(b)) return invalid<T>();
  return withSign<T>(sign, infinity<T>());
}
