// Writes a region as a Wasm function: (meta, pc, left, depth) -> (pc, left). `pc` is the absolute pc of the entry, so the
// bytes do not depend on where the code lies. batch.ts makes modules of functions.
import { LEFT } from "../layout";
import { HELPER_COUNT } from "../generated/emit";
import {
  access, BLOCK, BR, callHelper, code, constant32, cursor, END, getLocal, I32_AND, I32_EQZ, I32_LOAD, I32_LT_S, I32_OR, IF,
  loadCell, moveCursor, patchUnsigned, RETURN, setLocal, TYPE_F64, TYPE_I32, TYPE_I64, TYPE_VOID, UNREACHABLE, unsigned,
} from "./code";
import {
  assignLocals, closeLabel, DOUBLES, exitDepth, GROUP_LOCALS, LOCAL_DEPTH, LOCAL_K, LOCAL_LEFT, LOCAL_META, LOCAL_PC, LOCAL_T, openPlainLabel, reload,
  resetLabels, spill,
} from "./frame";
import { maskOf } from "./dataflow";
import { inOrder, orderCount } from "./graph";
import {
  BLOCK_COMPONENT, BLOCK_LIVE, BLOCK_PATH, BLOCK_USES, BLOCK_WRITES, META_VALID, REGION_STAMP, WORK_CODE, WORK_MASKS, WORK_POINTER,
} from "./map";
import { loadLinear } from "./operands";
import { loadKey } from "./paged";
import { block, rootBlock } from "./blocks";
import { switchBlock } from "./switch-block";
import { emitTree } from "./structure";

// Helpers by number, which is the index of their import; those of semantic expressions follow (isa/generate/helpers.ts).
export const HELPER_LEAVE: u32 = 0;
export const HELPER_LOAD_SLOW: u32 = 1;
export const HELPER_STORE_SLOW: u32 = 2;
export const HELPER_ONE: u32 = 3;
export const HELPER_FIND: u32 = 4;
export const HELPER_JUMP: u32 = 5;
export const HELPER_DECODE: u32 = 6;
export const HELPER_CROSS: u32 = 7;
export const HELPER_PLAIN: u32 = 8;
export const OWN_HELPERS: u32 = 9;
export const IMPORTED_FUNCTIONS: u32 = OWN_HELPERS + HELPER_COUNT;

// Types of the module, by index.
export const OWN_TYPES: usize = memory.data<u8>([
  0x60, 4, 0x7f, 0x7e, 0x7f, 0x7f, 2, 0x7e, 0x7f, // 0 region
  0x60, 4, 0x7f, 0x7e, 0x7f, 0x7f, 1, 0x7e, // 1 leave
  0x60, 4, 0x7f, 0x7e, 0x7f, 0x7f, 1, 0x7e, // 2 slow load
  0x60, 5, 0x7f, 0x7e, 0x7e, 0x7f, 0x7f, 1, 0x7f, // 3 slow store
  0x60, 4, 0x7f, 0x7e, 0x7f, 0x7f, 1, 0x7f, // 4 one instruction
  0x60, 1, 0x7e, 1, 0x7f, // 5 find
  0x60, 2, 0x7f, 0x7e, 1, 0x7f, // 6 jump
  0x60, 1, 0x7f, 1, 0x7f, // 7 decode
  0x60, 5, 0x7f, 0x7e, 0x7f, 0x7f, 0x7f, 1, 0x7f, // 8 cross
  0x60, 2, 0x7f, 0x7f, 1, 0x7f, // 9 one plain instruction
]);
export const OWN_TYPES_LENGTH: usize = 9 + 8 + 8 + 9 + 8 + 5 + 6 + 5 + 9 + 6;
export const OWN_TYPE_COUNT: u32 = 10;

/** Type of the translator's own helper `number`. */
export function ownType(number: u32): u32 {
  return number + 1;
}

const MOST_SELF_CALLS: u32 = 64;
let selfCalls: usize = memory.data(64 * 4);
let selfCallCount: u32 = 0;

/** A call of the region's own function, whose index is known once its place in a module is. */
export function noteSelfCall(place: usize): void {
  if (selfCallCount == MOST_SELF_CALLS) unreachable();
  store<u32>(selfCalls + (<usize>selfCallCount << 2), <u32>place);
  selfCallCount += 1;
}

/** Makes calls of the region's own function calls of function `index`. */
export function patchSelfCalls(index: u32): void {
  for (let i: u32 = 0; i < selfCallCount; i++) patchUnsigned(load<u32>(selfCalls + (<usize>i << 2)), index);
}

/** Numbers the components that have registers to write home: their exit labels, from 1 on. */
function numberComponents(): u32 {
  let count: u32 = 0;
  const masks: usize = load<u32>(WORK_POINTER) + WORK_MASKS;
  // Own numbers are kept behind the masks until every block has its new one.
  const numbers = masks + 8192;
  const newMasks = masks + 12288;
  for (let i: u32 = 0; i < orderCount; i++) store<u16>(numbers + (<usize>inOrder(i) << 1), 0);
  for (let i: u32 = 0; i < orderCount; i++) {
    const b = block(inOrder(i));
    const component = load<u32>(b, BLOCK_COMPONENT);
    const mask = load<u64>(maskOf(component));
    let label: u32 = load<u16>(numbers + (<usize>component << 1));
    if (label == 0 && mask != 0) {
      label = ++count;
      store<u16>(numbers + (<usize>component << 1), <u16>label);
      store<u64>(newMasks + (<usize>label << 3), mask);
    }
    store<u32>(b, label, BLOCK_COMPONENT);
  }
  memory.copy(masks, newMasks, <usize>(count + 1) << 3);
  return count;
}

function registersUsed(): u64 {
  let mask: u64 = 0;
  for (let i: u32 = 0; i < orderCount; i++) {
    const b = block(inOrder(i));
    mask |= load<u64>(b, BLOCK_USES) | load<u64>(b, BLOCK_WRITES) | load<u64>(b, BLOCK_LIVE);
  }
  return mask;
}

function emitLocals(registers: u64): void {
  unsigned(6);
  unsigned(3);
  code(TYPE_I64);
  unsigned(3);
  code(TYPE_I32);
  unsigned(DOUBLES);
  code(TYPE_F64);
  unsigned(<u32>popcnt(registers & 0xffffffff));
  code(TYPE_I64);
  unsigned(<u32>popcnt(registers >> 32));
  code(TYPE_F64);
  unsigned(GROUP_LOCALS);
  code(TYPE_I32);
}

/** Returns at once unless the region is valid now, the slice is long enough and the stack not too deep. */
function emitEntry(): void {
  const root = block(rootBlock);
  getLocal(LOCAL_META);
  access(I32_LOAD, META_VALID);
  loadCell(I32_LOAD, REGION_STAMP);
  code(I32_AND);
  code(I32_EQZ);
  getLocal(LOCAL_LEFT);
  constant32(load<u32>(root, BLOCK_PATH));
  code(I32_LT_S);
  code(I32_OR);
  getLocal(LOCAL_DEPTH);
  constant32(0);
  code(I32_LT_S);
  code(I32_OR);
  code(IF);
  code(TYPE_VOID);
  getLocal(LOCAL_PC);
  getLocal(LOCAL_LEFT);
  code(RETURN);
  code(END);
  loadLinear();
  loadKey();
  reload(load<u64>(root, BLOCK_LIVE));
  if (rootBlock != switchBlock) return;
  getLocal(LOCAL_PC);
  setLocal(LOCAL_T);
}

function emitBody(): void {
  const labels = numberComponents();
  const registers = registersUsed();
  assignLocals(registers);
  emitLocals(registers);
  resetLabels();
  for (let i: u32 = 0; i <= labels; i++) {
    code(BLOCK);
    code(TYPE_I32);
    openPlainLabel();
  }
  emitEntry();
  emitTree(rootBlock);
  code(UNREACHABLE);
  for (let i = labels; i > 0; i--) {
    code(END);
    closeLabel();
    spill(load<u64>(maskOf(i)));
    if (i == 1) continue;
    code(BR);
    unsigned(exitDepth(0));
  }
  code(END);
  closeLabel();
  setLocal(LOCAL_K);
  getLocal(LOCAL_META);
  getLocal(LOCAL_PC);
  getLocal(LOCAL_LEFT);
  getLocal(LOCAL_K);
  callHelper(HELPER_LEAVE);
  loadCell(I32_LOAD, LEFT);
  code(END);
}

/** Writes the function of the region in hand to WORK_CODE and returns its length; calls of itself are left open. */
export function writeFunction(): u32 {
  const work: usize = load<u32>(WORK_POINTER);
  selfCallCount = 0;
  moveCursor(work + WORK_CODE);
  emitBody();
  patchSelfCalls(IMPORTED_FUNCTIONS); // as if alone in its module
  return <u32>(cursor - work) - WORK_CODE;
}
