// Sealing, unsealing, and rebuilding sealed or untagged capabilities (ISAv9 instruction reference). None traps.
// An otype is conferred by a capability whose address it is: permission, bounds and address decide.
import { CAP_BASE, CAP_TOP, CAP_TOP_HIGH } from "../layout";
import { OTYPE_SENTRY, PERM_SEAL, PERM_UNSEAL } from "./names";
import {
  BOUNDS_MASK, GLOBAL_BIT, isReservedOtype, otypeOf, permsOf, RESERVED_MASK, unsealedHigh, withOtype,
} from "./fields";
import { encodeBounds } from "./concentrate";
import { isSubset, signedOtype } from "./inspect";
import { cd, cs1, cs1OrDDC, cs2 } from "./operands";
import {
  capAddress, capHigh, capTag, clearTag, copyCap, ensureDecoded, inCapBounds, isSealed, replaceHigh, setCapAddr,
} from "./registers";

/** Does `authority` confer its address as otype, by one of PERM_SEAL and PERM_UNSEAL? */
function confers(authority: usize, permission: u32): bool {
  ensureDecoded(authority);
  return (
    capTag(authority) &&
    !isSealed(authority) &&
    (permsOf(capHigh(authority)) & permission) != 0 &&
    inCapBounds(authority, capAddress(authority), 1)
  );
}

/**
 * CSeal cd, cs1, cs2: otype := address of cs2.
 * Untags (the otype is written all the same): cs1 sealed; cs2 untagged, sealed, without Seal, out of its bounds, or
 * its address above OTYPE_MAX.
 */
export function executeCSEAL(record: usize): void {
  const source = cs1(record);
  const authority = cs2(record);
  const otype = capAddress(authority);
  const permitted = confers(authority, PERM_SEAL) && !isReservedOtype(otype) && !isSealed(source);
  replaceHigh(cd(record), source, withOtype(capHigh(source), <u32>otype), capTag(source) && permitted);
}

/**
 * CCSeal cd, cs1, cs2: CSeal for code that does not know whether to seal.
 * cs1 unchanged: cs2 untagged, cs1 sealed, cs2 out of its bounds or at address -1.
 * Untags: cs2 sealed, without Seal, or its address above OTYPE_MAX.
 */
export function executeCCSEAL(record: usize): void {
  const source = cs1(record);
  const authority = cs2(record);
  const otype = capAddress(authority);
  ensureDecoded(authority);
  if (!capTag(authority) || isSealed(source) || !inCapBounds(authority, otype, 1) || otype == -1) {
    copyCap(cd(record), source);
    return;
  }
  const permitted = confers(authority, PERM_SEAL) && !isReservedOtype(otype);
  replaceHigh(cd(record), source, withOtype(capHigh(source), <u32>otype), capTag(source) && permitted);
}

/**
 * CUnseal cd, cs1, cs2: unsealed, Global only if both have it.
 * Untags: cs1 unsealed or of a reserved otype; cs2 untagged, sealed, without Unseal, its address not cs1's otype or
 * out of its bounds.
 */
export function executeCUNSEAL(record: usize): void {
  const source = cs1(record);
  const authority = cs2(record);
  const high = capHigh(source);
  const otype = otypeOf(high);
  const permitted = confers(authority, PERM_UNSEAL) && !isReservedOtype(otype) && capAddress(authority) == otype;
  const local = ~capHigh(authority) & GLOBAL_BIT;
  replaceHigh(cd(record), source, unsealedHigh(high) & ~local, capTag(source) && permitted);
}

/** CSealEntry cd, cs1: sealed as a sentry, to be unsealed by a jump. Untags: cs1 sealed. */
export function executeCSEALENTRY(record: usize): void {
  const source = cs1(record);
  const high = withOtype(capHigh(source), OTYPE_SENTRY);
  replaceHigh(cd(record), source, high, capTag(source) && !isSealed(source));
}

/**
 * CBuildCap cd, cs1, cs2: cs2's bits with a tag, on the authority of cs1 (c0 means DDC): a sentry stays one, any
 * other seal is dropped.
 * Untags: cs1 untagged or sealed; cs2's bounds or permissions exceed cs1's; top below base; bounds encoded as
 * CSetBounds would not; reserved bits other than cs1's.
 */
export function executeCBUILDCAP(record: usize): void {
  const authority = cs1OrDDC(record);
  const request = cs2(record);
  ensureDecoded(authority);
  ensureDecoded(request);
  const high = capHigh(request);
  const granted = otypeOf(high) == OTYPE_SENTRY ? high : unsealedHigh(high);
  const permitted =
    capTag(authority) && !isSealed(authority) && isSubset(request, authority) && hasCanonicalBounds(request) &&
    ((high ^ capHigh(authority)) & RESERVED_MASK) == 0;
  replaceHigh(cd(record), request, granted, permitted);
}

/** Base not above top, and encoded the way CSetBounds would encode these bounds. */
function hasCanonicalBounds(ptr: usize): bool {
  const base = load<u64>(ptr, CAP_BASE);
  const top = load<u64>(ptr, CAP_TOP);
  const topHigh = load<u32>(ptr, CAP_TOP_HIGH);
  if (!topHigh && top < base) return false;
  return ((encodeBounds(base, top, topHigh) ^ capHigh(ptr)) & BOUNDS_MASK) == 0;
}

/**
 * CCopyType cd, cs1, cs2: address := otype of cs2, the reserved ones as negative numbers.
 * Untags: cs1 sealed; otype reserved (cs2 unsealed is); unrepresentable (exact test).
 */
export function executeCCOPYTYPE(record: usize): void {
  const high = capHigh(cs2(record));
  setCapAddr(cd(record), cs1(record), signedOtype(high));
  if (isReservedOtype(otypeOf(high))) clearTag(cd(record));
}
