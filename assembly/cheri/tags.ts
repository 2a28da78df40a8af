// Tags: one byte per 16-byte granule of RAM, at TAG_DELTA + (p >>> 4) for the granule at linear pointer p. Bit 0 is
// the tag; bit 1 says that decoded records depend on the granule, so that every store finds out with one test
// whether there is anything to do but write. Pointers here are linear and inside RAM; nothing here checks.
import { GRANULE_CODE, GRANULE_TAG, TAG_DELTA } from "../layout";
import { dropRecords } from "../decode-cache";

/** Linear pointer of the byte of the granule around `p`. */
// @ts-ignore: decorator
@inline
export function tagPointer(p: usize): usize {
  return <usize>TAG_DELTA + (p >>> 4);
}

// @ts-ignore: decorator
@inline
export function readTag(p: usize): u32 {
  return load<u8>(tagPointer(p)) & GRANULE_TAG;
}

/** What every write to a granule does: no tag, no code that depends on it. */
// @ts-ignore: decorator
@inline
export function clearTag(p: usize): void {
  if (load<u8>(tagPointer(p)) != 0) cleanGranule(p);
}

function cleanGranule(p: usize): void {
  const byte = tagPointer(p);
  if ((load<u8>(byte) & GRANULE_CODE) != 0) dropRecords(p);
  store<u8>(byte, 0);
}

/** A capability store: the tag goes with the 16 bytes. */
// @ts-ignore: decorator
@inline
export function writeTag(p: usize, tag: u32): void {
  clearTag(p);
  store<u8>(tagPointer(p), tag);
}

/** What a data store of 1 to 16 bytes does: it may straddle two granules. */
// @ts-ignore: decorator
@inline
export function clearTags(p: usize, sizeBytes: usize): void {
  clearTag(p);
  clearTag(p + sizeBytes - 1);
}

/** The same for any number of bytes above 0, as the host writes them. */
export function clearTagRange(p: usize, sizeBytes: usize): void {
  for (let granule = p & ~15; granule < p + sizeBytes; granule += 16) clearTag(granule);
}

/** Records were decoded from this granule. */
// @ts-ignore: decorator
@inline
export function markCode(p: usize): void {
  const byte = tagPointer(p);
  store<u8>(byte, load<u8>(byte) | GRANULE_CODE);
}

/** Tags of the four granules from `p` on (a multiple of 64) in bits 3:0, lowest first: CLoadTags. */
export function readTags4(p: usize): u32 {
  const tags = load<u32>(tagPointer(p)) & 0x01010101;
  return (tags | (tags >> 7) | (tags >> 14) | (tags >> 21)) & 15;
}
