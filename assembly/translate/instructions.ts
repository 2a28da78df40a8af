// Emits the instructions that stay inside a block: arithmetic from the table's expressions, loads and stores with the
// interpreter's one compare for tag, seal, permission, bounds, RAM and alignment. What does not fit calls the slow
// path in place; only if that raised does the region leave.
import {
  DDC_LINEAR, DDC_LOAD_WINDOW, DDC_OFFSET_BIAS, DDC_STORE_WINDOW, PENDING, RECORD_IMM, RECORD_RD, RECORD_RS1, RECORD_RS2,
  TAG_DELTA,
} from "../layout";
import { emitExpression } from "../generated/emit";
import {
  access, BLOCK, BR, branchIf, callHelper, code, constant, constant32, ELSE, END, getLocal, I32_EQZ, I32_LOAD, I32_LOAD8_U, I32_SHR_U, I32_WRAP_I64, I64_ADD, I64_LT_U,
  I64_ROTR, IF, loadCell, teeLocal, TYPE_I64, TYPE_VOID, unsigned,
} from "./code";
import { accessOf, KIND_ALU, KIND_LOAD, KIND_NOP, KIND_STORE, kindOf, sizeLog2Of, TYPE_X, typeOf, VIA_CAP } from "./describe";
import {
  addExit, behind, exitLabel, here, leaveIf, LOCAL_A, LOCAL_LEFT, LOCAL_META, LOCAL_T, openPlainLabel, closeLabel, pushX, writeX,
} from "./frame";
import { EXIT_ACCESS } from "./map";
import { HELPER_LOAD_SLOW, HELPER_STORE_SLOW } from "./module";
import { operationOf } from "./region";

/** Does the translator emit this instruction itself? Everything else the core executes. */
export function isInline(record: usize, description: u32): bool {
  const kind = kindOf(description);
  if (kind == KIND_ALU || kind == KIND_NOP) return true;
  if (kind == KIND_LOAD || kind == KIND_STORE) return typeOf(description) == TYPE_X && (description & VIA_CAP) == 0;
  return false;
}

/** Pushes whether the access at window offset LOCAL_T fits; leaves the offset in LOCAL_T. */
function pushFits(record: usize, sizeLog2: u32, window: u32): void {
  pushX(load<u16>(record, RECORD_RS1));
  const distance = <i64>load<i32>(record, RECORD_IMM) + load<i64>(DDC_OFFSET_BIAS);
  if (distance != 0) {
    constant(distance);
    code(I64_ADD);
  }
  teeLocal(LOCAL_T);
  if (sizeLog2 != 0) {
    constant(sizeLog2);
    code(I64_ROTR);
  }
  constant(window >> sizeLog2);
  code(I64_LT_U);
}

/** After a slow path: leaves if it raised. */
function leaveIfPending(exit: i32): void {
  constant32(exit);
  loadCell(I32_LOAD, PENDING);
  leaveIf(exitLabel);
}

function emitLoad(record: usize, description: u32): void {
  const exit = addExit(record, here, behind, EXIT_ACCESS);
  pushFits(record, sizeLog2Of(description), load<u32>(DDC_LOAD_WINDOW));
  code(IF);
  code(TYPE_I64);
  openPlainLabel();
  getLocal(LOCAL_T);
  code(I32_WRAP_I64);
  access(accessOf(description), load<u32>(DDC_LINEAR));
  code(ELSE);
  getLocal(LOCAL_META);
  getLocal(LOCAL_T);
  getLocal(LOCAL_LEFT);
  constant32(exit);
  callHelper(HELPER_LOAD_SLOW);
  leaveIfPending(exit);
  code(END);
  closeLabel();
  writeX(load<u16>(record, RECORD_RD));
}

/** One look at the granule's byte: a tag to clear or code to drop is rare, and the slow path's. */
function emitStore(record: usize, description: u32): void {
  const exit = addExit(record, here, behind, EXIT_ACCESS);
  const linear = load<u32>(DDC_LINEAR);
  const value: u32 = load<u16>(record, RECORD_RS2);
  code(BLOCK); // until the store is done
  code(TYPE_VOID);
  openPlainLabel();
  code(BLOCK); // to the slow path
  code(TYPE_VOID);
  openPlainLabel();
  pushFits(record, sizeLog2Of(description), load<u32>(DDC_STORE_WINDOW));
  code(I32_EQZ);
  branchIf(0);
  getLocal(LOCAL_T);
  code(I32_WRAP_I64);
  teeLocal(LOCAL_A);
  constant32(4);
  code(I32_SHR_U);
  access(I32_LOAD8_U, TAG_DELTA + (linear >>> 4));
  branchIf(0);
  getLocal(LOCAL_A);
  pushX(value);
  access(accessOf(description), linear);
  code(BR);
  unsigned(1);
  code(END);
  closeLabel();
  constant32(exit);
  getLocal(LOCAL_META);
  getLocal(LOCAL_T);
  pushX(value);
  getLocal(LOCAL_LEFT);
  constant32(exit);
  callHelper(HELPER_STORE_SLOW);
  leaveIf(exitLabel);
  code(END);
  closeLabel();
}

export function emitInstruction(record: usize, description: u32): void {
  const kind = kindOf(description);
  if (kind == KIND_ALU) {
    emitExpression(operationOf(record), record);
    writeX(load<u16>(record, RECORD_RD));
  } else if (kind == KIND_LOAD) {
    emitLoad(record, description);
  } else if (kind == KIND_STORE) {
    emitStore(record, description);
  }
}
