// Translation look-aside buffers: six direct-mapped arrays (layout.ts), one per kind of access, so that a hit is one
// compare and says that everything was checked: page table permissions, A and D bits, PMP for the whole page.
//
//   +0 u64 key     virtual page (bits 63:12) | generation (11:3) | SUM (2) | privilege (1:0)
//   +8 u64 addend  physical page - virtual page; in its low bits, which are free, the capability load policy
//
// Flushing everything is a new generation. A single page is dropped by its index, unless it may lie in a superpage.
import {
  JUMP_CACHE, JUMP_CACHE_ENTRIES, MSTATUS, SUPERPAGE_LOW, SUPERPAGE_TOP, TLB_ENTRIES, TLB_GENERATION, TLB_LOAD,
} from "../layout";
import { flushJumpCache } from "../context";

/** Kinds of access. The numbers index the arrays. */
export const ACCESS_LOAD: u32 = 0;
export const ACCESS_STORE: u32 = 1;
export const ACCESS_FETCH: u32 = 2;
/** Load of a capability whose tag would be kept. */
export const ACCESS_LOAD_CAP: u32 = 3;
/** Store of a tagged capability. */
export const ACCESS_STORE_CAP: u32 = 4;
/** Load and store in one. */
export const ACCESS_AMO: u32 = 5;
const ACCESS_KINDS: u32 = 6;

export const PAGE_MASK: u64 = ~(<u64>0xfff);

const ENTRY_SIZE_LOG2: u32 = 4;
const ENTRY_ADDEND: usize = 8;
const TLB_BYTES: u32 = TLB_ENTRIES << ENTRY_SIZE_LOG2;
const GENERATION_SHIFT: u64 = 3;
const GENERATION_LIMIT: u32 = 512;
/** mstatus bit 18, SUM, lands at bit 2 of a key. */
const SUM_TO_KEY: u64 = 16;
const SUM_IN_KEY: u64 = 4;

// @ts-ignore: decorator
@inline
export function tlbEntry(va: u64, access: u32): usize {
  const index = <u32>(va >> 12) & (TLB_ENTRIES - 1);
  return TLB_LOAD + access * TLB_BYTES + (index << ENTRY_SIZE_LOG2);
}

/** What the key of a valid entry for this address holds now. */
// @ts-ignore: decorator
@inline
export function tlbKey(va: u64, privilege: u32): u64 {
  const generation = <u64>load<u32>(TLB_GENERATION) << GENERATION_SHIFT;
  const sum = (load<u64>(MSTATUS) >> SUM_TO_KEY) & SUM_IN_KEY;
  return (va & PAGE_MASK) | generation | sum | privilege;
}

// @ts-ignore: decorator
@inline
export function tlbAddend(entry: usize): u64 {
  return load<u64>(entry, ENTRY_ADDEND);
}

/** Remembers that `access` to the page of `va` is granted. `span` is the size in bytes that one leaf entry maps. */
export function fillTlb(va: u64, pa: u64, access: u32, privilege: u32, policy: u64, span: u64): void {
  const entry = tlbEntry(va, access);
  store<u64>(entry, tlbKey(va, privilege));
  store<u64>(entry, ((pa & PAGE_MASK) - (va & PAGE_MASK)) | policy, ENTRY_ADDEND);
  if (span > 4096) noteSuperpage(va & ~(span - 1), span);
}

/** Widens the one range of addresses that holds all superpages of this generation. */
function noteSuperpage(start: u64, span: u64): void {
  const last = start + span - 1;
  if (start < load<u64>(SUPERPAGE_LOW)) store<u64>(SUPERPAGE_LOW, start);
  if (last > load<u64>(SUPERPAGE_TOP)) store<u64>(SUPERPAGE_TOP, last);
}

/** Forgets every translation of data and of code. */
export function flushTlbs(): void {
  let generation = load<u32>(TLB_GENERATION) + 1;
  if (generation == GENERATION_LIMIT) {
    memory.fill(TLB_LOAD, 0, ACCESS_KINDS * TLB_BYTES);
    generation = 1;
  }
  store<u32>(TLB_GENERATION, generation);
  store<u64>(SUPERPAGE_LOW, <u64>-1);
  store<u64>(SUPERPAGE_TOP, 0);
  flushJumpCache();
}

/** Forgets the translation of one address, in all address spaces. */
export function flushTlbPage(va: u64): void {
  if (va >= load<u64>(SUPERPAGE_LOW) && va <= load<u64>(SUPERPAGE_TOP)) {
    flushTlbs();
    return;
  }
  for (let access: u32 = 0; access < ACCESS_KINDS; access++) store<u64>(tlbEntry(va, access), 0);
  store<u64>(JUMP_CACHE + ((<u32>(va >> 12) & (JUMP_CACHE_ENTRIES - 1)) << 4), 0);
}
