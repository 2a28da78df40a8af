// Tags: one byte, 0 or 1, per 16-byte granule of RAM, at TAG_DELTA + (p >>> 4) for the granule at linear pointer p.
// Pointers here are linear and inside RAM; nothing here checks.
import { TAG_DELTA } from "../layout";

/** Linear pointer of the tag byte for the granule around `p`. */
// @ts-ignore: decorator
@inline
export function tagPointer(p: usize): usize {
  return <usize>TAG_DELTA + (p >>> 4);
}

// @ts-ignore: decorator
@inline
export function readTag(p: usize): u32 {
  return load<u8>(tagPointer(p));
}

// @ts-ignore: decorator
@inline
export function writeTag(p: usize, tag: u32): void {
  store<u8>(tagPointer(p), tag);
}

/** What a data store of 1 to 16 bytes does: it may straddle two granules. */
// @ts-ignore: decorator
@inline
export function clearTags(p: usize, sizeBytes: usize): void {
  store<u8>(tagPointer(p), 0);
  store<u8>(tagPointer(p + sizeBytes - 1), 0);
}

/** The same for any number of bytes above 0. */
export function clearTagRange(p: usize, sizeBytes: usize): void {
  const first = tagPointer(p);
  memory.fill(first, 0, tagPointer(p + sizeBytes - 1) - first + 1);
}

/** Tags of the four granules from `p` on (a multiple of 64) in bits 3:0, lowest first: CLoadTags. */
export function readTags4(p: usize): u32 {
  const bytes = load<u32>(tagPointer(p));
  return (bytes | (bytes >> 7) | (bytes >> 14) | (bytes >> 21)) & 15;
}
