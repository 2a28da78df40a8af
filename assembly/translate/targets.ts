// Targets of jumps to registers: what regions have jumped to, so that a region with such jumps is translated anew with its
// targets inside (switch statements, bytecode interpreters). A list of records; it only grows until everything is dropped.
import { SLOT_PAGE } from "../layout";
import { slotContaining } from "../decode-cache";
import { META_COUNT, META_RECORD, META_TARGETS, WORK_POINTER, WORK_TARGETS } from "./map";

const MOST_TARGETS: u32 = 512;
/** Farther away it is another function's. */
const REACH: i32 = 0x2000;
/** Jumps of a region between looks at its targets; emitted code counts them. */
export const JUMP_TURNS: u32 = 4096;

let count: u32 = 0;
/** The region to be translated anew, 0 = none. */
export let regionToExtend: usize = 0;

export function forgetTargets(): void {
  count = 0;
  regionToExtend = 0;
}

/** Once it has returned to the interpreter. */
export function extendLater(meta: usize): void {
  regionToExtend = meta;
}

export function extensionDone(): void {
  regionToExtend = 0;
}

// @ts-ignore: decorator
@inline
function targetAt(index: u32): usize {
  return load<u32>(<usize>load<u32>(WORK_POINTER) + WORK_TARGETS + (<usize>index << 2));
}

/** Has a region jumped to the code at `record`, by register? */
export function isTarget(record: usize): bool {
  for (let i: u32 = 0; i < count; i++) {
    if (targetAt(i) == record) return true;
  }
  return false;
}

function noteTarget(record: usize): void {
  if (isTarget(record)) return;
  if (count == MOST_TARGETS) return;
  store<u32>(<usize>load<u32>(WORK_POINTER) + WORK_TARGETS + (<usize>count << 2), <u32>record);
  count += 1;
}

const NOWHERE: i32 = 0x7fffffff;

/** Bytes from the code at `from` to that at `to`, NOWHERE if that is out of reach. */
function distance(from: usize, to: usize): i32 {
  const fromSlot = slotContaining(from);
  const toSlot = slotContaining(to);
  const pages = <i32>(load<u32>(toSlot, SLOT_PAGE) - load<u32>(fromSlot, SLOT_PAGE));
  if (pages > 3 || pages < -3) return NOWHERE;
  const bytes = (pages << 12) + (<i32>(to - toSlot) >> 3) - (<i32>(from - fromSlot) >> 3);
  return bytes < REACH && bytes > -REACH ? bytes : NOWHERE;
}

/** Number of known targets; `targetOffset` says where they are. */
export function targetCount(): u32 {
  return count;
}

/** Offset of target `index` from the region's entry at `record`; false if it is out of reach. */
export function isInReach(record: usize, index: u32): bool {
  return distance(record, targetAt(index)) != NOWHERE;
}
export function targetOffset(record: usize, index: u32): i32 {
  return distance(record, targetAt(index));
}

export function targetsInReach(record: usize): u32 {
  let found: u32 = 0;
  for (let i: u32 = 0; i < count; i++) found += <u32>isInReach(record, i);
  return found;
}

/** The region jumps to the code at `record`. True if it should leave, to be translated with more targets inside. */
export function noteJump(meta: usize, record: usize): bool {
  noteTarget(record);
  if ((load<u32>(meta, META_COUNT) & (JUMP_TURNS - 1)) != 0) return false;
  if (targetsInReach(load<u32>(meta, META_RECORD)) <= load<u32>(meta, META_TARGETS)) return false;
  extendLater(meta);
  return true;
}
