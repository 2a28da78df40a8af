// Did the host's arithmetic round? Called by fast.ts only while NX has not accrued yet, with a result that is
// correctly rounded to nearest even, finite, and (but for addition) greater in magnitude than the least normal
// number. Each function raises NX if the exact result differs from `result`; none of them can raise anything else.
import { NX, RNE, raiseFlags } from "./flags";
import { addSoft } from "./add";
import { divSoft, sqrtSoft } from "./div-sqrt";
import { mulSoft } from "./mul";
import { exponentOf } from "./format";

const HIDDEN: u64 = 0x0010000000000000;
const FRACTION: u64 = 0x000fffffffffffff;

// @ts-ignore: decorator
@inline
function raiseIf(isInexact: bool): void {
  raiseFlags(isInexact ? NX : 0);
}

/**
 * 2Sum: the error of a rounded sum is itself a number and comes out exactly, for any order of magnitude
 * (also among subnormals) unless an intermediate overflows, which the top binade alone could cause.
 */
export function detectAdd64(a: u64, b: u64, result: u64): void {
  if (exponentOf<u64>(a) >= 2045 || exponentOf<u64>(b) >= 2045) {
    addSoft<u64>(a, b, RNE);
    return;
  }
  const x = reinterpret<f64>(a);
  const y = reinterpret<f64>(b);
  const sum = reinterpret<f64>(result);
  const yPart = sum - x;
  raiseIf((x - (sum - yPart)) + (y - yPart) != 0);
}

/** As detectAdd64. */
export function detectAdd32(a: u32, b: u32, result: u32): void {
  if (exponentOf<u32>(a) >= 253 || exponentOf<u32>(b) >= 253) {
    addSoft<u32>(a, b, RNE);
    return;
  }
  const x = reinterpret<f32>(a);
  const y = reinterpret<f32>(b);
  const sum = reinterpret<f32>(result);
  const yPart = sum - x;
  raiseIf((x - (sum - yPart)) + (y - yPart) != 0);
}

/**
 * The 105 or 106 bit product of the significands ends in as many zeros as they do together; it is exact if
 * those reach over the 52 or 53 bits cut off. Which of the two it is, the exponents tell; a product that rounds
 * up to the next power of two is inexact by either count.
 */
export function detectMul64(a: u64, b: u64, result: u64): void {
  const exponentA = exponentOf<u64>(a);
  const exponentB = exponentOf<u64>(b);
  if (exponentA == 0 || exponentB == 0) {
    mulSoft<u64>(a, b, RNE);
    return;
  }
  const cut = 52 + exponentOf<u64>(result) - (exponentA + exponentB - 1023);
  raiseIf(<i32>(ctz<u64>(a | HIDDEN) + ctz<u64>(b | HIDDEN)) < cut);
}

/**
 * result * divisor = dividend, compared on significands modulo 2^64: the two sides differ by less than 2^52,
 * half the divisor's significand.
 */
export function detectDiv64(a: u64, b: u64, result: u64): void {
  const exponentA = exponentOf<u64>(a);
  const exponentB = exponentOf<u64>(b);
  if (exponentA == 0 || exponentB == 0) {
    divSoft<u64>(a, b, RNE);
    return;
  }
  const shift = exponentA - exponentOf<u64>(result) - exponentB + 1075; // 52 or 53
  const product = ((result & FRACTION) | HIDDEN) * ((b & FRACTION) | HIDDEN);
  raiseIf(product != ((a & FRACTION) | HIDDEN) << shift);
}

/** result^2 = radicand, compared as in detectDiv64: the two sides differ by less than 2^54. */
export function detectSqrt64(a: u64, result: u64): void {
  const exponentA = exponentOf<u64>(a);
  if (exponentA == 0) {
    sqrtSoft<u64>(a, RNE);
    return;
  }
  const shift = exponentA - 2 * exponentOf<u64>(result) + 1075; // 52 or 53
  const root = (result & FRACTION) | HIDDEN;
  raiseIf(root * root != ((a & FRACTION) | HIDDEN) << shift);
}

// binary32: the product of two binary32 numbers is exact in binary64 (48 bits, exponents far inside the range),
// which decides all three exactly.

export function detectMul32(a: u32, b: u32, result: u32): void {
  raiseIf(<f64>reinterpret<f32>(a) * <f64>reinterpret<f32>(b) != <f64>reinterpret<f32>(result));
}

export function detectDiv32(a: u32, b: u32, result: u32): void {
  raiseIf(<f64>reinterpret<f32>(result) * <f64>reinterpret<f32>(b) != <f64>reinterpret<f32>(a));
}

export function detectSqrt32(a: u32, result: u32): void {
  const root = <f64>reinterpret<f32>(result);
  raiseIf(root * root != <f64>reinterpret<f32>(a));
}
