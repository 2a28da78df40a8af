// Comparisons, minimum and maximum, classification.
// Source: RISC-V Unprivileged ISA 20191213, sections 11.6, 11.8, 11.9 (F 2.2: minimumNumber and maximumNumber).
//
// Wasm's comparisons are IEEE 754's, so an ordered pair needs no integer work. Only when a comparison says
// "no" can a NaN be the reason; the order of the tests keeps the common answers in front.
import { NV, raiseFlags } from "./flags";
import {
  canonicalNan, exponentMax, exponentOf, isNan, isSignaling, isZero, signOf,
} from "./format";

/** feq: quiet, NV only for a signaling NaN. */
// @ts-ignore: decorator
@inline
export function f64_eq(a: u64, b: u64): u64 {
  if (reinterpret<f64>(a) == reinterpret<f64>(b)) return 1;
  return unequal<u64>(a, b);
}

// @ts-ignore: decorator
@inline
export function f32_eq(a: u32, b: u32): u64 {
  if (reinterpret<f32>(a) == reinterpret<f32>(b)) return 1;
  return unequal<u32>(a, b);
}

function unequal<T>(a: T, b: T): u64 {
  if (isSignaling<T>(a) || isSignaling<T>(b)) raiseFlags(NV);
  return 0;
}

/** flt: NV for any NaN. */
// @ts-ignore: decorator
@inline
export function f64_lt(a: u64, b: u64): u64 {
  const x = reinterpret<f64>(a);
  const y = reinterpret<f64>(b);
  if (x < y) return 1;
  if (!(x >= y)) raiseFlags(NV);
  return 0;
}

// @ts-ignore: decorator
@inline
export function f32_lt(a: u32, b: u32): u64 {
  const x = reinterpret<f32>(a);
  const y = reinterpret<f32>(b);
  if (x < y) return 1;
  if (!(x >= y)) raiseFlags(NV);
  return 0;
}

/** fle: NV for any NaN. */
// @ts-ignore: decorator
@inline
export function f64_le(a: u64, b: u64): u64 {
  const x = reinterpret<f64>(a);
  const y = reinterpret<f64>(b);
  if (x <= y) return 1;
  if (!(x > y)) raiseFlags(NV);
  return 0;
}

// @ts-ignore: decorator
@inline
export function f32_le(a: u32, b: u32): u64 {
  const x = reinterpret<f32>(a);
  const y = reinterpret<f32>(b);
  if (x <= y) return 1;
  if (!(x > y)) raiseFlags(NV);
  return 0;
}

// Wasm's min and max order -0 before +0, as RISC-V's do; they differ only in what becomes of NaNs.

// @ts-ignore: decorator
@inline
export function f64_min(a: u64, b: u64): u64 {
  const least = min<f64>(reinterpret<f64>(a), reinterpret<f64>(b));
  return least == least ? reinterpret<u64>(least) : numberOf<u64>(a, b);
}

// @ts-ignore: decorator
@inline
export function f32_min(a: u32, b: u32): u32 {
  const least = min<f32>(reinterpret<f32>(a), reinterpret<f32>(b));
  return least == least ? reinterpret<u32>(least) : numberOf<u32>(a, b);
}

// @ts-ignore: decorator
@inline
export function f64_max(a: u64, b: u64): u64 {
  const greatest = max<f64>(reinterpret<f64>(a), reinterpret<f64>(b));
  return greatest == greatest ? reinterpret<u64>(greatest) : numberOf<u64>(a, b);
}

// @ts-ignore: decorator
@inline
export function f32_max(a: u32, b: u32): u32 {
  const greatest = max<f32>(reinterpret<f32>(a), reinterpret<f32>(b));
  return greatest == greatest ? reinterpret<u32>(greatest) : numberOf<u32>(a, b);
}

/** Minimum or maximum with at least one NaN: the other operand, if that is a number. */
function numberOf<T>(a: T, b: T): T {
  if (isSignaling<T>(a) || isSignaling<T>(b)) raiseFlags(NV);
  if (!isNan<T>(a)) return a;
  if (!isNan<T>(b)) return b;
  return canonicalNan<T>();
}

export function f64_classify(a: u64): u64 {
  return classify<u64>(a);
}

export function f32_classify(a: u32): u64 {
  return classify<u32>(a);
}

/** fclass: one bit of ten; negative classes from 0 up, positive ones mirrored from 7 down. */
// @ts-ignore: decorator
@inline
function classify<T>(a: T): u64 {
  const exponent = exponentOf<T>(a);
  if (isNan<T>(a)) return isSignaling<T>(a) ? 1 << 8 : 1 << 9;
  let rank = 1; // normal
  if (exponent == exponentMax<T>()) rank = 0;
  else if (isZero<T>(a)) rank = 3;
  else if (exponent == 0) rank = 2;
  return (<u64>1) << (signOf<T>(a) ? rank : 7 - rank);
}
