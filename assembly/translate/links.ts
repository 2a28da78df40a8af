// Meta blocks: one per region and per call target, found by the record of the entry. Callers keep a callee's meta block,
// whether it is translated or not; the slot in it leads to the translation or to a stub that returns at once.
import {
  BY_RECORD_ENTRIES, META_LIMIT, META_LINK_LIMIT, META_LINKS, META_RECORD, META_SIZE, META_STATE, META_STUB,
  WORK_BY_RECORD, WORK_METAS, WORK_POINTER,
} from "./map";
import { recordAt } from "./pages";

/** Meta blocks in use; number 0 is the one of targets that have none of their own. */
export let metaCount: u32 = 1;
let owner: usize = 0;
let linkCount: u32 = 0;

// @ts-ignore: decorator
@inline
export function metaAt(index: u32): usize {
  return <usize>load<u32>(WORK_POINTER) + WORK_METAS + <usize>index * META_SIZE;
}

// @ts-ignore: decorator
@inline
export function indexOfMeta(meta: usize): u32 {
  return <u32>(meta - load<u32>(WORK_POINTER) - WORK_METAS) / META_SIZE;
}

export function clearMetas(): void {
  const work: usize = load<u32>(WORK_POINTER);
  memory.fill(metaAt(0), 0, <usize>metaCount * META_SIZE);
  memory.fill(work + WORK_BY_RECORD, 0, BY_RECORD_ENTRIES * 4);
  metaCount = 1;
}

/** The meta block for the code at `record`, made if there is none; 0 if there is no room. */
export function metaFor(record: usize): usize {
  const table: usize = <usize>load<u32>(WORK_POINTER) + WORK_BY_RECORD;
  let hash: u32 = ((<u32>record >>> 4) * <u32>0x9e3779b1) >>> 16;
  for (;;) {
    const found: usize = load<u32>(table + (<usize>hash << 2));
    if (found == 0) break;
    if (load<u32>(found, META_RECORD) == <u32>record) return found;
    hash = (hash + 1) & (BY_RECORD_ENTRIES - 1);
  }
  if (metaCount == META_LIMIT) return 0;
  const meta = metaAt(metaCount++);
  store<u32>(meta, <u32>record, META_RECORD);
  store<u32>(meta, META_STUB, META_STATE);
  store<u32>(table + (<usize>hash << 2), <u32>meta);
  return meta;
}

/** Links that follow belong to this region. */
export function beginLinks(meta: usize): void {
  owner = meta;
}

export function restartLinks(): void {
  linkCount = 0;
}

/** Offset in the region's meta block of the link to the code at `offset` from the entry; 0 if it cannot be linked. */
export function linkTo(offset: i32): u32 {
  const record = recordAt(offset);
  if (record == 0) return 0;
  const meta = metaFor(record);
  if (meta == 0) return 0;
  for (let i: u32 = 0; i < linkCount; i++) {
    if (load<u32>(owner + (<usize>i << 2), META_LINKS) == <u32>meta) return META_LINKS + (i << 2);
  }
  if (linkCount == META_LINK_LIMIT) return 0;
  store<u32>(owner + (<usize>linkCount << 2), <u32>meta, META_LINKS);
  linkCount += 1;
  return META_LINKS + (linkCount - 1 << 2);
}
