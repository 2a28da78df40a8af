// What flows along the graph's edges: which registers are live, newer than home, known to be integers or words.
import { usesFloat } from "./ends";
import { inOrder, orderCount, successor, successorCount } from "./graph";
import { markBlocks, markLoops } from "./loops";
import {
  BLOCK_CAPABILITIES, BLOCK_DIRTY, BLOCK_END, BLOCK_INTEGER, BLOCK_INTEGERS, BLOCK_LENGTH, BLOCK_LIVE, BLOCK_OFFSET,
  BLOCK_SINGLES, BLOCK_USES, BLOCK_WORDS, BLOCK_WRITES, END_CALL, END_CALL_REGISTER, END_HELPER,
} from "./map";
import { findPaths, findPhases } from "./phases";
import { block } from "./blocks";
import { singlesAfter } from "./singles";
import { wordsAfter } from "./words";

/** After such a block all registers are at home. */
// @ts-ignore: decorator
@inline
export function endsSynchronized(b: usize): bool {
  const end = load<u32>(b, BLOCK_END);
  return end == END_CALL || end == END_CALL_REGISTER || end == END_HELPER;
}

/** Dirty: the local may be newer than home. Integer: no capability state at home, whichever way one came. */
function findDirty(): void {
  for (let i: u32 = 0; i < orderCount; i++) {
    const b = block(inOrder(i));
    store<u64>(b, 0, BLOCK_DIRTY);
    store<u32>(b, i == 0 ? 0 : ~0, BLOCK_INTEGER);
  }
  let changed = true;
  while (changed) {
    changed = false;
    for (let i: u32 = 0; i < orderCount; i++) {
      const b = block(inOrder(i));
      const isSynchronized = endsSynchronized(b);
      const writes = load<u64>(b, BLOCK_WRITES);
      const dirty = isSynchronized ? 0 : load<u64>(b, BLOCK_DIRTY) | writes;
      const integer: u32 = isSynchronized ? 0 : (load<u32>(b, BLOCK_INTEGER) & ~load<u32>(b, BLOCK_CAPABILITIES)) | load<u32>(b, BLOCK_INTEGERS);
      for (let which = 0; which < successorCount(b); which++) {
        const next = successor(b, which);
        if (next < 0) continue;
        const n = block(next);
        const newDirty = load<u64>(n, BLOCK_DIRTY) | dirty;
        const newInteger = load<u32>(n, BLOCK_INTEGER) & integer;
        if (newDirty == load<u64>(n, BLOCK_DIRTY) && newInteger == load<u32>(n, BLOCK_INTEGER)) continue;
        store<u64>(n, newDirty, BLOCK_DIRTY);
        store<u32>(n, newInteger, BLOCK_INTEGER);
        changed = true;
      }
    }
  }
}

/** Live: read before being written, or dirty, so that exits may write it home. */
function findLive(): void {
  let changed = true;
  while (changed) {
    changed = false;
    for (let i = <i32>orderCount - 1; i >= 0; i--) {
      const b = block(inOrder(i));
      let out: u64 = 0;
      if (!endsSynchronized(b)) {
        for (let which = 0; which < successorCount(b); which++) {
          const next = successor(b, which);
          if (next >= 0) out |= load<u64>(block(next), BLOCK_LIVE);
        }
      }
      const live = load<u64>(b, BLOCK_USES) | load<u64>(b, BLOCK_DIRTY) | (out & ~load<u64>(b, BLOCK_WRITES));
      if (live == load<u64>(b, BLOCK_LIVE)) continue;
      store<u64>(b, live, BLOCK_LIVE);
      changed = true;
    }
  }
}

/** At the end of block `b`, of what the mask kept in `field` is about. */
function knownAfter(b: usize, field: usize): u32 {
  const before = load<u32>(b + field);
  const offset = load<i32>(b, BLOCK_OFFSET);
  const length = load<u32>(b, BLOCK_LENGTH);
  if (endsSynchronized(b)) return 0;
  return field == BLOCK_WORDS ? wordsAfter(before, offset, length) : singlesAfter(before, offset, length);
}

/** Registers known to hold words (words.ts) or singles (singles.ts), whichever way one came. */
function findKnown(field: usize): void {
  for (let i: u32 = 0; i < orderCount; i++) store<u32>(block(inOrder(i)) + field, i == 0 ? 0 : ~0);
  let changed = true;
  while (changed) {
    changed = false;
    for (let i: u32 = 0; i < orderCount; i++) {
      const b = block(inOrder(i));
      const after = knownAfter(b, field);
      for (let which = 0; which < successorCount(b); which++) {
        const next = successor(b, which);
        if (next < 0) continue;
        const known = load<u32>(block(next) + field);
        if ((known & after) == known) continue;
        store<u32>(block(next) + field, known & after);
        changed = true;
      }
    }
  }
}

/** All the rest, once the edges are as they shall be. */
export function analyseFlow(): void {
  markBlocks();
  markLoops();
  findDirty();
  findLive();
  findKnown(BLOCK_WORDS);
  if (usesFloat) findKnown(BLOCK_SINGLES);
  findPhases();
  findPaths();
}
