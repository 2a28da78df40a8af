// Writes a region as a Wasm module: (meta, pc, left, depth) -> (pc, left). `pc` is the absolute pc of the entry, so the
// bytes do not depend on where the code lies.
import { LEFT } from "../layout";
import { helperType, TYPE_BYTES, TYPE_BYTES_LENGTH, TYPE_COUNT } from "../generated/emit";
import {
  access, BLOCK, BR, callHelper, code, constant32, cursor, END, getLocal, I32_AND, I32_EQZ, I32_LOAD, I32_LT_S, I32_OR, IF, importCount, importedHelper,
  loadCell, moveCursor, patchUnsigned, resetImports, RETURN, setLocal, TYPE_F64, TYPE_I32, TYPE_I64, TYPE_VOID, UNREACHABLE, unsigned,
} from "./code";
import {
  assignLocals, closeLabel, DOUBLES, exitDepth, GROUP_LOCALS, labelCount, LOCAL_DEPTH, LOCAL_K, LOCAL_LEFT, LOCAL_META, LOCAL_PC, openPlainLabel, reload,
  resetLabels, setBehind, setExitLabel, spill,
} from "./frame";
import { inOrder, maskOf, orderCount } from "./graph";
import {
  BLOCK_COMPONENT, BLOCK_LIVE, BLOCK_PATH, BLOCK_USES, BLOCK_WRITES, META_VALID, REGION_STAMP, WORK_CODE, WORK_MASKS, WORK_MODULE, WORK_POINTER,
} from "./map";
import { block, rootBlock } from "./region";
import { emitTree } from "./structure";

// Helpers by number; those of semantic expressions follow from 16 on (isa/generate/helpers.ts).
export const HELPER_LEAVE: u32 = 0;
export const HELPER_LOAD_SLOW: u32 = 1;
export const HELPER_STORE_SLOW: u32 = 2;
export const HELPER_ONE: u32 = 3;
export const HELPER_FIND: u32 = 4;
const FIRST_EXPRESSION_HELPER: u32 = 16;

// Types of the module, by index.
const OWN_TYPES: usize = memory.data<u8>([
  0x60, 4, 0x7f, 0x7e, 0x7f, 0x7f, 2, 0x7e, 0x7f, // 0 region
  0x60, 4, 0x7f, 0x7e, 0x7f, 0x7f, 1, 0x7e, // 1 leave
  0x60, 4, 0x7f, 0x7e, 0x7f, 0x7f, 1, 0x7e, // 2 slow load
  0x60, 5, 0x7f, 0x7e, 0x7e, 0x7f, 0x7f, 1, 0x7f, // 3 slow store
  0x60, 4, 0x7f, 0x7e, 0x7f, 0x7f, 1, 0x7f, // 4 one instruction
  0x60, 1, 0x7e, 1, 0x7f, // 5 find
  0x60, 0, 0, // 6
  0x60, 0, 0, // 7
]);
const OWN_TYPES_LENGTH: usize = 9 + 8 + 8 + 9 + 8 + 5 + 3 + 3;
const OWN_TYPE_COUNT: u32 = 8;

function typeOfHelper(number: u32): u32 {
  return number >= FIRST_EXPRESSION_HELPER ? helperType(number - FIRST_EXPRESSION_HELPER) : number + 1;
}

const MOST_SELF_CALLS: u32 = 64;
let selfCalls: usize = memory.data(64 * 4);
let selfCallCount: u32 = 0;

/** A call of the region's own function, whose index is known once all imports are. */
export function noteSelfCall(place: usize): void {
  if (selfCallCount == MOST_SELF_CALLS) unreachable();
  store<u32>(selfCalls + (<usize>selfCallCount << 2), <u32>place);
  selfCallCount += 1;
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
  unsigned(2);
  code(TYPE_I64);
  unsigned(2);
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
  reload(load<u64>(root, BLOCK_LIVE));
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

/** Opens a section; returns the place of its length. */
function openSection(id: u32): usize {
  code(id);
  const place = cursor;
  moveCursor(place + 5);
  return place;
}

function closeSection(place: usize): void {
  patchUnsigned(place, <u32>(cursor - place - 5));
}

function twoLetters(number: u32): void {
  code(2);
  code(97 + (number >> 4));
  code(97 + (number & 15));
}

function emitImports(): void {
  const place = openSection(2);
  unsigned(importCount + 2);
  for (let i: u32 = 0; i < importCount; i++) {
    const number = importedHelper(i);
    code(1);
    code(101); // "e"
    twoLetters(number);
    code(0);
    unsigned(typeOfHelper(number));
  }
  code(1); code(101); code(1); code(109); code(2); code(0); code(1); // "e" "m": a memory of a page or more
  code(1); code(101); code(1); code(116); code(1); code(0x70); code(0); code(1); // "e" "t": a table of functions
  closeSection(place);
}

/** Length in bytes of the module for the region in hand; it lies at WORK_MODULE. */
export function writeModule(): u32 {
  const work: usize = load<u32>(WORK_POINTER);
  resetImports();
  selfCallCount = 0;
  moveCursor(work + WORK_CODE);
  emitBody();
  for (let i: u32 = 0; i < selfCallCount; i++) patchUnsigned(load<u32>(selfCalls + (<usize>i << 2)), importCount);
  const bodyLength = <u32>(cursor - work) - WORK_CODE;
  moveCursor(work + WORK_MODULE);
  code(0); code(0x61); code(0x73); code(0x6d); code(1); code(0); code(0); code(0);
  let place = openSection(1);
  unsigned(OWN_TYPE_COUNT + TYPE_COUNT);
  memory.copy(cursor, OWN_TYPES, OWN_TYPES_LENGTH);
  memory.copy(cursor + OWN_TYPES_LENGTH, TYPE_BYTES, TYPE_BYTES_LENGTH);
  moveCursor(cursor + OWN_TYPES_LENGTH + TYPE_BYTES_LENGTH);
  closeSection(place);
  emitImports();
  place = openSection(3);
  code(1); code(0);
  closeSection(place);
  place = openSection(7);
  code(1); code(1); code(102); code(0); unsigned(importCount); // export "f"
  closeSection(place);
  place = openSection(10);
  code(1);
  unsigned(bodyLength);
  memory.copy(cursor, work + WORK_CODE, bodyLength);
  moveCursor(cursor + bodyLength);
  closeSection(place);
  return <u32>(cursor - work) - WORK_MODULE;
}
