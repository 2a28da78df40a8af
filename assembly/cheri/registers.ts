// Capability registers: the structs of layout.ts, their lazy decoding and their access windows.
// A capability from memory is kept raw and decoded at its first use; copies of decoded ones stay decoded.
// A window covers what the interpreter may access without asking check.ts: it is empty unless tag, seal,
// permission, bounds, RAM and the absence of translation and PMP all say yes.
import {
  CAP_ADDRESS, CAP_BASE, CAP_HIGH, CAP_OTYPE, CAP_PERMS, CAP_STATE, CAP_STORE_WINDOW, CAP_TOP, CAP_TOP_HIGH,
  CAP_WINDOW_BASE, DDC, F, MEPCC, MTCC, PCC, PMP_ACTIVE, RAM_SIZE, SEPCC, STATE_DECODED, STATE_MASK, STATE_META,
  STATE_TAG, STCC, TOHOST, TRANSLATE_DATA, UEPCC, UTCC, X,
} from "../layout";
import { OTYPE_UNSEALED, PERM_LOAD, PERM_STORE } from "./names";
import { ALMIGHTY_HIGH, isSealedHigh, otypeOf, permsOf } from "./fields";
import { decodeBounds, isRepresentable } from "./concentrate";

/** Guest-physical address of RAM. */
export const RAM_BASE: u64 = 0x80000000;

// @ts-ignore: decorator
@inline
function stateOf(ptr: usize): u32 {
  return load<u32>(ptr, CAP_STATE);
}

/** Sets the state bits and empties both windows. */
// @ts-ignore: decorator
@inline
function setState(ptr: usize, state: u32): void {
  store<u64>(ptr, state, CAP_STATE);
}

// @ts-ignore: decorator
@inline
export function capAddress(ptr: usize): u64 {
  return load<u64>(ptr, CAP_ADDRESS);
}

/** High word as in memory; 0 for an integer. */
// @ts-ignore: decorator
@inline
export function capHigh(ptr: usize): u64 {
  return stateOf(ptr) & STATE_META ? load<u64>(ptr, CAP_HIGH) : 0;
}

// @ts-ignore: decorator
@inline
export function capTag(ptr: usize): bool {
  return <bool>(stateOf(ptr) & STATE_TAG);
}

// @ts-ignore: decorator
@inline
export function isSealed(ptr: usize): bool {
  return isSealedHigh(capHigh(ptr));
}

/** Fills the derived fields and windows from the raw pattern; an integer becomes the NULL-derived capability. */
export function decodeCap(ptr: usize): void {
  const high = capHigh(ptr);
  store<u64>(ptr, high, CAP_HIGH);
  store<u32>(ptr, permsOf(high), CAP_PERMS);
  store<u32>(ptr, otypeOf(high), CAP_OTYPE);
  decodeBounds(high, capAddress(ptr), ptr);
  setState(ptr, (stateOf(ptr) & STATE_TAG) | STATE_META | STATE_DECODED);
  refreshWindow(ptr);
}

/** Call before reading a derived field. */
// @ts-ignore: decorator
@inline
export function ensureDecoded(ptr: usize): void {
  if (!(stateOf(ptr) & STATE_DECODED)) decodeCap(ptr);
}

/** Recomputes the access windows of a decoded capability from its bounds and the machine's state. */
export function refreshWindow(ptr: usize): void {
  const state = stateOf(ptr) & STATE_MASK;
  setState(ptr, state);
  if (!(state & STATE_TAG)) return;
  if (load<u32>(ptr, CAP_OTYPE) != OTYPE_UNSEALED) return;
  if (load<u32>(TRANSLATE_DATA) | load<u32>(PMP_ACTIVE)) return;
  const ramEnd = RAM_BASE + load<u64>(RAM_SIZE);
  const base = load<u64>(ptr, CAP_BASE);
  const top = load<u64>(ptr, CAP_TOP);
  const hi = (load<u32>(ptr, CAP_TOP_HIGH) || top > ramEnd ? ramEnd : top) & ~15;
  if (base >= hi || hi <= RAM_BASE) return;
  const lo = base < RAM_BASE ? RAM_BASE : (base + 15) & ~15;
  if (lo < hi) openWindow(ptr, state, lo, hi);
}

/** Opens [lo, hi) as permitted, but keeps the granule of `tohost` out of the stores: writing there stops the machine. */
function openWindow(ptr: usize, state: u32, lo: u64, hi: u64): void {
  const perms = load<u32>(ptr, CAP_PERMS);
  let storeEnd = hi;
  if (perms & PERM_STORE) {
    const tohost = load<u64>(TOHOST) & ~15;
    if (lo <= tohost && tohost < hi) {
      if (tohost - lo >= hi - (tohost + 16)) storeEnd = tohost;
      else lo = tohost + 16;
    }
  }
  store<u64>(ptr, lo, CAP_WINDOW_BASE);
  if (perms & PERM_LOAD) store<u32>(ptr, <u32>(hi - lo) | state, CAP_STATE);
  if (perms & PERM_STORE) store<u32>(ptr, <u32>(storeEnd - lo), CAP_STORE_WINDOW);
}

/** dst := src, whatever is known of it included. The sink of x0 is as good a dst as any. */
export function copyCap(dst: usize, src: usize): void {
  const decoded = stateOf(src) & STATE_DECODED;
  store<u64>(dst, load<u64>(src, CAP_ADDRESS), CAP_ADDRESS);
  store<u64>(dst, load<u64>(src, CAP_STATE), CAP_STATE);
  store<u64>(dst, load<u64>(src, CAP_HIGH), CAP_HIGH);
  if (!decoded) return;
  store<u64>(dst, load<u64>(src, CAP_BASE), CAP_BASE);
  store<u64>(dst, load<u64>(src, CAP_TOP), CAP_TOP);
  store<u64>(dst, load<u64>(src, CAP_TOP_HIGH), CAP_TOP_HIGH); // and CAP_PERMS
  store<u64>(dst, load<u64>(src, CAP_WINDOW_BASE), CAP_WINDOW_BASE);
  store<u32>(dst, load<u32>(src, CAP_OTYPE), CAP_OTYPE);
}

/** Any 128-bit pattern, undecoded: what a capability load writes. */
// @ts-ignore: decorator
@inline
export function setCapRaw(ptr: usize, high: u64, address: u64, tag: u32): void {
  store<u64>(ptr, address, CAP_ADDRESS);
  store<u64>(ptr, STATE_META | (tag & STATE_TAG), CAP_STATE);
  store<u64>(ptr, high, CAP_HIGH);
}

/** Untagged NULL-derived integer. */
// @ts-ignore: decorator
@inline
export function setInteger(ptr: usize, value: u64): void {
  store<u64>(ptr, value, CAP_ADDRESS);
  setState(ptr, 0);
}

/** Clears the tag, and with it the windows; everything else stays. */
// @ts-ignore: decorator
@inline
export function clearTag(ptr: usize): void {
  setState(ptr, stateOf(ptr) & (STATE_META | STATE_DECODED));
}

/**
 * dst := src with another address. If it is not representable there the bounds become others and the tag is
 * cleared; it is cleared too if src was sealed.
 */
// @ts-ignore: decorator
@inline
export function moveAddress(dst: usize, src: usize, address: u64, representable: bool): void {
  if (dst != src) copyCap(dst, src);
  store<u64>(dst, address, CAP_ADDRESS);
  if (!representable) setState(dst, STATE_META);
  else if (isSealed(dst)) clearTag(dst);
}

/** `moveAddress` under the exact test (Sail: setCapAddrChecked). */
export function setCapAddr(dst: usize, src: usize, address: u64): void {
  moveAddress(dst, src, address, isRepresentable(capHigh(src), capAddress(src), address));
}

/** dst := src with another high word that has the same bounds field, and the tag given. */
export function replaceHigh(dst: usize, src: usize, high: u64, tag: bool): void {
  copyCap(dst, src);
  store<u64>(dst, high, CAP_HIGH);
  const decoded = stateOf(dst) & STATE_DECODED;
  setState(dst, STATE_META | decoded | <u32>tag);
  if (!decoded) return;
  store<u32>(dst, permsOf(high), CAP_PERMS);
  store<u32>(dst, otypeOf(high), CAP_OTYPE);
  refreshWindow(dst);
}

/** Is [address, address + sizeBytes) inside the bounds of a decoded capability? The end has 65 bits. */
// @ts-ignore: decorator
@inline
export function inCapBounds(ptr: usize, address: u64, sizeBytes: u64): bool {
  const end = address + sizeBytes;
  const endHigh = <u32>(end < address);
  const topHigh = load<u32>(ptr, CAP_TOP_HIGH);
  return (
    address >= load<u64>(ptr, CAP_BASE) &&
    (endHigh == topHigh ? end <= load<u64>(ptr, CAP_TOP) : endHigh < topHigh)
  );
}

/** The capability to everything: address 0, all of 2^64 bytes, every permission, unsealed. */
export function setAlmighty(ptr: usize): void {
  setCapRaw(ptr, ALMIGHTY_HIGH, 0, STATE_TAG);
  decodeCap(ptr);
}

/** Reset state (ISAv9, "Capability register reset"): code and default-data registers almighty, all others NULL. */
export function resetCaps(): void {
  memory.fill(X, 0, F - X);
  setAlmighty(PCC);
  setAlmighty(DDC);
  setAlmighty(MTCC);
  setAlmighty(STCC);
  setAlmighty(UTCC);
  setAlmighty(MEPCC);
  setAlmighty(SEPCC);
  setAlmighty(UEPCC);
}
