// The region as a graph: reverse postorder, dominators (what Ramsey, "Beyond Relooper", needs), and how irreducible edges
// are led through the switch.
import {
  BLOCK_DOMINATOR, BLOCK_END, BLOCK_NEXT, BLOCK_NEXT_VIA, BLOCK_ORDER, BLOCK_TAKEN, BLOCK_TAKEN_VIA, END_SWITCH, WORK_ORDER, WORK_POINTER,
} from "./map";
import { block, blockCount, rootBlock } from "./blocks";
import { enterThroughSwitch, redirect, switchBlock, switchCount, switchTarget } from "./switch-block";

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

// @ts-ignore: decorator
@inline
export function successorCount(b: usize): i32 {
  return load<u32>(b, BLOCK_END) == END_SWITCH ? switchCount : 2;
}

/** A block's successor inside the region, -1 = none. */
// @ts-ignore: decorator
@inline
export function successor(b: usize, which: i32): i32 {
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

/** The order of the blocks, and who dominates whom. */
export function analyseOrder(): void {
  number();
  findDominators();
}
