// The function of a region while it is being written: its locals, what they hold, its labels.
import { CAP_STATE, F, X } from "../layout";
import {
  access, code, constant, constant32, DROP, F64_LOAD, F64_STORE, getLocal, I32_SUB, I64_LOAD, I64_STORE, setLocal,
} from "./code";
import { forgetCopies } from "./copies";
import { WORK_LABELS, WORK_POINTER } from "./map";

// Parameters and temporaries.
export const LOCAL_META: u32 = 0;
export const LOCAL_PC: u32 = 1;
export const LOCAL_LEFT: u32 = 2;
export const LOCAL_DEPTH: u32 = 3;
export const LOCAL_T: u32 = 4; // i64
export const LOCAL_V: u32 = 5; // i64
export const LOCAL_KEY: u32 = 6; // i64: low bits of keys of valid TLB entries, where data are translated (paged.ts)
export const LOCAL_A: u32 = 7; // i32
export const LOCAL_K: u32 = 8; // i32
export const LOCAL_LINEAR: u32 = 9; // i32: DDC_LINEAR, where it is not part of the code (operands.ts)
export const LOCAL_CROSSED: u32 = 10; // i32: CROSS_DEPTH as it was (crossing.ts)
export const LOCAL_D: u32 = 11; // f64, and more behind it
export const DOUBLES: u32 = 8;
/** Pointers of groups of accesses (i32), behind the registers. */
export const GROUP_LOCALS: u32 = 24;
export let firstGroupLocal: u32 = 0;

/** What is true at the point of emission. */
export let behind: i32 = 0; // retired instructions that the local `left` does not show yet
export let here: i32 = 0; // pc of the instruction relative to the entry
export let dirty: u64 = 0;
export let integers: u32 = 0; // registers whose home holds no capability state
export let valid: u64 = 0; // registers whose locals hold their values
export let labelCount: u32 = 0;

export function setBehind(value: i32): void { behind = value; }
export function setHere(value: i32): void { here = value; }
/** Of the registers in locals, `live`, those in `value` may be newer than home. */
export function setHeld(value: u64, live: u64): void {
  dirty = value;
  valid = live | value;
}
function noteWritten(register: u32): void {
  if (register < 32) forgetCopies(1 << register);
  dirty |= (<u64>1) << register;
  valid |= (<u64>1) << register;
}
export function setIntegers(value: u32): void { integers = value; }
/** Integer writes need not clear capability state: the region runs only while no register has any. */
export let isPure: bool = false;
export function setPure(value: bool): void { isPure = value; }
/** The block at hand is in a loop: no path through it may call, but to leave. */
export let isInLoop: bool = false;
export function setInLoop(value: bool): void { isInLoop = value; }
/** Slow paths are called in place. */
export let isRobust: bool = false;
export function setRobust(value: bool): void { isRobust = value; }

let localNumbers: usize = memory.data(64);

/** Gives every register of `mask` a local, behind `doubles` temporaries: bits 31:0 x registers (i64), 63:32 f registers (f64). */
export function assignLocals(mask: u64, doubles: u32): void {
  const first = LOCAL_D + doubles;
  let count: u32 = 0;
  for (let r: u32 = 0; r < 64; r++) {
    if ((mask >> r & 1) == 0) continue;
    store<u8>(localNumbers + r, <u8>(first + count));
    count += 1;
  }
  firstGroupLocal = first + count;
}

// @ts-ignore: decorator
@inline
function localOf(register: u32): u32 {
  return load<u8>(localNumbers + register);
}

export function pushX(operand: u32): void {
  if (operand == 0) constant(0);
  else getLocal(localOf(operand >> 6));
}

/** Writes the value on the stack to an integer register. */
export function writeX(operand: u32): void {
  if (operand >= 0x800) {
    code(DROP);
    return;
  }
  const register = operand >> 6;
  setLocal(localOf(register));
  noteWritten(register);
  const bit: u32 = 1 << register;
  if (isPure || (integers & bit) != 0) return;
  integers |= bit;
  constant32(0);
  constant(0);
  access(I64_STORE, X + operand + CAP_STATE);
}

/** Writes the address on the stack to a register whose struct is at home, or will be. */
export function writeCapability(operand: u32): void {
  if (operand >= 0x800) {
    code(DROP);
    return;
  }
  const register = operand >> 6;
  setLocal(localOf(register));
  noteWritten(register);
  integers &= ~(1 << register);
}

/** The registers of `mask` have been written at home, and reloaded. */
export function noteHome(mask: u32, isCapability: bool): void {
  forgetCopies(mask);
  dirty &= ~(<u64>mask);
  valid |= mask;
  integers = isCapability ? integers & ~mask : integers | mask;
}

/** Pushes an f register as f64. */
export function pushDouble(operand: u32): void {
  getLocal(localOf(32 + (operand >> 3)));
}

/** Writes the f64 on the stack to an f register. */
export function writeF(operand: u32): void {
  const register = 32 + (operand >> 3);
  setLocal(localOf(register));
  noteWritten(register);
}

function spillF(mask: u64): void {
  for (let r: u32 = 32; r < 64; r++) {
    if ((mask >> r & 1) == 0) continue;
    constant32(0);
    getLocal(localOf(r));
    access(F64_STORE, F + (r - 32 << 3));
  }
}

function reloadF(mask: u64): void {
  for (let r: u32 = 32; r < 64; r++) {
    if ((mask >> r & 1) == 0) continue;
    constant32(0);
    access(F64_LOAD, F + (r - 32 << 3));
    setLocal(localOf(r));
  }
}

/** Writes the registers of `mask` home. */
export function spill(mask: u64): void {
  if (mask >> 32 != 0) spillF(mask);
  for (let r: u32 = 1; r < 32; r++) {
    if ((mask >> r & 1) == 0) continue;
    constant32(0);
    getLocal(localOf(r));
    access(I64_STORE, X + (r << 6));
  }
}

export function reload(mask: u64): void {
  if (mask >> 32 != 0) reloadF(mask);
  for (let r: u32 = 1; r < 32; r++) {
    if ((mask >> r & 1) == 0) continue;
    constant32(0);
    access(I64_LOAD, X + (r << 6));
    setLocal(localOf(r));
  }
}

/** Pushes `left` as it really is. */
export function pushLeft(): void {
  getLocal(LOCAL_LEFT);
  if (behind == 0) return;
  constant32(behind);
  code(I32_SUB);
}

// ---- labels ----

const LABEL_OTHER: u32 = 0xffff;
const LABEL_LOOP: u32 = 0x8000;

// @ts-ignore: decorator
@inline
function labels(): usize {
  return load<u32>(WORK_POINTER) + WORK_LABELS;
}

export function openLabel(label: u32): void {
  store<u16>(labels() + (<usize>labelCount << 1), <u16>label);
  labelCount += 1;
}
export function openPlainLabel(): void { openLabel(LABEL_OTHER); }
export function openLoopLabel(index: i32): void { openLabel(LABEL_LOOP | index); }
export function closeLabel(): void { labelCount -= 1; }
export function resetLabels(): void { labelCount = 0; }

/** Relative depth of the label for a block: its loop, or the end of the Wasm block before it. */
export function depthOf(index: i32, isLoop: bool): u32 {
  const wanted: u32 = isLoop ? LABEL_LOOP | index : index;
  for (let i = <i32>labelCount - 1; i >= 0; i--) {
    if (load<u16>(labels() + (<usize>i << 1)) == wanted) return labelCount - 1 - i;
  }
  unreachable();
  return 0;
}
