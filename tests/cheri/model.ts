// An independent model of 128-bit CHERI Concentrate in BigInt, in the words of the paper (Woodruff et al., "CHERI
// Concentrate: Practical Compressed Capabilities", §3) and not of the core: corrections instead of windows, and
// setBounds as a search for the smallest exponent. Slow and plain.
import type { Bits } from './core.ts';

export interface Bounds {
  readonly base: bigint;
  readonly top: bigint;
}

export interface Encoding {
  /** Bits 26:0 of the high word as in memory. */
  readonly field: bigint;
  readonly exact: boolean;
  readonly base: bigint;
  readonly top: bigint;
}

const NULL_HIGH = 0x00001ffffc018004n;
const FIELD = 0x7ffffffn;
export const MAX64 = (1n << 64n) - 1n;
export const ALMIGHTY_HIGH = 0xffff000000000000n;

const bits = (value: bigint, from: bigint, width: bigint): bigint => (value >> from) & ((1n << width) - 1n);
const u64 = (value: bigint): bigint => BigInt.asUintN(64, value);

export function exponent(high: bigint): bigint {
  const raw = high ^ NULL_HIGH;
  return bits(raw, 26n, 1n) ? (bits(raw, 14n, 3n) << 3n) | bits(raw, 0n, 3n) : 0n;
}

/** Base and 65-bit top of any pattern. */
export function bounds({ high, address }: Omit<Bits, 'tag'>): Bounds {
  const raw = high ^ NULL_HIGH;
  const internal = bits(raw, 26n, 1n) === 1n;
  const e = exponent(high) > 52n ? 52n : exponent(high);
  const b = internal ? bits(raw, 3n, 11n) << 3n : bits(raw, 0n, 14n);
  const t12 = internal ? bits(raw, 17n, 9n) << 3n : bits(raw, 14n, 12n);
  const carry = t12 < bits(b, 0n, 12n) ? 1n : 0n;
  const t = ((((b >> 12n) + (internal ? 1n : 0n) + carry) % 4n) << 12n) | t12;
  const r = BigInt.asUintN(3, (b >> 11n) - 1n);
  const below = (eighth: bigint): bigint => (BigInt.asUintN(3, eighth) < r ? 1n : 0n);
  const aTop = address >> (e + 14n);
  const cBase = below(b >> 11n) - below(address >> (e + 11n));
  const cTop = below(t >> 11n) - below(address >> (e + 11n));
  const base = u64((((aTop + cBase) << 14n) + b) << e);
  let top = BigInt.asUintN(65, (((aTop + cTop) << 14n) + t) << e);
  if (e < 51n && bits((top >> 63n) - (base >> 63n), 0n, 2n) > 1n) top ^= 1n << 64n;
  return { base, top };
}

/** The tightest encoding of [base, top) with the smallest exponent that fits. */
export function encode(base: bigint, top: bigint): Encoding {
  const length = top - base;
  if (length < 1n << 12n) {
    return pack((bits(top, 0n, 12n) << 14n) | bits(base, 0n, 14n), base, top, base, top);
  }
  for (let e = 0n; ; e++) {
    const unit = 1n << (e + 3n);
    const b = base / unit;
    const t = (top + unit - 1n) / unit;
    if (t - b >= 1n << 10n) continue;
    const field = (1n << 26n) | (bits(t, 0n, 9n) << 17n) | ((e >> 3n) << 14n) | (bits(b, 0n, 11n) << 3n) | (e & 7n);
    return pack(field, base, top, b * unit, t * unit);
  }
}

function pack(field: bigint, base: bigint, top: bigint, lower: bigint, upper: bigint): Encoding {
  return { field: field ^ (NULL_HIGH & FIELD), exact: lower === base && upper === top, base: lower, top: upper };
}

/** `high` with another bounds field. */
export function withBounds(high: bigint, encoding: Encoding): bigint {
  return (high & ~FIELD) | encoding.field;
}

/** Exact representability: the bounds are the same at the other address. */
export function isRepresentable(cap: Bits, address: bigint): boolean {
  const here = bounds(cap);
  const there = bounds({ high: cap.high, address });
  return here.base === there.base && here.top === there.top;
}

/** Permissions in CGetPerm's numbering. */
export function perms(high: bigint): number {
  return Number(bits(high, 48n, 12n) | (bits(high, 60n, 4n) << 15n));
}

export function otype(high: bigint): number {
  return Number(bits(high ^ NULL_HIGH, 27n, 18n));
}

/** Does `inner` give nothing that `outer` does not? */
export function isWithin(inner: Bits, outer: Bits): boolean {
  const a = bounds(inner);
  const b = bounds(outer);
  return a.base >= b.base && a.top <= b.top && (perms(inner.high) & ~perms(outer.high)) === 0;
}
