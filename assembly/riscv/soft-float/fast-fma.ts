// Fused multiply-add on the host's floating point, which has none of its own: fast.ts states the rules.
// Both versions prove their result per call, or leave it to fma.ts.
import { NX, RNE, isInexactAccrued, raiseFlags } from "./flags";
import { mulAddSoft } from "./fma";
import { isOrdinary32 } from "./fast";

/**
 * p = a * b is exact in binary64. s = p + c rounded to binary64, then to binary32, is the correctly rounded result
 * unless s lies exactly midway between two binary32 numbers: rounding to binary64 is monotonic and every binary32
 * number and midpoint is a binary64 number, so s lies between the same two of them as the exact sum does.
 */
export function f32_mulAdd(a: u32, b: u32, c: u32, rm: u32): u32 {
  const product = <f64>reinterpret<f32>(a) * <f64>reinterpret<f32>(b);
  const addend = <f64>reinterpret<f32>(c);
  const sum = product + addend;
  const result = reinterpret<u32>(<f32>sum);
  const isMidway = (<u32>reinterpret<u64>(sum) & 0x1fffffff) == 0x10000000;
  if (rm != RNE || isMidway || !isOrdinary32(result)) return mulAddSoft<u32>(a, b, c, rm);
  if (!isInexactAccrued()) detectMulAdd32(product, addend, sum, reinterpret<f32>(result));
  return result;
}

/** Exact if neither rounding changed anything; the first one's error by 2Sum, which cannot overflow here. */
function detectMulAdd32(product: f64, addend: f64, sum: f64, result: f32): void {
  const addendPart = sum - product;
  const error = (product - (sum - addendPart)) + (addend - addendPart);
  raiseFlags(<f64>result != sum || error != 0 ? NX : 0);
}

const BELOW_ONE: f64 = reinterpret<f64>(0x3feffffffffffffe); // 1 - 2^-52
const ABOVE_ONE: f64 = reinterpret<f64>(0x3ff0000000000001); // 1 + 2^-52

/** In [2^-400, 2^500), by magnitude. */
// @ts-ignore: decorator
@inline
function isModerate(bits: u64): bool {
  return (bits << 1) - ((<u64>623) << 53) < (<u64>900) << 53;
}

/** Below 2^1000 in magnitude. */
// @ts-ignore: decorator
@inline
function isBounded(bits: u64): bool {
  return bits << 1 < (<u64>2023) << 53;
}

/** The upper 26 bits of a significand, rounded, so that what is missing fits in 26 bits and a sign. */
// @ts-ignore: decorator
@inline
function upperHalf(bits: u64): f64 {
  return reinterpret<f64>((bits + 0x4000000) & 0xfffffffff8000000);
}

/** a * b - product, exactly (Dekker); the four partial products and each difference are exact. */
// @ts-ignore: decorator
@inline
function productError(a: u64, b: u64, product: f64): f64 {
  const aHigh = upperHalf(a);
  const bHigh = upperHalf(b);
  const aLow = reinterpret<f64>(a) - aHigh;
  const bLow = reinterpret<f64>(b) - bHigh;
  return aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
}

/**
 * Error-free transforms: a * b = p + pe (Dekker), p + c = s + se (2Sum), so a * b + c = s + (pe + se) exactly.
 * v = pe + se is off by at most half a unit in its last place, less than |v| * 2^-52, and rounding is monotonic: if
 * s + v(1 - 2^-52) and s + v(1 + 2^-52) round to the same number, that is the result. If not (one case in some
 * 2^50, or an exact tie), the soft version decides.
 *
 * Guards: a and b in [2^-400, 2^500) and so normal (a subnormal has no half close to it for Dekker's split), which
 * keeps all partial products exact (multiples of 2^-904) and finite; |c| < 2^1000 bounds the rest. The result is
 * then a normal number or an exact zero: it cancels only if c is about as large as p, and leaves at least 2^-904.
 */
export function f64_mulAdd(a: u64, b: u64, c: u64, rm: u32): u64 {
  const product = reinterpret<f64>(a) * reinterpret<f64>(b);
  const addend = reinterpret<f64>(c);
  if (rm == RNE && isModerate(a) && isModerate(b) && isBounded(c)) {
    const sum = product + addend;
    const addendPart = sum - product;
    const sumError = (product - (sum - addendPart)) + (addend - addendPart);
    const rest = sumError + productError(a, b, product);
    const result = sum + rest * BELOW_ONE;
    // NX not accrued: without any error the result is exact, else let the soft version find out.
    if (result == sum + rest * ABOVE_ONE && (isInexactAccrued() || rest == 0)) return reinterpret<u64>(result);
  }
  return mulAddSoft<u64>(a, b, c, rm);
}
