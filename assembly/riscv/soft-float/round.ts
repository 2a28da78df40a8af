// Rounding and packing: the one place where results are rounded, and NX, UF and OF arise.
// Source: IEEE 754-2008 sections 4.3 and 7.4-7.6; RISC-V detects tininess after rounding.
import { NX, OF, RDN, RMM, RNE, RTZ, RUP, UF, raiseFlags } from "./flags";
import { LEAD, exponentMax, fractionBits, infinity, withSign } from "./format";

/** value >> count, with every bit that falls out or-ed into bit 0 ("sticky"); any count >= 0. */
// @ts-ignore: decorator
@inline
export function shiftRightSticky(value: u64, count: i32): u64 {
  if (count == 0) return value;
  if (count > 63) return <u64>(value != 0);
  return (value >> count) | <u64>((value << (64 - count)) != 0);
}

/** What to add below the last kept bit so that truncation rounds as `rm` wants; ties to even are mended later. */
// @ts-ignore: decorator
@inline
function roundIncrement(sign: u32, rm: u32, restMask: u64): u64 {
  if (rm == RNE || rm == RMM) return (restMask >> 1) + 1;
  return rm == (sign ? RDN : RUP) ? restMask : 0;
}

/**
 * Rounds a nonzero number in working form and packs it; raises NX, UF, OF.
 * Low bits of `significand` may be sticky: at least two bits below the last kept one must be exact or sticky.
 */
export function roundPack<T>(sign: u32, exponent: i32, significand: u64, rm: u32): T {
  // One compare catches exponent <= 0 and exponent >= exponentMax - 1.
  if (<u32>(exponent - 1) >= <u32>(exponentMax<T>() - 2)) {
    if (exponent <= 0) return roundSubnormal<T>(sign, exponent, significand, rm);
    const restMask = ((<u64>1) << (LEAD - fractionBits<T>())) - 1;
    const carries = significand + roundIncrement(sign, rm, restMask) >= (<u64>1) << (LEAD + 1);
    if (exponent + <i32>carries >= exponentMax<T>()) return overflow<T>(sign, rm);
  }
  return finish<T>(sign, exponent, significand, rm);
}

/** Rounds and packs; a significand whose leading one is below bit LEAD must come with exponent 1 (subnormal). */
// @ts-ignore: decorator
@inline
function finish<T>(sign: u32, exponent: i32, significand: u64, rm: u32): T {
  const restBits = LEAD - fractionBits<T>();
  const restMask = ((<u64>1) << restBits) - 1;
  const rest = significand & restMask;
  let kept = (significand + roundIncrement(sign, rm, restMask)) >> restBits;
  if (rest) {
    raiseFlags(NX);
    if (rm == RNE && rest == (restMask >> 1) + 1) kept &= ~1;
  }
  // Adding instead of or-ing: the hidden one makes `exponent - 1` whole, and a carry out of the fraction
  // steps to the next exponent (or from subnormal to normal) by itself.
  return withSign<T>(sign, <T>(((<u64>(exponent - 1)) << fractionBits<T>()) + kept));
}

function roundSubnormal<T>(sign: u32, exponent: i32, significand: u64, rm: u32): T {
  const restMask = ((<u64>1) << (LEAD - fractionBits<T>())) - 1;
  // Tiny unless rounding to full precision, with no lower bound on the exponent, reaches the least normal number.
  const isTiny =
    exponent < 0 || significand + roundIncrement(sign, rm, restMask) < (<u64>1) << (LEAD + 1);
  const shifted = shiftRightSticky(significand, 1 - exponent);
  if (isTiny && (shifted & restMask) != 0) raiseFlags(UF);
  return finish<T>(sign, 1, shifted, rm);
}

/** Infinity, or the greatest finite number where `rm` points towards zero. */
function overflow<T>(sign: u32, rm: u32): T {
  raiseFlags(OF | NX);
  const towardsZero = rm == RTZ || rm == (sign ? RUP : RDN);
  return withSign<T>(sign, infinity<T>() - <T>towardsZero);
}
