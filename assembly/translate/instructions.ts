// Which instructions the translator emits itself, inside a block: arithmetic from the table's expressions, accesses (accesses.ts),
// floating point (float.ts), capabilities (capability.ts). The others are the core's.
import { emitExpression } from "../generated/emit";
import { RECORD_IMM, RECORD_RAW, RECORD_RD, RECORD_RS1, TRANSLATE_DATA } from "../layout";
import { emitAmo, emitLoad, emitRobustLoad, emitRobustStore, emitStore } from "./accesses";
import { isAwkward } from "./awkward";
import { settleCopies } from "./copies";
import { clearedBy, emitClear, emitClearFloats, emitCoreCall } from "./crossing";
import { emitDerivation, isPartial } from "./derivations";
import {
  ALU_ADD_PC, aluOf, CALL_ENVIRONMENT, CAP_CLEAR, CAP_CLEAR_FLOAT, CAP_CORE, isCapabilityAccess, KIND_ALU, KIND_AMO,
  KIND_CALL, KIND_FLOAT, KIND_LOAD, KIND_NOP, KIND_STORE, kindOf, READS_F2, ROUNDS, TYPE_C, TYPE_X, typeOf, VIA_CAP, WRITES_F,
} from "./describe";
import { emitExact, isExact } from "./exact";
import { emitFloat } from "./float";
import { here, isRobust, writeX } from "./frame";
import { isFloatOn, pushArchitectural, roundingMode } from "./operands";
import { operationOf } from "./records";
import { emitSystemRead, isSystemRead } from "./system";
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
  return class_ != CALL_ENVIRONMENT && class_ != 0;
}

/** Does the core execute the instruction in the middle of its block? What it accesses is then in no group. */
export function isCoreCall(record: usize, description: u32): bool {
  const kind = kindOf(description);
  if (kind == KIND_CALL) {
    const class_ = aluOf(description);
    return class_ == CAP_CORE || (isPartial(description) && (isRobust || load<u16>(record, RECORD_RS1) == 0 || isAwkward(record)));
  }
  if (kind == KIND_AMO) return isSlow(record) || (description & VIA_CAP) != 0;
  // Of f registers in such a place the core is asked at the end of a block.
  return isCapabilityAccess(description) && (description & (READS_F2 | WRITES_F)) == 0 && isSlow(record);
}

/** Accesses through capabilities are the core's here. */
function isSlow(record: usize): bool {
  return isRobust || load<u32>(TRANSLATE_DATA) != 0 || isAwkward(record);
}

export function emitInstruction(record: usize, description: u32): void {
  const kind = kindOf(description);
  if (kind == KIND_CALL) settleCopies();
  if (!isRobust && isSystemRead(record, description)) {
    emitSystemRead(record, description);
  } else if (isCoreCall(record, description) && isExact(description)) {
    emitExact(record, description);
  } else if (isCoreCall(record, description)) {
    emitCoreCall(record, description);
  } else if (kind == KIND_ALU) {
    if (emitOnWords(record, description)) return;
    if (aluOf(description) == ALU_ADD_PC) pushArchitectural(<i64>here + load<i32>(record, RECORD_IMM));
    else emitExpression(operationOf(record), record);
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
