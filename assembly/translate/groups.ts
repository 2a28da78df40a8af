// Groups of accesses: those loads and stores of a block whose addresses differ by constants (origins.ts) share one check of
// bounds and alignment, made where the base is first known (group-checks.ts). All of a block runs or none, so a group fails
// only if one of its accesses would; then the region leaves before the first, and the interpreter finds out which.
import { describe } from "../generated/emit";
import { beginCopies, endCopies, followCopies, isCopying, isCopyOf } from "./copies";
import { RECORD_IMM, RECORD_RS1 } from "../layout";
import { KIND_AMO, KIND_LOAD, KIND_STORE, kindOf, sizeLog2Of, TYPE_C, typeOf, VIA_CAP } from "./describe";
import { firstGroupLocal, GROUP_LOCALS } from "./frame";
import { isCoreCall } from "./instructions";
import { distanceOf, followWrite, forgetOrigins, originOf, versionOf } from "./origins";
import { isPaged } from "./paged";
import { recordInside } from "./pages";
import { lengthOf, operationOf } from "./records";

/** Accesses of a block beyond these stay single. */
export const MOST_ACCESSES: u32 = 512;
/** A group reaches no farther than this: at the end of RAM a wide one would fail for nothing. */
const MOST_SPAN: i64 = 2048;
/** With a group's span it is less than LEAST_FLOATING. */
const MOST_FOLDED: i64 = 1024;
/** Bytes whose granules' bytes two loads of eight cover. */
export const MOST_TAGGED_SPAN: i64 = 128;

let groupOf: usize = memory.data(512);
let lows: usize = memory.data(512 * 8);

const GROUP_SIZE: usize = 104;
export const G_ORIGIN: usize = 0; // u32
export const G_COUNT: usize = 68; // u32 accesses
const G_LOW: usize = 8; // i64 first byte, as distance from the origin
export const G_END: usize = 16; // i64
export const G_STORE_LOW: usize = 24; // i64
export const G_STORE_END: usize = 32; // i64
export const G_STORE_BYTES: usize = 40; // u32 sum of the stores' sizes, 0 = none
export const G_ALIGN: usize = 44; // u32 log2: of the largest such access
export const G_LOADS: usize = 48; // u32
export const G_CHECKED: usize = 52; // u32
const G_RESIDUE: usize = 56; // i64 distance of the largest access that must be aligned: what must be a multiple of its size
export const G_AUTHORITY: usize = 4; // u32: 0 DDC, else a register and how often it had been written in the block
const G_ALIGNED: usize = 72; // u32: there is one
export const G_STORES: usize = 64; // u32: through a register, stores have groups of their own
export const G_RECORD: usize = 76; // u32: of the first access
export const G_COPIES: usize = 80; // u32: record of the first load that is a copy's (copies.ts), 0 = none
export const G_COPY_LOW: usize = 88; // i64
export const G_COPY_END: usize = 96; // i64
let groups: usize = memory.data(24 * 104);
export let groupCount: u32 = 0;
let accessCount: u32 = 0;
/** Such as may set tags, so that no store's granule is tested before its time. */
export let hasCapabilityStores: bool = false;

// @ts-ignore: decorator
@inline
export function group(index: u32): usize {
  return groups + <usize>index * GROUP_SIZE;
}

/** Does another access fit into the group: near enough, and on alignment agreed? */
function admits(g: usize, low: i64, end: i64, sizeLog2: u32, isStore: bool): bool {
  if (load<u32>(g, G_AUTHORITY) != 0 && load<u32>(g, G_STORES) != <u32>isStore) return false;
  if (max(end, load<i64>(g, G_END)) - min(low, load<i64>(g, G_LOW)) > MOST_SPAN) return false;
  if (isStore && load<u32>(g, G_STORE_BYTES) != 0) {
    if (max(end, load<i64>(g, G_STORE_END)) - min(low, load<i64>(g, G_STORE_LOW)) > MOST_TAGGED_SPAN) return false;
  }
  if (!isAligned(sizeLog2, isStore) || load<u32>(g, G_ALIGNED) == 0) return true;
  const common = min(sizeLog2, load<u32>(g, G_ALIGN));
  return ((low - load<i64>(g, G_RESIDUE)) & ((<i64>1 << common) - 1)) == 0;
}

/** Stores must not straddle granules; capabilities are always aligned. */
// @ts-ignore: decorator
@inline
function isAligned(sizeLog2: u32, isStore: bool): bool {
  return isStore || sizeLog2 == 4;
}

function noteAligned(g: usize, low: i64, sizeLog2: u32): void {
  if (load<u32>(g, G_ALIGNED) != 0 && sizeLog2 <= load<u32>(g, G_ALIGN)) return;
  store<u32>(g, 1, G_ALIGNED);
  store<u32>(g, sizeLog2, G_ALIGN);
  store<i64>(g, low, G_RESIDUE);
}

function openGroup(record: usize, origin: u32, authority: u32, low: i64, end: i64): usize {
  const g = group(groupCount++);
  memory.fill(g, 0, GROUP_SIZE);
  store<u32>(g, <u32>record, G_RECORD);
  store<u32>(g, origin, G_ORIGIN);
  store<u32>(g, authority, G_AUTHORITY);
  store<i64>(g, low, G_LOW);
  store<i64>(g, end, G_END);
  return g;
}

function noteStore(g: usize, low: i64, end: i64, sizeLog2: u32): void {
  const bytes = load<u32>(g, G_STORE_BYTES);
  if (bytes == 0 || low < load<i64>(g, G_STORE_LOW)) store<i64>(g, low, G_STORE_LOW);
  if (bytes == 0 || end > load<i64>(g, G_STORE_END)) store<i64>(g, end, G_STORE_END);
  store<u32>(g, bytes + (1 << sizeLog2), G_STORE_BYTES);
}

/** Number of the group that takes the access in `record`, from 1 on; 0 if none does. */
function join(record: usize, origin: u32, authority: u32, low: i64, sizeLog2: u32, isStore: bool, isBoth: bool): u32 {
  const end = low + (1 << sizeLog2);
  let g: usize = 0;
  for (let i = groupCount; i > 0 && g == 0; i--) {
    const other = group(i - 1);
    if (load<u32>(other, G_ORIGIN) != origin || load<u32>(other, G_AUTHORITY) != authority) continue;
    if (admits(other, low, end, sizeLog2, isStore)) g = other;
  }
  if (g == 0) {
    if (groupCount == GROUP_LOCALS) return 0;
    g = openGroup(record, origin, authority, low, end);
  }
  store<u32>(g, load<u32>(g, G_COUNT) + 1, G_COUNT);
  store<i64>(g, min(low, load<i64>(g, G_LOW)), G_LOW);
  store<i64>(g, max(end, load<i64>(g, G_END)), G_END);
  if (isAligned(sizeLog2, isStore)) noteAligned(g, low, sizeLog2);
  store<u32>(g, <u32>isStore, G_STORES);
  if (!isStore || isBoth) store<u32>(g, 1, G_LOADS);
  if (isStore) noteStore(g, low, end, sizeLog2);
  return <u32>((g - groups) / GROUP_SIZE) + 1;
}

/** Finds the groups of the `length` instructions from `offset` on. */
export function findGroups(offset: i32, length: u32): void {
  groupCount = 0;
  accessCount = 0;
  hasCapabilityStores = false;
  beginCopies();
  forgetOrigins();
  for (let i: u32 = 0; i < length; i++) {
    const record = recordInside(offset);
    const description = describe(operationOf(record));
    const kind = kindOf(description);
    if (kind == KIND_STORE && typeOf(description) == TYPE_C) hasCapabilityStores = true;
    let number = -1;
    const isAccess = kind == KIND_LOAD || kind == KIND_STORE || kind == KIND_AMO;
    if (isAccess && accessCount < MOST_ACCESSES && !isCoreCall(record, description)) {
      number = accessCount;
      const base: u32 = load<u16>(record, RECORD_RS1) >> 6;
      const authority = description & VIA_CAP ? base | versionOf(base) << 8 : 0;
      const low = distanceOf(base) + <i64>load<i32>(record, RECORD_IMM);
      store<i64>(lows + (<usize>accessCount << 3), low);
      store<u8>(groupOf + accessCount, <u8>join(record, originOf(base), authority, low, sizeLog2Of(description), kind != KIND_LOAD, kind == KIND_AMO));
      accessCount += 1;
    }
    followCopies(record, description, number);
    followWrite(record, description, offset);
    offset += lengthOf(record);
  }
  endCopies();
  if (isCopying) hasCapabilityStores = false;
  accessCount = 0;
}

/** The group of access `number`, 0 if it has none. */
export function groupOfAccess(number: u32): usize {
  const index: u32 = load<u8>(groupOf + number);
  return index == 0 ? 0 : group(index - 1);
}

/** Distance of access `number` from its origin. */
export function lowOfAccess(number: u32): i64 {
  return load<i64>(lows + (<usize>number << 3));
}

/** Is the access that nextGroup came to last a load for a copy? */
export function isCopyHere(): bool {
  return isCopyOf(accessCount - 1);
}

/** Distance of the access that nextGroup came to last: accesses are emitted in the order in which they were found. */
export let distanceHere: i64 = 0;

/** The group of the next access, 0 if it stands alone, unless it needs one anyway, or if there is no room. */
export function nextGroup(always: bool): usize {
  if (accessCount == MOST_ACCESSES) return 0;
  const number: u32 = load<u8>(groupOf + accessCount);
  distanceHere = load<i64>(lows + (<usize>accessCount << 3));
  accessCount += 1;
  return number == 0 || (!always && load<u32>(group(number - 1), G_COUNT) == 1) ? 0 : group(number - 1);
}

/**
 * The distance that the group's local points to: the origin's if the group begins not far behind it, for then checks and
 * pointers of many groups use the same constants; else at or before the group's first byte, aligned as its stores are.
 */
export function anchorOf(g: usize): i64 {
  const low = load<i64>(g, G_LOW);
  const mask = (<i64>1 << load<u32>(g, G_ALIGN)) - 1;
  const isSimple = load<u32>(g, G_AUTHORITY) == 0 && !isPaged;
  if (isSimple && isFolded(low) && (load<i64>(g, G_RESIDUE) & mask) == 0) return 0;
  return low - ((low - load<i64>(g, G_RESIDUE)) & mask);
}

/** Is an access so far from its base that is checked as if it began there? */
export function isFolded(distance: i64): bool {
  return distance >= 0 && distance <= MOST_FOLDED;
}

export function localOfGroup(g: usize): u32 {
  return firstGroupLocal + <u32>((g - groups) / GROUP_SIZE);
}
