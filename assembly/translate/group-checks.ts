// Emits the checks of groups (groups.ts): window or page, alignment, and the tag bytes of what is stored to.
import { CAP_STATE, CAP_STORE_WINDOW, DDC_LOAD_WINDOW, DDC_OFFSET_BIAS, DDC_STORE_WINDOW, RECORD_IMM, RECORD_RS1, TAG_DELTA } from "../layout";
import { leaveUnlessInWindow, pointTo } from "./capability";
import {
  access, code, constant, constant32, getLocal, I32_ADD, I32_LOAD, I32_LOAD16_U, I32_LOAD8_U, I32_OR, I32_SHR_U, I32_WRAP_I64, I64_ADD,
  I64_GE_U, I64_LOAD, I64_NE, I64_OR, I64_ROTR, setLocal,
} from "./code";
import { AWKWARD_COPY, isCopying } from "./copies";
import { emitDecode } from "./decoding";
import { addExit, leaveIf, leaveKeepingIf } from "./exits";
import { behind, here, isInLoop, pushX } from "./frame";
import {
  anchorOf, distanceHere, G_ALIGN, G_AUTHORITY, G_CHECKED, G_COPIES, G_COPY_END, G_COPY_LOW, G_COUNT, G_END, G_LOADS, G_ORIGIN, G_RECORD, G_STORE_BYTES, G_STORE_END, G_STORE_LOW, G_STORES,
  group, groupCount, hasCapabilityStores, localOfGroup,
} from "./groups";
import { EXIT_ACCESS } from "./map";
import { addLinear, pushArchitectural, pushLimit } from "./operands";
import { FIRST_FRESH, ORIGIN_PC } from "./origins";
import { emitLookUp, isPaged } from "./paged";

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

/** Pushes 0 if no granule from the group's byte `low` to before `end`, distances from the origin, has a tag or decoded code. */
function pushAllTags(g: usize, low: i64, end: i64): void {
  low -= anchorOf(g);
  const last = end - anchorOf(g) - 1;
  const step: i64 = <i64>1 << load<u32>(g, G_ALIGN);
  // The anchor is at any multiple of `step` in its granule.
  const first = low & (step - 1);
  const least = <u32>((first + last - low) >> 4) + 1;
  const most = <u32>((16 - step + first + last - low) >> 4) + 1;
  const granules: u32 = least >= 8 ? 8 : least >= 4 ? 4 : least >= 2 ? 2 : 1;
  pushTags(g, low, granules, 0);
  if (most > granules) {
    pushTags(g, last, granules, granules - 1);
    code(granules < 8 ? I32_OR : I64_OR);
  }
  if (granules < 8) return;
  constant(0);
  code(I64_NE);
}

function areStoresDense(g: usize): bool {
  return !hasCapabilityStores && load<u32>(g, G_STORE_BYTES) >= <u32>(load<i64>(g, G_STORE_END) - load<i64>(g, G_STORE_LOW));
}

/** Is the test of the stores' granules part of the group's check? */
function testsTags(g: usize): bool {
  return load<u32>(g, G_STORE_BYTES) != 0 && areStoresDense(g);
}

/** Does the check's exit stay on the stack for that test? */
function keepsExit(g: usize): bool {
  return testsTags(g) && !isCopying && !isPaged && load<u32>(g, G_AUTHORITY) == 0;
}

/**
 * Checks the group, leaving by `exit`, and points its local to its anchor, which is `distance` from the register
 * `operand`, or from the origin if that is `ORIGIN_PC`'s.
 */
function emitCheck(g: usize, origin: u32, distance: i64, exit: i32): void {
  if (load<u32>(g, G_AUTHORITY) != 0) emitCapabilityCheck(g, origin, distance, exit);
  else if (isPaged) emitPagedCheck(g, origin, distance, exit);
  else emitDefaultCheck(g, origin, distance, exit);
  if (testsTags(g)) {
    const tagExit = isCopying ? addTagExit(load<u32>(g, G_RECORD)) : exit;
    if (!keepsExit(g)) constant32(tagExit);
    leaveIfTagged(g, load<i64>(g, G_STORE_LOW), load<i64>(g, G_STORE_END), tagExit);
  }
  if (isCopying && load<u32>(g, G_COPIES) != 0) {
    const tagExit = addTagExit(load<u32>(g, G_COPIES));
    constant32(tagExit);
    leaveIfTagged(g, load<i64>(g, G_COPY_LOW), load<i64>(g, G_COPY_END), tagExit);
  }
  store<u32>(g, 1, G_CHECKED);
}

/** With the exit's number on the stack. */
function leaveIfTagged(g: usize, low: i64, end: i64, exit: i32): void {
  pushAllTags(g, low, end);
  leaveIf(exit);
}

/** For a block that takes the store in `record` for that of a copy. */
function addTagExit(record: usize): i32 {
  return addExit(record | AWKWARD_COPY, here, behind, EXIT_ACCESS);
}

function emitCapabilityCheck(g: usize, register: u32, distance: i64, exit: i32): void {
  const isStore = load<u32>(g, G_STORES) != 0;
  if (!isInLoop) emitDecode(register);
  const span = load<i64>(g, G_END) - anchorOf(g);
  leaveUnlessInWindow(register, distance, span, load<u32>(g, G_ALIGN), isStore ? CAP_STORE_WINDOW : CAP_STATE, isStore, exit);
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
  if (keepsExit(g)) leaveKeepingIf(exit);
  else leaveIf(exit);
  // Not from the sum above: in 32 bits the addition leaves nothing to extend.
  pushOrigin(origin);
  code(I32_WRAP_I64);
  addLinear(<i32>offset);
  setLocal(localOfGroup(g));
}

/** At the start of a block: checks the groups whose origin is known there. */
export function emitEarlyChecks(): void {
  for (let i: u32 = 0; i < groupCount; i++) {
    const g = group(i);
    const origin = load<u32>(g, G_ORIGIN);
    if (load<u32>(g, G_COUNT) == 1 || origin >= FIRST_FRESH || load<u32>(g, G_AUTHORITY) >> 8 != 0) continue;
    emitCheck(g, origin, anchorOf(g), addExit(load<u32>(g, G_RECORD), here, behind, EXIT_ACCESS));
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
    const exit = isCopying ? addTagExit(record) : addExit(record, here, behind, EXIT_ACCESS);
    constant32(exit);
    pushTags(g, offset, 1, 0);
    leaveIf(exit);
  }
  return <u32>offset;
}

/** As checkGroup; pushes the pointer, too. */
export function pushGroupAddress(g: usize, record: usize, isStore: bool): u32 {
  const offset = checkGroup(g, record, isStore);
  getLocal(localOfGroup(g));
  return offset;
}
