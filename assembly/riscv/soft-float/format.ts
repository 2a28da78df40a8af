// Field access for both interchange formats: T = u32 is binary32, T = u64 is binary64.
// Everything here folds to constants and shifts for the chosen T.
//
// Working form of a finite nonzero number, shared by all operations:
//   sign (0 or 1), exponent (i32, biased as in the format but unbounded), significand (u64, leading one at
//   bit 62, so that a sum of two has room): value = (-1)^sign * significand * 2^(exponent - bias - 62).
// A zero has significand 0 and an exponent below that of every other number of its format.
import { NV, raiseFlags } from "./flags";

/** Position of the leading one in a working significand. */
export const LEAD = 62;

// @ts-ignore: decorator
@inline
export function fractionBits<T>(): i32 {
  return sizeof<T>() == 8 ? 52 : 23;
}

/** The all-ones exponent field: infinities and NaNs. */
// @ts-ignore: decorator
@inline
export function exponentMax<T>(): i32 {
  return sizeof<T>() == 8 ? 2047 : 255;
}

// @ts-ignore: decorator
@inline
export function bias<T>(): i32 {
  return exponentMax<T>() >> 1;
}

// @ts-ignore: decorator
@inline
export function signMask<T>(): T {
  return <T>((<u64>1) << (sizeof<T>() * 8 - 1));
}

// @ts-ignore: decorator
@inline
export function signOf<T>(x: T): u32 {
  return <u32>(x >> <T>(sizeof<T>() * 8 - 1));
}

// @ts-ignore: decorator
@inline
export function exponentOf<T>(x: T): i32 {
  return <i32>(x >> <T>fractionBits<T>()) & exponentMax<T>();
}

/** A zero, or with `magnitude` any other bit pattern, with the sign put in front. */
// @ts-ignore: decorator
@inline
export function withSign<T>(sign: u32, magnitude: T): T {
  return ((<T>sign) << <T>(sizeof<T>() * 8 - 1)) | magnitude;
}

// @ts-ignore: decorator
@inline
export function infinity<T>(): T {
  return <T>((<u64>exponentMax<T>()) << fractionBits<T>());
}

/** The canonical NaN, which every operation returns in place of any NaN. */
// @ts-ignore: decorator
@inline
export function canonicalNan<T>(): T {
  return <T>((<u64>(exponentMax<T>() * 2 + 1)) << (fractionBits<T>() - 1));
}

// @ts-ignore: decorator
@inline
export function isNan<T>(x: T): bool {
  return (x & ~signMask<T>()) > infinity<T>();
}

// @ts-ignore: decorator
@inline
export function isInfinite<T>(x: T): bool {
  return (x & ~signMask<T>()) == infinity<T>();
}

// @ts-ignore: decorator
@inline
export function isZero<T>(x: T): bool {
  return (x & ~signMask<T>()) == 0;
}

/** NaN whose quiet bit (the fraction's top bit) is clear. */
// @ts-ignore: decorator
@inline
export function isSignaling<T>(x: T): bool {
  return isNan<T>(x) && (x & (<T>1 << <T>(fractionBits<T>() - 1))) == 0;
}

/** Fraction moved up to where it stands in a working significand, without the hidden one. */
// @ts-ignore: decorator
@inline
function fractionHigh<T>(x: T): u64 {
  return ((<u64>x) << (64 - fractionBits<T>())) >> (64 - LEAD);
}

/** Working significand of a finite number. */
// @ts-ignore: decorator
@inline
export function significandOf<T>(x: T): u64 {
  const fraction = fractionHigh<T>(x);
  if (exponentOf<T>(x)) return fraction | ((<u64>1) << LEAD);
  return fraction << (clz<u64>(fraction) - (63 - LEAD));
}

/** Exponent that belongs to significandOf(x). */
// @ts-ignore: decorator
@inline
export function scaleOf<T>(x: T): i32 {
  const exponent = exponentOf<T>(x);
  if (exponent) return exponent;
  return 1 + (63 - LEAD) - <i32>clz<u64>(fractionHigh<T>(x));
}

/** Invalid operation: raises NV. */
export function invalid<T>(): T {
  raiseFlags(NV);
  return canonicalNan<T>();
}

/** Result of an operation of which at least one operand is a NaN: NV only for a signaling one. */
export function propagateNan<T>(a: T, b: T): T {
  if (isSignaling<T>(a) || isSignaling<T>(b)) raiseFlags(NV);
  return canonicalNan<T>();
}
