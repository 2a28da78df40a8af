// Emits what the core executes from within a region: instructions in the middle of a block on the registers that they name,
// and crossings, after which PCC, DDC or privilege may be others.
//
// Code that crosses goes on in the region of its target, under another configuration. Callers that wait farther up rely on
// theirs: the first to cross since the last guest call stays on the stack, and what comes back to it under another
// configuration makes all callers return, to the interpreter. If LOCAL_DEPTH is CROSS_DEPTH nobody was called since that;
// then code need not come back, but for a jump to where the one who crossed first was called from (CROSS_RETURN).
import { LEFT, PC, RECORD_RAW, RECORD_RD, RECORD_RS1, RECORD_RS2 } from "../layout";
import { firstRegister, registerMask } from "../cheri/clear";
import {
  access, CALL_INDIRECT, callHelper, code, constant, constant32, constantDouble, DROP, END, getLocal, I32_EQ, I32_EQZ, I32_LOAD, I32_NE, I32_OR, I32_STORE, I32_SUB,
  I64_EXTEND_I32_U, I64_LOAD, I64_OR, I64_STORE, IF, loadCell, RETURN, RETURN_CALL_INDIRECT, setLocal, teeLocal, TYPE_VOID, unsigned,
} from "./code";
import { noteRaw } from "./decoding";
import { HAS_STATE, KIND_CALL, kindOf, READS_X1, READS_X2, WRITES_CAP, WRITES_X } from "./describe";
import { addExit, addExitAtHome, leaveIf } from "./exits";
import {
  behind, dirty, here, LOCAL_A, LOCAL_CROSSED, LOCAL_DEPTH, LOCAL_K, LOCAL_LEFT, LOCAL_META, LOCAL_PC, LOCAL_T, LOCAL_V, noteHome,
  reload, spill, writeF, writeX,
} from "./frame";
import { CROSS_DEPTH, CROSS_RETURN, CROSS_UNWOUND, EXIT_HELPER, META_SLOT, REGION_STAMP } from "./map";
import { HELPER_CROSS, HELPER_ONE, HELPER_PLAIN } from "./module";

/** Registers that an instruction of class CAP_CLEAR writes; 0 if DDC is among them. */
export function clearedBy(record: usize): u32 {
  const raw = load<u32>(record, RECORD_RAW);
  const mask = registerMask(raw) << firstRegister(raw);
  return (mask & 1) != 0 ? 0 : mask;
}

/** F registers that an instruction of class CAP_CLEAR_FLOAT writes. */
export function clearedFloatsBy(record: usize): u32 {
  const raw = load<u32>(record, RECORD_RAW);
  return registerMask(raw) << firstRegister(raw);
}

export function emitClear(record: usize): void {
  for (let mask = clearedBy(record); mask != 0; mask &= mask - 1) {
    constant(0);
    writeX(ctz(mask) << 6);
  }
}

export function emitClearFloats(record: usize): void {
  for (let mask = clearedFloatsBy(record); mask != 0; mask &= mask - 1) {
    constantDouble(0);
    writeF(ctz(mask) << 3);
  }
}

function pushCallOfCore(exit: i32): void {
  getLocal(LOCAL_META);
  getLocal(LOCAL_PC);
  getLocal(LOCAL_LEFT);
  constant32(exit);
}

/** An instruction that the core executes on the registers it names; others may be newer than home. */
export function emitCoreCall(record: usize, description: u32): void {
  const rd: u32 = load<u16>(record, RECORD_RD);
  let operands: u32 = 0;
  if ((description & READS_X1) != 0) operands |= 1 << (load<u16>(record, RECORD_RS1) >> 6);
  if ((description & READS_X2) != 0) operands |= 1 << (load<u16>(record, RECORD_RS2) >> 6);
  const result: u32 = (description & WRITES_X) != 0 && rd < 0x800 ? 1 << (rd >> 6) : 0;
  spill(<u64>(operands | result) & dirty);
  const exit = addExit(record, here, behind, EXIT_HELPER);
  const isPlain = kindOf(description) == KIND_CALL && (description & HAS_STATE) == 0;
  if (isPlain) {
    getLocal(LOCAL_META);
    constant32(exit);
    callHelper(HELPER_PLAIN);
    code(DROP);
  } else {
    pushCallOfCore(exit);
    callHelper(HELPER_ONE);
    setLocal(LOCAL_K);
  }
  reload(result);
  noteHome(result, (description & WRITES_CAP) != 0);
  if (result != 0) noteRaw(rd >> 6);
  if (isPlain) return;
  constant32(exit);
  getLocal(LOCAL_K);
  leaveIf(exit);
}

/** Parameters of the region whose meta block is in LOCAL_A, to go on at PC, but the depth. */
function pushTarget(): void {
  getLocal(LOCAL_A);
  loadCell(I64_LOAD, PC);
  loadCell(I32_LOAD, LEFT);
}

function pushSlot(): void {
  getLocal(LOCAL_A);
  access(I32_LOAD, META_SLOT);
}

/** In code that somebody has crossed into: no need to come back. */
function emitOnward(): void {
  getLocal(LOCAL_DEPTH);
  loadCell(I32_LOAD, CROSS_DEPTH);
  code(I32_EQ);
  code(IF);
  code(TYPE_VOID);
  pushTarget();
  getLocal(LOCAL_DEPTH);
  pushSlot();
  code(RETURN_CALL_INDIRECT);
  unsigned(0);
  unsigned(0);
  code(END);
}

/** Back, with pc and left on the stack, CROSS_RETURN and CROSS_DEPTH as they were in LOCAL_V and LOCAL_CROSSED, the stamp in LOCAL_K: returns. */
function emitBack(): void {
  setLocal(LOCAL_LEFT);
  setLocal(LOCAL_T);
  constant32(0);
  getLocal(LOCAL_V);
  access(I64_STORE, CROSS_RETURN);
  constant32(0);
  getLocal(LOCAL_CROSSED);
  access(I32_STORE, CROSS_DEPTH);
  constant32(0);
  loadCell(I32_LOAD, CROSS_UNWOUND);
  getLocal(LOCAL_K);
  loadCell(I32_LOAD, REGION_STAMP);
  code(I32_NE);
  code(I32_OR);
  teeLocal(LOCAL_K);
  access(I32_STORE, CROSS_UNWOUND);
  getLocal(LOCAL_T);
  getLocal(LOCAL_K);
  code(I64_EXTEND_I32_U);
  code(I64_OR);
  getLocal(LOCAL_LEFT);
  code(RETURN);
}

/** The end of a block: the core executes the crossing instruction in `record`. */
export function emitCross(record: usize): void {
  spill(dirty);
  const exit = addExitAtHome(record, here, behind - 1, EXIT_HELPER);
  loadCell(I32_LOAD, REGION_STAMP);
  setLocal(LOCAL_K);
  loadCell(I64_LOAD, CROSS_RETURN);
  setLocal(LOCAL_V);
  constant32(exit);
  pushCallOfCore(exit);
  getLocal(LOCAL_DEPTH);
  callHelper(HELPER_CROSS);
  teeLocal(LOCAL_A);
  code(I32_EQZ);
  leaveIf(exit);
  emitOnward();
  loadCell(I32_LOAD, CROSS_DEPTH);
  setLocal(LOCAL_CROSSED);
  constant32(0);
  getLocal(LOCAL_DEPTH);
  constant32(1);
  code(I32_SUB);
  teeLocal(LOCAL_DEPTH);
  access(I32_STORE, CROSS_DEPTH);
  pushTarget();
  getLocal(LOCAL_DEPTH);
  pushSlot();
  code(CALL_INDIRECT);
  unsigned(0);
  unsigned(0);
  emitBack();
}
