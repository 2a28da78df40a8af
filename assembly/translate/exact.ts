// Emits accesses of integers through capabilities whose bounds begin or end in the middle of a granule, which no window covers, and
// atomics through capabilities: checked against the bounds themselves. What does not fit is the core's, in place.
import {
  CAP_BASE, CAP_OTYPE, CAP_PERMS, CAP_TOP, CAP_TOP_HIGH, PMP_ACTIVE, RAM_DELTA, RAM_SIZE, RECORD_IMM, RECORD_RD, RECORD_RS1, RECORD_RS2, STATE_DECODED, STATE_META,
  STATE_TAG, TAG_DELTA, TOHOST, TRANSLATE_DATA, X,
} from "../layout";
import { emitExpression } from "../generated/emit";
import { OTYPE_UNSEALED, PERM_LOAD, PERM_STORE } from "../cheri/names";
import { RAM_BASE } from "../cheri/registers";
import {
  access, BLOCK, BR, branchIf, code, constant, constant32, END, getLocal, I32_ADD, I32_AND, I32_LOAD, I32_LOAD8_U, I32_NE, I32_OR, I32_SHR_U, I32_WRAP_I64, I64_ADD,
  I64_EQZ, I64_GT_U, I64_LOAD, I64_LOAD32_S, I64_LT_U, I64_SHR_U, I64_STORE, I64_STORE32, I64_SUB, I64_XOR, loadCell, setLocal, teeLocal, TYPE_VOID, unsigned,
} from "./code";
import { settleCopies } from "./copies";
import { emitCoreCall } from "./crossing";
import { emitDecode } from "./decoding";
import { pushMisses } from "./derivations";
import { accessOf, KIND_AMO, KIND_LOAD, KIND_STORE, kindOf, sizeLog2Of, TYPE_X, typeOf, VIA_CAP } from "./describe";
import { closeLabel, dirty, integers, LOCAL_A, LOCAL_T, LOCAL_V, openPlainLabel, pushX, setHeld, setIntegers, valid, writeX } from "./frame";
import { setWordOperands } from "./operands";
import { operationOf } from "./records";

/** Of the instructions that the core executes in their block, is it one for this file? */
export function isExact(description: u32): bool {
  if ((description & VIA_CAP) == 0 || load<u32>(TRANSLATE_DATA) != 0) return false;
  const kind = kindOf(description);
  return kind == KIND_AMO || ((kind == KIND_LOAD || kind == KIND_STORE) && typeOf(description) == TYPE_X);
}

/** Of atomics the field is something else. */
function immediateOf(record: usize, kind: u32): i64 {
  return kind == KIND_AMO ? 0 : load<i32>(record, RECORD_IMM);
}

function pushAddress(record: usize, kind: u32): void {
  pushX(load<u16>(record, RECORD_RS1));
  const distance = immediateOf(record, kind);
  if (distance == 0) return;
  constant(distance);
  code(I64_ADD);
}

function needsOf(kind: u32): u32 {
  return kind == KIND_LOAD ? PERM_LOAD : kind == KIND_STORE ? PERM_STORE : PERM_LOAD | PERM_STORE;
}

/** Pushes whether the capability does not authorise the access. */
function pushRefused(record: usize, kind: u32, size: i64): void {
  const at: u32 = X + load<u16>(record, RECORD_RS1);
  const needs = needsOf(kind);
  pushMisses(at, STATE_TAG | STATE_META | STATE_DECODED);
  loadCell(I32_LOAD, at + CAP_OTYPE);
  constant32(OTYPE_UNSEALED);
  code(I32_NE);
  code(I32_OR);
  loadCell(I32_LOAD, at + CAP_TOP_HIGH);
  code(I32_OR);
  loadCell(I32_LOAD, at + CAP_PERMS);
  constant32(needs);
  code(I32_AND);
  constant32(needs);
  code(I32_NE);
  code(I32_OR);
  pushAddress(record, kind);
  loadCell(I64_LOAD, at + CAP_BASE);
  code(I64_SUB);
  teeLocal(LOCAL_T);
  loadCell(I64_LOAD, at + CAP_TOP);
  loadCell(I64_LOAD, at + CAP_BASE);
  code(I64_SUB);
  teeLocal(LOCAL_V);
  code(I64_GT_U);
  code(I32_OR);
  getLocal(LOCAL_V);
  getLocal(LOCAL_T);
  code(I64_SUB);
  constant(size);
  code(I64_LT_U);
  code(I32_OR);
}

/** Pushes whether it is no aligned access to RAM, or one that somebody looks at. */
function pushUnusual(record: usize, kind: u32, size: i64): void {
  pushAddress(record, kind);
  constant(RAM_BASE);
  code(I64_SUB);
  constant(load<u64>(RAM_SIZE) - size);
  code(I64_GT_U);
  pushAddress(record, kind);
  code(I32_WRAP_I64);
  constant32(<i32>size - 1);
  code(I32_AND);
  code(I32_OR);
  loadCell(I32_LOAD, PMP_ACTIVE);
  code(I32_OR);
  if (kind == KIND_LOAD) return;
  pushAddress(record, kind);
  loadCell(I64_LOAD, TOHOST);
  code(I64_XOR);
  constant(4);
  code(I64_SHR_U);
  code(I64_EQZ);
  code(I32_OR);
}

/** With the pointer in LOCAL_A. */
function emitAccess(record: usize, description: u32): void {
  const kind = kindOf(description);
  const isWord = sizeLog2Of(description) == 2;
  getLocal(LOCAL_A);
  if (kind == KIND_LOAD) {
    access(accessOf(description), 0);
    writeX(load<u16>(record, RECORD_RD));
  } else if (kind == KIND_STORE) {
    pushX(load<u16>(record, RECORD_RS2));
    access(accessOf(description), 0);
  } else {
    access(isWord ? I64_LOAD32_S : I64_LOAD, 0);
    setLocal(LOCAL_V);
    getLocal(LOCAL_A);
    setWordOperands(isWord);
    emitExpression(operationOf(record), record);
    setWordOperands(false);
    access(isWord ? I64_STORE32 : I64_STORE, 0);
    getLocal(LOCAL_V);
    writeX(load<u16>(record, RECORD_RD));
  }
}

/** Branches to the label around it unless the access is one for emitted code; its pointer is then in LOCAL_A. */
function branchUnlessUsual(record: usize, description: u32): void {
  const kind = kindOf(description);
  const size: i64 = <i64>1 << sizeLog2Of(description);
  pushRefused(record, kind, size);
  pushUnusual(record, kind, size);
  code(I32_OR);
  branchIf(0);
  pushX(load<u16>(record, RECORD_RS1));
  code(I32_WRAP_I64);
  constant32(<i32>immediateOf(record, kind) + load<i32>(RAM_DELTA));
  code(I32_ADD);
  setLocal(LOCAL_A);
  if (kind == KIND_LOAD) return;
  getLocal(LOCAL_A);
  constant32(4);
  code(I32_SHR_U);
  access(I32_LOAD8_U, TAG_DELTA);
  branchIf(0);
}

export function emitExact(record: usize, description: u32): void {
  settleCopies();
  emitDecode(load<u16>(record, RECORD_RS1) >> 6);
  const dirtyBefore = dirty;
  const validBefore = valid;
  const integersBefore = integers;
  code(BLOCK); // until it is done
  code(TYPE_VOID);
  openPlainLabel();
  code(BLOCK); // to the core
  code(TYPE_VOID);
  openPlainLabel();
  branchUnlessUsual(record, description);
  emitAccess(record, description);
  code(BR);
  unsigned(1);
  code(END);
  closeLabel();
  const dirtyAfter = dirty;
  const validAfter = valid;
  setHeld(dirtyBefore, validBefore);
  setIntegers(integersBefore);
  emitCoreCall(record, description);
  setHeld(dirtyAfter, validAfter);
  code(END);
  closeLabel();
}
