// Jumps to registers inside a region: one block looks the target up in a table of bytes, by its distance from the least
// target, and branches. What is not in the table goes on in the region of its own.
import {
  access, BLOCK, branchIf, BR_TABLE, code, constant, constant32, END, getLocal, I32_ADD, I32_LOAD, I32_LOAD8_U, I32_LT_S, I32_SHR_U, I32_WRAP_I64, I64_GE_U, I64_SUB,
  teeLocal, TYPE_VOID, unsigned,
} from "./code";
import { beginReturnByExit, leaveIf } from "./exits";
import { closeLabel, depthOf, LOCAL_LEFT, LOCAL_META, LOCAL_PC, LOCAL_T, LOCAL_V, openPlainLabel } from "./frame";
import { takeArena } from "./drop";
import { isIrreducible, orderOf } from "./graph";
import { BLOCK_OFFSET, BLOCK_PATH, META_EXITS } from "./map";
import { block } from "./blocks";
import { switchBlock, switchCount, switchTarget } from "./switch-block";

/** The table lies right before the region's exits. */
let table: usize = 0;
let tableBytes: i32 = 0;
let low: i32 = 0;
let high: i32 = 0;

// @ts-ignore: decorator
@inline
function offsetOf(index: u32): i32 {
  return load<i32>(block(switchTarget(index)), BLOCK_OFFSET);
}

/** Takes room for the table of the region in hand; its exits must follow. */
export function reserveTable(): void {
  if (switchBlock < 0) return;
  low = i32.MAX_VALUE;
  high = i32.MIN_VALUE;
  for (let i: u32 = 0; i < switchCount; i++) {
    low = min(low, offsetOf(i));
    high = max(high, offsetOf(i));
  }
  tableBytes = ((high - low >> 1) + 8) & ~7;
  table = takeArena(tableBytes);
  memory.fill(table, 0, tableBytes);
}

/** The switch is a loop's header, where `left` is never behind: leaves for the target if the slice may end. */
function checkLeft(b: usize): void {
  const exit = beginReturnByExit();
  getLocal(LOCAL_LEFT);
  constant32(load<i32>(b, BLOCK_PATH));
  code(I32_LT_S);
  leaveIf(exit);
}

/** Branches to the block at LOCAL_T; falls through if the table has none. */
export function emitSwitch(b: usize, isLoop: bool): void {
  if (isLoop) checkLeft(b);
  code(BLOCK);
  code(TYPE_VOID);
  openPlainLabel();
  getLocal(LOCAL_T);
  getLocal(LOCAL_PC);
  code(I64_SUB);
  constant(low);
  code(I64_SUB);
  teeLocal(LOCAL_V);
  constant(high - low + 1);
  code(I64_GE_U);
  branchIf(0);
  getLocal(LOCAL_V);
  code(I32_WRAP_I64);
  constant32(1);
  code(I32_SHR_U);
  getLocal(LOCAL_META);
  access(I32_LOAD, META_EXITS);
  code(I32_ADD);
  constant32(-tableBytes);
  code(I32_ADD);
  access(I32_LOAD8_U, 0);
  code(BR_TABLE);
  unsigned(switchCount + 1);
  unsigned(0);
  for (let i: u32 = 0; i < switchCount; i++) emitTarget(i);
  unsigned(0);
  code(END);
  closeLabel();
}

function emitTarget(index: u32): void {
  const target = switchTarget(index);
  if (isIrreducible(switchBlock, target)) {
    unsigned(0);
    return;
  }
  store<u8>(table + (offsetOf(index) - low >> 1), <u8>(index + 1));
  unsigned(depthOf(target, orderOf(target) <= orderOf(switchBlock)));
}
