// The decoded pages that a region lies in. Only pages that have been executed from take part. Places are offsets from the
// region's entry, or numbers of parcels among all parcels of its pages.
import { slotContaining } from "../decode-cache";
import { CAP_MODE, PAGE_MAP_POINTER, RAM_SIZE, SLOT_PAGE, TRANSLATE_FETCH } from "../layout";
import { REGION_PAGES, WORK_BLOCK_OF, WORK_FLAGS, WORK_POINTER } from "./map";

export const RECORDS_PER_PAGE: u32 = 2048;
export let pageCount: u32 = 0;
export let work: usize = 0;
let firstSlot: usize = 0;
let firstPage: u32 = 0;
/** Offset of the entry in its page. */
let entryInPage: i32 = 0;
export let entryRecord: usize = 0;
let pageNumbers: usize = memory.data(REGION_PAGES * 4);
let pageSlots: usize = memory.data(REGION_PAGES * 4);

/** Begins with the page of the entry at `record`. */
export function openPages(record: usize): void {
  work = load<u32>(WORK_POINTER);
  entryRecord = record;
  firstSlot = slotContaining(record);
  firstPage = load<u32>(firstSlot, SLOT_PAGE) - 1;
  entryInPage = <i32>((record - firstSlot) >> 3);
  pageCount = 0;
  addPage(0, firstSlot);
}

/** Where the region's page number `index` begins, from the entry. */
export function offsetOfPage(index: u32): i32 {
  return (load<i32>(pageNumbers + (<usize>index << 2)) << 12) - entryInPage;
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
export function parcelAt(offset: i32): i32 {
  const position = entryInPage + offset;
  const index = pageIndex(position >> 12);
  return index < 0 ? -1 : <i32>(<u32>index * RECORDS_PER_PAGE) + ((position & 4095) >> 1);
}

export function recordOf(parcel: i32): usize {
  return slotOfPage(<u32>parcel >> 11) + (<usize>(parcel & 2047) << 4);
}

// @ts-ignore: decorator
@inline
export function flagsOf(parcel: i32): usize {
  return work + WORK_FLAGS + parcel;
}

/** Record of an instruction of the region. */
export function recordInside(offset: i32): usize {
  return recordOf(parcelAt(offset));
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
