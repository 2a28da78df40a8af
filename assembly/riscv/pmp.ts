// Physical memory protection: 16 entries, granularity 4 bytes. Manual: Privileged 1.12 §3.7.
// The lowest-numbered entry that matches any byte of an access decides, and it must match all of them.
import { DATA_PRIV, PMPADDR, PMPCFG, PRIV, RAM_SIZE } from "../layout";
import { RAM_BASE } from "../cheri/registers";
import { refreshContext } from "../context";
import { PMP_COUNT } from "./csr-numbers";
import { contextChanged, MACHINE } from "./status";
import { ACCESS_AMO, ACCESS_FETCH, ACCESS_STORE, ACCESS_STORE_CAP, flushTlbs } from "./tlb";

const PMP_R: u32 = 1;
const PMP_W: u32 = 2;
const PMP_X: u32 = 4;
const PMP_RWX: u32 = 7;
const PMP_L: u32 = 0x80;
/** Bits 6:5 do not exist. */
const PMP_WRITABLE: u32 = 0x9f;
const PMPADDR_MASK: u64 = ((<u64>1) << 54) - 1;

// Address matching, bits 4:3 of a configuration byte.
const MATCH_SHIFT: u32 = 3;
const MATCH_OFF: u32 = 0;
const MATCH_TOR: u32 = 1;
const MATCH_NA4: u32 = 2;

// @ts-ignore: decorator
@inline
function configOf(entry: u32): u32 {
  return load<u8>(PMPCFG + entry);
}

// @ts-ignore: decorator
@inline
function matchOf(config: u32): u32 {
  return (config >> MATCH_SHIFT) & 3;
}

/** pmpaddr of an entry as a byte address; 0 for the one before entry 0. */
// @ts-ignore: decorator
@inline
function boundOf(entry: i32): u64 {
  return entry < 0 ? 0 : load<u64>(PMPADDR + (entry << 3)) << 2;
}

/** Bits that NAPOT ignores in a byte address: those of the trailing ones of pmpaddr and the zero above them. */
// @ts-ignore: decorator
@inline
function napotMask(entry: i32): u64 {
  const address = load<u64>(PMPADDR + (entry << 3));
  return ((address ^ (address + 1)) << 2) | 3;
}

/** First byte of the range of an entry that is on. */
function firstByte(entry: i32, match: u32): u64 {
  if (match == MATCH_TOR) return boundOf(entry - 1);
  return match == MATCH_NA4 ? boundOf(entry) : boundOf(entry) & ~napotMask(entry);
}

/** Byte after the range of an entry that is on. */
function endByte(entry: i32, match: u32): u64 {
  if (match == MATCH_TOR) return boundOf(entry);
  return match == MATCH_NA4 ? boundOf(entry) + 4 : (boundOf(entry) | napotMask(entry)) + 1;
}

/** Does the entry let `privilege` do what `needs` says? Entries that are not locked leave M-mode alone. */
// @ts-ignore: decorator
@inline
function grants(config: u32, needs: u32, privilege: u32): bool {
  return (privilege == MACHINE && !(config & PMP_L)) || (config & needs) == needs;
}

function needsOf(access: u32): u32 {
  if (access == ACCESS_FETCH) return PMP_X;
  if (access == ACCESS_AMO) return PMP_R | PMP_W;
  return access == ACCESS_STORE || access == ACCESS_STORE_CAP ? PMP_W : PMP_R;
}

/** May `privilege` do `access` to `size` bytes at physical address `pa`? */
export function pmpAllows(pa: u64, size: u32, access: u32, privilege: u32): bool {
  return rangeGrants(pa, size, needsOf(access), privilege);
}

function rangeGrants(pa: u64, size: u64, needs: u32, privilege: u32): bool {
  const end = pa + size;
  for (let entry: i32 = 0; entry < PMP_COUNT; entry++) {
    const config = configOf(entry);
    const match = matchOf(config);
    if (match == MATCH_OFF) continue;
    const low = firstByte(entry, match);
    const high = endByte(entry, match);
    if (low >= high || end <= low || pa >= high) continue;
    return pa >= low && end <= high && grants(config, needs, privilege);
  }
  return privilege == MACHINE;
}

/** May some access of the current privileges be refused? Nothing lies above RAM: only what ends there counts. */
export function pmpActive(): bool {
  const end = RAM_BASE + load<u64>(RAM_SIZE);
  const fetches = load<u32>(PRIV);
  const accesses = load<u32>(DATA_PRIV);
  if (!rangeGrants(0, end, PMP_RWX, fetches)) return true;
  return accesses != fetches && !rangeGrants(0, end, PMP_RWX, accesses);
}

/** Value of pmpcfg0 (first = 0) or pmpcfg2 (first = 8). */
export function readPmpConfig(first: u32): u64 {
  return load<u64>(PMPCFG + first);
}

/** Each byte is WARL by itself: locked ones stay, W without R is reserved and becomes neither. */
export function writePmpConfig(first: u32, value: u64): void {
  for (let i: u32 = 0; i < 8; i++) {
    if (configOf(first + i) & PMP_L) continue;
    const written = <u32>(value >> (i << 3)) & PMP_WRITABLE;
    const reserved = (written & (PMP_R | PMP_W)) == PMP_W;
    store<u8>(PMPCFG + (first + i), reserved ? written & ~PMP_W : written);
  }
  pmpChanged();
}

export function readPmpAddress(entry: u32): u64 {
  return load<u64>(PMPADDR + (entry << 3));
}

/** Locked if the entry is, or if it is the bottom of a locked top-of-range entry. */
export function writePmpAddress(entry: u32, value: u64): void {
  const next = entry + 1 < <u32>PMP_COUNT ? configOf(entry + 1) : 0;
  if ((configOf(entry) & PMP_L) != 0 || ((next & PMP_L) != 0 && matchOf(next) == MATCH_TOR)) return;
  store<u64>(PMPADDR + (entry << 3), value & PMPADDR_MASK);
  pmpChanged();
}

function pmpChanged(): void {
  flushTlbs();
  refreshContext();
  contextChanged();
}
