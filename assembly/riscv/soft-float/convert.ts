// Conversions between floating-point formats and between floating point and integers.
// Source: RISC-V Unprivileged ISA 20191213, section 11.7 (table 11.4 for out-of-range and NaN inputs).
//
// Float to integer: Wasm's rounding instructions give the rounded value exactly, in every mode and without
// flags, so only the range is left to test. No soft version is needed; binary32 goes through binary64, exactly.
import { NV, NX, RDN, RNE, RTZ, RUP, isInexactAccrued, raiseFlags } from "./flags";
import {
  LEAD, bias, canonicalNan, exponentMax, exponentOf, infinity, isNan, isZero, propagateNan, scaleOf, signOf,
  significandOf, withSign,
} from "./format";
import { roundPack } from "./round";

const TWO_31: f64 = 2147483648.0;
const TWO_32: f64 = 4294967296.0;
const TWO_63: f64 = 9223372036854775808.0;
const TWO_64: f64 = 18446744073709551616.0;

/** Rounds to an integral value; NaN stays NaN. */
// @ts-ignore: decorator
@inline
function roundToIntegral(x: f64, rm: u32): f64 {
  if (rm == RTZ) return trunc<f64>(x);
  return roundOtherwise(x, rm);
}

function roundOtherwise(x: f64, rm: u32): f64 {
  if (rm == RNE) return nearest<f64>(x);
  if (rm == RDN) return floor<f64>(x);
  if (rm == RUP) return ceil<f64>(x);
  const whole = trunc<f64>(x);
  // The fraction is exact, and from 2^52 on it is 0, so the sum is exact too.
  return abs<f64>(x - whole) >= 0.5 ? whole + copysign<f64>(1.0, x) : whole;
}

// In the four functions below NaN fails the range test. Out of range raises NV alone, never NX.

// @ts-ignore: decorator
@inline
function toI32(x: f64, rm: u32): u64 {
  const whole = roundToIntegral(x, rm);
  if (whole >= -TWO_31 && whole < TWO_31) {
    if (whole != x) raiseFlags(NX);
    return <u64>(<i64>whole);
  }
  raiseFlags(NV);
  return x < 0 ? 0xffffffff80000000 : 0x7fffffff;
}

/** The result is sign-extended from bit 31, as fcvt.wu does on RV64. */
// @ts-ignore: decorator
@inline
function toU32(x: f64, rm: u32): u64 {
  const whole = roundToIntegral(x, rm);
  if (whole >= 0 && whole < TWO_32) { // -0 passes: it comes from inputs above -1
    if (whole != x) raiseFlags(NX);
    return <u64>(<i64>(<i32>(<i64>whole)));
  }
  raiseFlags(NV);
  return x < 0 ? 0 : 0xffffffffffffffff;
}

// @ts-ignore: decorator
@inline
function toI64(x: f64, rm: u32): u64 {
  const whole = roundToIntegral(x, rm);
  if (whole >= -TWO_63 && whole < TWO_63) {
    if (whole != x) raiseFlags(NX);
    return <u64>(<i64>whole);
  }
  raiseFlags(NV);
  return x < 0 ? 0x8000000000000000 : 0x7fffffffffffffff;
}

// @ts-ignore: decorator
@inline
function toU64(x: f64, rm: u32): u64 {
  const whole = roundToIntegral(x, rm);
  if (whole >= 0 && whole < TWO_64) {
    if (whole != x) raiseFlags(NX);
    return <u64>whole;
  }
  raiseFlags(NV);
  return x < 0 ? 0 : 0xffffffffffffffff;
}

export function f64_to_i32(a: u64, rm: u32): u64 {
  return toI32(reinterpret<f64>(a), rm);
}

export function f64_to_u32(a: u64, rm: u32): u64 {
  return toU32(reinterpret<f64>(a), rm);
}

export function f64_to_i64(a: u64, rm: u32): u64 {
  return toI64(reinterpret<f64>(a), rm);
}

export function f64_to_u64(a: u64, rm: u32): u64 {
  return toU64(reinterpret<f64>(a), rm);
}

export function f32_to_i32(a: u32, rm: u32): u64 {
  return toI32(<f64>reinterpret<f32>(a), rm);
}

export function f32_to_u32(a: u32, rm: u32): u64 {
  return toU32(<f64>reinterpret<f32>(a), rm);
}

export function f32_to_i64(a: u32, rm: u32): u64 {
  return toI64(<f64>reinterpret<f32>(a), rm);
}

export function f32_to_u64(a: u32, rm: u32): u64 {
  return toU64(<f64>reinterpret<f32>(a), rm);
}

// 32-bit integers are exact in binary64: no rounding mode.

// @ts-ignore: decorator
@inline
export function i32_to_f64(a: i32): u64 {
  return reinterpret<u64>(<f64>a);
}

// @ts-ignore: decorator
@inline
export function u32_to_f64(a: u32): u64 {
  return reinterpret<u64>(<f64>a);
}

export function i64_to_f64(a: i64, rm: u32): u64 {
  const isNegative = a < 0;
  const magnitude = isNegative ? <u64>-a : <u64>a;
  if (isConvertible<u64>(magnitude, rm)) return reinterpret<u64>(<f64>a);
  return integerSoft<u64>(<u32>isNegative, magnitude, rm);
}

export function u64_to_f64(a: u64, rm: u32): u64 {
  if (isConvertible<u64>(a, rm)) return reinterpret<u64>(<f64>a);
  return integerSoft<u64>(0, a, rm);
}

export function i64_to_f32(a: i64, rm: u32): u32 {
  const isNegative = a < 0;
  const magnitude = isNegative ? <u64>-a : <u64>a;
  if (isConvertible<u32>(magnitude, rm)) return reinterpret<u32>(<f32>a);
  return integerSoft<u32>(<u32>isNegative, magnitude, rm);
}

export function u64_to_f32(a: u64, rm: u32): u32 {
  if (isConvertible<u32>(a, rm)) return reinterpret<u32>(<f32>a);
  return integerSoft<u32>(0, a, rm);
}

export function i32_to_f32(a: i32, rm: u32): u32 {
  return i64_to_f32(<i64>a, rm);
}

export function u32_to_f32(a: u32, rm: u32): u32 {
  return i64_to_f32(<i64>a, rm);
}

/**
 * True if the host's conversion of an integer (always to nearest even) is the answer, flags included: it is
 * exact because the integer spans no more bits than the format has, or nearest even is wanted and NX accrued.
 */
// @ts-ignore: decorator
@inline
function isConvertible<T>(magnitude: u64, rm: u32): bool {
  if (rm == RNE && isInexactAccrued()) return true;
  const limit: u64 = sizeof<T>() == 8 ? 53 : 24;
  return 64 - clz<u64>(magnitude) - ctz<u64>(magnitude) <= limit || magnitude == 0;
}

/** Rounded integer; magnitude is not zero. */
export function integerSoft<T>(sign: u32, magnitude: u64, rm: u32): T {
  if (magnitude >> 63) return roundPack<T>(sign, bias<T>() + 63, (magnitude >> 1) | (magnitude & 1), rm);
  const shift = <i32>clz<u64>(magnitude) - (63 - LEAD);
  return roundPack<T>(sign, bias<T>() + LEAD - shift, magnitude << shift, rm);
}

/** Exact; a NaN becomes the canonical one. */
// @ts-ignore: decorator
@inline
export function f32_to_f64(a: u32): u64 {
  const x = <f64>reinterpret<f32>(a);
  return x == x ? reinterpret<u64>(x) : nanToF64(a);
}

function nanToF64(a: u32): u64 {
  propagateNan<u32>(a, a);
  return canonicalNan<u64>();
}

export function f64_to_f32Soft(a: u64, rm: u32): u32 {
  if (exponentOf<u64>(a) == exponentMax<u64>()) {
    if (!isNan<u64>(a)) return withSign<u32>(signOf<u64>(a), infinity<u32>());
    propagateNan<u64>(a, a);
    return canonicalNan<u32>();
  }
  if (isZero<u64>(a)) return withSign<u32>(signOf<u64>(a), 0);
  return roundPack<u32>(signOf<u64>(a), scaleOf<u64>(a) - bias<u64>() + bias<u32>(), significandOf<u64>(a), rm);
}
