// Emits the edges between blocks, evening out how far `left` is behind, and what leaves the region.
import { BR, code, constant32, getLocal, I32_LT_S, I32_SUB, setLocal, unsigned } from "./code";
import { addExit, addExitAtHome, leave, leaveIf } from "./exits";
import { behind, depthOf, LOCAL_LEFT, LOCAL_T, reload, setHeld } from "./frame";
import { isIrreducible, orderOf } from "./graph";
import { emitGoThere } from "./jumps";
import {
  BLOCK_LIVE, BLOCK_MARKS, BLOCK_NEXT, BLOCK_NEXT_VIA, BLOCK_OFFSET, BLOCK_PATH, BLOCK_PHASE, BLOCK_TAKEN, BLOCK_TAKEN_VIA,
  EXIT_COLD, EXIT_JUMP, MARK_MERGE,
} from "./map";
import { pushAddress } from "./operands";
import { loadKey } from "./paged";
import { block } from "./blocks";
import { switchBlock } from "./switch-block";
import { emitTree } from "./structure";

export function leaveTo(offset: i32): void {
  leave(addExit(0, offset, behind, EXIT_JUMP));
}

/** To code that is not of the region: perhaps it had not run yet. */
export function leaveToCold(offset: i32): void {
  leave(addExit(0, offset, behind, EXIT_COLD));
}

/** Where block `b` follows: leaves if the rest of the slice might not reach the next such look. */
export function checkLeft(b: usize, exit: i32, phase: i32): void {
  constant32(exit);
  getLocal(LOCAL_LEFT);
  constant32(load<i32>(b, BLOCK_PATH) + phase);
  code(I32_LT_S);
  leaveIf(exit);
}

/** Goes on at NEXT, by way of the switch if need be. */
export function emitNext(from: i32, b: usize): void {
  noteVia(load<i32>(b, BLOCK_NEXT_VIA));
  emitEdge(from, load<i32>(b, BLOCK_NEXT));
}

export function emitTaken(from: i32, b: usize): void {
  noteVia(load<i32>(b, BLOCK_TAKEN_VIA));
  emitEdge(from, load<i32>(b, BLOCK_TAKEN));
}

/** Tells the switch where to go; `via` is a block + 1. */
function noteVia(via: i32): void {
  if (via == 0) return;
  pushAddress(load<i32>(block(via - 1), BLOCK_OFFSET));
  setLocal(LOCAL_T);
}

export function emitEdge(from: i32, to: i32): void {
  const b = block(to);
  if (isIrreducible(from, to)) {
    if (to == switchBlock) emitGoThere();
    else leaveTo(load<i32>(b, BLOCK_OFFSET));
    return;
  }
  const difference = behind - load<i32>(b, BLOCK_PHASE);
  if (difference != 0) {
    getLocal(LOCAL_LEFT);
    constant32(difference);
    code(I32_SUB);
    setLocal(LOCAL_LEFT);
  }
  const isBack = orderOf(to) <= orderOf(from);
  if (isBack || (load<u32>(b, BLOCK_MARKS) & MARK_MERGE) != 0) {
    code(BR);
    unsigned(depthOf(to, isBack));
    return;
  }
  emitTree(to);
}

/** A branch, possible as one br_if, to a block already begun or yet to come. */
export function isPlainBranch(from: i32, to: i32): bool {
  if (isIrreducible(from, to) || behind != load<i32>(block(to), BLOCK_PHASE)) return false;
  return orderOf(to) <= orderOf(from) || (load<u32>(block(to), BLOCK_MARKS) & MARK_MERGE) != 0;
}

/** Back from a call or helper, everything at home, `behind` as set: looks at `left`, loads registers, goes on. */
export function emitLanding(from: i32, b: usize, offset: i32): void {
  const to = load<i32>(b, BLOCK_NEXT);
  if (to < 0) {
    leave(addExitAtHome(0, offset, behind, EXIT_COLD));
    return;
  }
  checkLeft(block(to), addExitAtHome(0, offset, behind, EXIT_JUMP), behind);
  loadKey();
  const live = load<u64>(block(to), BLOCK_LIVE);
  reload(live);
  setHeld(0, live);
  emitNext(from, b);
}
