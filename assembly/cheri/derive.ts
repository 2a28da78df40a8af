// Instructions that make a capability from another, or a pointer of it (ISAv9 instruction reference). None of them
// traps: what would widen authority comes out untagged. A sealed source that would have to change comes out untagged.
import {
  CAP_BASE, CAP_OTYPE, CAP_PERMS, CAP_STATE, CAP_TOP, CAP_TOP_HIGH, RECORD_IMM, STATE_DECODED, STATE_META, STATE_TAG,
} from "../layout";
import { BOUNDS_MASK, FLAG_BIT, otypeOf, permsOf, withPerms } from "./fields";
import { encodeBounds, ENCODED_INEXACT, ENCODED_SHIFT, isRepresentableFast } from "./concentrate";
import { cd, cs1, cs1OrDDC, cs2, cs2OrDDC } from "./operands";
import {
  capAddress, capHigh, capTag, clearTag, copyCap, ensureDecoded, inCapBounds, isSealed, moveAddress, refreshWindow,
  replaceHigh, setCapAddr, setCapRaw, setInteger,
} from "./registers";

/** CMove cd, cs1 */
export function executeCMOVE(record: usize): void {
  copyCap(cd(record), cs1(record));
}

/** CClearTag cd, cs1: the same bits without the tag. */
export function executeCCLEARTAG(record: usize): void {
  copyCap(cd(record), cs1(record));
  clearTag(cd(record));
}

/** CAndPerm cd, cs1, rs2: keeps only the permissions set in rs2. Untags: sealed. */
export function executeCANDPERM(record: usize): void {
  const source = cs1(record);
  const high = capHigh(source);
  const perms = permsOf(high) & capAddress(cs2(record));
  replaceHigh(cd(record), source, withPerms(high, perms), capTag(source) && !isSealed(source));
}

/** CSetFlags cd, cs1, rs2: flag := bit 0 of rs2. Untags: sealed. */
export function executeCSETFLAGS(record: usize): void {
  const source = cs1(record);
  const high = capHigh(source) & ~FLAG_BIT;
  const flag = capAddress(cs2(record)) & 1 ? FLAG_BIT : 0;
  replaceHigh(cd(record), source, high | flag, capTag(source) && !isSealed(source));
}

/** CSetHigh cd, cs1, rs2: high word as in memory := rs2. Untags: always. */
export function executeCSETHIGH(record: usize): void {
  setCapRaw(cd(record), capAddress(cs2(record)), capAddress(cs1(record)), 0);
}

/** CSetAddr cd, cs1, rs2: address := rs2. Untags: sealed; unrepresentable (exact test). */
export function executeCSETADDR(record: usize): void {
  setCapAddr(cd(record), cs1(record), capAddress(cs2(record)));
}

/** CSetOffset cd, cs1, rs2: address := base + rs2. Untags: sealed; unrepresentable (fast test). */
export function executeCSETOFFSET(record: usize): void {
  setCapOffset(cd(record), cs1(record), capAddress(cs2(record)));
}

/** dst := src with address base + offset, under the fast test (Sail: setCapOffsetChecked). */
function setCapOffset(dst: usize, src: usize, offset: u64): void {
  ensureDecoded(src);
  incOffset(dst, src, load<u64>(src, CAP_BASE) + offset - capAddress(src));
}

/** CIncOffset cd, cs1, rs2: address := address + rs2. Untags: sealed; unrepresentable (fast test). */
export function executeCINCOFFSET(record: usize): void {
  incOffset(cd(record), cs1(record), capAddress(cs2(record)));
}

/** CIncOffsetImm cd, cs1, imm: the same with a signed immediate. */
export function executeCINCOFFSETIMM(record: usize): void {
  incOffset(cd(record), cs1(record), <i64>load<i32>(record, RECORD_IMM));
}

function incOffset(dst: usize, src: usize, increment: u64): void {
  const address = capAddress(src);
  moveAddress(dst, src, address + increment, isRepresentableFast(capHigh(src), address, increment));
}

/**
 * CSetBounds cd, cs1, rs2: base := address, length := rs2, rounded outwards if not representable.
 * Untags: sealed; the request (before rounding) exceeds cs1's bounds.
 */
export function executeCSETBOUNDS(record: usize): void {
  setBounds(cd(record), cs1(record), capAddress(cs2(record)), false);
}

/** CSetBoundsExact cd, cs1, rs2: the same. Untags also: rounding was necessary. */
export function executeCSETBOUNDSEXACT(record: usize): void {
  setBounds(cd(record), cs1(record), capAddress(cs2(record)), true);
}

/** CSetBoundsImm cd, cs1, uimm: CSetBounds with an unsigned immediate. */
export function executeCSETBOUNDSIMM(record: usize): void {
  setBounds(cd(record), cs1(record), load<u32>(record, RECORD_IMM), false);
}

function setBounds(dst: usize, src: usize, length: u64, exactly: bool): void {
  ensureDecoded(src);
  const base = capAddress(src);
  const top = base + length;
  const topHigh = <u64>(top < base);
  const encoded = encodeBounds(base, top, topHigh);
  const allowed = inCapBounds(src, base, length) && !isSealed(src) && !(exactly && (encoded & ENCODED_INEXACT) != 0);
  const tag = capTag(src) && allowed;
  const high = (capHigh(src) & ~BOUNDS_MASK) | (encoded & BOUNDS_MASK);
  setCapRaw(dst, high, base, tag);
  if (tag && !(topHigh && top)) setDecodedBounds(dst, high, base, top, topHigh, (encoded >> ENCODED_SHIFT) & 63);
}

/** Fills the derived fields of a fresh, unsealed, tagged capability whose rounding is known: cheaper than decoding. */
function setDecodedBounds(dst: usize, high: u64, base: u64, top: u64, topHigh: u64, shift: u64): void {
  const lost = ((<u64>1) << shift) - 1;
  const rounded = (top + lost) & ~lost;
  store<u64>(dst, base & ~lost, CAP_BASE);
  store<u64>(dst, rounded, CAP_TOP);
  store<u32>(dst, <u32>(topHigh | <u64>(rounded < top)), CAP_TOP_HIGH);
  store<u32>(dst, permsOf(high), CAP_PERMS);
  store<u32>(dst, otypeOf(high), CAP_OTYPE);
  store<u32>(dst, STATE_TAG | STATE_META | STATE_DECODED, CAP_STATE);
  refreshWindow(dst);
}

/** CToPtr rd, cs1, cs2: address of cs1 relative to cs2's base, 0 if cs1 is untagged. c0 as cs2 means DDC. */
export function executeCTOPTR(record: usize): void {
  const source = cs1(record);
  const frame = cs2OrDDC(record);
  ensureDecoded(frame);
  setInteger(cd(record), capTag(source) ? capAddress(source) - load<u64>(frame, CAP_BASE) : 0);
}

/** CFromPtr cd, cs1, rs2: NULL if rs2 is 0, else CSetOffset. c0 as cs1 means DDC. Untags: as CSetOffset. */
export function executeCFROMPTR(record: usize): void {
  const offset = capAddress(cs2(record));
  if (offset == 0) setInteger(cd(record), 0);
  else setCapOffset(cd(record), cs1OrDDC(record), offset);
}
