// The core's exports: everything the host may call. Numbers and 64-bit integers only; see assembly/README.md.
import {
  CONFIG, CONFIG_TRANSLATE, PAGE_MAP_POINTER, PAGE_SIZE, RAM_DELTA, RAM_POINTER, RAM_SIZE, SLOT_COUNT, SLOT_POINTER, SLOT_STRIDE, STATIC_END, STOP, TAG_DELTA,
} from "./layout";
import { flushJumpCache } from "./context";
import { decodeCap, resetCaps, setCapRaw } from "./cheri/registers";
import { resetPrivileged } from "./riscv/privileged";
import { synchronize } from "./run";
import { dropAllRegions } from "./translate/drop";
import { HOT_THRESHOLD, TRANSLATING, WORK_POINTER, WORK_SIZE } from "./translate/map";

export { resume, run, step, synchronize } from "./run";
export { invalidateCode } from "./decode-cache";
export { clearTagRange, readTag, writeTag } from "./cheri/tags";
export { capHigh } from "./cheri/registers";
export { csrExists, debugCsrGet as csrGet, debugCsrSet as csrSet } from "./riscv/csr";
export { setInterruptLine } from "./riscv/interrupt";
export { debugTranslate } from "./riscv/sv39";
export { stateHash } from "./hash";
export { regionCross, regionFind, regionJump, regionLeave, regionOne, regionPlain } from "./translate/core-calls";
export { regionDecode, regionLoad, regionStore } from "./translate/slow";
export * from "./generated/emit";

const WASM_PAGE: u64 = 65536;
/** Decoded pages kept at most: beyond it the oldest is reused. */
const MOST_SLOTS: u64 = 4096;

// @ts-ignore: decorator
@inline
function roundUp(value: u64, unit: u64): u64 {
  return (value + unit - 1) / unit * unit;
}

/**
 * Lays out memory behind FIXED_END, grows it and resets. 0, or -1 if the memory cannot be had.
 * Order: tags, RAM, page map, slots. Tags lie at TAG_DELTA + pointer / 16, so RAM must start late enough for its tags
 * to end before it: pointer >= (TAG_DELTA + size / 16) * 16 / 15.
 */
export function initialize(ramSizeBytes: u64, config: u32): i32 {
  if (__heap_base > <usize>STATIC_END) unreachable();
  const ramPointer = roundUp((TAG_DELTA + ramSizeBytes / 16) * 16 / 15 + 16, WASM_PAGE);
  const ramPages = ramSizeBytes / PAGE_SIZE;
  const pageMap = ramPointer + ramSizeBytes;
  // A page may be decoded in both modes.
  const slotCount = min<u64>(MOST_SLOTS, 2 * ramPages);
  const slots = roundUp(pageMap + ramPages * 8, 64);
  const work = roundUp(slots + slotCount * SLOT_STRIDE, WASM_PAGE);
  const translates = (config & CONFIG_TRANSLATE) != 0;
  const end = translates ? work + WORK_SIZE : work;
  const pages = <i32>(end / WASM_PAGE) - memory.size();
  if (pages > 0 && memory.grow(pages) < 0) return -1;
  store<u32>(CONFIG, config);
  store<u32>(RAM_POINTER, <u32>ramPointer);
  store<u32>(RAM_DELTA, <u32>ramPointer - 0x80000000);
  store<u64>(RAM_SIZE, ramSizeBytes);
  store<u32>(PAGE_MAP_POINTER, <u32>pageMap);
  store<u32>(SLOT_POINTER, <u32>slots);
  store<u32>(SLOT_COUNT, <u32>slotCount);
  if (translates) startTranslator(<u32>work);
  flushJumpCache();
  reset();
  return 0;
}

const DEFAULT_HOT_THRESHOLD: u32 = 4096;

function startTranslator(work: u32): void {
  store<u32>(WORK_POINTER, work);
  store<u32>(TRANSLATING, 1);
  store<u32>(HOT_THRESHOLD, DEFAULT_HOT_THRESHOLD);
  dropAllRegions();
}

/** Architectural reset; RAM keeps its contents. */
export function reset(): void {
  resetCaps();
  resetPrivileged();
  store<u32>(STOP, 0);
  synchronize();
}

/** Writes a capability struct from its raw form and decodes it. */
export function capSet(ptr: usize, high: u64, address: u64, tag: u32): void {
  setCapRaw(ptr, high, address, tag);
  decodeCap(ptr);
}

/** Fills the derived fields of a struct. */
export function capDecode(ptr: usize): void {
  decodeCap(ptr);
}
