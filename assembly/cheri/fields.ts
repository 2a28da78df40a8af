// Fields of the high word of a 128-bit capability, except the bounds (concentrate.ts): ISAv9, CHERI Concentrate format.
//
//   63    60 59         48 47  46   45   44           27  26  25       14 13         0
//   ┌───────┬─────────────┬──────┬──────┬───────────────┬────┬───────────┬────────────┐
//   │ user  │  hardware   │ re-  │ flag │     otype     │ IE │   T, 12   │   B, 14    │
//   │ perms │ permissions │served│      │    18 bits    │    │           │            │
//   └───────┴─────────────┴──────┴──────┴───────────────┴────┴───────────┴────────────┘
//
// The core holds this word as memory does, XORed with NULL's, so that NULL is all zeros.
import { OTYPE_MAX, OTYPE_UNSEALED, PERMS_HARDWARE } from "./names";

/** NULL's high word before the XOR: otype unsealed, IE, exponent 52. */
export const NULL_HIGH: u64 = 0x00001ffffc018004;
/** High word of the almighty capability, as in memory: NULL's bounds and every permission. */
export const ALMIGHTY_HIGH: u64 = 0xffff000000000000;

export const FLAG_BIT: u64 = 1 << 45;
export const RESERVED_MASK: u64 = 3 << 46;
export const BOUNDS_MASK: u64 = 0x7ffffff;
export const GLOBAL_BIT: u64 = 1 << 48;
const OTYPE_SHIFT: u64 = 27;
const OTYPE_MASK: u64 = 0x3ffff << 27;

/** Permissions in CGetPerm's numbering. */
// @ts-ignore: decorator
@inline
export function permsOf(high: u64): u32 {
  return (<u32>(high >> 48) & PERMS_HARDWARE) | (<u32>(high >> 60) << 15);
}

// @ts-ignore: decorator
@inline
export function withPerms(high: u64, perms: u64): u64 {
  return (high & 0x0000ffffffffffff) | ((perms & PERMS_HARDWARE) << 48) | ((perms >> 15) << 60);
}

/** Object type, 18 bits. */
// @ts-ignore: decorator
@inline
export function otypeOf(high: u64): u32 {
  return (<u32>(high >> OTYPE_SHIFT) & 0x3ffff) ^ OTYPE_UNSEALED;
}

// @ts-ignore: decorator
@inline
export function withOtype(high: u64, otype: u32): u64 {
  return (high & ~OTYPE_MASK) | (<u64>((otype ^ OTYPE_UNSEALED) & 0x3ffff) << OTYPE_SHIFT);
}

/** Above the otypes that sealing can confer: unsealed, sentries, and two without a meaning. */
// @ts-ignore: decorator
@inline
export function isReservedOtype(otype: u64): bool {
  return otype > <u64>OTYPE_MAX;
}

/** Sealed with an object type or as a sentry. */
// @ts-ignore: decorator
@inline
export function isSealedHigh(high: u64): bool {
  return (high & OTYPE_MASK) != 0;
}

// @ts-ignore: decorator
@inline
export function unsealedHigh(high: u64): u64 {
  return high & ~OTYPE_MASK;
}
