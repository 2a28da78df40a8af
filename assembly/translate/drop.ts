// Ends of regions: a store to code they were made from, a decoded page that is reused, a full workspace.
// A region that runs while it is dropped leaves right after the store: CONFIGURATION_STALE tells it.
import { RECORD_OP, SLOT_HAS_REGIONS } from "../layout";
import { forgetCrossings } from "../context";
import { OP_COUNT } from "../generated/operations";
import { forgetAwkward } from "./awkward";
import { discardBatch } from "./batch";
import { forgetTargets } from "./targets";
import { clearMetas, metaAt, metaCount } from "./links";
import {
  CODE_EPOCH, CONFIGURATION_COUNT, CONFIGURATION_SIZE, CONFIGURATION_STALE, CONFIGURATIONS, HOT_PC, HOT_TABLE, HOT_TABLE_ENTRIES, JUMP_MAP, JUMP_MAP_ENTRIES, META_COUNT,
  COUNT_DROPPED, COUNT_FLUSHES, META_LIVE, META_PAGE_COUNT, META_PAGES, META_RECORD, META_SLOT, META_STATE, META_STUB, META_VALID, PAGE_GRANULES, PAGE_SLOT, PAGE_USE_SIZE,
  WORK_ARENA, WORK_POINTER,
} from "./map";

/** Free space for what regions keep beside their code. */
export let arena: usize = 0;

export function takeArena(bytes: usize): usize {
  const p = arena;
  arena += (bytes + 7) & ~7;
  return p;
}

/** Bytes of Wasm since everything was dropped. */
export let codeBytes: u32 = 0;

export function noteCode(bytes: u32): void {
  codeBytes += bytes;
}

/** Takes a region's mark off the record of its entry, if it is still there. */
export function unmark(index: u32): void {
  const record: usize = load<u32>(metaAt(index), META_RECORD);
  if (load<u16>(record, RECORD_OP) == <u16>(OP_COUNT + index)) store<u16>(record, 0, RECORD_OP);
}

/** Calls to the region find the stub again. */
export function dropRegion(index: u32): void {
  const meta = metaAt(index);
  unmark(index);
  store<u32>(COUNT_DROPPED, load<u32>(COUNT_DROPPED) + 1);
  store<u32>(meta, META_STUB, META_STATE);
  store<u32>(meta, 0, META_SLOT);
  store<u32>(meta, 0, META_VALID);
  store<u32>(meta, 0, META_COUNT);
  store<u32>(CONFIGURATION_STALE, 1);
}

/** A region being made uses the decoded page in `slot`. */
export function notePage(page: usize, slot: usize): void {
  store<u32>(page, <u32>slot, PAGE_SLOT);
  store<u32>(slot, 1, SLOT_HAS_REGIONS);
}

/** Does the region use the granule at `pageOffset` of the page in `slot`, or, if that is negative, any of it? */
function uses(meta: usize, slot: usize, pageOffset: i32): bool {
  const count = load<u32>(meta, META_PAGE_COUNT);
  for (let i: u32 = 0; i < count; i++) {
    const page: usize = load<u32>(meta, META_PAGES) + i * PAGE_USE_SIZE;
    if (load<u32>(page, PAGE_SLOT) != <u32>slot) continue;
    if (pageOffset < 0) return true;
    const granule = <u32>pageOffset >> 4;
    return (load<u8>(page + (granule >> 3), PAGE_GRANULES) >> (granule & 7) & 1) != 0;
  }
  return false;
}

function dropUsers(slot: usize, pageOffset: i32): void {
  if (load<u32>(slot, SLOT_HAS_REGIONS) == 0) return;
  let left = 0;
  for (let i: u32 = 1; i < metaCount; i++) {
    if (load<u32>(metaAt(i), META_STATE) < <u32>META_LIVE || !uses(metaAt(i), slot, -1)) continue;
    if (pageOffset < 0 || uses(metaAt(i), slot, pageOffset)) dropRegion(i);
    else left += 1;
  }
  if (left == 0) store<u32>(slot, 0, SLOT_HAS_REGIONS);
}

/** The granule at `pageOffset` was written. */
export function dropRegionsAt(slot: usize, pageOffset: usize): void {
  dropUsers(slot, <i32>pageOffset);
}

/** The slot gets another page: what begins there, translated or called, is no more. */
export function dropRegionsOf(slot: usize): void {
  dropUsers(slot, -1);
  store<u32>(CODE_EPOCH, load<u32>(CODE_EPOCH) + 1);
  store<u32>(CONFIGURATION_STALE, 1);
}

/** Empties the workspace: at the start, and when it is full. No region may be running. */
export function dropAllRegions(): void {
  const work: usize = load<u32>(WORK_POINTER);
  discardBatch();
  for (let i: u32 = 1; i < metaCount; i++) unmark(i);
  clearMetas();
  memory.fill(HOT_TABLE, 0, HOT_TABLE_ENTRIES * 4);
  memory.fill(JUMP_MAP, 0, JUMP_MAP_ENTRIES * 16);
  memory.fill(CONFIGURATIONS, 0, CONFIGURATION_COUNT * CONFIGURATION_SIZE);
  forgetCrossings();
  arena = work + WORK_ARENA;
  codeBytes = 0;
  forgetTargets();
  forgetAwkward();
  store<u32>(COUNT_FLUSHES, load<u32>(COUNT_FLUSHES) + 1);
  store<u32>(CONFIGURATION_STALE, 1);
  store<u64>(HOT_PC, 0);
}
