// Writes a region's blocks as structured Wasm (Ramsey, "Beyond Relooper: Recursive Translation of Unstructured Control
// Flow to Structured Control Flow", 2022): the dominator tree gives the nesting, a loop header opens a loop, a merge
// ends a block.
import { PCC_PAGE_LENGTH, PCC_PAGE_LOW, PC_BIAS, RECORD_IMM, RECORD_RD, RECORD_RS1 } from "../layout";
import { describe, emitExpression } from "../generated/emit";
import {
  access, BLOCK, BR, BR_IF, CALL, CALL_INDIRECT, callHelper, code, constant, constant32, ELSE, END, getLocal, I32_ADD, I32_AND, I32_EQZ, I32_GT_U, I32_LOAD, I32_STORE, I32_SHL, I32_WRAP_I64, I64_EQ, I64_XOR, RETURN_CALL_INDIRECT, TYPE_I32, I32_LT_S, I32_SUB, I64_ADD,
  I64_AND, I64_GE_U, I64_LOAD, I64_NE, I64_SUB, IF, loadCell, LOOP, reserveUnsigned, RETURN, setLocal, teeLocal, TYPE_VOID, unsigned,
} from "./code";
import {
  addExit, behind, closeLabel, DEPTH_CROSSED, depthOf, dirty, exitDepth, exitLabel, isRobust, leaveIf, LOCAL_A, LOCAL_DEPTH, LOCAL_K, LOCAL_LEFT,
  LOCAL_META, LOCAL_PC, LOCAL_T, openLabel, openLoopLabel, openPlainLabel, pushLeft, pushX, reload, setBehind, setDirty, setExitLabel, setHere,
  setInLoop, setIntegers, spill, writeX, here,
} from "./frame";
import { inOrder, isIrreducible, orderCount, orderOf } from "./graph";
import { emitCross } from "./crossing";
import { emitEarlyChecks, findGroups } from "./groups";
import { emitInstruction } from "./instructions";
import { HELPER_FIND, HELPER_JUMP, HELPER_ONE, noteSelfCall } from "./module";
import {
  BLOCK_COMPONENT, BLOCK_DIRTY, BLOCK_DOMINATOR, BLOCK_END, BLOCK_INTEGER, BLOCK_LAST, BLOCK_LAST_OFFSET, BLOCK_LENGTH, BLOCK_LIVE, BLOCK_MARKS,
  BLOCK_NEXT, BLOCK_NEXT_VIA, BLOCK_OFFSET, BLOCK_PATH, BLOCK_PHASE, BLOCK_RECORD, BLOCK_TAKEN, BLOCK_TAKEN_VIA, BLOCK_TAKEN_OFFSET, BLOCK_WORDS,
  END_BRANCH, END_CALL, END_CALL_REGISTER, END_CROSS, END_HELPER, END_INTERPRET, END_JUMP, END_JUMP_REGISTER, END_LEAVE, END_NEXT, END_SWITCH,
  EXIT_HELPER, EXIT_INTERPRET, EXIT_JUMP, JUMP_MAP, JUMP_MAP_ENTRIES, MAP_TAG, MARK_IN_LOOP, MARK_LOOP, MARK_MERGE, META_COUNT, META_SLOT,
  RETURN_REGISTER,
} from "./map";
import { isRelocated, pushAddress, pushArchitectural } from "./operands";
import { loadKey } from "./paged";
import { block, lengthOf, operationOf, recordInside, switchBlock } from "./region";
import { linkTo } from "./links";
import { emitSwitch } from "./switch";
import { JUMP_TURNS } from "./targets";
import { emitBranchOnWords, followWords, setWords } from "./words";

/** Position of the label for exits with all registers at home. */
export const EXIT_SYNCHRONIZED: u32 = 0;

/** Block, loops and merges below it in the dominator tree included. */
export function emitTree(index: i32): void {
  const isLoop = (load<u32>(block(index), BLOCK_MARKS) & MARK_LOOP) != 0;
  if (isLoop) {
    code(LOOP);
    code(TYPE_VOID);
    openLoopLabel(index);
  }
  emitWithin(index, orderCount);
  if (isLoop) {
    code(END);
    closeLabel();
  }
}

/** The block with those merges it dominates whose number is less than `below`: the last one is outermost. */
function emitWithin(index: i32, below: u32): void {
  for (let i = <i32>below - 1; i > orderOf(index); i--) {
    const child = inOrder(i);
    const b = block(child);
    if (load<i32>(b, BLOCK_DOMINATOR) != index || (load<u32>(b, BLOCK_MARKS) & MARK_MERGE) == 0) continue;
    code(BLOCK);
    code(TYPE_VOID);
    openLabel(child);
    emitWithin(index, i);
    code(END);
    closeLabel();
    emitTree(child);
    return;
  }
  emitBlock(index);
}

// ---- edges ----

/** Unconditionally leaves through the current component's exit label. */
function leave(exit: i32, position: u32): void {
  constant32(exit);
  code(BR);
  unsigned(exitDepth(position));
}

function leaveTo(offset: i32): void {
  leave(addExit(0, offset, behind, EXIT_JUMP), exitLabel);
}

/** At `offset`, where block `b` follows: leaves if the rest of the slice might not reach the next such look. */
function checkLeft(b: usize, offset: i32, position: u32, phase: i32): void {
  constant32(addExit(0, offset, phase, EXIT_JUMP));
  getLocal(LOCAL_LEFT);
  constant32(load<i32>(b, BLOCK_PATH) + phase);
  code(I32_LT_S);
  leaveIf(position);
}

/** Goes on at NEXT, by way of the switch if need be. */
function emitNext(from: i32, b: usize): void {
  noteVia(load<i32>(b, BLOCK_NEXT_VIA));
  emitEdge(from, load<i32>(b, BLOCK_NEXT));
}

function emitTaken(from: i32, b: usize): void {
  noteVia(load<i32>(b, BLOCK_TAKEN_VIA));
  emitEdge(from, load<i32>(b, BLOCK_TAKEN));
}

/** Tells the switch where to go; `via` is a block + 1. */
function noteVia(via: i32): void {
  if (via == 0) return;
  pushAddress(load<i32>(block(via - 1), BLOCK_OFFSET));
  setLocal(LOCAL_T);
}

function emitEdge(from: i32, to: i32): void {
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
function isPlainBranch(from: i32, to: i32): bool {
  if (isIrreducible(from, to) || behind != load<i32>(block(to), BLOCK_PHASE)) return false;
  return orderOf(to) <= orderOf(from) || (load<u32>(block(to), BLOCK_MARKS) & MARK_MERGE) != 0;
}

/** Back from a call or helper, everything at home, `behind` as set: looks at `left`, loads registers, goes on. */
function emitLanding(from: i32, b: usize, offset: i32): void {
  const to = load<i32>(b, BLOCK_NEXT);
  if (to < 0) {
    leave(addExit(0, offset, behind, EXIT_JUMP), EXIT_SYNCHRONIZED);
    return;
  }
  checkLeft(block(to), offset, EXIT_SYNCHRONIZED, behind);
  loadKey();
  reload(load<u64>(block(to), BLOCK_LIVE));
  setExitLabel(load<u32>(block(to), BLOCK_COMPONENT));
  emitNext(from, b);
}

// ---- ends of blocks ----

function pushCondition(operation: u32, record: usize): void {
  if (!emitBranchOnWords(record, describe(operation))) emitExpression(operation, record);
}

function emitBranch(index: i32, b: usize): void {
  const record: usize = load<u32>(b, BLOCK_LAST);
  const operation = operationOf(record);
  const taken = load<i32>(b, BLOCK_TAKEN);
  const next = load<i32>(b, BLOCK_NEXT);
  if (taken < 0) {
    constant32(addExit(0, load<i32>(b, BLOCK_TAKEN_OFFSET), behind, EXIT_JUMP));
    pushCondition(operation, record);
    leaveIf(exitLabel);
  } else {
    pushCondition(operation, record);
    if (load<i32>(b, BLOCK_TAKEN_VIA) == 0 && isPlainBranch(index, taken)) {
      code(BR_IF);
      unsigned(depthOf(taken, orderOf(taken) <= orderOf(index)));
    } else {
      code(IF);
      code(TYPE_VOID);
      openPlainLabel();
      const label = exitLabel;
      const phase = behind;
      emitTaken(index, b);
      setExitLabel(label);
      setBehind(phase);
      code(END);
      closeLabel();
    }
  }
  if (next < 0) leaveTo(load<i32>(b, BLOCK_LAST_OFFSET) + lengthOf(record));
  else emitNext(index, b);
}

/** The absolute target of a jump to a register, into LOCAL_T; leaves for the interpreter if it is outside PCC. */
function emitTarget(record: usize): void {
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
  constant32(addExit(record, here, behind - 1, EXIT_INTERPRET));
  getLocal(LOCAL_T);
  loadCell(I64_LOAD, PCC_PAGE_LOW);
  code(I64_SUB);
  loadCell(I64_LOAD, PCC_PAGE_LENGTH);
  code(I64_GE_U);
  leaveIf(exitLabel);
}

/** With the callee's meta block in LOCAL_A: calls it at the address that `pushTarget` pushed before. */
function emitCall(index: i32, b: usize, isSelf: bool): void {
  const record: usize = load<u32>(b, BLOCK_LAST);
  const back = load<i32>(b, BLOCK_LAST_OFFSET) + lengthOf(record);
  pushLeft();
  getLocal(LOCAL_DEPTH);
  constant32(2);
  code(I32_SUB);
  constant32(~DEPTH_CROSSED);
  code(I32_AND);
  if (isSelf) {
    code(CALL);
    noteSelfCall(reserveUnsigned());
  } else {
    getLocal(LOCAL_A);
    access(I32_LOAD, META_SLOT);
    code(CALL_INDIRECT);
    unsigned(0);
    unsigned(0);
  }
  setLocal(LOCAL_LEFT);
  teeLocal(LOCAL_T);
  pushAddress(back);
  code(I64_NE);
  code(IF);
  code(TYPE_VOID);
  getLocal(LOCAL_T);
  getLocal(LOCAL_LEFT);
  code(RETURN);
  code(END);
  setBehind(0);
  emitLanding(index, b, back);
}

/** Goes on at `offset`, outside. */
function emitGo(offset: i32): void {
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

function emitDirectCall(index: i32, b: usize): void {
  const record: usize = load<u32>(b, BLOCK_LAST);
  const target = load<i32>(b, BLOCK_TAKEN_OFFSET);
  pushArchitectural(here + lengthOf(record));
  writeX(load<u16>(record, RECORD_RD));
  spill(dirty);
  if (target == 0) {
    getLocal(LOCAL_META);
    getLocal(LOCAL_PC);
    emitCall(index, b, true);
    return;
  }
  const link = linkTo(target);
  if (link == 0) {
    leave(addExit(0, target, behind, EXIT_JUMP), EXIT_SYNCHRONIZED);
    return;
  }
  getLocal(LOCAL_META);
  access(I32_LOAD, link);
  teeLocal(LOCAL_A);
  pushAddress(target);
  emitCall(index, b, false);
}

function emitCallRegister(index: i32, b: usize): void {
  const record: usize = load<u32>(b, BLOCK_LAST);
  emitTarget(record);
  pushArchitectural(here + lengthOf(record));
  writeX(load<u16>(record, RECORD_RD));
  spill(dirty);
  emitFind(false);
  getLocal(LOCAL_A);
  getLocal(LOCAL_T);
  emitCall(index, b, false);
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
function emitFind(isJump: bool): void {
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
function emitGoThere(): void {
  spill(dirty);
  emitFind(true);
  getLocal(LOCAL_A);
  getLocal(LOCAL_T);
  emitTailCall();
}

/** `ret` returns, to the caller's comparison; other jumps to registers go on here or in the region of their target. */
function emitReturn(index: i32, b: usize): void {
  const record: usize = load<u32>(b, BLOCK_LAST);
  emitTarget(record);
  if (load<u16>(record, RECORD_RS1) != RETURN_REGISTER) {
    const next = load<i32>(b, BLOCK_NEXT);
    if (next >= 0) emitEdge(index, next);
    else emitGoThere();
    return;
  }
  spill(dirty);
  getLocal(LOCAL_T);
  pushLeft();
  code(RETURN);
}

/** An instruction that the core executes on the registers at home. */
function emitHelper(index: i32, b: usize): void {
  const record: usize = load<u32>(b, BLOCK_LAST);
  spill(dirty);
  const exit = addExit(record, here, behind - 1, EXIT_HELPER);
  constant32(exit);
  getLocal(LOCAL_META);
  getLocal(LOCAL_PC);
  getLocal(LOCAL_LEFT);
  constant32(exit);
  callHelper(HELPER_ONE);
  leaveIf(EXIT_SYNCHRONIZED);
  emitLanding(index, b, here + lengthOf(record));
}

function emitBlock(index: i32): void {
  const b = block(index);
  const phase = load<i32>(b, BLOCK_PHASE);
  const length = load<u32>(b, BLOCK_LENGTH);
  const end = load<u32>(b, BLOCK_END);
  setDirty(load<u64>(b, BLOCK_DIRTY));
  setIntegers(load<u32>(b, BLOCK_INTEGER));
  setWords(load<u32>(b, BLOCK_WORDS));
  setExitLabel(load<u32>(b, BLOCK_COMPONENT));
  const isLoop = (load<u32>(b, BLOCK_MARKS) & MARK_LOOP) != 0;
  if (end == END_SWITCH) {
    setBehind(phase);
    emitSwitch(b, isLoop);
    emitGoThere();
    return;
  }
  if (isLoop) checkLeft(b, load<i32>(b, BLOCK_OFFSET), exitLabel, phase);
  let offset = load<i32>(b, BLOCK_OFFSET);
  const isOwn = end == END_NEXT || end == END_LEAVE || end == END_INTERPRET;
  const body = isOwn ? length : length - 1;
  if (!isRobust) {
    setBehind(phase);
    setHere(offset);
    setInLoop((load<u32>(b, BLOCK_MARKS) & MARK_IN_LOOP) != 0);
    findGroups(offset, body);
    emitEarlyChecks(load<u32>(b, BLOCK_RECORD));
  }
  for (let i: u32 = 0; i < body; i++) {
    setBehind(phase + i);
    setHere(offset);
    const record = recordInside(offset);
    const description = describe(operationOf(record));
    emitInstruction(record, description);
    followWords(record, description);
    offset += lengthOf(record);
  }
  setBehind(phase + length);
  setHere(load<i32>(b, BLOCK_LAST_OFFSET));
  if (end == END_NEXT) emitNext(index, b);
  else if (end == END_BRANCH) emitBranch(index, b);
  else if (end == END_JUMP && load<i32>(b, BLOCK_TAKEN) >= 0) emitTaken(index, b);
  else if (end == END_JUMP || end == END_LEAVE) emitGo(load<i32>(b, BLOCK_TAKEN_OFFSET));
  else if (end == END_CALL) emitDirectCall(index, b);
  else if (end == END_CALL_REGISTER) emitCallRegister(index, b);
  else if (end == END_JUMP_REGISTER) emitReturn(index, b);
  else if (end == END_CROSS) emitCross(load<u32>(b, BLOCK_LAST));
  else if (end == END_HELPER) emitHelper(index, b);
  else leave(addExit(load<u32>(b, BLOCK_LAST), load<i32>(b, BLOCK_LAST_OFFSET), behind, EXIT_INTERPRET), exitLabel);
}
