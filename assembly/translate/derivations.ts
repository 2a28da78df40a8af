// Emits what derives one capability from another, or reads one. Bounds are taken as they lie decoded at home: a derivation that
// keeps them carries them along, so that nothing is decoded again. What is not that simple leaves.
import {
  CAP_BASE, CAP_HIGH, CAP_OTYPE, CAP_STATE, CAP_TOP, CAP_TOP_HIGH, CAP_WINDOW_BASE, RECORD_IMM, RECORD_RD, RECORD_RS1, RECORD_RS2, STATE_DECODED, STATE_META,
  STATE_TAG, X,
} from "../layout";
import { OTYPE_UNSEALED } from "../cheri/names";
import { pushWindow } from "./capability";
import {
  access, BLOCK, branchIf, code, constant, constant32, END, getLocal, I32_AND, I32_LOAD, I32_NE, I32_OR, I64_ADD, I64_EXTEND_I32_U, I64_GT_U, I64_LOAD,
  I64_LT_U, I64_STORE, I64_SUB, loadCell, setLocal, TYPE_VOID,
} from "./code";
import { emitDecode, noteCopied } from "./decoding";
import {
  aluOf, CAP_GET_ADDRESS, CAP_GET_BASE, CAP_GET_LENGTH, CAP_GET_OFFSET, CAP_GET_TAG, CAP_GET_TOP, CAP_INCREMENT, CAP_INCREMENT_IMMEDIATE, CAP_MOVE, CAP_SET_ADDRESS,
  CAP_SET_BOUNDS_IMMEDIATE, CAP_SET_OFFSET, CAP_SUBTRACT, KIND_CALL, kindOf,
} from "./describe";
import { emitRestriction } from "./restrictions";
import { addExit, leaveIf } from "./exits";
import { behind, closeLabel, here, isInLoop, LOCAL_T, openPlainLabel, pushX, writeCapability, writeX } from "./frame";
import { EXIT_ACCESS } from "./map";

/** Is it a derivation of which only the usual case is emitted? */
export function isPartial(description: u32): bool {
  if (kindOf(description) != KIND_CALL) return false;
  const class_ = aluOf(description);
  return class_ == CAP_INCREMENT || class_ == CAP_INCREMENT_IMMEDIATE || (class_ >= CAP_SET_OFFSET && class_ <= CAP_SET_BOUNDS_IMMEDIATE);
}

function copyField(to: u32, from: u32, field: u32): void {
  constant32(0);
  loadCell(I64_LOAD, from + field);
  access(I64_STORE, to + field);
}

/** All of a struct but the address. */
export function copyStruct(to: u32, from: u32): void {
  if (to == from) return;
  copyField(to, from, CAP_STATE);
  copyField(to, from, CAP_HIGH);
  copyField(to, from, CAP_BASE);
  copyField(to, from, CAP_TOP);
  copyField(to, from, CAP_TOP_HIGH); // and CAP_PERMS
  copyField(to, from, CAP_WINDOW_BASE);
  copyField(to, from, CAP_OTYPE);
  noteCopied(to - X >> 6, from - X >> 6);
}

function emitMove(rd: u32, rs1: u32): void {
  if (rs1 == 0) {
    constant(0);
    writeX(rd);
    return;
  }
  if (rd >= 0x800 || rd == rs1) return;
  copyStruct(X + rd, X + rs1);
  pushX(rs1);
  writeCapability(rd);
}

/** Pushes whether some of `mask` are missing in the state of the struct at `at`. */
export function pushMisses(at: u32, mask: u32): void {
  loadCell(I32_LOAD, at + CAP_STATE);
  constant32(mask);
  code(I32_AND);
  constant32(mask);
  code(I32_NE);
}

/** The address that an instruction gives, into LOCAL_T. */
function computeAddress(record: usize, class_: u32, rs1: u32): void {
  if (class_ == CAP_SET_OFFSET) loadCell(I64_LOAD, X + rs1 + CAP_BASE);
  else if (class_ != CAP_SET_ADDRESS) pushX(rs1);
  if (class_ == CAP_INCREMENT_IMMEDIATE) constant(load<i32>(record, RECORD_IMM));
  else pushX(load<u16>(record, RECORD_RS2));
  if (class_ != CAP_SET_ADDRESS) code(I64_ADD);
  setLocal(LOCAL_T);
}

/**
 * With the new address in LOCAL_T: leaves by `exit` unless it is inside the load window, which only unsealed capabilities have; or, of
 * one that is tagged and unsealed, from its base to its top: there it is always representable. An integer may become any other.
 */
function leaveUnlessInBounds(at: u32, exit: i32, mayBeInteger: bool): void {
  code(BLOCK);
  code(TYPE_VOID);
  openPlainLabel();
  getLocal(LOCAL_T);
  loadCell(I64_LOAD, at + CAP_WINDOW_BASE);
  code(I64_SUB);
  pushWindow(at, CAP_STATE, false, 0);
  code(I64_LT_U);
  branchIf(0);
  constant32(exit);
  getLocal(LOCAL_T);
  loadCell(I64_LOAD, at + CAP_BASE);
  code(I64_SUB);
  loadCell(I64_LOAD, at + CAP_TOP);
  loadCell(I64_LOAD, at + CAP_BASE);
  code(I64_SUB);
  code(I64_GT_U);
  loadCell(I32_LOAD, at + CAP_TOP_HIGH);
  code(I32_OR);
  pushMisses(at, STATE_TAG | STATE_META | STATE_DECODED);
  code(I32_OR);
  loadCell(I32_LOAD, at + CAP_OTYPE);
  constant32(OTYPE_UNSEALED);
  code(I32_NE);
  code(I32_OR);
  if (mayBeInteger) {
    loadCell(I32_LOAD, at + CAP_STATE);
    constant32(STATE_META);
    code(I32_AND);
    constant32(0);
    code(I32_NE);
    code(I32_AND);
  }
  leaveIf(exit);
  code(END);
  closeLabel();
}

/** CIncOffset, CSetOffset, CSetAddr. */
function emitMoved(record: usize, class_: u32, rd: u32, rs1: u32): void {
  const at: u32 = X + rs1;
  if (!isInLoop) emitDecode(rs1 >> 6);
  const exit = addExit(record, here, behind, EXIT_ACCESS);
  computeAddress(record, class_, rs1);
  leaveUnlessInBounds(at, exit, class_ != CAP_SET_OFFSET);
  if (rd >= 0x800) return;
  copyStruct(X + rd, at);
  getLocal(LOCAL_T);
  writeCapability(rd);
}

/** What only decoded bounds tell, of those below 2^64. */
function emitGetBounds(record: usize, class_: u32, rd: u32, rs1: u32): void {
  const at: u32 = X + rs1;
  if (!isInLoop) emitDecode(rs1 >> 6);
  const exit = addExit(record, here, behind, EXIT_ACCESS);
  constant32(exit);
  pushMisses(at, STATE_META | STATE_DECODED);
  if (class_ == CAP_GET_LENGTH || class_ == CAP_GET_TOP) {
    loadCell(I32_LOAD, at + CAP_TOP_HIGH);
    code(I32_OR);
  }
  if (class_ == CAP_GET_LENGTH) {
    // Of patterns that no tagged capability has the top may be below the base: their length has 65 bits.
    loadCell(I64_LOAD, at + CAP_TOP);
    loadCell(I64_LOAD, at + CAP_BASE);
    code(I64_LT_U);
    code(I32_OR);
  }
  leaveIf(exit);
  if (class_ == CAP_GET_OFFSET) pushX(rs1);
  else loadCell(I64_LOAD, at + (class_ == CAP_GET_BASE ? CAP_BASE : CAP_TOP));
  if (class_ == CAP_GET_OFFSET || class_ == CAP_GET_LENGTH) {
    loadCell(I64_LOAD, at + CAP_BASE);
    code(I64_SUB);
  }
  writeX(rd);
}

function emitGetTag(rd: u32, rs1: u32): void {
  loadCell(I32_LOAD, X + rs1 + CAP_STATE);
  constant32(STATE_TAG);
  code(I32_AND);
  code(I64_EXTEND_I32_U);
  writeX(rd);
}

function emitSubtract(record: usize, rd: u32, rs1: u32): void {
  pushX(rs1);
  pushX(load<u16>(record, RECORD_RS2));
  code(I64_SUB);
  writeX(rd);
}

/** An instruction of describe.ts's capability classes. */
export function emitDerivation(record: usize, description: u32): void {
  const rd: u32 = load<u16>(record, RECORD_RD);
  const rs1: u32 = load<u16>(record, RECORD_RS1);
  const class_ = aluOf(description);
  if (class_ == CAP_GET_TAG) {
    emitGetTag(rd, rs1);
  } else if (class_ == CAP_GET_ADDRESS) {
    pushX(rs1);
    writeX(rd);
  } else if (class_ == CAP_MOVE) {
    emitMove(rd, rs1);
  } else if (class_ == CAP_SUBTRACT) {
    emitSubtract(record, rd, rs1);
  } else if (class_ > CAP_GET_OFFSET) {
    emitRestriction(record, class_);
  } else if (class_ >= CAP_GET_BASE) {
    emitGetBounds(record, class_, rd, rs1);
  } else {
    emitMoved(record, class_, rd, rs1);
  }
}
