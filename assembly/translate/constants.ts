// Long constants that a function uses several times are locals, set once where it begins: two bytes at each use instead of up
// to eleven. Optimised code is the same. The first time that a function is written (module.ts) they are counted.
import { code, emitConstant, getLocal, setLocal, signedLength, TYPE_F64, TYPE_I32, TYPE_I64, unsigned } from "./code";

const ENTRIES: u32 = 512;
const ENTRY_SIZE: usize = 16;
const ENTRY_BITS: usize = 0; // u64
const ENTRY_TYPE: usize = 8; // u8: 0 free
const ENTRY_LOCAL: usize = 9; // u8: 0 none
const ENTRY_COUNT: usize = 10; // u16
/** Entries looked at from the place that the hash gives. */
const PROBES: u32 = 8;
const MOST_LOCALS: u32 = 20;
/** Bytes saved, at least. */
const WORTH: i32 = 4;

let entries: usize = memory.data(512 * 16);
let isCounting: bool = false;
let chosen: u32 = 0;

// @ts-ignore: decorator
@inline
function entryAt(index: u32): usize {
  return entries + <usize>(index & (ENTRIES - 1)) * ENTRY_SIZE;
}

function find(type: u32, bits: u64): usize {
  const hash = <u32>((bits ^ type) * 0x9e3779b97f4a7c15 >> 55);
  for (let i: u32 = 0; i < PROBES; i++) {
    const entry = entryAt(hash + i);
    if (load<u8>(entry, ENTRY_TYPE) == <u8>type && load<u64>(entry, ENTRY_BITS) == bits) return entry;
    if (load<u8>(entry, ENTRY_TYPE) != 0) continue;
    if (!isCounting) return 0;
    store<u8>(entry, <u8>type, ENTRY_TYPE);
    store<u64>(entry, bits, ENTRY_BITS);
    return entry;
  }
  return 0;
}

/** The function is written for the first time. */
export function countConstants(): void {
  memory.fill(entries, 0, <usize>ENTRIES * ENTRY_SIZE);
  isCounting = true;
  chosen = 0;
}

/** Pushes the constant from its local; false if it has none. */
export function pushPooled(type: u32, bits: u64): bool {
  const entry = find(type, bits);
  if (entry == 0) return false;
  if (isCounting) store<u16>(entry, load<u16>(entry, ENTRY_COUNT) + 1, ENTRY_COUNT);
  const local: u32 = load<u8>(entry, ENTRY_LOCAL);
  if (local == 0) return false;
  getLocal(local);
  return true;
}

/** Bytes that a local saves. A double of 0 needs no setting. */
function savings(entry: usize): i32 {
  const type: u32 = load<u8>(entry, ENTRY_TYPE);
  const bits = load<u64>(entry, ENTRY_BITS);
  const length: i32 = type == TYPE_F64 ? 9 : 1 + signedLength(bits);
  return <i32>load<u16>(entry, ENTRY_COUNT) * (length - 2) - (bits == 0 ? 0 : length + 2);
}

function best(): usize {
  let found: usize = 0;
  let most = WORTH - 1;
  for (let i: u32 = 0; i < ENTRIES; i++) {
    const entry = entryAt(i);
    if (load<u8>(entry, ENTRY_TYPE) == 0 || load<u8>(entry, ENTRY_LOCAL) != 0 || savings(entry) <= most) continue;
    most = savings(entry);
    found = entry;
  }
  return found;
}

/** The function has been written once: chooses what becomes a local. Numbers are given by `declareConstants`. */
export function chooseConstants(): void {
  isCounting = false;
  for (let entry = best(); entry != 0 && chosen < MOST_LOCALS; entry = best()) {
    store<u8>(entry, 255, ENTRY_LOCAL);
    chosen += 1;
  }
}

function countOf(type: u32): u32 {
  let count: u32 = 0;
  for (let i: u32 = 0; i < ENTRIES; i++) {
    if (load<u8>(entryAt(i), ENTRY_LOCAL) != 0 && load<u8>(entryAt(i), ENTRY_TYPE) == <u8>type) count += 1;
  }
  return count;
}

/** Declarations that `declareConstants` writes. */
export function constantTypes(): u32 {
  return <u32>(countOf(TYPE_I64) != 0) + <u32>(countOf(TYPE_I32) != 0) + <u32>(countOf(TYPE_F64) != 0);
}

function declareType(type: u32, first: u32): u32 {
  let next = first;
  for (let i: u32 = 0; i < ENTRIES; i++) {
    const entry = entryAt(i);
    if (load<u8>(entry, ENTRY_LOCAL) == 0 || load<u8>(entry, ENTRY_TYPE) != <u8>type) continue;
    store<u8>(entry, <u8>next, ENTRY_LOCAL);
    next += 1;
  }
  if (next == first) return first;
  unsigned(next - first);
  code(type);
  return next;
}

/** Declares the locals, from number `first` on. */
export function declareConstants(first: u32): void {
  declareType(TYPE_F64, declareType(TYPE_I32, declareType(TYPE_I64, first)));
}

/** At the function's begin. */
export function setConstants(): void {
  for (let i: u32 = 0; i < ENTRIES; i++) {
    const entry = entryAt(i);
    const local: u32 = load<u8>(entry, ENTRY_LOCAL);
    if (local == 0 || load<u64>(entry, ENTRY_BITS) == 0) continue;
    emitConstant(load<u8>(entry, ENTRY_TYPE), load<u64>(entry, ENTRY_BITS));
    setLocal(local);
  }
}
