// Emits the instructions that stay inside a block: arithmetic from the table's expressions, loads and stores with the
// interpreter's one compare for tag, seal, permission, bounds, RAM and alignment. What does not fit calls the slow
// path in place; only if that raised does the region leave.
import {
  DDC_LINEAR, DDC_LOAD_WINDOW, DDC_OFFSET_BIAS, DDC_STORE_WINDOW, PENDING, RECORD_IMM, RECORD_RD, RECORD_RS1, RECORD_RS2,
  TAG_DELTA,
} from "../layout";
import { emitExpression } from "../generated/emit";
import {
  access, BLOCK, BR, BR_IF, branchIf, callHelper, code, constant, constant32, ELSE, END, getLocal, I32_LOAD, I32_LOAD8_U, I32_SHR_U, I32_WRAP_I64, I64_ADD, I64_GE_U, I64_LT_U,
  F64_REINTERPRET_I64, I64_OR, I64_REINTERPRET_F64, I64_ROTR, IF, loadCell, teeLocal, TYPE_I64, TYPE_VOID, unsigned,
} from "./code";
import { accessOf, KIND_ALU, KIND_FLOAT, KIND_LOAD, KIND_NOP, KIND_STORE, kindOf, ROUNDS, sizeLog2Of, TYPE_C, TYPE_F4, TYPE_X, typeOf, VIA_CAP } from "./describe";
import {
  addExit, behind, exitDepth, exitLabel, isRobust, here, leaveIf, LOCAL_A, LOCAL_LEFT, LOCAL_META, LOCAL_T, openPlainLabel, closeLabel, pushDouble, pushX, writeF, writeX,
} from "./frame";
import { EXIT_ACCESS, EXIT_RAISED } from "./map";
import { HELPER_LOAD_SLOW, HELPER_STORE_SLOW } from "./module";
import { emitFloat } from "./float";
import { isFloatOn, roundingMode } from "./operands";
import { nextGroup, pushGroupAddress } from "./groups";
import { operationOf } from "./region";

/** Does the translator emit this instruction itself? Everything else the core executes. */
export function isInline(record: usize, description: u32): bool {
  const kind = kindOf(description);
  if (kind == KIND_ALU || kind == KIND_NOP) return true;
  if (kind == KIND_FLOAT) return isFloatOn && ((description & ROUNDS) == 0 || roundingMode(record) <= 4);
  if (kind != KIND_LOAD && kind != KIND_STORE) return false;
  if ((description & VIA_CAP) != 0) return false;
  const type = typeOf(description);
  return type == TYPE_X || (type != TYPE_C && isFloatOn);
}

/**
 * Computes the access's offset from the window into LOCAL_T and pushes whether it fits, or, if `inverse`, whether it
 * does not. Loads may be misaligned; a store must not straddle granules.
 */
function pushFits(record: usize, sizeLog2: u32, window: u32, isAligned: bool, inverse: bool): void {
  pushX(load<u16>(record, RECORD_RS1));
  const distance = <i64>load<i32>(record, RECORD_IMM) + load<i64>(DDC_OFFSET_BIAS);
  if (distance != 0) {
    constant(distance);
    code(I64_ADD);
  }
  teeLocal(LOCAL_T);
  if (sizeLog2 != 0 && isAligned) {
    constant(sizeLog2);
    code(I64_ROTR);
    constant(window >> sizeLog2);
  } else {
    const last: u32 = (1 << sizeLog2) - 1;
    constant(window > last ? window - last : 0);
  }
  code(inverse ? I64_GE_U : I64_LT_U);
}

/** After a slow path: leaves if it raised. */
function leaveIfPending(exit: i32): void {
  constant32(exit);
  loadCell(I32_LOAD, PENDING);
  leaveIf(exitLabel);
}

/** Pushes what the load reads at LOCAL_T; singles come boxed. */
function pushLoaded(description: u32): void {
  getLocal(LOCAL_T);
  code(I32_WRAP_I64);
  access(accessOf(description), load<u32>(DDC_LINEAR));
}

/** A load that leaves the region where it does not fit: calls in a loop would cost its registers. */
function emitLoad(record: usize, description: u32): void {
  const group = nextGroup();
  if (group != 0) {
    access(accessOf(description), pushGroupAddress(group, record, false));
    writeLoaded(record, typeOf(description));
    return;
  }
  constant32(addExit(record, here, behind, EXIT_ACCESS));
  pushFits(record, sizeLog2Of(description), load<u32>(DDC_LOAD_WINDOW), false, true);
  leaveIf(exitLabel);
  pushLoaded(description);
  writeLoaded(record, typeOf(description));
}

/** A load that calls its slow path in place, for regions that often need it. */
function emitRobustLoad(record: usize, description: u32): void {
  const exit = addExit(record, here, behind, EXIT_RAISED);
  pushFits(record, sizeLog2Of(description), load<u32>(DDC_LOAD_WINDOW), false, false);
  code(IF);
  code(TYPE_I64);
  openPlainLabel();
  pushLoaded(description);
  code(ELSE);
  getLocal(LOCAL_META);
  getLocal(LOCAL_T);
  getLocal(LOCAL_LEFT);
  constant32(exit);
  callHelper(HELPER_LOAD_SLOW);
  leaveIfPending(exit);
  code(END);
  closeLabel();
  writeLoaded(record, typeOf(description));
}

function writeLoaded(record: usize, type: u32): void {
  if (type == TYPE_X) {
    writeX(load<u16>(record, RECORD_RD));
    return;
  }
  if (type == TYPE_F4) {
    constant(<i64>0xffffffff00000000);
    code(I64_OR);
  }
  code(F64_REINTERPRET_I64);
  writeF(load<u16>(record, RECORD_RD));
}

function pushStored(operand: u32, type: u32): void {
  if (type == TYPE_X) {
    pushX(operand);
    return;
  }
  pushDouble(operand);
  code(I64_REINTERPRET_F64);
}

/** Pushes the byte of the granule at LOCAL_T: not 0 if there is a tag to clear or code to drop, which is rare. */
function pushGranule(linear: u32): void {
  getLocal(LOCAL_T);
  code(I32_WRAP_I64);
  teeLocal(LOCAL_A);
  constant32(4);
  code(I32_SHR_U);
  access(I32_LOAD8_U, TAG_DELTA + (linear >>> 4));
}

/** As emitLoad. */
function emitStore(record: usize, description: u32): void {
  const group = nextGroup();
  if (group != 0) {
    const offset = pushGroupAddress(group, record, true);
    pushStored(load<u16>(record, RECORD_RS2), typeOf(description));
    access(accessOf(description), offset);
    return;
  }
  const linear = load<u32>(DDC_LINEAR);
  constant32(addExit(record, here, behind, EXIT_ACCESS));
  pushFits(record, sizeLog2Of(description), load<u32>(DDC_STORE_WINDOW), true, true);
  code(BR_IF);
  unsigned(exitDepth(exitLabel));
  pushGranule(linear);
  leaveIf(exitLabel);
  getLocal(LOCAL_A);
  pushStored(load<u16>(record, RECORD_RS2), typeOf(description));
  access(accessOf(description), linear);
}

function emitRobustStore(record: usize, description: u32): void {
  const exit = addExit(record, here, behind, EXIT_RAISED);
  const linear = load<u32>(DDC_LINEAR);
  const value: u32 = load<u16>(record, RECORD_RS2);
  code(BLOCK); // until the store is done
  code(TYPE_VOID);
  openPlainLabel();
  code(BLOCK); // to the slow path
  code(TYPE_VOID);
  openPlainLabel();
  pushFits(record, sizeLog2Of(description), load<u32>(DDC_STORE_WINDOW), true, true);
  branchIf(0);
  pushGranule(linear);
  branchIf(0);
  getLocal(LOCAL_A);
  pushStored(value, typeOf(description));
  access(accessOf(description), linear);
  code(BR);
  unsigned(1);
  code(END);
  closeLabel();
  constant32(exit);
  getLocal(LOCAL_META);
  getLocal(LOCAL_T);
  pushStored(value, typeOf(description));
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
    if (isRobust) emitRobustLoad(record, description);
    else emitLoad(record, description);
  } else if (kind == KIND_STORE) {
    if (isRobust) emitRobustStore(record, description);
    else emitStore(record, description);
  } else if (kind == KIND_FLOAT) {
    emitFloat(record, description, operationOf(record));
  }
}
