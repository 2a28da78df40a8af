// Fused multiply-add (riscv/soft-float/fast-fma.ts): by the host's instruction where it has one, by error-free
// transformations, and for singles by way of doubles.
import { RECORD_IMM, RECORD_RD, RECORD_RS1, RECORD_RS2 } from "../layout";
import {
  code, constant32, constantDouble, END, F32_DEMOTE_F64, F64_ADD, F64_MUL, F64_NE, F64_NEG, F64_PROMOTE_F32, F64_SUB, F64X2_EXTRACT_LANE,
  F64X2_RELAXED_MADD, F64X2_SPLAT, getLocal, I32_AND, I32_EQ, I32_REINTERPRET_F32, I32_WRAP_I64, I64_REINTERPRET_F64, IF, setLocal, teeLocal,
  TYPE_VOID, vector,
} from "./code";
import { A, addProductError, apply, B, C, E, emitSum, leaveUnlessExact, leaveUnlessModerate, P } from "./error-free";
import { FAST_PRODUCT, leaveUnlessSingles, leaveUnlessZero, pushSingle, pushUnfit, pushUnfitSingle, takeOperand, writeSingle } from "./float-values";
import { addExit, leaveIf } from "./exits";
import { behind, closeLabel, here, LOCAL_D, LOCAL_K, openPlainLabel, pushDouble, writeF } from "./frame";
import { EXIT_ACCESS } from "./map";
import { isFastFloat } from "./operands";

function pushRounded(factor: u64): void {
  getLocal(LOCAL_D);
  getLocal(E);
  constantDouble(factor);
  code(F64_MUL);
  code(F64_SUB);
}

/** By the processor's own instruction, where the engine offers it: a result that is normal, or a zero operand's, is RISC-V's. */
export function emitHostFused(record: usize, signs: u32): void {
  const a: u32 = load<u16>(record, RECORD_RS1);
  const b: u32 = load<u16>(record, RECORD_RS2);
  const c: u32 = load<u16>(record, RECORD_IMM + 2);
  const exit = addExit(record, here, behind, EXIT_ACCESS);
  pushLane(a, (signs & 1) != 0);
  pushLane(b, false);
  pushLane(c, (signs & 2) != 0);
  vector(F64X2_RELAXED_MADD);
  vector(F64X2_EXTRACT_LANE);
  code(0);
  setLocal(LOCAL_D);
  pushUnfit(FAST_PRODUCT);
  code(IF);
  code(TYPE_VOID);
  openPlainLabel();
  leaveUnlessZero(record, F64_MUL, FAST_PRODUCT, exit);
  code(END);
  closeLabel();
  getLocal(LOCAL_D);
  writeF(load<u16>(record, RECORD_RD));
}

function pushLane(operand: u32, negated: bool): void {
  pushDouble(operand);
  if (negated) code(F64_NEG);
  vector(F64X2_SPLAT);
}

/** riscv/soft-float/fast-fma.ts: the product is exact in binary64, and the sum good unless it lies midway between two singles. */
export function emitFusedSingle(record: usize, signs: u32): void {
  const a: u32 = load<u16>(record, RECORD_RS1);
  const b: u32 = load<u16>(record, RECORD_RS2);
  const c: u32 = load<u16>(record, RECORD_IMM + 2);
  const exit = addExit(record, here, behind, EXIT_ACCESS);
  leaveUnlessSingles(a, b, c, exit);
  pushPromoted(a, (signs & 1) != 0);
  pushPromoted(b, false);
  code(F64_MUL);
  pushPromoted(c, (signs & 2) != 0);
  code(F64_ADD);
  setLocal(LOCAL_D);
  constant32(exit);
  getLocal(LOCAL_D);
  code(I64_REINTERPRET_F64);
  code(I32_WRAP_I64);
  constant32(0x1fffffff);
  code(I32_AND);
  constant32(0x10000000);
  code(I32_EQ);
  leaveIf(exit);
  getLocal(LOCAL_D);
  code(F32_DEMOTE_F64);
  code(I32_REINTERPRET_F32);
  setLocal(LOCAL_K);
  pushUnfitSingle(FAST_PRODUCT);
  code(IF);
  code(TYPE_VOID);
  openPlainLabel();
  constant32(exit);
  getLocal(LOCAL_D);
  constantDouble(0);
  code(F64_NE);
  leaveIf(exit);
  code(END);
  closeLabel();
  writeSingle(record);
}

function pushPromoted(operand: u32, negated: bool): void {
  pushSingle(operand);
  code(F64_PROMOTE_F32);
  if (negated) code(F64_NEG);
}

export function emitFused(record: usize, signs: u32): void {
  const exit = addExit(record, here, behind, EXIT_ACCESS);
  takeOperand(A, load<u16>(record, RECORD_RS1), (signs & 1) != 0);
  takeOperand(B, load<u16>(record, RECORD_RS2), false);
  takeOperand(C, load<u16>(record, RECORD_IMM + 2), (signs & 2) != 0);
  apply(A, B, F64_MUL);
  setLocal(P);
  leaveUnlessModerate(exit);
  emitSum();
  addProductError();
  if (!isFastFloat) {
    leaveUnlessExact(exit);
    getLocal(LOCAL_D);
    writeF(load<u16>(record, RECORD_RD));
    return;
  }
  constant32(exit);
  pushRounded(0x3feffffffffffffe);
  teeLocal(A);
  pushRounded(0x3ff0000000000001);
  code(F64_NE);
  leaveIf(exit);
  getLocal(A);
  writeF(load<u16>(record, RECORD_RD));
}
