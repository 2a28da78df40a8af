// Finds the code of a region: from its entry along direct jumps, branches and the places where calls return to,
// function-like, over a few pages; and cuts it into blocks.
// Only pages that have been executed from take part.
import {
  CAP_MODE, PAGE_MAP_POINTER, RAM_SIZE, RECORD_IMM, RECORD_OP, RECORD_RAW, RECORD_RD, RECORD_RS1, RECORD_RS2,
  SLOT_PAGE, TRANSLATE_FETCH,
} from "../layout";
import { decodeRecord, slotContaining } from "../decode-cache";
import { describe } from "../generated/emit";
import { OP_COUNT } from "../generated/operations";
import {
  aluOf, isCapabilityAccess, CAP_CLEAR, CAP_CLEAR_FLOAT, CAP_JUMP, KIND_JUMP, VIA_CAP, WRITES_CAP, IS_NEAR, IS_UNLINKED, KIND_AMO, KIND_BRANCH, KIND_CALL, KIND_FLOAT,
  KIND_JAL, KIND_JALR, KIND_LOAD, KIND_STORE, kindOf, READS_F1, READS_F2, READS_F3, READS_X1, READS_X2, WRITES_F, WRITES_X,
} from "./describe";
import { clearedBy, clearedFloatsBy } from "./crossing";
import { isCrossing, isInline } from "./instructions";
import { isInReach, targetCount, targetOffset } from "./targets";
import {
  BLOCK_CAPABILITIES, BLOCK_INTEGERS, BLOCK_END, BLOCK_LAST, BLOCK_LAST_OFFSET, BLOCK_LENGTH, BLOCK_LIMIT, BLOCK_NEXT, BLOCK_OFFSET, BLOCK_ORDER,
  BLOCK_RECORD, BLOCK_SIZE, BLOCK_SPAN, BLOCK_TAKEN, BLOCK_TAKEN_OFFSET, BLOCK_USES, BLOCK_WRITES, END_BRANCH, END_CALL, END_CALL_REGISTER, END_CROSS,
  END_HELPER, END_INTERPRET, END_JUMP, END_JUMP_REGISTER, END_LEAVE, END_NEXT, END_SWITCH, RETURN_REGISTER, WORK_SWITCH, PAGE_GRANULES, PAGE_USE_SIZE,
  REGION_INSTRUCTIONS, REGION_PAGES, WORK_BLOCK_OF, WORK_BLOCKS, WORK_FLAGS, WORK_LIST, WORK_POINTER,
} from "./map";

const FLAG_SEEN: u32 = 1;
const FLAG_LEADER: u32 = 2;
const RECORDS_PER_PAGE: u32 = 2048;

export let blockCount: u32 = 0;
export let instructionCount: u32 = 0;
export let pageCount: u32 = 0;
/** Block of the entry. */
export let rootBlock: i32 = 0;
let work: usize = 0;
let firstSlot: usize = 0;
let firstPage: u32 = 0;
let listLength: u32 = 0;
/** Offset of the entry in its page. */
let entryInPage: i32 = 0;
let entryRecord: usize = 0;
let pageNumbers: usize = memory.data(REGION_PAGES * 4);
let pageSlots: usize = memory.data(REGION_PAGES * 4);

// @ts-ignore: decorator
@inline
export function block(index: i32): usize {
  return work + WORK_BLOCKS + <usize>(index * BLOCK_SIZE);
}

export function slotOfPage(index: u32): usize {
  return load<u32>(pageSlots + (<usize>index << 2));
}

/** Index of the page `number` pages after the entry's; -1 if it cannot take part. */
function pageIndex(number: i32): i32 {
  for (let i: u32 = 0; i < pageCount; i++) {
    if (load<i32>(pageNumbers + (<usize>i << 2)) == number) return i;
  }
  if (pageCount == REGION_PAGES || load<u32>(TRANSLATE_FETCH) != 0) return -1;
  const page = <i64>firstPage + number;
  if (page < 0 || <u64>page << 12 >= load<u64>(RAM_SIZE)) return -1;
  const slot: usize = load<u32>(load<u32>(PAGE_MAP_POINTER) + (<u32>page << 3) + (load<u32>(CAP_MODE) << 2));
  if (slot == 0) return -1;
  return addPage(number, slot);
}

function addPage(number: i32, slot: usize): i32 {
  const index = pageCount++;
  store<i32>(pageNumbers + (<usize>index << 2), number);
  store<u32>(pageSlots + (<usize>index << 2), <u32>slot);
  memory.fill(work + WORK_FLAGS + (<usize>index << 11), 0, 2048);
  memory.fill(work + WORK_BLOCK_OF + (<usize>index << 12), 0, 4096);
  return index;
}

/** Number of the parcel at `offset` from the entry among all parcels of the region's pages; -1 if outside. */
function parcelAt(offset: i32): i32 {
  const position = entryInPage + offset;
  const index = pageIndex(position >> 12);
  return index < 0 ? -1 : <i32>(<u32>index * RECORDS_PER_PAGE) + ((position & 4095) >> 1);
}

function recordOf(parcel: i32): usize {
  return slotOfPage(<u32>parcel >> 11) + (<usize>(parcel & 2047) << 4);
}

// @ts-ignore: decorator
@inline
function flagsOf(parcel: i32): usize {
  return work + WORK_FLAGS + parcel;
}

/** Operation of a record, decoding it if need be, and looking through the mark of a region's entry. */
export function operationOf(record: usize): u32 {
  const operation: u32 = load<u16>(record, RECORD_OP);
  if (operation != 0 && operation < OP_COUNT) return operation;
  decodeRecord(record);
  const original: u32 = load<u16>(record, RECORD_OP);
  if (operation != 0) store<u16>(record, <u16>operation, RECORD_OP);
  return original;
}

// @ts-ignore: decorator
@inline
export function lengthOf(record: usize): i32 {
  return (load<u32>(record, RECORD_RAW) & 3) == 3 ? 4 : 2;
}

/** Byte distance of a direct jump. */
export function distanceOf(record: usize, description: u32): i32 {
  const distance = load<i32>(record, RECORD_IMM);
  return description & IS_NEAR ? distance >> 3 : distance;
}

/** The region holds floating-point instructions that are emitted inline. */
export let usesFloat: bool = false;
/** It holds some for which it matters only that floating point is on. */
export let usesFloatFile: bool = false;
/** It accesses memory through DDC. */
export let usesDdc: bool = false;
/** It holds capability instructions emitted inline. */
export let usesCapabilities: bool = false;

/** Blocks that jumps to registers may go to, and the block that decides; -1 if there is none. */
export let switchCount: u32 = 0;
export let switchBlock: i32 = -1;
let usesTargets: bool = false;

export function switchTarget(index: u32): i32 {
  return load<u16>(work + WORK_SWITCH + (<usize>index << 1));
}

/** How an instruction ends its block; END_NEXT if it does not. */
function endOf(record: usize, description: u32): u32 {
  const kind = kindOf(description);
  if (kind == KIND_BRANCH) return END_BRANCH;
  if (kind == KIND_JAL) return description & IS_UNLINKED ? END_JUMP : END_CALL;
  if (kind == KIND_JALR) return description & IS_UNLINKED ? END_JUMP_REGISTER : END_CALL_REGISTER;
  if (isInline(record, description)) {
    if ((description & (READS_F1 | READS_F2 | WRITES_F)) != 0) usesFloat = true;
    if (kind == KIND_CALL && aluOf(description) == CAP_CLEAR_FLOAT) usesFloatFile = true;
    if ((kind == KIND_LOAD || kind == KIND_STORE || kind == KIND_AMO) && (description & VIA_CAP) == 0) usesDdc = true;
    if (isCapabilityAccess(description) || (description & WRITES_CAP) != 0) usesCapabilities = true;
    return END_NEXT;
  }
  if (kind == KIND_JUMP) return aluOf(description) == CAP_JUMP && load<u16>(record, RECORD_RD) >= 0x800 ? END_JUMP : END_CROSS;
  if (kind == KIND_CALL && isCrossing(record, description)) return END_CROSS;
  if (kind == KIND_LOAD || kind == KIND_STORE || kind == KIND_FLOAT || kind == KIND_AMO || kind == KIND_CALL) return END_HELPER;
  return END_INTERPRET;
}

function pushLeader(offset: i32): void {
  const parcel = parcelAt(offset);
  if (parcel < 0) return;
  const flags = flagsOf(parcel);
  const old: u32 = load<u8>(flags);
  store<u8>(flags, <u8>(old | FLAG_LEADER));
  if ((old & FLAG_LEADER) != 0 || listLength == 4096) return;
  store<i32>(work + WORK_LIST + (<usize>listLength << 2), offset);
  listLength += 1;
}

/** A jump to a register that is no return. */
function isSwitch(end: u32, record: usize): bool {
  return end == END_JUMP_REGISTER && load<u16>(record, RECORD_RS1) != RETURN_REGISTER;
}

function pushTargets(): void {
  usesTargets = true;
  for (let i: u32 = 0; i < targetCount(); i++) {
    if (isInReach(entryRecord, i)) pushLeader(targetOffset(entryRecord, i));
  }
}

/** Makes the block a target of the switch, which is made if there is none; false if there is no room. */
function addSwitchTarget(target: i32): bool {
  for (let i: u32 = 0; i < switchCount; i++) {
    if (switchTarget(i) == target) return true;
  }
  if (switchCount == 255 || (switchBlock < 0 && blockCount == BLOCK_LIMIT)) return false;
  store<u16>(work + WORK_SWITCH + (<usize>switchCount << 1), <u16>target);
  switchCount += 1;
  if (switchBlock >= 0) return true;
  switchBlock = blockCount++;
  const b = block(switchBlock);
  memory.fill(b, 0, BLOCK_SIZE);
  store<u32>(b, END_SWITCH, BLOCK_END);
  store<i32>(b, -1, BLOCK_TAKEN);
  store<i32>(b, -1, BLOCK_NEXT);
  store<i32>(b, -1, BLOCK_ORDER);
  return true;
}

/** Gives all jumps to registers one block behind them, with those targets that became blocks. */
function addSwitch(): void {
  for (let i: u32 = 0; usesTargets && i < targetCount(); i++) {
    const target = isInReach(entryRecord, i) ? blockAt(targetOffset(entryRecord, i)) : -1;
    if (target >= 0) addSwitchTarget(target);
  }
  for (let i: i32 = 0; i < switchBlock; i++) {
    if (isSwitch(load<u32>(block(i), BLOCK_END), load<u32>(block(i), BLOCK_LAST))) store<i32>(block(i), switchBlock, BLOCK_NEXT);
  }
}

/** The region is entered through the switch; then edges to it can be no harm to the graph. */
export function enterThroughSwitch(): bool {
  if (rootBlock != switchBlock && !addSwitchTarget(rootBlock)) return false;
  rootBlock = switchBlock;
  return true;
}

/** Leads the edge of block `b` kept in `field` through the switch. */
export function redirect(b: usize, field: usize, via: usize): bool {
  const target = load<i32>(b + field);
  if (!addSwitchTarget(target)) return false;
  store<i32>(b + via, target + 1);
  store<i32>(b + field, switchBlock);
  return true;
}

/** Marks the instructions from `offset` to the next jump. */
function scan(offset: i32): void {
  for (;;) {
    const parcel = parcelAt(offset);
    if (parcel < 0) return;
    const flags = flagsOf(parcel);
    if ((load<u8>(flags) & FLAG_SEEN) != 0) {
      store<u8>(flags, <u8>(FLAG_SEEN | FLAG_LEADER));
      return;
    }
    if (instructionCount >= <u32>REGION_INSTRUCTIONS) return;
    store<u8>(flags, load<u8>(flags) | <u8>FLAG_SEEN);
    instructionCount += 1;
    const record = recordOf(parcel);
    const description = describe(operationOf(record));
    const end = endOf(record, description);
    const next = offset + lengthOf(record);
    if (isSwitch(end, record) && !usesTargets) pushTargets();
    if (end == END_INTERPRET || end == END_JUMP_REGISTER || end == END_CROSS) return;
    if (end == END_BRANCH || end == END_JUMP) pushLeader(offset + distanceOf(record, description));
    if (end == END_JUMP) return;
    if (end != END_NEXT) {
      pushLeader(next);
      return;
    }
    offset = next;
  }
}

function createBlocks(): void {
  for (let page: u32 = 0; page < pageCount; page++) {
    const start = (load<i32>(pageNumbers + (<usize>page << 2)) << 12) - entryInPage;
    for (let i: u32 = 0; i < RECORDS_PER_PAGE; i++) {
      const parcel = <i32>(page * RECORDS_PER_PAGE + i);
      if (load<u8>(flagsOf(parcel)) != (FLAG_SEEN | FLAG_LEADER) || blockCount == BLOCK_LIMIT) continue;
      store<u16>(work + WORK_BLOCK_OF + (<usize>parcel << 1), <u16>(blockCount + 1));
      const b = block(blockCount++);
      memory.fill(b, 0, BLOCK_SIZE);
      store<u32>(b, <u32>recordOf(parcel), BLOCK_RECORD);
      store<i32>(b, start + <i32>(i << 1), BLOCK_OFFSET);
      store<i32>(b, -1, BLOCK_TAKEN);
      store<i32>(b, -1, BLOCK_NEXT);
      store<i32>(b, -1, BLOCK_ORDER);
    }
  }
}

export function blockAt(offset: i32): i32 {
  const parcel = parcelAt(offset);
  return parcel < 0 ? -1 : <i32>load<u16>(work + WORK_BLOCK_OF + (<usize>parcel << 1)) - 1;
}

// @ts-ignore: decorator
@inline
function bit(operand: u32): u64 {
  return (<u64>1) << (operand >> 6);
}

// @ts-ignore: decorator
@inline
function bitF(operand: u32): u64 {
  return (<u64>1) << (32 + (operand >> 3));
}

/** Registers that an instruction reads and, in the second half of the pair, writes. */
export function readsOf(record: usize, description: u32): u64 {
  let reads: u64 = 0;
  if (description & READS_X1) reads |= bit(load<u16>(record, RECORD_RS1));
  if (description & READS_X2) reads |= bit(load<u16>(record, RECORD_RS2));
  reads &= ~1;
  if (description & READS_F1) reads |= bitF(load<u16>(record, RECORD_RS1));
  if (description & READS_F2) reads |= bitF(load<u16>(record, RECORD_RS2));
  if (description & READS_F3) reads |= bitF(load<u16>(record, RECORD_IMM + 2));
  return reads;
}

export function writesOf(record: usize, description: u32): u64 {
  if (kindOf(description) == KIND_CALL) {
    if (aluOf(description) == CAP_CLEAR) return clearedBy(record);
    if (aluOf(description) == CAP_CLEAR_FLOAT) return <u64>clearedFloatsBy(record) << 32;
  }
  if (description & WRITES_F) return bitF(load<u16>(record, RECORD_RD));
  return description & WRITES_X ? bit(load<u16>(record, RECORD_RD)) & 0xfffffffe : 0;
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
function fillBlock(b: usize): void {
  let offset = load<i32>(b, BLOCK_OFFSET);
  let length: u32 = 0;
  let uses: u64 = 0;
  let writes: u64 = 0;
  let capabilities: u32 = 0;
  let integers: u32 = 0;
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
}

/** Collects the region entered at `record`. False if nothing would be gained. */
export function findRegion(record: usize): bool {
  work = load<u32>(WORK_POINTER);
  firstSlot = slotContaining(record);
  firstPage = load<u32>(firstSlot, SLOT_PAGE) - 1;
  entryInPage = <i32>((record - firstSlot) >> 3);
  blockCount = 0;
  instructionCount = 0;
  pageCount = 0;
  listLength = 0;
  usesFloat = false;
  usesFloatFile = false;
  usesDdc = false;
  usesCapabilities = false;
  usesTargets = false;
  switchCount = 0;
  switchBlock = -1;
  entryRecord = record;
  addPage(0, firstSlot);
  pushLeader(0);
  for (let i: u32 = 0; i < listLength; i++) scan(load<i32>(work + WORK_LIST + (<usize>i << 2)));
  createBlocks();
  rootBlock = blockAt(0);
  for (let i: u32 = 0; i < blockCount; i++) fillBlock(block(i));
  addSwitch();
  const end = load<u32>(block(rootBlock), BLOCK_END);
  return load<u32>(block(rootBlock), BLOCK_LENGTH) > (end == END_HELPER ? 1 : 0);
}

/** Record of an instruction of the region. */
export function recordInside(offset: i32): usize {
  return recordOf(parcelAt(offset));
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

/** Record at an offset from the entry, whether the region holds it or not; 0 if its page is not decoded. */
export function recordAt(offset: i32): usize {
  const position = entryInPage + offset;
  if (position >> 12 == 0) return firstSlot + (<usize>(position & 4094) << 3);
  if (load<u32>(TRANSLATE_FETCH) != 0) return 0;
  const page = <i64>firstPage + (position >> 12);
  if (page < 0 || <u64>page << 12 >= load<u64>(RAM_SIZE)) return 0;
  const slot: usize = load<u32>(load<u32>(PAGE_MAP_POINTER) + (<u32>page << 3) + (load<u32>(CAP_MODE) << 2));
  return slot == 0 ? 0 : slot + (<usize>(position & 4094) << 3);
}
