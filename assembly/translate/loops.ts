// Marks the graph's loop headers, merges, and what is in loops.
import { dominates, inOrder, orderCount, orderOf, successor, successorCount } from "./graph";
import { BLOCK_AUTHORITIES, BLOCK_EDGES, BLOCK_LIVE, BLOCK_MARKS, MARK_EVEN, MARK_IN_LOOP, MARK_LOOP, MARK_MERGE, MARK_NESTED, MARK_REACHES } from "./map";
import { block } from "./blocks";
import { switchBlock } from "./switch-block";

function addMark(b: usize, mark: u32): void {
  store<u32>(b, load<u32>(b, BLOCK_MARKS) | mark, BLOCK_MARKS);
}

function clearMark(b: usize, mark: u32): void {
  store<u32>(b, load<u32>(b, BLOCK_MARKS) & ~mark, BLOCK_MARKS);
}

/** Marks loop headers and blocks with several forward edges into them. */
export function markBlocks(): void {
  for (let i: u32 = 0; i < orderCount; i++) {
    const index = inOrder(i);
    const count = successorCount(block(index));
    for (let which = 0; which < count; which++) {
      const next = successor(block(index), which);
      if (next < 0) continue;
      const b = block(next);
      // Switches need a label for each target, and no time to even out differences of phase.
      if (index == switchBlock) addMark(b, MARK_MERGE | MARK_EVEN);
      if (next == switchBlock) addMark(b, MARK_EVEN);
      if (orderOf(next) <= <i32>i) {
        if (dominates(next, index)) addMark(b, MARK_LOOP);
        continue;
      }
      const edges = load<u32>(b, BLOCK_EDGES) + 1;
      store<u32>(b, edges, BLOCK_EDGES);
      if (edges > 1) addMark(b, MARK_MERGE);
    }
  }
}

/** Marks the blocks that lead from the loop's header `first`, in order, to its last one `last`. */
function markLoop(first: i32, last: i32): void {
  for (let i: u32 = 0; i < orderCount; i++) clearMark(block(inOrder(i)), MARK_REACHES);
  addMark(block(inOrder(last)), MARK_REACHES | MARK_IN_LOOP);
  for (let i = last - 1; i >= first; i--) {
    const b = block(inOrder(i));
    for (let which = successorCount(b) - 1; which >= 0; which--) {
      const next = successor(b, which);
      if (next >= 0 && (load<u32>(block(next), BLOCK_MARKS) & MARK_REACHES) != 0) addMark(b, MARK_REACHES | MARK_IN_LOOP);
    }
    if (i > first && (load<u32>(b, BLOCK_MARKS) & MARK_REACHES) != 0) addMark(b, MARK_NESTED);
  }
  if (last > first) addMark(block(inOrder(last)), MARK_NESTED);
}

/** Has the region any? */
export let hasLoops: bool = false;

/** Marks what is in loops. An inner loop's blocks that only lead back inside are that loop's to mark. */
export function markLoops(): void {
  hasLoops = false;
  for (let i: u32 = 0; i < orderCount; i++) {
    const b = block(inOrder(i));
    const count = successorCount(b);
    for (let which = 0; which < count; which++) {
      const next = successor(b, which);
      if (next < 0 || orderOf(next) > <i32>i) continue;
      hasLoops = true;
      markLoop(orderOf(next), i);
    }
  }
}

/** Registers used as capabilities in the loop whose header is block `index`, and live there. */
export function authoritiesOfLoop(index: i32): u32 {
  const first = orderOf(index);
  let authorities: u32 = 0;
  let all: u32 = 0;
  for (let i = <u32>first; i < orderCount; i++) {
    const b = block(inOrder(i));
    all |= load<u32>(b, BLOCK_AUTHORITIES);
    for (let which = successorCount(b) - 1; which >= 0; which--) {
      if (successor(b, which) == index) authorities = all;
    }
  }
  return authorities & <u32>load<u64>(block(index), BLOCK_LIVE);
}
