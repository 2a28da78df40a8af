// Arithmetic on the host's floating point where that provably gives RISC-V's result and flags; everything else
// goes to the soft versions. The host (Wasm) rounds to nearest even and has no flags, so the fast path needs
//   - rm = RNE,
//   - a result from which it follows that no flag but NX can be due (isFinite or isOrdinary below), and
//   - NX already accrued, or an exact test whether this operation rounded (inexact.ts, out of line).
import { NX, RNE, isInexactAccrued, raiseFlags } from "./flags";
import { addSoft, subSoft } from "./add";
import { f64_to_f32Soft } from "./convert";
import { divSoft, sqrtSoft } from "./div-sqrt";
import { mulSoft } from "./mul";
import {
  detectAdd32, detectAdd64, detectDiv32, detectDiv64, detectMul32, detectMul64, detectSqrt32, detectSqrt64,
} from "./inexact";

const SIGN_64: u64 = 0x8000000000000000;
const SIGN_32: u32 = 0x80000000;

/**
 * Enough for sums: an infinite or NaN operand never gives a finite one, a finite one did not overflow, and none
 * underflows, because below twice the least normal number every sum is exact.
 */
// @ts-ignore: decorator
@inline
function isFinite64(bits: u64): bool {
  return bits << 1 < 0xffe0000000000000;
}

// @ts-ignore: decorator
@inline
function isFinite32(bits: u32): bool {
  return bits << 1 < 0xff000000;
}

/**
 * Finite and above the least normal number in magnitude: then so is the exact result, and nothing underflowed. The
 * least normal number itself could be a tiny result rounded up. The subtraction turns both bounds into one compare.
 */
// @ts-ignore: decorator
@inline
export function isOrdinary64(bits: u64): bool {
  return (bits << 1) - 0x0020000000000001 < 0xffe0000000000000 - 0x0020000000000001;
}

// @ts-ignore: decorator
@inline
export function isOrdinary32(bits: u32): bool {
  return (bits << 1) - 0x01000001 < <u32>0xff000000 - 0x01000001;
}

// @ts-ignore: decorator
@inline
export function f64_add(a: u64, b: u64, rm: u32): u64 {
  const result = reinterpret<u64>(reinterpret<f64>(a) + reinterpret<f64>(b));
  if (rm == RNE && isFinite64(result)) {
    if (!isInexactAccrued()) detectAdd64(a, b, result);
    return result;
  }
  return addSoft<u64>(a, b, rm);
}

// @ts-ignore: decorator
@inline
export function f64_sub(a: u64, b: u64, rm: u32): u64 {
  const result = reinterpret<u64>(reinterpret<f64>(a) - reinterpret<f64>(b));
  if (rm == RNE && isFinite64(result)) {
    if (!isInexactAccrued()) detectAdd64(a, b ^ SIGN_64, result);
    return result;
  }
  return subSoft<u64>(a, b, rm);
}

// @ts-ignore: decorator
@inline
export function f64_mul(a: u64, b: u64, rm: u32): u64 {
  const result = reinterpret<u64>(reinterpret<f64>(a) * reinterpret<f64>(b));
  if (rm == RNE && isOrdinary64(result)) {
    if (!isInexactAccrued()) detectMul64(a, b, result);
    return result;
  }
  return mulSoft<u64>(a, b, rm);
}

// @ts-ignore: decorator
@inline
export function f64_div(a: u64, b: u64, rm: u32): u64 {
  const result = reinterpret<u64>(reinterpret<f64>(a) / reinterpret<f64>(b));
  if (rm == RNE && isOrdinary64(result)) {
    if (!isInexactAccrued()) detectDiv64(a, b, result);
    return result;
  }
  return divSoft<u64>(a, b, rm);
}

/** A root of a positive number is always normal. */
// @ts-ignore: decorator
@inline
export function f64_sqrt(a: u64, rm: u32): u64 {
  const result = reinterpret<u64>(sqrt<f64>(reinterpret<f64>(a)));
  if (rm == RNE && isOrdinary64(result)) {
    if (!isInexactAccrued()) detectSqrt64(a, result);
    return result;
  }
  return sqrtSoft<u64>(a, rm);
}

// @ts-ignore: decorator
@inline
export function f32_add(a: u32, b: u32, rm: u32): u32 {
  const result = reinterpret<u32>(reinterpret<f32>(a) + reinterpret<f32>(b));
  if (rm == RNE && isFinite32(result)) {
    if (!isInexactAccrued()) detectAdd32(a, b, result);
    return result;
  }
  return addSoft<u32>(a, b, rm);
}

// @ts-ignore: decorator
@inline
export function f32_sub(a: u32, b: u32, rm: u32): u32 {
  const result = reinterpret<u32>(reinterpret<f32>(a) - reinterpret<f32>(b));
  if (rm == RNE && isFinite32(result)) {
    if (!isInexactAccrued()) detectAdd32(a, b ^ SIGN_32, result);
    return result;
  }
  return subSoft<u32>(a, b, rm);
}

// @ts-ignore: decorator
@inline
export function f32_mul(a: u32, b: u32, rm: u32): u32 {
  const result = reinterpret<u32>(reinterpret<f32>(a) * reinterpret<f32>(b));
  if (rm == RNE && isOrdinary32(result)) {
    if (!isInexactAccrued()) detectMul32(a, b, result);
    return result;
  }
  return mulSoft<u32>(a, b, rm);
}

// @ts-ignore: decorator
@inline
export function f32_div(a: u32, b: u32, rm: u32): u32 {
  const result = reinterpret<u32>(reinterpret<f32>(a) / reinterpret<f32>(b));
  if (rm == RNE && isOrdinary32(result)) {
    if (!isInexactAccrued()) detectDiv32(a, b, result);
    return result;
  }
  return divSoft<u32>(a, b, rm);
}

// @ts-ignore: decorator
@inline
export function f32_sqrt(a: u32, rm: u32): u32 {
  const result = reinterpret<u32>(sqrt<f32>(reinterpret<f32>(a)));
  if (rm == RNE && isOrdinary32(result)) {
    if (!isInexactAccrued()) detectSqrt32(a, result);
    return result;
  }
  return sqrtSoft<u32>(a, rm);
}

/** Demotion; a subnormal or zero result takes the soft path. */
// @ts-ignore: decorator
@inline
export function f64_to_f32(a: u64, rm: u32): u32 {
  const x = reinterpret<f64>(a);
  const result = reinterpret<u32>(<f32>x);
  if (rm == RNE && isOrdinary32(result)) {
    if (!isInexactAccrued()) raiseFlags(<f64>reinterpret<f32>(result) != x ? NX : 0);
    return result;
  }
  return f64_to_f32Soft(a, rm);
}
