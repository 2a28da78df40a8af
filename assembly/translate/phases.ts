// How far the local `left` is behind at the start of each block, and the longest way from there to the next look at it.
import { endsSynchronized } from "./dataflow";
import { inOrder, orderCount, orderOf, successor, successorCount } from "./graph";
import { BLOCK_LENGTH, BLOCK_MARKS, BLOCK_PATH, BLOCK_PHASE, MARK_EVEN, MARK_LOOP } from "./map";
import { block } from "./blocks";

/**
 * Phases: the local `left` is not decremented per instruction. At the start of a block it is BLOCK_PHASE more than
 * what is really left; where paths of unequal length merge, the edges even it out.
 */
export function findPhases(): void {
  for (let i: u32 = 0; i < orderCount; i++) store<i32>(block(inOrder(i)), 0, BLOCK_PHASE);
  for (let i: u32 = 0; i < orderCount; i++) {
    const b = block(inOrder(i));
    if (endsSynchronized(b)) continue;
    const after = load<i32>(b, BLOCK_PHASE) + load<u32>(b, BLOCK_LENGTH);
    for (let which = 0; which < successorCount(b); which++) {
      const next = successor(b, which);
      if (next < 0 || orderOf(next) <= <i32>i) continue;
      const n = block(next);
      if (load<u32>(n, BLOCK_MARKS) & (MARK_LOOP | MARK_EVEN)) continue;
      if (load<i32>(n, BLOCK_PHASE) < after) store<i32>(n, after, BLOCK_PHASE);
    }
  }
}

export function findPaths(): void {
  for (let i = <i32>orderCount - 1; i >= 0; i--) {
    const b = block(inOrder(i));
    let longest: u32 = 0;
    for (let which = 0; which < successorCount(b); which++) {
      const next = successor(b, which);
      if (next < 0 || orderOf(next) <= i || endsSynchronized(b)) continue;
      const n = block(next);
      if ((load<u32>(n, BLOCK_MARKS) & MARK_LOOP) == 0) longest = max(longest, load<u32>(n, BLOCK_PATH));
    }
    store<u32>(b, longest + load<u32>(b, BLOCK_LENGTH), BLOCK_PATH);
  }
}
