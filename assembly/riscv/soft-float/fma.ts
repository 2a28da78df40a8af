// Fused multiply-add a * b + c with one rounding, in integer arithmetic: all rounding modes, all flags.
// Source: RISC-V Unprivileged ISA 20191213, section 11.6: infinity * 0 is invalid even when c is a quiet NaN.
import { NV, RDN, raiseFlags } from "./flags";
import {
  LEAD, bias, canonicalNan, exponentMax, exponentOf, infinity, invalid, isInfinite, isNan, isSignaling, isZero,
  scaleOf, signOf, significandOf, withSign,
} from "./format";
import { addUnpacked } from "./add";
import { multiplyHigh } from "./mul";
import { roundPack } from "./round";

export function mulAddSoft<T>(a: T, b: T, c: T, rm: u32): T {
  const max = exponentMax<T>();
  const sign = signOf<T>(a) ^ signOf<T>(b);
  if (exponentOf<T>(a) == max || exponentOf<T>(b) == max || exponentOf<T>(c) == max) {
    return mulAddSpecial<T>(a, b, c, sign);
  }
  if (isZero<T>(a) || isZero<T>(b)) {
    if (!isZero<T>(c)) return c;
    if (sign == signOf<T>(c)) return c;
    return withSign<T>(<u32>(rm == RDN), 0);
  }
  const exponent = scaleOf<T>(a) + scaleOf<T>(b) - bias<T>() + 1;
  if (sizeof<T>() == 4) return mulAddNarrow<T>(sign, exponent, a, b, c, rm);
  return mulAddWide<T>(sign, exponent, a, b, c, rm);
}

/** At least one operand is infinite or NaN. */
function mulAddSpecial<T>(a: T, b: T, c: T, sign: u32): T {
  const isInvalid = (isInfinite<T>(a) && isZero<T>(b)) || (isZero<T>(a) && isInfinite<T>(b));
  if (isInvalid || isSignaling<T>(a) || isSignaling<T>(b) || isSignaling<T>(c)) {
    raiseFlags(NV);
    return canonicalNan<T>();
  }
  if (isNan<T>(a) || isNan<T>(b) || isNan<T>(c)) return canonicalNan<T>();
  if (!isInfinite<T>(a) && !isInfinite<T>(b)) return c;
  const product = withSign<T>(sign, infinity<T>());
  if (isInfinite<T>(c) && c != product) return invalid<T>();
  return product;
}

/** binary32: the product is exact in a working significand, so this is an addition. */
function mulAddNarrow<T>(sign: u32, exponent: i32, a: T, b: T, c: T, rm: u32): T {
  let product = ((significandOf<T>(a) >> 39) * (significandOf<T>(b) >> 39)) << 15;
  if (!(product >> LEAD)) {
    product <<= 1;
    exponent--;
  }
  if (isZero<T>(c)) return roundPack<T>(sign, exponent, product, rm);
  return addUnpacked<T>(sign, exponent, product, signOf<T>(c), scaleOf<T>(c), significandOf<T>(c), rm);
}

/** binary64: the product in 128 bits (high, low), leading one at bit 126, at least 20 zero bits at the bottom. */
function mulAddWide<T>(sign: u32, exponent: i32, a: T, b: T, c: T, rm: u32): T {
  const doubled = significandOf<T>(a) << 1;
  const other = significandOf<T>(b);
  let high = multiplyHigh(doubled, other);
  let low = doubled * other;
  if (!(high >> LEAD)) {
    high = (high << 1) | (low >> 63);
    low <<= 1;
    exponent--;
  }
  if (isZero<T>(c)) return roundPack<T>(sign, exponent, high | <u64>(low != 0), rm);
  const addend = significandOf<T>(c);
  const shift = exponent - scaleOf<T>(c);
  if (shift >= 0) {
    const addendHigh = shift < 64 ? addend >> shift : 0;
    return addWide<T>(sign, exponent, high, low, signOf<T>(c), addendHigh, shiftLow(addend, 0, shift), rm);
  }
  const productHigh = shift > -64 ? high >> -shift : 0;
  return addWide<T>(sign, scaleOf<T>(c), productHigh, shiftLow(high, low, -shift), signOf<T>(c), addend, 0, rm);
}

/** Low 64 bits of (high, low) >> count, with every bit that falls out or-ed into bit 0; any count >= 0. */
function shiftLow(high: u64, low: u64, count: i32): u64 {
  if (count == 0) return low;
  if (count < 64) return (high << (64 - count)) | (low >> count) | <u64>((low << (64 - count)) != 0);
  if (count == 64) return high | <u64>(low != 0);
  if (count > 127) return <u64>((high | low) != 0);
  return (high >> (count - 64)) | <u64>(((high << (128 - count)) | low) != 0);
}

/** Rounded sum of two 128-bit magnitudes aligned to `exponent` (leading one of the larger at bit 126). */
function addWide<T>(
  signA: u32, exponent: i32, aHigh: u64, aLow: u64,
  signB: u32, bHigh: u64, bLow: u64, rm: u32,
): T {
  if (signA == signB) {
    const low = aLow + bLow;
    let high = aHigh + bHigh + <u64>(low < aLow);
    let sticky = low != 0;
    if (high >> (LEAD + 1)) {
      sticky = sticky || (high & 1) != 0;
      high >>= 1;
      exponent++;
    }
    return roundPack<T>(signA, exponent, high | <u64>sticky, rm);
  }
  let low = aLow - bLow;
  let high = aHigh - bHigh - <u64>(aLow < bLow);
  let sign = signA;
  if (<i64>high < 0) {
    high = ~high + <u64>(low == 0);
    low = -low;
    sign ^= 1;
  }
  if (high == 0) {
    if (low == 0) return withSign<T>(<u32>(rm == RDN), 0);
    // 64 leading bits cancelled: only then is everything exact and the low word all there is. Bit 0 of the
    // working form may be needed for its last bit, so move by one less than a word and let the rest follow.
    high = low >> 1;
    low <<= 63;
    exponent -= 63;
  }
  const shift = <i32>clz<u64>(high) - (63 - LEAD);
  if (shift > 0) {
    high = (high << shift) | (low >> (64 - shift));
    low <<= shift;
    exponent -= shift;
  }
  return roundPack<T>(sign, exponent, high | <u64>(low != 0), rm);
}
