// CHERI Concentrate for 128-bit capabilities: bounds as mantissas B and T at an exponent E relative to the address.
// ISAv9, "CHERI Concentrate" (Sail: getCapBoundsBits, setCapBounds, fastRepCheck). Pure arithmetic on any 128-bit
// pattern; tags, seals and permissions are none of its business.
//
// With E below 50 an address has representable neighbours: the 2^(E+14) bytes from the limit R, one eighth of that
// below B's own eighth. Address, base and top all lie in this one window, which is all that decoding has to know.
// From E = 50 on the window is the whole address space and the address says nothing about the bounds.
import { CAP_BASE, CAP_TOP, CAP_TOP_HIGH } from "../layout";
import { EXPONENT_MAX, MANTISSA_WIDTH } from "./names";
import { BOUNDS_MASK, NULL_HIGH } from "./fields";

const MANTISSA_MASK: u64 = 0x3fff;
const INTERNAL_EXPONENT: u64 = 1 << 26;
/** Exponents from here on: the representable window is everything. */
const EXPONENT_ALL: u64 = 50;

/** Low bits of base and top that an encoding drops, in an answer of `encodeBounds`. */
export const ENCODED_SHIFT: u64 = 32;
/** Set in an answer of `encodeBounds` if base or top had to be rounded. */
export const ENCODED_INEXACT: u64 = 1 << 40;

/** Exponent of a high word before its XOR, as stored: up to 63 in patterns that no instruction makes. */
// @ts-ignore: decorator
@inline
function exponentOf(raw: u64): u64 {
  return raw & INTERNAL_EXPONENT ? ((raw >> 11) & 0x38) | (raw & 7) : 0;
}

/** Bits of B and T that hold the exponent instead. */
// @ts-ignore: decorator
@inline
function exponentBits(raw: u64): u64 {
  return raw & INTERNAL_EXPONENT ? 7 : 0;
}

/** The limit R in units of 2^E: B's top three bits less one, eleven zeros. */
// @ts-ignore: decorator
@inline
function limitOf(raw: u64): u64 {
  return (raw - 0x800) & 0x3800;
}

/** T's upper two bits follow from B, the implied top bit of the length, and the carry between the lower twelve. */
// @ts-ignore: decorator
@inline
function mantissaTop(raw: u64, bottom: u64): u64 {
  const low = (raw >> 14) & 0xfff & ~exponentBits(raw);
  const carry: u64 = low < (bottom & 0xfff) ? 1 : 0;
  return (low + (((bottom >> 12) + ((raw >> 26) & 1) + carry) << 12)) & MANTISSA_MASK;
}

/** Stores base and 65-bit top of the capability (high word as in memory, address) into the struct at `into`. */
export function decodeBounds(high: u64, address: u64, into: usize): void {
  const raw = high ^ NULL_HIGH;
  const e = min<u64>(exponentOf(raw), EXPONENT_MAX);
  const bottom = raw & MANTISSA_MASK & ~exponentBits(raw);
  const topMantissa = mantissaTop(raw, bottom);
  let base = bottom << e;
  let top = topMantissa << e;
  if (e < EXPONENT_ALL) {
    const limit = limitOf(raw);
    const window = e + MANTISSA_WIDTH;
    const origin = (((address - (limit << e)) >> window) << window) + (limit << e);
    base = origin + (((bottom - limit) & MANTISSA_MASK) << e);
    top = origin + (((topMantissa - limit) & MANTISSA_MASK) << e);
  }
  // Base and top are less than 2^64 apart, so bit 64 of the top is set if bit 63 went from one to zero in between.
  // Only above E = 50 has T itself a bit 64.
  const topHigh = e > EXPONENT_ALL ? (topMantissa >> (64 - e)) & 1 : (~top & base) >> 63;
  store<u64>(into, base, CAP_BASE);
  store<u64>(into, top, CAP_TOP);
  store<u32>(into, <u32>topHigh, CAP_TOP_HIGH);
}

/**
 * Bounds field for at least [base, top), top having 65 bits; base is the address too (Sail: setCapBounds).
 * Bits 26:0: the field, as in memory. Bits 37:32: how many low bits of base and top were dropped (base rounded
 * down, top up). ENCODED_INEXACT: they were not zero.
 */
export function encodeBounds(base: u64, top: u64, topHigh: u64): u64 {
  const length = top - base;
  const lengthHigh = (topHigh ^ <u64>(top < base)) & 1;
  const zeros = clz(length);
  // The exponent puts the top one of the length at the mantissa's bit 12.
  let e: u64 = lengthHigh ? EXPONENT_MAX : zeros < 51 ? 51 - zeros : 0;
  if (!lengthHigh && zeros > 51) {
    return (((top & 0xfff) << 14) | (base & MANTISSA_MASK)) ^ (NULL_HIGH & BOUNDS_MASK);
  }
  let b = mantissaAt(base, 0, e + 3);
  let lost = lowBits(base, e + 3);
  let lostTop = lowBits(top, e + 3);
  let t = mantissaAt(top, topHigh, e + 3) + <u64>(lostTop != 0);
  // Rounding may carry the length into the bit above: then the next exponent, and round afresh.
  if (((t - b) & 0x400) != 0) {
    e += 1;
    b = mantissaAt(base, 0, e + 3);
    lost = lowBits(base, e + 3);
    lostTop = lowBits(top, e + 3);
    t = mantissaAt(top, topHigh, e + 3) + <u64>(lostTop != 0);
  }
  const field = INTERNAL_EXPONENT | ((t & 0x1ff) << 17) | ((e >> 3) << 14) | (b << 3) | (e & 7);
  const answer = (field ^ (NULL_HIGH & BOUNDS_MASK)) | ((e + 3) << ENCODED_SHIFT);
  return (lost | lostTop) != 0 ? answer | ENCODED_INEXACT : answer;
}

/** Bits [shift, shift + 11) of a 65-bit number, 0 < shift < 64. */
// @ts-ignore: decorator
@inline
function mantissaAt(low: u64, high: u64, shift: u64): u64 {
  return ((low >> shift) | (high << (64 - shift))) & 0x7ff;
}

// @ts-ignore: decorator
@inline
function lowBits(value: u64, count: u64): u64 {
  return value & (((<u64>1) << count) - 1);
}

/** Mask that an address must obey so that a length of `length` bytes from there is exact (CRAM). */
export function representableAlignmentMask(length: u64): u64 {
  return (<u64>-1) << ((encodeBounds(0, length, 0) >> ENCODED_SHIFT) & 63);
}

/** Exact test: would the bounds stay what they are if the address moved (Sail: capBoundsEqual)? */
// @ts-ignore: decorator
@inline
export function isRepresentable(high: u64, from: u64, to: u64): bool {
  const raw = high ^ NULL_HIGH;
  const e = exponentOf(raw);
  if (e >= EXPONENT_ALL) return true;
  const start = limitOf(raw) << e;
  return ((from - start) ^ (to - start)) >> (e + MANTISSA_WIDTH) == 0;
}

/**
 * The quicker test that CIncOffset, CSetOffset and CFromPtr are defined by (Sail: fastRepCheck). It looks at the
 * increment's upper bits and the mantissa's, never at a carry from below: it refuses the last granule of the window
 * but says yes only where the exact test does.
 */
// @ts-ignore: decorator
@inline
export function isRepresentableFast(high: u64, address: u64, increment: u64): bool {
  const raw = high ^ NULL_HIGH;
  const e = exponentOf(raw);
  if (e >= EXPONENT_ALL) return true;
  const upper = <i64>increment >> (e + MANTISSA_WIDTH);
  const middle = (increment >> e) & MANTISSA_MASK;
  const room = (limitOf(raw) - (address >> e)) & MANTISSA_MASK;
  return upper == 0 ? middle < ((room - 1) & MANTISSA_MASK) : upper == -1 ? middle >= room && room != 0 : false;
}
