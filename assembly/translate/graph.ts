// The region as a graph: reverse postorder, dominators, loops and merges (what Ramsey, "Beyond Relooper", needs), and
// what flows along its edges: which registers are live, newer than home, or known to be integers, and how far `left`
// is behind.
import {
  BLOCK_COMPONENT, BLOCK_DIRTY, BLOCK_DOMINATOR, BLOCK_END, BLOCK_CAPABILITIES, BLOCK_INTEGER, BLOCK_INTEGERS, BLOCK_LENGTH, BLOCK_LIVE, BLOCK_MARKS, BLOCK_NEXT, BLOCK_NEXT_VIA, BLOCK_OFFSET, BLOCK_ORDER,
  BLOCK_PATH, BLOCK_PHASE, BLOCK_TAKEN, BLOCK_TAKEN_VIA, BLOCK_USES, BLOCK_WORDS, BLOCK_WRITES, END_CALL, END_CALL_REGISTER, END_HELPER, END_SWITCH, MARK_EVEN, MARK_IN_LOOP, MARK_LOOP, MARK_MERGE, MARK_REACHES,
  WORK_MASKS, WORK_ORDER, WORK_POINTER,
} from "./map";
import { block, blockCount, rootBlock, enterThroughSwitch, redirect, switchBlock, switchCount, switchTarget } from "./region";
import { wordsAfter } from "./words";

/** Blocks that can be reached, in reverse postorder. */
export let orderCount: u32 = 0;
let visited: u32 = 0;

export function inOrder(position: u32): i32 {
  return load<u16>(load<u32>(WORK_POINTER) + WORK_ORDER + (<usize>position << 1));
}

// @ts-ignore: decorator
@inline
export function orderOf(index: i32): i32 {
  return load<i32>(block(index), BLOCK_ORDER);
}

/** After such a block all registers are at home. */
// @ts-ignore: decorator
@inline
export function endsSynchronized(b: usize): bool {
  const end = load<u32>(b, BLOCK_END);
  return end == END_CALL || end == END_CALL_REGISTER || end == END_HELPER;
}

// @ts-ignore: decorator
@inline
function successorCount(b: usize): i32 {
  return load<u32>(b, BLOCK_END) == END_SWITCH ? switchCount : 2;
}

/** A block's successor inside the region, -1 = none. */
// @ts-ignore: decorator
@inline
function successor(b: usize, which: i32): i32 {
  if (load<u32>(b, BLOCK_END) == END_SWITCH) return switchTarget(which);
  return which ? load<i32>(b, BLOCK_NEXT) : load<i32>(b, BLOCK_TAKEN);
}

function visit(index: i32): void {
  const b = block(index);
  store<i32>(b, -2, BLOCK_ORDER);
  for (let which = successorCount(b) - 1; which >= 0; which--) {
    const next = successor(b, which);
    if (next >= 0 && load<i32>(block(next), BLOCK_ORDER) == -1) visit(next);
  }
  visited -= 1;
  store<u16>(load<u32>(WORK_POINTER) + WORK_ORDER + (<usize>visited << 1), <u16>index);
}

function number(): void {
  visited = blockCount;
  visit(rootBlock);
  orderCount = blockCount - visited;
  const order: usize = load<u32>(WORK_POINTER) + WORK_ORDER;
  memory.copy(order, order + (<usize>visited << 1), <usize>orderCount << 1);
  for (let i: u32 = 0; i < orderCount; i++) store<i32>(block(inOrder(i)), i, BLOCK_ORDER);
}

function meet(a: i32, b: i32): i32 {
  while (a != b) {
    while (orderOf(a) > orderOf(b)) a = load<i32>(block(a), BLOCK_DOMINATOR);
    while (orderOf(b) > orderOf(a)) b = load<i32>(block(b), BLOCK_DOMINATOR);
  }
  return a;
}

function findDominators(): void {
  for (let i: u32 = 0; i < orderCount; i++) store<i32>(block(inOrder(i)), -1, BLOCK_DOMINATOR);
  store<i32>(block(rootBlock), rootBlock, BLOCK_DOMINATOR);
  let changed = true;
  while (changed) {
    changed = false;
    for (let i: u32 = 0; i < orderCount; i++) {
      const index = inOrder(i);
      const count = successorCount(block(index));
      for (let which = 0; which < count; which++) {
        const next = successor(block(index), which);
        if (next < 0 || next == rootBlock) continue;
        const old = load<i32>(block(next), BLOCK_DOMINATOR);
        const found = old < 0 ? index : meet(old, index);
        if (found == old) continue;
        store<i32>(block(next), found, BLOCK_DOMINATOR);
        changed = true;
      }
    }
  }
}

export function dominates(a: i32, b: i32): bool {
  while (orderOf(b) > orderOf(a)) b = load<i32>(block(b), BLOCK_DOMINATOR);
  return a == b;
}

/** An edge back to a block that does not dominate its origin leaves the region: irreducible. */
export function isIrreducible(from: i32, to: i32): bool {
  return orderOf(to) <= orderOf(from) && !dominates(to, from);
}

/** A block that an irreducible edge leads to, -1 if there is none: as entry of the region it would make a good loop header. */
export function irreducibleTarget(): i32 {
  for (let i: u32 = 0; i < orderCount; i++) {
    const count = successorCount(block(inOrder(i)));
    for (let which = 0; which < count; which++) {
      const next = successor(block(inOrder(i)), which);
      if (next >= 0 && next != switchBlock && isIrreducible(inOrder(i), next)) return next;
    }
  }
  return -1;
}

/** Leads irreducible edges through the switch, which becomes the entry; false if there are none, or no room. */
function redirectIrreducible(): bool {
  let found = false;
  for (let i: u32 = 0; i < orderCount; i++) {
    const index = inOrder(i);
    const b = block(index);
    if (index == switchBlock) continue;
    const taken = load<i32>(b, BLOCK_TAKEN);
    const next = load<i32>(b, BLOCK_NEXT);
    if (taken >= 0 && taken != switchBlock && isIrreducible(index, taken)) found = redirect(b, BLOCK_TAKEN, BLOCK_TAKEN_VIA) || found;
    if (next >= 0 && next != switchBlock && isIrreducible(index, next)) found = redirect(b, BLOCK_NEXT, BLOCK_NEXT_VIA) || found;
  }
  return found && enterThroughSwitch();
}

/** Redirected edges may make others irreducible, where the switch leads into a loop; not for long. */
const MOST_REDIRECTIONS: u32 = 8;

export function makeReducible(): void {
  for (let i: u32 = 0; i < MOST_REDIRECTIONS && redirectIrreducible(); i++) {
    for (let j: u32 = 0; j < blockCount; j++) store<i32>(block(j), -1, BLOCK_ORDER);
    number();
    findDominators();
  }
}

function addMark(b: usize, mark: u32): void {
  store<u32>(b, load<u32>(b, BLOCK_MARKS) | mark, BLOCK_MARKS);
}

function clearMark(b: usize, mark: u32): void {
  store<u32>(b, load<u32>(b, BLOCK_MARKS) & ~mark, BLOCK_MARKS);
}

/** Marks loop headers and blocks with several forward edges into them. */
function markBlocks(): void {
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
      // BLOCK_COMPONENT serves as counter here.
      const edges = load<u32>(b, BLOCK_COMPONENT) + 1;
      store<u32>(b, edges, BLOCK_COMPONENT);
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
  }
}

/** Marks what is in loops. An inner loop's blocks that only lead back inside are that loop's to mark. */
function markLoops(): void {
  for (let i: u32 = 0; i < orderCount; i++) {
    const b = block(inOrder(i));
    const count = successorCount(b);
    for (let which = 0; which < count; which++) {
      const next = successor(b, which);
      if (next < 0 || orderOf(next) > <i32>i) continue;
      markLoop(orderOf(next), i);
    }
  }
}

// ---- components: blocks connected by edges without a call share the set of registers that an exit writes home ----

function rootOf(index: u32): u32 {
  while (load<u32>(block(index), BLOCK_COMPONENT) != index) index = load<u32>(block(index), BLOCK_COMPONENT);
  return index;
}

// @ts-ignore: decorator
@inline
export function maskOf(component: u32): usize {
  return load<u32>(WORK_POINTER) + WORK_MASKS + (<usize>component << 3);
}

function findComponents(): void {
  for (let i: u32 = 0; i < orderCount; i++) store<u32>(block(inOrder(i)), inOrder(i), BLOCK_COMPONENT);
  for (let i: u32 = 0; i < orderCount; i++) {
    const index = inOrder(i);
    const b = block(index);
    if (endsSynchronized(b)) continue;
    for (let which = 0; which < successorCount(b); which++) {
      const next = successor(b, which);
      if (next >= 0) store<u32>(block(rootOf(next)), rootOf(index), BLOCK_COMPONENT);
    }
  }
  for (let i: u32 = 0; i < orderCount; i++) store<u64>(maskOf(inOrder(i)), 0);
  for (let i: u32 = 0; i < orderCount; i++) {
    const b = block(inOrder(i));
    const component = rootOf(inOrder(i));
    store<u64>(maskOf(component), load<u64>(maskOf(component)) | load<u64>(b, BLOCK_WRITES));
  }
  for (let i: u32 = 0; i < orderCount; i++) store<u32>(block(inOrder(i)), rootOf(inOrder(i)), BLOCK_COMPONENT);
}

/** Live: read later before being written, or written home by an exit of the component. */
function findLive(): void {
  let changed = true;
  while (changed) {
    changed = false;
    for (let i = <i32>orderCount - 1; i >= 0; i--) {
      const b = block(inOrder(i));
      let out: u64 = load<u64>(maskOf(load<u32>(b, BLOCK_COMPONENT)));
      if (!endsSynchronized(b)) {
        for (let which = 0; which < successorCount(b); which++) {
          const next = successor(b, which);
          if (next >= 0) out |= load<u64>(block(next), BLOCK_LIVE);
        }
      }
      const live = load<u64>(b, BLOCK_USES) | out;
      if (live == load<u64>(b, BLOCK_LIVE)) continue;
      store<u64>(b, live, BLOCK_LIVE);
      changed = true;
    }
  }
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

/** Words (words.ts), whichever way one came. */
function findWords(): void {
  for (let i: u32 = 0; i < orderCount; i++) store<u32>(block(inOrder(i)), i == 0 ? 1 : ~0, BLOCK_WORDS);
  let changed = true;
  while (changed) {
    changed = false;
    for (let i: u32 = 0; i < orderCount; i++) {
      const b = block(inOrder(i));
      const after = endsSynchronized(b) ? 1 : wordsAfter(load<u32>(b, BLOCK_WORDS), load<i32>(b, BLOCK_OFFSET), load<u32>(b, BLOCK_LENGTH));
      for (let which = 0; which < successorCount(b); which++) {
        const next = successor(b, which);
        if (next < 0) continue;
        const words = load<u32>(block(next), BLOCK_WORDS);
        if ((words & after) == words) continue;
        store<u32>(block(next), words & after, BLOCK_WORDS);
        changed = true;
      }
    }
  }
}

/**
 * Phases: the local `left` is not decremented per instruction. At the start of a block it is BLOCK_PHASE more than
 * what is really left; where paths of unequal length merge, the edges even it out.
 */
function findPhases(): void {
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

function findPaths(): void {
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

/** The order of the blocks, and who dominates whom. */
export function analyseOrder(): void {
  number();
  findDominators();
}

/** All the rest, once the edges are as they shall be. */
export function analyseFlow(): void {
  markBlocks();
  markLoops();
  findComponents();
  findLive();
  findDirty();
  findWords();
  findPhases();
  findPaths();
}
