// Emits the instructions that stay inside a block: arithmetic from the table's expressions, loads and stores with the
// interpreter's one compare for tag, seal, permission, bounds, RAM and alignment. What does not fit calls the slow
// path in place; only if that raised does the region leave.
import { DDC_OFFSET_BIAS, PENDING, RECORD_IMM, RECORD_RAW, RECORD_RD, RECORD_RS1, RECORD_RS2, TAG_DELTA, TRANSLATE_DATA } from "../layout";
import { emitExpression } from "../generated/emit";
import {
  access, BLOCK, BR, BR_IF, branchIf, callHelper, code, constant, constant32, ELSE, END, getLocal, I32_LOAD, I32_LOAD8_U, I64_LOAD, I64_LOAD32_S,
  I64_STORE, I64_STORE32, setLocal, I32_SHR_U, I32_WRAP_I64, I64_ADD, I64_GE_U, I64_LT_U, F64_REINTERPRET_I64, I64_OR, I64_REINTERPRET_F64, I64_ROTR,
  IF, loadCell, teeLocal, TYPE_I64, TYPE_VOID, unsigned,
} from "./code";
import { accessOf, aluOf, CALL_ENVIRONMENT, CAP_CLEAR, CAP_CLEAR_FLOAT, CAP_CORE, CAP_INCREMENT, CAP_INCREMENT_IMMEDIATE, isCapabilityAccess, READS_F2, WRITES_F, KIND_ALU, KIND_AMO, KIND_CALL, KIND_FLOAT, KIND_LOAD, KIND_NOP, KIND_STORE, kindOf, ROUNDS, sizeLog2Of, TYPE_C, TYPE_F4, TYPE_X, typeOf, VIA_CAP } from "./describe";
import {
  addExit, behind, exitDepth, exitLabel, isRobust, here, leaveIf, LOCAL_A, LOCAL_LEFT, LOCAL_META, LOCAL_T, LOCAL_V, openPlainLabel, closeLabel, pushDouble, pushX, writeCapability, writeF, writeX,
} from "./frame";
import { EXIT_ACCESS, EXIT_RAISED } from "./map";
import { HELPER_LOAD_SLOW, HELPER_STORE_SLOW } from "./module";
import { emitFloat } from "./float";
import { addLinear, isFloatOn, pushLimit, roundingMode, setWordOperands } from "./operands";
import { isPaged } from "./paged";
import { emitDerivation, emitLoadCapability, emitStoreCapability } from "./capability";
import { isAwkward } from "./awkward";
import { clearedBy, emitClear, emitClearFloats, emitCoreCall } from "./crossing";
import { checkGroup, localOfGroup, nextGroup, pushGroupAddress } from "./groups";
import { operationOf } from "./region";
import { emitOnWords } from "./words";

/** Does the translator emit this instruction itself? Everything else the core executes. */
export function isInline(record: usize, description: u32): bool {
  const kind = kindOf(description);
  if (kind == KIND_ALU || kind == KIND_NOP) return true;
  if (kind == KIND_FLOAT) return isFloatOn && ((description & ROUNDS) == 0 || roundingMode(record) <= 4);
  if (kind == KIND_CALL) return isInlineCall(record, description);
  if (kind != KIND_LOAD && kind != KIND_STORE) return kind == KIND_AMO;
  if (isCapabilityAccess(description) && isSlow(record)) return isCoreCall(record, description);
  const type = typeOf(description);
  return type == TYPE_X || type == TYPE_C || isFloatOn;
}

/** After it PCC, DDC or privilege may be others: `ecall`, and what writes DDC. */
export function isCrossing(record: usize, description: u32): bool {
  const class_ = aluOf(description);
  return class_ == CALL_ENVIRONMENT || (class_ == CAP_CORE && writesDdc(record));
}

function writesDdc(record: usize): bool {
  const raw = load<u32>(record, RECORD_RAW);
  return (raw & 0xfff0707f) == 0x0210005b && (raw >> 15 & 31) != 0; // cspecialrw cd, ddc, cs1
}

function isInlineCall(record: usize, description: u32): bool {
  const class_ = aluOf(description);
  if (class_ == CAP_CORE) return !writesDdc(record);
  if (class_ == CAP_CLEAR) return clearedBy(record) != 0;
  if (class_ == CAP_CLEAR_FLOAT) return isFloatOn;
  return class_ != CALL_ENVIRONMENT && isDerivation(record, description);
}

/** Does the core execute the instruction in the middle of its block? What it accesses is then in no group. */
export function isCoreCall(record: usize, description: u32): bool {
  const kind = kindOf(description);
  if (kind == KIND_CALL) {
    const class_ = aluOf(description);
    return class_ == CAP_CORE || ((class_ == CAP_INCREMENT || class_ == CAP_INCREMENT_IMMEDIATE) && (isRobust || isAwkward(record)));
  }
  if (kind == KIND_AMO) return isSlow(record) || (description & VIA_CAP) != 0;
  // Of f registers in such a place the core is asked at the end of a block.
  return isCapabilityAccess(description) && (description & (READS_F2 | WRITES_F)) == 0 && isSlow(record);
}

/** Accesses through capabilities are the core's here. */
function isSlow(record: usize): bool {
  return isRobust || load<u32>(TRANSLATE_DATA) != 0 || isAwkward(record);
}

/** c0 is nobody's source: it is the null capability, or means DDC. */
function isDerivation(record: usize, description: u32): bool {
  return aluOf(description) != 0 && load<u16>(record, RECORD_RS1) != 0;
}

/**
 * Computes the access's offset from the window, kept in LOCAL_T if so wished, and pushes whether it fits, or, if
 * `inverse`, whether it does not. Loads may be misaligned; a store must not straddle granules.
 */
function pushFits(record: usize, sizeLog2: u32, isStore: bool, inverse: bool, keep: bool): void {
  pushX(load<u16>(record, RECORD_RS1));
  const distance = <i64>load<i32>(record, RECORD_IMM) + load<i64>(DDC_OFFSET_BIAS);
  if (distance != 0) {
    constant(distance);
    code(I64_ADD);
  }
  if (keep) teeLocal(LOCAL_T);
  const align = isStore ? sizeLog2 : 0;
  if (align != 0) {
    constant(align);
    code(I64_ROTR);
  }
  pushLimit(isStore, <i64>1 << sizeLog2, align);
  code(inverse ? I64_GE_U : I64_LT_U);
}

/** After a slow path: leaves if it raised. */
function leaveIfPending(exit: i32): void {
  constant32(exit);
  loadCell(I32_LOAD, PENDING);
  leaveIf(exitLabel);
}

/** Pushes the linear pointer of an access that fits. Added in 32 bits: that leaves nothing to extend. */
function pushPointer(record: usize): void {
  pushX(load<u16>(record, RECORD_RS1));
  code(I32_WRAP_I64);
  addLinear(load<i32>(record, RECORD_IMM) + <i32>load<i64>(DDC_OFFSET_BIAS));
}

/** Pushes what the load reads; singles come boxed. */
function pushLoaded(record: usize, description: u32): void {
  pushPointer(record);
  access(accessOf(description), 0);
}

/** A load that leaves the region where it does not fit: calls in a loop would cost its registers. */
function emitLoad(record: usize, description: u32): void {
  const needsGroup = isPaged || isCapabilityAccess(description);
  const group = nextGroup(needsGroup);
  if (group == 0 && needsGroup) {
    leaveHere(record);
    if (kindOf(description) == KIND_STORE) return;
    constant(0);
    if (typeOf(description) == TYPE_C) writeCapability(load<u16>(record, RECORD_RD));
    else writeLoaded(record, typeOf(description));
    return;
  }
  if (group != 0 && typeOf(description) == TYPE_C) {
    const offset = checkGroup(group, record, false);
    emitLoadCapability(record, description, localOfGroup(group), offset);
    return;
  }
  if (group != 0) {
    access(accessOf(description), pushGroupAddress(group, record, false));
    writeLoaded(record, typeOf(description));
    return;
  }
  constant32(addExit(record, here, behind, EXIT_ACCESS));
  pushFits(record, sizeLog2Of(description), false, true, false);
  leaveIf(exitLabel);
  pushLoaded(record, description);
  writeLoaded(record, typeOf(description));
}

/** A load that calls its slow path in place, for regions that often need it. */
function emitRobustLoad(record: usize, description: u32): void {
  const exit = addExit(record, here, behind, EXIT_RAISED);
  pushFits(record, sizeLog2Of(description), false, false, true);
  code(IF);
  code(TYPE_I64);
  openPlainLabel();
  pushLoaded(record, description);
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

/** Puts the store's pointer into LOCAL_A, pushes its granule's byte: not 0 if there is a tag to clear or code to drop, which is rare. */
function pushGranule(record: usize): void {
  pushPointer(record);
  teeLocal(LOCAL_A);
  constant32(4);
  code(I32_SHR_U);
  access(I32_LOAD8_U, TAG_DELTA);
}

/** As emitLoad. */
function emitStore(record: usize, description: u32): void {
  const needsGroup = isPaged || isCapabilityAccess(description);
  const group = nextGroup(needsGroup);
  if (group == 0 && needsGroup) {
    leaveHere(record);
    if (kindOf(description) == KIND_STORE) return;
    constant(0);
    if (typeOf(description) == TYPE_C) writeCapability(load<u16>(record, RECORD_RD));
    else writeLoaded(record, typeOf(description));
    return;
  }
  if (group != 0 && typeOf(description) == TYPE_C) {
    const offset = checkGroup(group, record, false);
    emitStoreCapability(record, description, localOfGroup(group), offset);
    return;
  }
  if (group != 0) {
    const offset = pushGroupAddress(group, record, true);
    pushStored(load<u16>(record, RECORD_RS2), typeOf(description));
    access(accessOf(description), offset);
    return;
  }
  constant32(addExit(record, here, behind, EXIT_ACCESS));
  pushFits(record, sizeLog2Of(description), true, true, false);
  code(BR_IF);
  unsigned(exitDepth(exitLabel));
  pushGranule(record);
  leaveIf(exitLabel);
  getLocal(LOCAL_A);
  pushStored(load<u16>(record, RECORD_RS2), typeOf(description));
  access(accessOf(description), 0);
}

/** An AMO through DDC: where it fits, a load and a store. */
function emitAmo(record: usize, description: u32): void {
  const group = nextGroup(true);
  if (group == 0) {
    leaveHere(record);
    constant(0);
    writeX(load<u16>(record, RECORD_RD));
    return;
  }
  const isWord = sizeLog2Of(description) == 2;
  const offset = checkGroup(group, record, true);
  getLocal(localOfGroup(group));
  access(isWord ? I64_LOAD32_S : I64_LOAD, offset);
  setLocal(LOCAL_V);
  getLocal(localOfGroup(group));
  setWordOperands(isWord);
  emitExpression(operationOf(record), record);
  setWordOperands(false);
  access(isWord ? I64_STORE32 : I64_STORE, offset);
  getLocal(LOCAL_V);
  writeX(load<u16>(record, RECORD_RD));
}

/** There is no room for the access's pointer: it is the interpreter's, and the rest of the block is out of reach. */
function leaveHere(record: usize): void {
  constant32(addExit(record, here, behind, EXIT_ACCESS));
  code(BR);
  unsigned(exitDepth(exitLabel));
}

function emitRobustStore(record: usize, description: u32): void {
  const exit = addExit(record, here, behind, EXIT_RAISED);
  const value: u32 = load<u16>(record, RECORD_RS2);
  code(BLOCK); // until the store is done
  code(TYPE_VOID);
  openPlainLabel();
  code(BLOCK); // to the slow path
  code(TYPE_VOID);
  openPlainLabel();
  pushFits(record, sizeLog2Of(description), true, true, true);
  branchIf(0);
  pushGranule(record);
  branchIf(0);
  getLocal(LOCAL_A);
  pushStored(value, typeOf(description));
  access(accessOf(description), 0);
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
  if (isCoreCall(record, description)) {
    emitCoreCall(record, description);
  } else if (kind == KIND_ALU) {
    if (emitOnWords(record, description)) return;
    emitExpression(operationOf(record), record);
    writeX(load<u16>(record, RECORD_RD));
  } else if (kind == KIND_LOAD) {
    if (isRobust) emitRobustLoad(record, description);
    else emitLoad(record, description);
  } else if (kind == KIND_STORE) {
    if (isRobust) emitRobustStore(record, description);
    else emitStore(record, description);
  } else if (kind == KIND_AMO) {
    emitAmo(record, description);
  } else if (kind == KIND_CALL) {
    const class_ = aluOf(description);
    if (class_ == CAP_CLEAR) emitClear(record);
    else if (class_ == CAP_CLEAR_FLOAT) emitClearFloats(record);
    else emitDerivation(record, description);
  } else if (kind == KIND_FLOAT) {
    emitFloat(record, description, operationOf(record));
  }
}
