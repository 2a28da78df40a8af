// Emits jumps to registers and jumps out of the region, by way of the pc -> meta map or a link, as tail calls.
import { PC_BIAS, PCC_PAGE_LENGTH, PCC_PAGE_LOW, RECORD_IMM, RECORD_RS1 } from "../layout";
import {
  access, callHelper, code, constant, constant32, ELSE, END, getLocal, I32_ADD, I32_AND, I32_EQZ, I32_GT_U, I32_LOAD, I32_SHL, I32_STORE,
  I32_WRAP_I64, I64_ADD, I64_AND, I64_EQ, I64_GE_U, I64_LOAD, I64_SUB, I64_XOR, IF, loadCell, RETURN, RETURN_CALL_INDIRECT, setLocal, teeLocal,
  TYPE_I32, unsigned,
} from "./code";
import { emitEdge, leaveTo } from "./edges";
import { addExit, leaveIf, returnByExit } from "./exits";
import {
  behind, dirty, here, LOCAL_A, LOCAL_DEPTH, LOCAL_K, LOCAL_LEFT, LOCAL_META, LOCAL_T, pushLeft, pushX, spill,
} from "./frame";
import { linkTo } from "./links";
import { hasLoops } from "./loops";
import { BLOCK_LAST, BLOCK_NEXT, EXIT_INTERPRET, JUMP_MAP, JUMP_MAP_ENTRIES, MAP_TAG, META_COUNT, META_SLOT, RETURN_REGISTER } from "./map";
import { HELPER_FIND, HELPER_JUMP } from "./module";
import { isRelocated, pushAddress } from "./operands";
import { switchesRegisters } from "./switch-block";
import { JUMP_TURNS } from "./targets";

/** The absolute target of a jump to a register, into LOCAL_T; leaves for the interpreter if it is outside PCC. */
export function emitTarget(record: usize): void {
  const distance = load<i32>(record, RECORD_IMM);
  pushX(load<u16>(record, RECORD_RS1));
  if (distance != 0) {
    constant(distance);
    code(I64_ADD);
  }
  if (isRelocated()) {
    loadCell(I64_LOAD, PC_BIAS);
    code(I64_ADD);
  }
  constant(-2);
  code(I64_AND);
  setLocal(LOCAL_T);
  const exit = addExit(record, here, behind - 1, EXIT_INTERPRET);
  constant32(exit);
  getLocal(LOCAL_T);
  loadCell(I64_LOAD, PCC_PAGE_LOW);
  code(I64_SUB);
  loadCell(I64_LOAD, PCC_PAGE_LENGTH);
  code(I64_GE_U);
  leaveIf(exit);
}

/** Goes on at `offset`, outside. */
export function emitGo(offset: i32): void {
  const link = linkTo(offset);
  if (link == 0) {
    leaveTo(offset);
    return;
  }
  spill(dirty);
  getLocal(LOCAL_META);
  access(I32_LOAD, link);
  teeLocal(LOCAL_A);
  pushAddress(offset);
  emitTailCall();
}

/** Counts a jump to a register; pushes whether it is time to look whether there are new targets. */
function countJump(): void {
  getLocal(LOCAL_META);
  getLocal(LOCAL_META);
  access(I32_LOAD, META_COUNT);
  constant32(1);
  code(I32_ADD);
  teeLocal(LOCAL_K);
  access(I32_STORE, META_COUNT);
  getLocal(LOCAL_K);
  constant32(JUMP_TURNS - 1);
  code(I32_AND);
  code(I32_EQZ);
}

/** The meta block of the code at LOCAL_T, into LOCAL_A: from the jump map, or by the core. */
export function emitFind(isJump: bool): void {
  getLocal(LOCAL_T);
  loadCell(I64_LOAD, MAP_TAG);
  code(I64_XOR);
  getLocal(LOCAL_T);
  code(I32_WRAP_I64);
  constant32(3);
  code(I32_SHL);
  constant32(JUMP_MAP_ENTRIES - 1 << 4);
  code(I32_AND);
  teeLocal(LOCAL_A);
  access(I64_LOAD, JUMP_MAP);
  code(I64_EQ);
  if (isJump) {
    countJump();
    code(I32_GT_U);
  }
  code(IF);
  code(TYPE_I32);
  getLocal(LOCAL_A);
  access(I32_LOAD, JUMP_MAP + 8);
  code(ELSE);
  if (isJump) getLocal(LOCAL_META);
  getLocal(LOCAL_T);
  callHelper(isJump ? HELPER_JUMP : HELPER_FIND);
  code(END);
  setLocal(LOCAL_A);
}

/** Goes on in the region of LOCAL_A, at the address on the stack above it, in place of this one. */
function emitTailCall(): void {
  pushLeft();
  getLocal(LOCAL_DEPTH);
  getLocal(LOCAL_A);
  access(I32_LOAD, META_SLOT);
  code(RETURN_CALL_INDIRECT);
  unsigned(0);
  unsigned(0);
}

/** Goes on in the region of LOCAL_T. */
export function emitGoThere(): void {
  spill(dirty);
  emitFind(true);
  getLocal(LOCAL_A);
  getLocal(LOCAL_T);
  emitTailCall();
}

/** Behind the switch: LOCAL_T is no target of it, which is rare unless jumps to registers lead there. */
export function emitGoElsewhere(): void {
  if (switchesRegisters) {
    emitGoThere();
    return;
  }
  pushLeft();
  setLocal(LOCAL_LEFT);
  returnByExit();
}

/** Registers that a return writes home by way of an exit's label, for less code, where there are loops: it is rare then. */
const WORTH_SHARING: u64 = 3;

/** `ret` returns, to the caller's comparison; other jumps to registers go on here or in the region of their target. */
export function emitReturn(index: i32, b: usize): void {
  const record: usize = load<u32>(b, BLOCK_LAST);
  emitTarget(record);
  if (load<u16>(record, RECORD_RS1) != RETURN_REGISTER) {
    const next = load<i32>(b, BLOCK_NEXT);
    if (next >= 0) emitEdge(index, next);
    else emitGoThere();
    return;
  }
  if (hasLoops && popcnt(dirty) >= WORTH_SHARING) {
    pushLeft();
    setLocal(LOCAL_LEFT);
    returnByExit();
    return;
  }
  spill(dirty);
  getLocal(LOCAL_T);
  pushLeft();
  code(RETURN);
}
