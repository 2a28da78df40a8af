// Cuts what was marked in a region's pages into blocks: their lengths, uses, writes and successors.
import { describe } from "../generated/emit";
import { needsDecoded } from "./capability";
import { WRITES_CAP } from "./describe";
import { endOf } from "./ends";
import { RECORD_RS1 } from "../layout";
import {
  BLOCK_AUTHORITIES, BLOCK_CAPABILITIES, BLOCK_END, BLOCK_INTEGERS, BLOCK_LAST, BLOCK_LAST_OFFSET, BLOCK_LENGTH, BLOCK_LIMIT, BLOCK_NEXT, BLOCK_OFFSET,
  BLOCK_ORDER, BLOCK_RECORD, BLOCK_SIZE, BLOCK_SPAN, BLOCK_TAKEN, BLOCK_TAKEN_OFFSET, BLOCK_USES, BLOCK_WRITES, END_BRANCH, END_CALL, END_CROSS,
  END_HELPER, END_INTERPRET, END_JUMP, END_JUMP_REGISTER, END_LEAVE, END_NEXT, PAGE_GRANULES, PAGE_USE_SIZE, WORK_BLOCK_OF, WORK_BLOCKS,
} from "./map";
import { flagsOf, offsetOfPage, pageCount, parcelAt, recordOf, RECORDS_PER_PAGE, work } from "./pages";
import { distanceOf, lengthOf, operationOf, readsOf, writesOf } from "./records";

export const FLAG_SEEN: u32 = 1;
export const FLAG_LEADER: u32 = 2;

export let blockCount: u32 = 0;
/** Block of the entry. */
export let rootBlock: i32 = 0;
export function setRoot(index: i32): void { rootBlock = index; }

// @ts-ignore: decorator
@inline
export function block(index: i32): usize {
  return work + WORK_BLOCKS + <usize>(index * BLOCK_SIZE);
}

/** A block without successors, nothing known of it. */
export function addBlock(): i32 {
  const b = block(blockCount);
  memory.fill(b, 0, BLOCK_SIZE);
  store<i32>(b, -1, BLOCK_TAKEN);
  store<i32>(b, -1, BLOCK_NEXT);
  store<i32>(b, -1, BLOCK_ORDER);
  return blockCount++;
}

/** Makes a block of each leader that was seen. */
export function createBlocks(): void {
  blockCount = 0;
  for (let page: u32 = 0; page < pageCount; page++) {
    for (let i: u32 = 0; i < RECORDS_PER_PAGE; i++) {
      const parcel = <i32>(page * RECORDS_PER_PAGE + i);
      if (load<u8>(flagsOf(parcel)) != (FLAG_SEEN | FLAG_LEADER) || blockCount == BLOCK_LIMIT) continue;
      const b = block(addBlock());
      store<u16>(work + WORK_BLOCK_OF + (<usize>parcel << 1), <u16>blockCount);
      store<u32>(b, <u32>recordOf(parcel), BLOCK_RECORD);
      store<i32>(b, offsetOfPage(page) + <i32>(i << 1), BLOCK_OFFSET);
    }
  }
}

export function blockAt(offset: i32): i32 {
  const parcel = parcelAt(offset);
  return parcel < 0 ? -1 : <i32>load<u16>(work + WORK_BLOCK_OF + (<usize>parcel << 1)) - 1;
}

/** Ends block `b` without a jump where the next block or the region's end follows at `offset`; false if neither does. */
function endsBefore(b: usize, offset: i32, isFirst: bool): bool {
  const parcel = parcelAt(offset);
  const flags: u32 = parcel < 0 ? 0 : load<u8>(flagsOf(parcel));
  if ((flags & FLAG_SEEN) != 0 && (isFirst || (flags & FLAG_LEADER) == 0)) return false;
  store<i32>(b, offset, BLOCK_TAKEN_OFFSET);
  if ((flags & FLAG_SEEN) == 0) store<u32>(b, END_LEAVE, BLOCK_END);
  else store<i32>(b, blockAt(offset), BLOCK_NEXT);
  return true;
}

/** Notes how a block ends with the jump in `record`, at `offset`. */
function noteEnd(b: usize, end: u32, record: usize, description: u32, offset: i32): void {
  const next = offset + lengthOf(record);
  store<u32>(b, end, BLOCK_END);
  if (end == END_CROSS) return;
  if (end != END_JUMP && end != END_JUMP_REGISTER) store<i32>(b, blockAt(next), BLOCK_NEXT);
  if (end != END_BRANCH && end != END_JUMP && end != END_CALL) return;
  const target = offset + distanceOf(record, description);
  store<i32>(b, target, BLOCK_TAKEN_OFFSET);
  if (end != END_CALL) store<i32>(b, blockAt(target), BLOCK_TAKEN);
}

/** Walks a block to its end: length, uses, writes, successors. */
export function fillBlock(b: usize): void {
  let offset = load<i32>(b, BLOCK_OFFSET);
  let length: u32 = 0;
  let uses: u64 = 0;
  let writes: u64 = 0;
  let capabilities: u32 = 0;
  let integers: u32 = 0;
  let authorities: u32 = 0;
  let end: u32 = END_NEXT;
  while (end == END_NEXT && !endsBefore(b, offset, length == 0)) {
    const record = recordOf(parcelAt(offset));
    const description = describe(operationOf(record));
    end = endOf(record, description);
    store<u32>(b, <u32>record, BLOCK_LAST);
    store<i32>(b, offset, BLOCK_LAST_OFFSET);
    if (end == END_INTERPRET) {
      store<u32>(b, end, BLOCK_END);
      store<i32>(b, offset, BLOCK_TAKEN_OFFSET);
      continue;
    }
    length += 1;
    if (end != END_HELPER && end != END_CROSS) {
      uses |= readsOf(record, description) & ~writes;
      writes |= writesOf(record, description);
      const written = <u32>writesOf(record, description);
      const isCapability = (description & WRITES_CAP) != 0;
      if (needsDecoded(record, description)) authorities |= 1 << (load<u16>(record, RECORD_RS1) >> 6);
      capabilities = isCapability ? capabilities | written : capabilities & ~written;
      integers = isCapability ? integers & ~written : integers | written;
    }
    if (end != END_NEXT) noteEnd(b, end, record, description, offset);
    offset += lengthOf(record);
  }
  store<u32>(b, length, BLOCK_LENGTH);
  store<i32>(b, offset - load<i32>(b, BLOCK_OFFSET), BLOCK_SPAN);
  store<u64>(b, uses, BLOCK_USES);
  store<u64>(b, writes, BLOCK_WRITES);
  store<u32>(b, capabilities, BLOCK_CAPABILITIES);
  store<u32>(b, integers, BLOCK_INTEGERS);
  store<u32>(b, authorities, BLOCK_AUTHORITIES);
}

/** Sets the bits of granules, in the pages' entries at `pages`, that the region has code in. */
export function markGranules(b: usize, pages: usize): void {
  const start = load<i32>(b, BLOCK_OFFSET);
  const end = start + load<i32>(b, BLOCK_SPAN);
  for (let offset = start; offset < end; offset += 2) {
    const parcel = parcelAt(offset);
    const granule = <u32>(parcel & 2047) >> 3;
    const byte = pages + <usize>(<u32>parcel >> 11) * PAGE_USE_SIZE + (granule >> 3);
    store<u8>(byte, load<u8>(byte, PAGE_GRANULES) | (<u8>1 << <u8>(granule & 7)), PAGE_GRANULES);
  }
}
