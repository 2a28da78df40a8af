// Decoded pages: per physical page and mode a slot with one record per parcel, filled on first execution.
// Code is coherent: the byte of a granule from which records were decoded carries GRANULE_CODE, a store to it (every
// store looks at that byte for its tag anyway) drops those records, and they are decoded again. So fence.i is free.
import {
  BREAKPOINT_COUNT, BREAKPOINTS, CAP_MODE, CONTEXT, JUMP_CACHE, JUMP_CACHE_ENTRIES, PAGE_MAP_POINTER, PAGE_SIZE,
  PRIV, RAM_POINTER, RAM_SIZE, RECORD_IMM, RECORD_OP, RECORD_RAW, RECORD_RD, RECORD_RS1, RECORD_SIZE, SCRATCH_RECORDS, SLOT_COUNT,
  SLOT_MODE, SLOT_NEXT, SLOT_PAGE, SLOT_POINTER, SLOT_STRIDE, TRANSLATE_FETCH, PMP_ACTIVE,
} from "./layout";
import { flushJumpCache } from "./context";
import { checkFetch } from "./cheri/check";
import { markCode } from "./cheri/tags";
import { decodeWord, expandCompressed } from "./generated/decode";
import { countedForm, firstOf, nearForm, OP_ILLEGAL, OP_PAGE_END, OP_STRADDLING, pairForm, shortForm } from "./generated/operations";
import { insidePcc } from "./interpreter";
import { pmpAllows } from "./riscv/pmp";
import { ACCESS_FETCH, translate } from "./riscv/sv39";
import { raise } from "./riscv/trap";
import { dropAllRegions, dropRegionsAt, dropRegionsOf } from "./translate/drop";
import { TRANSLATING } from "./translate/map";

const RAM_BASE: u64 = 0x80000000;
const PAGE_MASK: u64 = PAGE_SIZE - 1;
const RECORDS_PER_PAGE: u32 = PAGE_SIZE / 2;
const NO_ADDRESS: u64 = ~0;
const CAUSE_FETCH_ACCESS: u64 = 1;

/** Forgets all records: RAM or the breakpoints may have changed behind the machine's back. */
export function invalidateCode(): void {
  flushJumpCache();
  if (load<u32>(TRANSLATING) != 0) dropAllRegions();
  const count = load<u32>(SLOT_COUNT);
  for (let index: u32 = 0; index < count; index++) {
    const slot: usize = load<u32>(SLOT_POINTER) + <usize>index * SLOT_STRIDE;
    if (load<u32>(slot, SLOT_PAGE) == 0) break; // slots are taken in order
    memory.fill(slot, 0, SLOT_PAGE);
    endSlot(slot);
  }
}

/** Drops every record that depends on the granule at linear pointer `p`: its own and the one that may reach into it. */
export function dropRecords(p: usize): void {
  const offset = p - load<u32>(RAM_POINTER);
  const map: usize = load<u32>(PAGE_MAP_POINTER) + ((offset >> 12) << 3);
  dropFrom(load<u32>(map), offset & 4080);
  dropFrom(load<u32>(map, 4), offset & 4080);
}

function dropFrom(slot: usize, pageOffset: usize): void {
  if (slot == 0) return;
  if (load<u32>(TRANSLATING) != 0) dropRegionsAt(slot, pageOffset);
  const first = slot + (pageOffset << 3);
  const end = first + 8 * RECORD_SIZE;
  // An instruction of four bytes may reach into the granule. What is paired with that one, or with the granule's first,
  // begins at most six bytes before. Operands stay: a pair may end in the former, and whoever stores over its own code (an
  // atomic, a walk that marks a page table) still reads where its result belongs.
  const parcels: usize = pageOffset == 0 ? 0 : load<u32>(TRANSLATING) != 0 ? 1 : 3;
  for (let record = first - parcels * RECORD_SIZE; record < end; record += RECORD_SIZE) store<u16>(record, 0, RECORD_OP);
}

/** First record for `target` if its page is in the jump cache and inside PCC, else 0. */
// @ts-ignore: decorator
@inline
export function findPage(target: u64): usize {
  if (!insidePcc(target)) return 0;
  const entry: usize = JUMP_CACHE + ((<usize>(target >> 12) & (JUMP_CACHE_ENTRIES - 1)) << 4);
  if (load<u64>(entry) != ((target & ~PAGE_MASK) | load<u32>(CONTEXT))) return 0;
  return load<u32>(entry, 8) + ((<usize>target & 4094) << 3);
}

/** As findPage, of any page that has been decoded, where addresses are physical: code of both modes in one page takes turns in the jump cache. */
export function findDecodedPage(target: u64): usize {
  const found = findPage(target);
  const offset = target - RAM_BASE;
  if (found != 0 || (load<u32>(TRANSLATE_FETCH) | load<u32>(PMP_ACTIVE) | load<u32>(BREAKPOINT_COUNT)) != 0 || offset >= load<u64>(RAM_SIZE)) return found;
  const slot = load<u32>(load<u32>(PAGE_MAP_POINTER) + <usize>(<u32>(offset >> 12) << 3 | load<u32>(CAP_MODE) << 2));
  return slot == 0 ? 0 : enterPage(target);
}

/**
 * Record of `pc`, entering its page into the jump cache. 0: a trap is pending (the fetch faulted at `pc`), or, with
 * nothing pending, the page must be stepped through `stepScratch` (PCC or PMP cover it in part, or a breakpoint).
 */
export function enterPage(pc: u64): usize {
  if (!insidePcc(pc) || hasBreakpoint(pc)) return 0;
  const physical = fetchAddress(pc);
  if (physical == NO_ADDRESS) return 0;
  if (load<u32>(PMP_ACTIVE) != 0 && !pmpAllows(physical & ~PAGE_MASK, PAGE_SIZE, ACCESS_FETCH, load<u32>(PRIV))) return 0;
  const records = slotOf(physical);
  const entry: usize = JUMP_CACHE + ((<usize>(pc >> 12) & (JUMP_CACHE_ENTRIES - 1)) << 4);
  store<u64>(entry, (pc & ~PAGE_MASK) | load<u32>(CONTEXT));
  store<u32>(entry, <u32>records, 8);
  return records + ((<usize>pc & 4094) << 3);
}

function hasBreakpoint(pc: u64): bool {
  const count = load<u32>(BREAKPOINT_COUNT);
  for (let i: u32 = 0; i < count; i++) {
    if (((load<u64>(BREAKPOINTS + (<usize>i << 3)) ^ pc) & ~PAGE_MASK) == 0) return true;
  }
  return false;
}

/** Physical address of a fetch, in RAM, or NO_ADDRESS after raising. */
function fetchAddress(pc: u64): u64 {
  let physical = pc;
  if (load<u32>(TRANSLATE_FETCH) != 0) {
    physical = translate(pc, ACCESS_FETCH, load<u32>(PRIV));
    if (physical == NO_ADDRESS) return NO_ADDRESS;
  }
  if (physical - RAM_BASE < load<u64>(RAM_SIZE)) return physical;
  raise(CAUSE_FETCH_ACCESS, pc);
  return NO_ADDRESS;
}

/** The slot of a page in the current mode. */
function slotOf(physical: u64): usize {
  const page = <u32>((physical - RAM_BASE) >> 12);
  const mode = load<u32>(CAP_MODE);
  const mapEntry: usize = load<u32>(PAGE_MAP_POINTER) + (<usize>page << 3) + (<usize>mode << 2);
  const known = load<u32>(mapEntry);
  if (known != 0) return known;
  const slot = takeSlot();
  store<u32>(mapEntry, <u32>slot);
  store<u32>(slot, page + 1, SLOT_PAGE);
  store<u32>(slot, mode, SLOT_MODE);
  memory.fill(slot, 0, RECORDS_PER_PAGE * RECORD_SIZE);
  endSlot(slot);
  return slot;
}

/** A free slot, or the one taken longest ago. */
function takeSlot(): usize {
  const index = load<u32>(SLOT_NEXT);
  store<u32>(SLOT_NEXT, index + 1 == load<u32>(SLOT_COUNT) ? 0 : index + 1);
  const slot: usize = load<u32>(SLOT_POINTER) + <usize>index * SLOT_STRIDE;
  const owner = load<u32>(slot, SLOT_PAGE);
  if (owner != 0) {
    store<u32>(load<u32>(PAGE_MAP_POINTER) + (<usize>(owner - 1) << 3) + (<usize>load<u32>(slot, SLOT_MODE) << 2), 0);
    if (load<u32>(TRANSLATING) != 0) dropRegionsOf(slot);
    flushJumpCache();
  }
  return slot;
}

/** Running off the page's end, aligned or in the middle of four bytes, meets these. */
function endSlot(slot: usize): void {
  const end = slot + RECORDS_PER_PAGE * RECORD_SIZE;
  store<u16>(end, OP_PAGE_END);
  store<u16>(end + RECORD_SIZE, OP_PAGE_END);
}

/** The slot that holds a record. */
export function slotContaining(record: usize): usize {
  const first: usize = load<u32>(SLOT_POINTER);
  return first + (record - first) / SLOT_STRIDE * SLOT_STRIDE;
}

/** Fills the record that execute() met for the first time. */
export function decodeRecord(record: usize): void {
  const slot = slotContaining(record);
  const index = <u32>(record - slot) >> 4;
  const capabilityMode = load<u32>(slot, SLOT_MODE) != 0;
  const p: usize = load<u32>(RAM_POINTER) + (<usize>(load<u32>(slot, SLOT_PAGE) - 1) << 12) + (<usize>index << 1);
  markCode(p);
  if ((load<u16>(p) & 3) != 3) {
    decodeFor(record, load<u16>(p), capabilityMode);
  } else if (index == RECORDS_PER_PAGE - 1) {
    store<u16>(record, OP_STRADDLING, RECORD_OP);
    return;
  } else {
    markCode(p + 2);
    decodeFor(record, load<u32>(p), capabilityMode);
  }
  bringNear(record, index);
  // Translations take records one by one; and so large a dispatch with pairs would cost V8 more than they save.
  if (load<u32>(TRANSLATING) == 0) pairUp(record, slot);
}

/** Joins the record with the one after it and those before it to pairs of one dispatch, where there are such. */
function pairUp(record: usize, first: usize): void {
  join(record, record + (isLong(record) ? 2 * RECORD_SIZE : RECORD_SIZE));
  const short = record - RECORD_SIZE;
  if (short >= first && !isLong(short)) join(short, record);
  const long = short - RECORD_SIZE;
  if (long >= first && isLong(long)) join(long, record);
}

function join(first: usize, second: usize): void {
  const chained = load<u16>(first, RECORD_RD) == load<u16>(second, RECORD_RS1);
  store<u16>(first, <u16>pairForm(load<u16>(first), firstOf(load<u16>(second)), chained));
}

// @ts-ignore: decorator
@inline
function isLong(record: usize): bool {
  return (load<u32>(record, RECORD_RAW) & 3) == 3;
}

/** Decodes one instruction of either length without knowledge of its page. */
export function decodeInto(record: usize, raw: u32): void {
  decodeFor(record, raw, load<u32>(CAP_MODE) != 0);
}

function decodeFor(record: usize, raw: u32, capabilityMode: bool): void {
  store<u32>(record, raw, RECORD_RAW);
  if ((raw & 3) == 3) {
    decodeWord(record, raw, capabilityMode);
    return;
  }
  const word = expandCompressed(raw, capabilityMode);
  if (word == 0) {
    store<u16>(record, OP_ILLEGAL, RECORD_OP);
    return;
  }
  decodeWord(record, word, capabilityMode);
  store<u16>(record, <u16>shortForm(load<u16>(record, RECORD_OP)), RECORD_OP);
}

/** A direct jump whose target lies in the same page becomes a move of the record pointer. */
function bringNear(record: usize, index: u32): void {
  const operation: u32 = load<u16>(record, RECORD_OP);
  const near = nearForm(operation);
  if (near == operation) return;
  const distance = load<i32>(record, RECORD_IMM);
  const target = <i32>(index << 1) + distance;
  if (target < 0 || target >= PAGE_SIZE) return;
  if (load<u32>(TRANSLATING) != 0) {
    // Loops count their turns in the field that a branch has no use for; calls are counted where far jumps are.
    const counted = countedForm(near);
    if (counted == near) return;
    store<u16>(record, <u16>(distance < 0 ? counted : near), RECORD_OP);
    store<u16>(record, 0, RECORD_RD);
  } else {
    store<u16>(record, <u16>near, RECORD_OP);
  }
  store<i32>(record, distance << 3, RECORD_IMM);
}

/**
 * Record of the instruction at `pc`, whose four bytes lie in two pages, in the scratch area. 0: a trap is pending, or,
 * with nothing pending, the instruction must be stepped.
 */
export function prepareStraddling(pc: u64): usize {
  if (!insidePcc(pc + 2) || hasBreakpoint(pc + 2) || load<u32>(PMP_ACTIVE) != 0) return 0;
  return decodeScratch(pc);
}

/** The instruction at `pc`, fully checked parcel by parcel, in the scratch area; 0 after raising at `pc`. */
export function prepareChecked(pc: u64): usize {
  if (!checkFetch(pc)) return 0;
  return decodeScratch(pc);
}

function decodeScratch(pc: u64): usize {
  const low = fetchParcel(pc);
  if (low < 0) return 0;
  let raw = <u32>low;
  if ((raw & 3) == 3) {
    if (!checkFetch(pc + 2)) return 0;
    const high = fetchParcel(pc + 2);
    if (high < 0) return 0;
    raw |= <u32>high << 16;
  }
  decodeInto(SCRATCH_RECORDS, raw);
  store<u16>(SCRATCH_RECORDS + RECORD_SIZE, OP_PAGE_END);
  store<u16>(SCRATCH_RECORDS + 2 * RECORD_SIZE, OP_PAGE_END);
  return SCRATCH_RECORDS;
}

/** Two bytes of code, -1 after raising. */
function fetchParcel(pc: u64): i32 {
  const physical = fetchAddress(pc);
  if (physical == NO_ADDRESS) return -1;
  if (load<u32>(PMP_ACTIVE) != 0 && !pmpAllows(physical, 2, ACCESS_FETCH, load<u32>(PRIV))) {
    raise(CAUSE_FETCH_ACCESS, pc);
    return -1;
  }
  return load<u16>(load<u32>(RAM_POINTER) + <usize>(physical - RAM_BASE));
}
