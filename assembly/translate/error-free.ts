// Error-free transformations: a sum and a product with their errors, exact in binary64 (2Sum, Dekker), for the fused
// multiply-add of riscv/soft-float/fast-fma.ts, instruction by instruction, and for results that must be exact.
import {
  code, constant, constant32, constantDouble, END, F64_ADD, F64_MUL, F64_NE, F64_NEG, F64_REINTERPRET_I64, F64_SUB, F64X2_EXTRACT_LANE,
  F64X2_RELAXED_MADD, F64X2_SPLAT, getLocal, I32_AND, I32_OR, I64_ADD, I64_AND, I64_GE_U, I64_REINTERPRET_F64, I64_SHL, I64_SUB, IF, setLocal,
  TYPE_VOID, vector,
} from "./code";
import { leaveIf } from "./exits";
import { closeLabel, LOCAL_D, openPlainLabel } from "./frame";
import { HOST_FUSES } from "./map";

/** A local's bits shifted left by one, less `low`: unsigned below `length`? Pushes the contrary. */
function pushOutside(local: u32, low: i64, length: i64): void {
  getLocal(local);
  code(I64_REINTERPRET_F64);
  constant(1);
  code(I64_SHL);
  if (low != 0) {
    constant(low);
    code(I64_SUB);
  }
  constant(length);
  code(I64_GE_U);
}

/** The upper half of a significand. */
function splitInto(to: u32, from: u32): void {
  getLocal(from);
  code(I64_REINTERPRET_F64);
  constant(0x4000000);
  code(I64_ADD);
  constant(-0x8000000);
  code(I64_AND);
  code(F64_REINTERPRET_I64);
  setLocal(to);
}

// @ts-ignore: decorator
@inline
export function apply(a: u32, b: u32, opcode: u32): void {
  getLocal(a);
  getLocal(b);
  code(opcode);
}

export const A: u32 = LOCAL_D + 1;
export const B: u32 = LOCAL_D + 2;
export const C: u32 = LOCAL_D + 3;
export const P: u32 = LOCAL_D + 4;
export const E: u32 = LOCAL_D + 5;
const A_HIGH: u32 = LOCAL_D + 6;
const B_HIGH: u32 = LOCAL_D + 7;

/** Leaves unless a and b are moderate, or the product is exactly 0; and c is bounded. */
export function leaveUnlessModerate(exit: i32): void {
  pushOutside(A, <i64>(<u64>623 << 53), <i64>(<u64>900 << 53));
  pushOutside(B, <i64>(<u64>623 << 53), <i64>(<u64>900 << 53));
  code(I32_OR);
  code(IF);
  code(TYPE_VOID);
  openPlainLabel();
  constant32(exit);
  getLocal(P);
  constantDouble(0);
  code(F64_NE);
  getLocal(A);
  constantDouble(0);
  code(F64_NE);
  getLocal(B);
  constantDouble(0);
  code(F64_NE);
  code(I32_AND);
  code(I32_OR);
  leaveIf(exit);
  code(END);
  closeLabel();
  constant32(exit);
  pushOutside(C, 0, <i64>(<u64>2023 << 53));
  leaveIf(exit);
}

// Errors are taken with the opposite sign, to be subtracted: an error of zero is then +0, and -0 less that stays -0.

/** s = p + c into LOCAL_D, and its error, negated, into E (2Sum). */
export function emitSum(): void {
  apply(P, C, F64_ADD);
  setLocal(LOCAL_D);
  apply(LOCAL_D, P, F64_SUB);
  setLocal(E);
  apply(LOCAL_D, E, F64_SUB);
  getLocal(P);
  code(F64_SUB);
  apply(E, C, F64_SUB);
  code(F64_ADD);
  setLocal(E);
}

/** E := E + (p - a * b), the latter exact: by the processor's fused multiply-add, or Dekker. */
export function addProductError(): void {
  if (load<u32>(HOST_FUSES) == 0) {
    addDekkerError();
    return;
  }
  getLocal(E);
  getLocal(A);
  vector(F64X2_SPLAT);
  getLocal(B);
  vector(F64X2_SPLAT);
  getLocal(P);
  code(F64_NEG);
  vector(F64X2_SPLAT);
  vector(F64X2_RELAXED_MADD);
  vector(F64X2_EXTRACT_LANE);
  code(0);
  code(F64_SUB);
  setLocal(E);
}

function addDekkerError(): void {
  splitInto(A_HIGH, A);
  splitInto(B_HIGH, B);
  apply(A, A_HIGH, F64_SUB);
  setLocal(A); // the low half from here on
  apply(B, B_HIGH, F64_SUB);
  setLocal(B);
  getLocal(E);
  getLocal(P);
  apply(A_HIGH, B_HIGH, F64_MUL);
  code(F64_SUB);
  apply(A, B_HIGH, F64_MUL);
  code(F64_SUB);
  apply(A_HIGH, B, F64_MUL);
  code(F64_SUB);
  apply(A, B, F64_MUL);
  code(F64_SUB);
  code(F64_ADD);
  setLocal(E);
}

/** Leaves unless the error in E is 0. */
export function leaveUnlessExact(exit: i32): void {
  constant32(exit);
  getLocal(E);
  constantDouble(0);
  code(F64_NE);
  leaveIf(exit);
}
