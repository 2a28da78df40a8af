// Capabilities as 128 bits: CHERI Concentrate. Not trusted: seal.ts has the machine decode what comes from here, and
// refuses what is not exactly what was asked for.
import { OTYPE_UNSEALED } from '../host/index.ts';
import type { CapabilityRequest } from './types.ts';

const MANTISSA = 14n;
/** Null's high word: memory holds the high word XORed with it, so that null is all zero. */
const NULL_HIGH = 0x0000_1fff_fc01_8004n;

/**
 * The high word of a CHERI Concentrate capability (128 bits, mantissa 14), as in memory. Source: CHERI ISAv9 3.5.4
 * and appendix E, encoding with and without internal exponent. Bounds that need rounding come out wrong, which the
 * caller finds by decoding.
 */
export function encodeHigh({
  base,
  sizeBytes,
  permissions,
  flag = 0,
  otype = OTYPE_UNSEALED,
}: CapabilityRequest): bigint {
  const bottom = BigInt(base);
  const top = BigInt(base) + BigInt(sizeBytes);
  const { exponentBit, topField, bottomField } = encodeBounds(bottom, top);
  const fields =
    (BigInt(permissions >>> 15) << 60n) |
    (BigInt(permissions & 0xfff) << 48n) |
    (BigInt(flag) << 45n) |
    (BigInt(otype) << 27n) |
    (exponentBit << 26n) |
    (topField << 14n) |
    bottomField;
  return fields ^ NULL_HIGH;
}

function encodeBounds(bottom: bigint, top: bigint): { exponentBit: bigint; topField: bigint; bottomField: bigint } {
  const length = top - bottom;
  const exponent = exponentOf(length);
  const mantissa = (1n << MANTISSA) - 1n;
  if (exponent === 0n && length < 1n << (MANTISSA - 2n)) {
    return { exponentBit: 0n, topField: top & (mantissa >> 2n), bottomField: bottom & mantissa };
  }
  // Internal exponent: its six bits take the place of the low three bits of both fields.
  const topField = ((top >> exponent) & (mantissa >> 2n) & ~7n) | (exponent >> 3n);
  const bottomField = ((bottom >> exponent) & mantissa & ~7n) | (exponent & 7n);
  return { exponentBit: 1n, topField, bottomField };
}

/** The smallest exponent with which the length's top bit falls on bit 12 of the mantissa. */
function exponentOf(length: bigint): bigint {
  const bits = BigInt(length.toString(2).length);
  return bits > MANTISSA - 1n ? bits - (MANTISSA - 1n) : 0n;
}

/** Bounds of `sizeBytes` have to be multiples of this. */
export function alignmentFor(sizeBytes: number): number {
  if (sizeBytes < 4096) return 1;
  return 2 ** (Math.max(Math.floor(Math.log2(sizeBytes)) - 12, 0) + 3);
}
