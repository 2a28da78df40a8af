// Loops inside code that a region holds already, entered elsewhere. They are met where regions left for the interpreter, mostly
// while what they call is not translated yet; later the region's entry comes first. So they must be hotter than other code to
// get a region of their own, which would hold the same code again.
import { slotContaining } from "../decode-cache";
import { INSTRET, SLOT_HAS_REGIONS } from "../layout";
import { block } from "./blocks";
import { takeArena } from "./drop";
import { inOrder, orderCount } from "./graph";
import { metaAt, metaCount } from "./links";
import { BLOCK_RECORD, META_BLOCKS, META_LIVE, META_RECORD, META_STATE, META_VALID, REGION_STAMP } from "./map";

/** Times that a covered loop becomes hot before it is translated, within so many instructions (their logarithm). */
const TIMES: u32 = 16;
const WINDOW_LOG2: u64 = 24;

// A region's list: the number of its blocks, then record of each, times and window.
const ENTRY_SIZE: usize = 12;
const ENTRY_TIMES: usize = 4;
const ENTRY_WINDOW: usize = 8;

/** Keeps the blocks of the region in hand. */
export function noteBlocks(meta: usize): void {
  const list = takeArena(4 + <usize>orderCount * ENTRY_SIZE);
  store<u32>(list, orderCount);
  for (let i: u32 = 0; i < orderCount; i++) {
    const entry = list + 4 + <usize>i * ENTRY_SIZE;
    store<u32>(entry, load<u32>(block(inOrder(i)), BLOCK_RECORD));
    store<u32>(entry, 0, ENTRY_TIMES);
    store<u32>(entry, 0, ENTRY_WINDOW);
  }
  store<u32>(meta, <u32>list, META_BLOCKS);
}

/** The entry of the block at `record` in the list of the region, 0 if there is none. */
function find(meta: usize, record: usize): usize {
  const list: usize = load<u32>(meta, META_BLOCKS);
  const end = list + 4 + <usize>load<u32>(list) * ENTRY_SIZE;
  for (let entry = list + 4; entry < end; entry += ENTRY_SIZE) {
    if (load<u32>(entry) == <u32>record) return entry;
  }
  return 0;
}

/** The loop at `record` is hot. Is it to wait, as a region that may run has its code? */
export function isCovered(record: usize): bool {
  if (load<u32>(slotContaining(record), SLOT_HAS_REGIONS) == 0) return false;
  for (let i: u32 = 1; i < metaCount; i++) {
    const meta = metaAt(i);
    if (load<u32>(meta, META_STATE) < <u32>META_LIVE || (load<u32>(meta, META_VALID) & load<u32>(REGION_STAMP)) == 0) continue;
    if (load<u32>(meta, META_RECORD) == <u32>record) return false; // it waits for its module, or has lost its mark
    const entry = find(meta, record);
    if (entry == 0) continue;
    const window = <u32>(load<u64>(INSTRET) >> WINDOW_LOG2);
    const times = load<u32>(entry, ENTRY_WINDOW) == window ? load<u32>(entry, ENTRY_TIMES) + 1 : 1;
    store<u32>(entry, times, ENTRY_TIMES);
    store<u32>(entry, window, ENTRY_WINDOW);
    return times < TIMES;
  }
  return false;
}
