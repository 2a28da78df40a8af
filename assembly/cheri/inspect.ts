// Instructions that read capabilities into integers (ISAv9 instruction reference). None of them traps.
import { CAP_BASE, CAP_PERMS, CAP_TOP, CAP_TOP_HIGH } from "../layout";
import { FLAG_BIT, isReservedOtype, isSealedHigh, otypeOf, permsOf } from "./fields";
import { representableAlignmentMask } from "./concentrate";
import { cd, cs1, cs1OrDDC, cs2 } from "./operands";
import { capAddress, capHigh, capTag, ensureDecoded, setInteger } from "./registers";

/** CGetPerm rd, cs1: permissions, hardware ones in bits 11:0, user ones in bits 18:15. */
export function executeCGETPERM(record: usize): void {
  setInteger(cd(record), permsOf(capHigh(cs1(record))));
}

/** CGetType rd, cs1: object type; the reserved ones as negative numbers, -1 for unsealed, -2 for a sentry. */
export function executeCGETTYPE(record: usize): void {
  setInteger(cd(record), signedOtype(capHigh(cs1(record))));
}

/** The 18 bits, sign-extended if reserved, zero-extended if not. */
export function signedOtype(high: u64): u64 {
  const otype = otypeOf(high);
  return isReservedOtype(otype) ? <u64>otype | ~(<u64>0x3ffff) : <u64>otype;
}

/** CGetBase rd, cs1 */
export function executeCGETBASE(record: usize): void {
  const cap = cs1(record);
  ensureDecoded(cap);
  setInteger(cd(record), load<u64>(cap, CAP_BASE));
}

/** CGetTop rd, cs1: 2^64 - 1 if the top is 2^64 or more. */
export function executeCGETTOP(record: usize): void {
  const cap = cs1(record);
  ensureDecoded(cap);
  setInteger(cd(record), load<u32>(cap, CAP_TOP_HIGH) ? -1 : load<u64>(cap, CAP_TOP));
}

/** CGetLen rd, cs1: top - base modulo 2^65; 2^64 - 1 if that is 2^64 or more. */
export function executeCGETLEN(record: usize): void {
  const cap = cs1(record);
  ensureDecoded(cap);
  const base = load<u64>(cap, CAP_BASE);
  const top = load<u64>(cap, CAP_TOP);
  const lengthHigh = load<u32>(cap, CAP_TOP_HIGH) ^ <u32>(top < base);
  setInteger(cd(record), lengthHigh ? -1 : top - base);
}

/** CGetTag rd, cs1 */
export function executeCGETTAG(record: usize): void {
  setInteger(cd(record), <u64>capTag(cs1(record)));
}

/** CGetSealed rd, cs1: 1 if sealed, as a sentry too. */
export function executeCGETSEALED(record: usize): void {
  setInteger(cd(record), <u64>isSealedHigh(capHigh(cs1(record))));
}

/** CGetOffset rd, cs1: address - base. */
export function executeCGETOFFSET(record: usize): void {
  const cap = cs1(record);
  ensureDecoded(cap);
  setInteger(cd(record), capAddress(cap) - load<u64>(cap, CAP_BASE));
}

/** CGetFlags rd, cs1: bit 0 = run in capability mode. */
export function executeCGETFLAGS(record: usize): void {
  setInteger(cd(record), <u64>((capHigh(cs1(record)) & FLAG_BIT) != 0));
}

/** CGetAddr rd, cs1 */
export function executeCGETADDR(record: usize): void {
  setInteger(cd(record), capAddress(cs1(record)));
}

/** CGetHigh rd, cs1: the high word as it would lie in memory. */
export function executeCGETHIGH(record: usize): void {
  setInteger(cd(record), capHigh(cs1(record)));
}

/** CRRL rd, rs1: the length that CSetBounds rounds rs1 up to, for an aligned base; may wrap to 0. */
export function executeCRRL(record: usize): void {
  const length = capAddress(cs1(record));
  const mask = representableAlignmentMask(length);
  setInteger(cd(record), (length + ~mask) & mask);
}

/** CRAM rd, rs1: the mask that aligns a base so that CSetBounds with length rs1 is exact. */
export function executeCRAM(record: usize): void {
  setInteger(cd(record), representableAlignmentMask(capAddress(cs1(record))));
}

/** CSub rd, cs1, cs2: difference of the addresses. */
export function executeCSUB(record: usize): void {
  setInteger(cd(record), capAddress(cs1(record)) - capAddress(cs2(record)));
}

/** CSEQX rd, cs1, cs2: 1 if tag and all 128 bits are equal. */
export function executeCSEQX(record: usize): void {
  const a = cs1(record);
  const b = cs2(record);
  const equal = capTag(a) == capTag(b) && capAddress(a) == capAddress(b) && capHigh(a) == capHigh(b);
  setInteger(cd(record), <u64>equal);
}

/**
 * CTestSubset rd, cs1, cs2: 1 if tags are equal and cs2's bounds and permissions are within cs1's. c0 as cs1 means
 * DDC. Seals do not matter.
 */
export function executeCTESTSUBSET(record: usize): void {
  const outer = cs1OrDDC(record);
  const inner = cs2(record);
  ensureDecoded(outer);
  ensureDecoded(inner);
  setInteger(cd(record), <u64>(capTag(outer) == capTag(inner) && isSubset(inner, outer)));
}

/** Are bounds and permissions of one decoded capability within those of another? */
export function isSubset(inner: usize, outer: usize): bool {
  if (load<u64>(inner, CAP_BASE) < load<u64>(outer, CAP_BASE)) return false;
  const innerHigh = load<u32>(inner, CAP_TOP_HIGH);
  const outerHigh = load<u32>(outer, CAP_TOP_HIGH);
  if (innerHigh > outerHigh) return false;
  if (innerHigh == outerHigh && load<u64>(inner, CAP_TOP) > load<u64>(outer, CAP_TOP)) return false;
  return (load<u32>(inner, CAP_PERMS) & ~load<u32>(outer, CAP_PERMS)) == 0;
}
