// Writes a region as a Wasm function: (meta, pc, left, depth) -> (pc, left). `pc` is the absolute pc of the entry, so the
// bytes do not depend on where the code lies. batch.ts makes modules of functions.
import { HELPER_COUNT } from "../generated/emit";
import {
  access, code, constant32, cursor, END, getLocal, I32_AND, I32_EQZ, I32_LOAD, I32_LT_S, I32_OR, loadCell, moveCursor, patchUnsigned, setLocal,
  TYPE_F64, TYPE_I32, TYPE_I64, UNREACHABLE, unsigned,
} from "./code";
import {
  assignLocals, DOUBLES, firstGroupLocal, GROUP_LOCALS, LOCAL_DEPTH, LOCAL_LEFT, LOCAL_META, LOCAL_PC, LOCAL_T, reload, resetLabels,
} from "./frame";
import { chooseConstants, constantTypes, countConstants, declareConstants, setConstants } from "./constants";
import { chooseCopies, copyLocals, countCopies } from "./copies";
import { closeExits, openExits, restartExits, returnIf, sharesReturns } from "./exits";
import { inOrder, orderCount } from "./graph";
import { restartLinks } from "./links";
import { BLOCK_LIVE, BLOCK_MARKS, BLOCK_PATH, BLOCK_USES, BLOCK_WRITES, MARK_LOOP, META_VALID, REGION_STAMP, WORK_CODE, WORK_POINTER } from "./map";
import { usesFloat } from "./ends";
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
  0x60, 4, 0x7f, 0x7f, 0x7e, 0x7f, 1, 0x7e, // 1 leave
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

/** Bytes of a function's index. */
export const INDEX_BYTES: usize = 2;
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
  for (let i: u32 = 0; i < selfCallCount; i++) patchUnsigned(load<u32>(selfCalls + (<usize>i << 2)), index, INDEX_BYTES);
}

function registersUsed(): u64 {
  let mask: u64 = 0;
  for (let i: u32 = 0; i < orderCount; i++) {
    const b = block(inOrder(i));
    mask |= load<u64>(b, BLOCK_USES) | load<u64>(b, BLOCK_WRITES) | load<u64>(b, BLOCK_LIVE);
  }
  return mask;
}

function declare(count: u32, type: u32): void {
  if (count == 0) return;
  unsigned(count);
  code(type);
}

function emitLocals(registers: u64, doubles: u32): void {
  const integers = <u32>popcnt(registers & 0xffffffff);
  const floats = <u32>popcnt(registers >> 32);
  unsigned(3 + <u32>(doubles != 0) + <u32>(integers != 0) + <u32>(floats != 0) + <u32>(copyLocals() != 0) + constantTypes());
  declare(3, TYPE_I64);
  declare(4, TYPE_I32);
  declare(doubles, TYPE_F64);
  declare(integers, TYPE_I64);
  declare(floats, TYPE_F64);
  declare(GROUP_LOCALS, TYPE_I32);
  declare(copyLocals(), TYPE_I64);
  declareConstants(firstGroupLocal + GROUP_LOCALS + copyLocals());
}

/** Returns at once unless the region is valid now, the slice is long enough, where no loop's header asks, and the stack not too deep. */
function emitEntry(): void {
  const root = block(rootBlock);
  if (sharesReturns || rootBlock == switchBlock) {
    getLocal(LOCAL_PC);
    setLocal(LOCAL_T);
  }
  getLocal(LOCAL_META);
  access(I32_LOAD, META_VALID);
  loadCell(I32_LOAD, REGION_STAMP);
  code(I32_AND);
  code(I32_EQZ);
  if ((load<u32>(root, BLOCK_MARKS) & MARK_LOOP) == 0) {
    getLocal(LOCAL_LEFT);
    constant32(load<u32>(root, BLOCK_PATH));
    code(I32_LT_S);
    code(I32_OR);
  }
  getLocal(LOCAL_DEPTH);
  constant32(0);
  code(I32_LT_S);
  code(I32_OR);
  returnIf(LOCAL_PC);
  setConstants();
  loadLinear();
  loadKey();
  reload(load<u64>(root, BLOCK_LIVE));
}

function emitBody(): void {
  const registers = registersUsed();
  const doubles = usesFloat ? DOUBLES : 0;
  assignLocals(registers, doubles);
  emitLocals(registers, doubles);
  resetLabels();
  openExits();
  emitEntry();
  emitTree(rootBlock);
  code(UNREACHABLE);
  closeExits();
  code(END);
}

/** Writes the function once; `plans` says that it is for finding out what it needs. */
function writeOnce(plans: bool): void {
  selfCallCount = 0;
  restartExits(plans);
  restartLinks();
  moveCursor(<usize>load<u32>(WORK_POINTER) + WORK_CODE);
  emitBody();
}

/** Writes the function of the region in hand to WORK_CODE and returns its length; calls of itself are left open. */
export function writeFunction(): u32 {
  countConstants();
  countCopies();
  writeOnce(true);
  chooseConstants();
  chooseCopies();
  writeOnce(false);
  patchSelfCalls(IMPORTED_FUNCTIONS); // as if alone in its module
  return <u32>(cursor - load<u32>(WORK_POINTER)) - WORK_CODE;
}
