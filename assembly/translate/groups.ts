// Groups of accesses: those loads and stores of a block whose addresses differ by constants share one check of bounds and
// alignment, made where the base is first known. All of a block runs or none, so a group fails only if one of its
// accesses would; then the region leaves before the first, and the interpreter finds out which.
// Addresses are followed as origin + distance: the origin is a register as the block found it, the entry's pc, or a
// value that the block made.
import { CAP_STATE, CAP_STORE_WINDOW, DDC_LOAD_WINDOW, DDC_OFFSET_BIAS, DDC_STORE_WINDOW, RECORD_IMM, RECORD_RD, RECORD_RS1, TAG_DELTA } from "../layout";
import { describe } from "../generated/emit";
import { emitDecode, leaveUnlessInWindow, pointTo } from "./capability";
import {
  access, code, constant, constant32, getLocal, I32_ADD, I32_LOAD, I32_LOAD16_U, I32_LOAD8_U, I32_OR, I32_SHR_U, I32_WRAP_I64, I64_ADD, I64_GE_U, I64_LOAD,
  I64_NE, I64_OR, I64_ROTR, setLocal,
} from "./code";
import {
  ALU_ADD_IMMEDIATE, ALU_ADD_PC, ALU_IMMEDIATE, aluOf, CAP_CLEAR, CAP_INCREMENT_IMMEDIATE, KIND_ALU, KIND_AMO, KIND_CALL, KIND_LOAD, KIND_STORE, kindOf, sizeLog2Of, TYPE_C, typeOf, VIA_CAP, WRITES_X,
} from "./describe";
import { clearedBy } from "./crossing";
import { addExit, behind, exitLabel, firstGroupLocal, GROUP_LOCALS, here, isInLoop, leaveIf, pushX } from "./frame";
import { isCoreCall } from "./instructions";
import { EXIT_ACCESS } from "./map";
import { addLinear, pushArchitectural, pushLimit } from "./operands";
import { emitLookUp, isPaged } from "./paged";
import { lengthOf, operationOf, recordInside } from "./region";

const ORIGIN_PC: u32 = 32;
const FIRST_FRESH: u32 = 33;
/** Accesses of a block beyond these stay single. */
const ACCESS_LIMIT: u32 = 512;
/** A group reaches no farther than this: at the end of RAM a wide one would fail for nothing. */
const MOST_SPAN: i64 = 2048;
/** Bytes whose granules two loads of eight tags cover. */
const MOST_STORE_SPAN: i64 = 112;

let groupOf: usize = memory.data(512);
let lows: usize = memory.data(512 * 8);
let origins: usize = memory.data(32 * 4);
let distances: usize = memory.data(32 * 8);

const GROUP_SIZE: usize = 80;
const G_ORIGIN: usize = 0; // u32
const G_COUNT: usize = 68; // u32 accesses
const G_LOW: usize = 8; // i64 first byte, as distance from the origin
const G_END: usize = 16; // i64
const G_STORE_LOW: usize = 24; // i64
const G_STORE_END: usize = 32; // i64
const G_STORE_BYTES: usize = 40; // u32 sum of the stores' sizes, 0 = none
const G_ALIGN: usize = 44; // u32 log2: of the largest such access
const G_LOADS: usize = 48; // u32
const G_CHECKED: usize = 52; // u32
const G_RESIDUE: usize = 56; // i64 distance of the largest access that must be aligned: what must be a multiple of its size
const G_AUTHORITY: usize = 4; // u32: 0 DDC, else a register and how often it had been written in the block
const G_ALIGNED: usize = 72; // u32: there is one
const G_STORES: usize = 64; // u32: through a register, stores have groups of their own
let versions: usize = memory.data(32 * 4);
let groups: usize = memory.data(24 * 80);
let groupCount: u32 = 0;
let accessCount: u32 = 0;
let fresh: u32 = 0;
/** They may set tags, so that no store's granule is tested before its time. */
let hasCapabilityStores: bool = false;

// @ts-ignore: decorator
@inline
function group(index: u32): usize {
  return groups + <usize>index * GROUP_SIZE;
}

// @ts-ignore: decorator
@inline
function originOf(register: u32): u32 {
  return load<u32>(origins + (<usize>register << 2));
}

// @ts-ignore: decorator
@inline
function distanceOf(register: u32): i64 {
  return load<i64>(distances + (<usize>register << 3));
}

// @ts-ignore: decorator
@inline
function versionOf(register: u32): u32 {
  return load<u32>(versions + (<usize>register << 2));
}

function follow(register: u32, origin: u32, distance: i64): void {
  store<u32>(origins + (<usize>register << 2), origin);
  store<i64>(distances + (<usize>register << 3), distance);
}

function followUnknown(register: u32): void {
  store<u32>(versions + (<usize>register << 2), versionOf(register) + 1);
  follow(register, fresh++, 0);
}

/** What the instruction makes of the registers' origins, and of what they authorise. */
function followWrite(record: usize, description: u32, offset: i32): void {
  if (kindOf(description) == KIND_CALL && aluOf(description) == CAP_CLEAR) {
    for (let mask = clearedBy(record); mask != 0; mask &= mask - 1) followUnknown(ctz(mask));
    return;
  }
  if ((description & WRITES_X) == 0 || load<u16>(record, RECORD_RD) >= 0x800) return;
  const register: u32 = load<u16>(record, RECORD_RD) >> 6;
  const immediate = <i64>load<i32>(record, RECORD_IMM);
  const source: u32 = load<u16>(record, RECORD_RS1) >> 6 & 31;
  // By the core it may come out with another window, or none.
  const isInWindow = kindOf(description) == KIND_CALL && aluOf(description) == CAP_INCREMENT_IMMEDIATE && !isCoreCall(record, description);
  if (isInWindow && source == register) {
    follow(register, originOf(register), distanceOf(register) + immediate);
    return;
  }
  store<u32>(versions + (<usize>register << 2), versionOf(register) + 1);
  const class_ = kindOf(description) == KIND_ALU ? aluOf(description) : 0;
  if (class_ == ALU_IMMEDIATE) follow(register, 0, immediate);
  else if (class_ == ALU_ADD_IMMEDIATE) follow(register, originOf(source), distanceOf(source) + immediate);
  else if (class_ == ALU_ADD_PC) follow(register, ORIGIN_PC, offset + immediate);
  else follow(register, fresh++, 0);
}

/** Does another access fit into the group: near enough, and on alignment agreed? */
function admits(g: usize, low: i64, end: i64, sizeLog2: u32, isStore: bool): bool {
  if (load<u32>(g, G_AUTHORITY) != 0 && load<u32>(g, G_STORES) != <u32>isStore) return false;
  if (max(end, load<i64>(g, G_END)) - min(low, load<i64>(g, G_LOW)) > MOST_SPAN) return false;
  if (isStore && load<u32>(g, G_STORE_BYTES) != 0) {
    if (max(end, load<i64>(g, G_STORE_END)) - min(low, load<i64>(g, G_STORE_LOW)) > MOST_STORE_SPAN) return false;
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

function openGroup(origin: u32, authority: u32, low: i64, end: i64): usize {
  const g = group(groupCount++);
  memory.fill(g, 0, GROUP_SIZE);
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

/** Number of the group that takes the access, from 1 on; 0 if none does. */
function join(origin: u32, authority: u32, low: i64, sizeLog2: u32, isStore: bool, isBoth: bool): u32 {
  const end = low + (1 << sizeLog2);
  let g: usize = 0;
  for (let i = groupCount; i > 0 && g == 0; i--) {
    const other = group(i - 1);
    if (load<u32>(other, G_ORIGIN) != origin || load<u32>(other, G_AUTHORITY) != authority) continue;
    if (admits(other, low, end, sizeLog2, isStore)) g = other;
  }
  if (g == 0) {
    if (groupCount == GROUP_LOCALS) return 0;
    g = openGroup(origin, authority, low, end);
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
  fresh = FIRST_FRESH;
  hasCapabilityStores = false;
  for (let r: u32 = 0; r < 32; r++) follow(r, r, 0);
  memory.fill(versions, 0, 32 * 4);
  for (let i: u32 = 0; i < length; i++) {
    const record = recordInside(offset);
    const description = describe(operationOf(record));
    const kind = kindOf(description);
    if (kind == KIND_STORE && typeOf(description) == TYPE_C) hasCapabilityStores = true;
    const isAccess = kind == KIND_LOAD || kind == KIND_STORE || kind == KIND_AMO;
    if (isAccess && accessCount < ACCESS_LIMIT && !isCoreCall(record, description)) {
      const base: u32 = load<u16>(record, RECORD_RS1) >> 6;
      const authority = description & VIA_CAP ? base | versionOf(base) << 8 : 0;
      const low = distanceOf(base) + <i64>load<i32>(record, RECORD_IMM);
      store<i64>(lows + (<usize>accessCount << 3), low);
      store<u8>(groupOf + accessCount, <u8>join(originOf(base), authority, low, sizeLog2Of(description), kind != KIND_LOAD, kind == KIND_AMO));
      accessCount += 1;
    }
    followWrite(record, description, offset);
    offset += lengthOf(record);
  }
  accessCount = 0;
}

// ---- emitting, in the order in which the accesses were found ----

let distanceHere: i64 = 0;

/** The group of the next access, 0 if it stands alone, unless it needs one anyway, or if there is no room. */
export function nextGroup(always: bool): usize {
  if (accessCount == ACCESS_LIMIT) return 0;
  const number: u32 = load<u8>(groupOf + accessCount);
  distanceHere = load<i64>(lows + (<usize>accessCount << 3));
  accessCount += 1;
  return number == 0 || (!always && load<u32>(group(number - 1), G_COUNT) == 1) ? 0 : group(number - 1);
}

/** The distance that the group's local points to: at or before its first byte, aligned as its stores are. */
function anchorOf(g: usize): i64 {
  const low = load<i64>(g, G_LOW);
  return low - ((low - load<i64>(g, G_RESIDUE)) & ((<i64>1 << load<u32>(g, G_ALIGN)) - 1));
}

export function localOfGroup(g: usize): u32 {
  return firstGroupLocal + <u32>((g - groups) / GROUP_SIZE);
}

function pushOrigin(origin: u32): void {
  if (origin == ORIGIN_PC) pushArchitectural(0);
  else pushX(origin << 6);
}

/** Is the window of stores the group's? Of two windows the smaller one counts. */
function isOfStores(g: usize): bool {
  if (load<u32>(g, G_STORE_BYTES) == 0) return false;
  return load<u32>(g, G_LOADS) == 0 || load<u32>(DDC_STORE_WINDOW) <= load<u32>(DDC_LOAD_WINDOW);
}

/** Pushes the tag bytes of `granules` (1, 2, 4 or 8) from `back` bytes before that of the group's byte at `distance`. */
function pushTags(g: usize, distance: i64, granules: u32, back: u32): void {
  getLocal(localOfGroup(g));
  if (distance != 0) {
    constant32(<i32>distance);
    code(I32_ADD);
  }
  constant32(4);
  code(I32_SHR_U);
  access(granules == 1 ? I32_LOAD8_U : granules == 2 ? I32_LOAD16_U : granules == 4 ? I32_LOAD : I64_LOAD, TAG_DELTA - back);
}

/** Pushes 0 if no granule that the stores touch has a tag or decoded code. */
function pushAllTags(g: usize): void {
  const low = load<i64>(g, G_STORE_LOW) - anchorOf(g);
  const last = load<i64>(g, G_STORE_END) - anchorOf(g) - 1;
  const step: i64 = <i64>1 << load<u32>(g, G_ALIGN);
  // The anchor is at any multiple of `step` in its granule.
  const first = low & (step - 1);
  const least = <u32>((first + last - low) >> 4) + 1;
  const most = <u32>((16 - step + first + last - low) >> 4) + 1;
  if (most == 1) {
    pushTags(g, low, 1, 0);
    return;
  }
  const granules: u32 = least >= 8 ? 8 : least >= 4 ? 4 : least >= 2 ? 2 : 1;
  pushTags(g, low, granules, 0);
  pushTags(g, last, granules, granules - 1);
  if (granules < 8) {
    code(I32_OR);
    return;
  }
  code(I64_OR);
  constant(0);
  code(I64_NE);
}

function areStoresDense(g: usize): bool {
  return !hasCapabilityStores && load<u32>(g, G_STORE_BYTES) >= <u32>(load<i64>(g, G_STORE_END) - load<i64>(g, G_STORE_LOW));
}

/**
 * Checks the group, leaving by `exit`, and points its local to its anchor, which is `distance` from the register
 * `operand`, or from the origin if that is `ORIGIN_PC`'s.
 */
function emitCheck(g: usize, origin: u32, distance: i64, exit: i32): void {
  if (load<u32>(g, G_AUTHORITY) != 0) emitCapabilityCheck(g, origin, distance, exit);
  else if (isPaged) emitPagedCheck(g, origin, distance, exit);
  else emitDefaultCheck(g, origin, distance, exit);
  if (load<u32>(g, G_STORE_BYTES) != 0 && areStoresDense(g)) {
    constant32(exit);
    pushAllTags(g);
    leaveIf(exitLabel);
  }
  store<u32>(g, 1, G_CHECKED);
}

function emitCapabilityCheck(g: usize, register: u32, distance: i64, exit: i32): void {
  const isStore = load<u32>(g, G_STORES) != 0;
  if (!isInLoop) emitDecode(register);
  constant32(exit);
  const span = load<i64>(g, G_END) - anchorOf(g);
  leaveUnlessInWindow(register, distance, span, load<u32>(g, G_ALIGN), isStore ? CAP_STORE_WINDOW : CAP_STATE, isStore);
  pointTo(localOfGroup(g), register, distance);
}

function emitPagedCheck(g: usize, origin: u32, distance: i64, exit: i32): void {
  constant32(exit);
  pushOrigin(origin);
  if (distance != 0) {
    constant(distance);
    code(I64_ADD);
  }
  emitLookUp(localOfGroup(g), load<i64>(g, G_END) - anchorOf(g), load<u32>(g, G_ALIGN), load<u32>(g, G_STORE_BYTES) != 0, exit);
}

function emitDefaultCheck(g: usize, origin: u32, distance: i64, exit: i32): void {
  const offset = distance + load<i64>(DDC_OFFSET_BIAS);
  const align = load<u32>(g, G_ALIGN);
  constant32(exit);
  pushOrigin(origin);
  if (offset != 0) {
    constant(offset);
    code(I64_ADD);
  }
  if (align != 0) {
    constant(align);
    code(I64_ROTR);
  }
  pushLimit(isOfStores(g), load<i64>(g, G_END) - anchorOf(g), align);
  code(I64_GE_U);
  leaveIf(exitLabel);
  // Not from the sum above: in 32 bits the addition leaves nothing to extend.
  pushOrigin(origin);
  code(I32_WRAP_I64);
  addLinear(<i32>offset);
  setLocal(localOfGroup(g));
}

/** At the start of a block: checks the groups whose origin is known there. `record` is the block's first. */
export function emitEarlyChecks(record: usize): void {
  for (let i: u32 = 0; i < groupCount; i++) {
    const g = group(i);
    const origin = load<u32>(g, G_ORIGIN);
    if (load<u32>(g, G_COUNT) == 1 || origin >= FIRST_FRESH || load<u32>(g, G_AUTHORITY) >> 8 != 0) continue;
    emitCheck(g, origin, anchorOf(g), addExit(record, here, behind, EXIT_ACCESS));
  }
}

/** Checks the access `record` of group `g`, if the group has not been; returns its offset from the group's pointer. */
export function checkGroup(g: usize, record: usize, isStore: bool): u32 {
  const offset = distanceHere - anchorOf(g);
  if (load<u32>(g, G_CHECKED) == 0) {
    const distance = <i64>load<i32>(record, RECORD_IMM) - offset;
    emitCheck(g, load<u16>(record, RECORD_RS1) >> 6, distance, addExit(record, here, behind, EXIT_ACCESS));
  }
  if (isStore && !areStoresDense(g)) {
    constant32(addExit(record, here, behind, EXIT_ACCESS));
    pushTags(g, offset, 1, 0);
    leaveIf(exitLabel);
  }
  return <u32>offset;
}

/** As checkGroup; pushes the pointer, too. */
export function pushGroupAddress(g: usize, record: usize, isStore: bool): u32 {
  const offset = checkGroup(g, record, isStore);
  getLocal(localOfGroup(g));
  return offset;
}
