// Emits F and D instructions. Values live in f64 locals with the register's 64 bits.
// Everything can be done by the table's expression as calls of soft-float. Where rounding is to nearest even and NX has
// accrued (which regions have baked in), host arithmetic gives RISC-V's result and flags whenever the result is an
// ordinary number (riscv/soft-float/fast.ts says why); where NX has not, whenever the result is exact, too. Anything else
// leaves, or calls soft-float.
import { RECORD_IMM, RECORD_RD, RECORD_RS1, RECORD_RS2 } from "../layout";
import { emitExpression, fastFloat } from "../generated/emit";
import {
  code, constant, constant32, constantDouble, END, F32_DEMOTE_F64, F32_MUL, F64_PROMOTE_F32, F64X2_EXTRACT_LANE, F64X2_RELAXED_MADD, F64X2_SPLAT, I32_EQ, vector, F32_REINTERPRET_I32, F64_ADD, F64_MUL, F64_NE, F64_NEG, F64_REINTERPRET_I64, F64_SUB, getLocal,
  I32_AND, I32_OR, I32_REINTERPRET_F32, I32_WRAP_I64, I64_ADD, I64_AND, I64_EXTEND_I32_U, I64_GE_U, I64_LT_U, I64_NE, I64_OR, I64_REINTERPRET_F64, I64_SHL,
  I64_SUB, IF, setLocal, teeLocal, TYPE_VOID,
} from "./code";
import { TYPE_F4, TYPE_F8, TYPE_X, typeOf } from "./describe";
import {
  addExit, behind, closeLabel, exitLabel, here, isRobust, leaveIf, LOCAL_D, LOCAL_V, openPlainLabel, pushDouble, writeF, writeX,
} from "./frame";
import { EXIT_ACCESS, HOST_FUSES } from "./map";
import { isFastFloat, roundingMode } from "./operands";

const BOX: i64 = <i64>0xffffffff00000000;

// Classes of fast instructions, as the generator numbers them (isa/generate/emit.ts).
const FAST_SUM: u32 = 1; // a finite result will do
const FAST_PRODUCT: u32 = 2; // it must be normal, too
const FAST_ROOT: u32 = 3;
const FAST_FUSED: u32 = 4; // the low byte says which operands are negated: 1 the first, 2 the third
const FAST_FUSED_SINGLE: u32 = 5; // likewise

function pushBits(operand: u32): void {
  pushDouble(operand);
  code(I64_REINTERPRET_F64);
}

/** With the bits of a double, without sign, on the stack: pushes whether it is finite (a sum), or not normal. */
function pushUnfit(kind: u32): void {
  if (kind == FAST_SUM) {
    constant(<i64>0xffe0000000000000);
  } else {
    constant(0x0020000000000001);
    code(I64_SUB);
    constant(<i64>(<u64>0xffe0000000000000 - 0x0020000000000001));
  }
  code(I64_GE_U);
}

function pushIsNotZero(operand: u32): void {
  pushDouble(operand);
  constantDouble(0);
  code(F64_NE);
}

/** Leaves unless the result in LOCAL_D is zero because an operand is. */
function leaveUnlessZero(record: usize, opcode: u32, kind: u32, exit: i32): void {
  constant32(exit);
  getLocal(LOCAL_D);
  constantDouble(0);
  code(F64_NE);
  if (kind == FAST_PRODUCT) {
    pushIsNotZero(load<u16>(record, RECORD_RS1));
    if (opcode == F64_MUL) {
      pushIsNotZero(load<u16>(record, RECORD_RS2));
      code(I32_AND);
    }
    code(I32_OR);
  }
  leaveIf(exitLabel);
}

function emitFastDouble(record: usize, opcode: u32, kind: u32): void {
  const exit = addExit(record, here, behind, EXIT_ACCESS);
  pushDouble(load<u16>(record, RECORD_RS1));
  if (kind != FAST_ROOT) pushDouble(load<u16>(record, RECORD_RS2));
  code(opcode);
  setLocal(LOCAL_D);
  if (kind == FAST_SUM) constant32(exit);
  getLocal(LOCAL_D);
  code(I64_REINTERPRET_F64);
  constant(1);
  code(I64_SHL);
  pushUnfit(kind);
  if (kind == FAST_SUM) {
    leaveIf(exitLabel);
  } else {
    code(IF);
    code(TYPE_VOID);
    openPlainLabel();
    leaveUnlessZero(record, opcode, kind, exit);
    code(END);
    closeLabel();
  }
  getLocal(LOCAL_D);
  writeF(load<u16>(record, RECORD_RD));
}

// ---- fused multiply-add: riscv/soft-float/fast-fma.ts, instruction by instruction ----

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
function apply(a: u32, b: u32, opcode: u32): void {
  getLocal(a);
  getLocal(b);
  code(opcode);
}

function takeOperand(local: u32, operand: u32, negated: bool): void {
  pushDouble(operand);
  if (negated) code(F64_NEG);
  setLocal(local);
}

const A: u32 = LOCAL_D + 1;
const B: u32 = LOCAL_D + 2;
const C: u32 = LOCAL_D + 3;
const P: u32 = LOCAL_D + 4;
const E: u32 = LOCAL_D + 5;
const A_HIGH: u32 = LOCAL_D + 6;
const B_HIGH: u32 = LOCAL_D + 7;

/** Leaves unless a and b are moderate, or the product is exactly 0; and c is bounded. */
function leaveUnlessModerate(exit: i32): void {
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
  leaveIf(exitLabel);
  code(END);
  closeLabel();
  constant32(exit);
  pushOutside(C, 0, <i64>(<u64>2023 << 53));
  leaveIf(exitLabel);
}

// Errors are taken with the opposite sign, to be subtracted: an error of zero is then +0, and -0 less that stays -0.

/** s = p + c into LOCAL_D, and its error, negated, into E (2Sum). */
function emitSum(): void {
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
function addProductError(): void {
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

function pushRounded(factor: u64): void {
  getLocal(LOCAL_D);
  getLocal(E);
  constantDouble(factor);
  code(F64_MUL);
  code(F64_SUB);
}

/** By the processor's own instruction, where the engine offers it: a result that is normal, or a zero operand's, is RISC-V's. */
function emitHostFused(record: usize, signs: u32): void {
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
  getLocal(LOCAL_D);
  code(I64_REINTERPRET_F64);
  constant(1);
  code(I64_SHL);
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
function emitFusedSingle(record: usize, signs: u32): void {
  const a: u32 = load<u16>(record, RECORD_RS1);
  const b: u32 = load<u16>(record, RECORD_RS2);
  const c: u32 = load<u16>(record, RECORD_IMM + 2);
  const exit = addExit(record, here, behind, EXIT_ACCESS);
  constant32(exit);
  pushBits(a);
  pushBits(b);
  code(I64_AND);
  pushBits(c);
  code(I64_AND);
  constant(BOX);
  code(I64_LT_U);
  leaveIf(exitLabel);
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
  leaveIf(exitLabel);
  getLocal(LOCAL_D);
  code(F32_DEMOTE_F64);
  code(I32_REINTERPRET_F32);
  code(I64_EXTEND_I32_U);
  setLocal(LOCAL_V);
  pushUnfitSingle();
  code(IF);
  code(TYPE_VOID);
  openPlainLabel();
  constant32(exit);
  getLocal(LOCAL_D);
  constantDouble(0);
  code(F64_NE);
  leaveIf(exitLabel);
  code(END);
  closeLabel();
  getLocal(LOCAL_V);
  boxAndWrite(record);
}

function pushPromoted(operand: u32, negated: bool): void {
  pushSingle(operand);
  code(F64_PROMOTE_F32);
  if (negated) code(F64_NEG);
}

/** Pushes whether the single in LOCAL_V is not normal. */
function pushUnfitSingle(): void {
  getLocal(LOCAL_V);
  constant(33);
  code(I64_SHL);
  constant(0x0100000100000000);
  code(I64_SUB);
  constant(<i64>(<u64>0xff00000000000000 - 0x0100000100000000));
  code(I64_GE_U);
}

// Where NX has not accrued a result must be exact, too: its error is 0, or the core finds out which flags there are.

function leaveUnlessExact(exit: i32): void {
  constant32(exit);
  getLocal(E);
  constantDouble(0);
  code(F64_NE);
  leaveIf(exitLabel);
}

function emitExactProduct(record: usize): void {
  const exit = addExit(record, here, behind, EXIT_ACCESS);
  takeOperand(A, load<u16>(record, RECORD_RS1), false);
  takeOperand(B, load<u16>(record, RECORD_RS2), false);
  constantDouble(0);
  teeLocal(C);
  setLocal(E);
  apply(A, B, F64_MUL);
  setLocal(P);
  leaveUnlessModerate(exit);
  addProductError();
  leaveUnlessExact(exit);
  getLocal(P);
  writeF(load<u16>(record, RECORD_RD));
}

function emitExactSum(record: usize, isDifference: bool): void {
  const exit = addExit(record, here, behind, EXIT_ACCESS);
  takeOperand(P, load<u16>(record, RECORD_RS1), false);
  takeOperand(C, load<u16>(record, RECORD_RS2), isDifference);
  emitSum();
  leaveUnlessExact(exit); // infinite ones have no error that is a number
  getLocal(LOCAL_D);
  writeF(load<u16>(record, RECORD_RD));
}

/** False if there is no such way for the instruction. */
function emitExact(record: usize, description: u32, fast: u32): bool {
  if (typeOf(description) != TYPE_F8) return false;
  const opcode = fast & 255;
  if (fast >> 8 == FAST_FUSED) emitFused(record, opcode);
  else if (opcode == F64_MUL) emitExactProduct(record);
  else if (opcode == F64_ADD || opcode == F64_SUB) emitExactSum(record, opcode == F64_SUB);
  else return false;
  return true;
}

function emitFused(record: usize, signs: u32): void {
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
  leaveIf(exitLabel);
  getLocal(A);
  writeF(load<u16>(record, RECORD_RD));
}

/** The single in an f register, known to be boxed. */
function pushSingle(operand: u32): void {
  pushBits(operand);
  code(I32_WRAP_I64);
  code(F32_REINTERPRET_I32);
}

/** Singles: both operands must be boxed, and the result ordinary. */
function emitFastSingle(record: usize, opcode: u32, kind: u32, operation: u32): void {
  const a: u32 = load<u16>(record, RECORD_RS1);
  const b: u32 = load<u16>(record, RECORD_RS2);
  const exit = addExit(record, here, behind, EXIT_ACCESS);
  pushSingle(a);
  if (kind != FAST_ROOT) pushSingle(b);
  code(opcode);
  code(I32_REINTERPRET_F32);
  code(I64_EXTEND_I32_U);
  setLocal(LOCAL_V);
  constant32(exit);
  pushBits(a);
  if (kind != FAST_ROOT && b != a) {
    pushBits(b);
    code(I64_AND);
  }
  constant(BOX);
  code(I64_LT_U);
  leaveIf(exitLabel);
  if (kind == FAST_SUM) constant32(exit);
  getLocal(LOCAL_V);
  constant(33);
  code(I64_SHL);
  if (kind == FAST_SUM) {
    constant(<i64>0xff00000000000000);
    code(I64_GE_U);
    leaveIf(exitLabel);
  } else {
    constant(0x0100000100000000);
    code(I64_SUB);
    constant(<i64>(<u64>0xff00000000000000 - 0x0100000100000000));
    code(I64_GE_U);
    code(IF);
    code(TYPE_VOID);
    openPlainLabel();
    leaveUnlessZeroSingle(record, opcode, kind, exit);
    code(END);
    closeLabel();
  }
  getLocal(LOCAL_V);
  boxAndWrite(record);
}

/** Pushes whether the single with bits on the stack (zero-extended, or boxed) is not a zero. */
function pushBitsNotZero(): void {
  constant(33);
  code(I64_SHL);
  constant(0);
  code(I64_NE);
}

function leaveUnlessZeroSingle(record: usize, opcode: u32, kind: u32, exit: i32): void {
  constant32(exit);
  getLocal(LOCAL_V);
  pushBitsNotZero();
  if (kind == FAST_PRODUCT) {
    pushBits(load<u16>(record, RECORD_RS1));
    pushBitsNotZero();
    if (opcode == F32_MUL) {
      pushBits(load<u16>(record, RECORD_RS2));
      pushBitsNotZero();
      code(I32_AND);
    }
    code(I32_OR);
  }
  leaveIf(exitLabel);
}

/** Boxes the zero-extended bits on the stack. */
function boxAndWrite(record: usize): void {
  constant(BOX);
  code(I64_OR);
  code(F64_REINTERPRET_I64);
  writeF(load<u16>(record, RECORD_RD));
}

/** By the table's expression. */
function emitGeneral(record: usize, description: u32, operation: u32): void {
  emitExpression(operation, record);
  const type = typeOf(description);
  if (type == TYPE_X) {
    writeX(load<u16>(record, RECORD_RD));
  } else if (type == TYPE_F4) {
    code(I64_EXTEND_I32_U);
    boxAndWrite(record);
  } else {
    code(F64_REINTERPRET_I64);
    writeF(load<u16>(record, RECORD_RD));
  }
}

export function emitFloat(record: usize, description: u32, operation: u32): void {
  const fast = fastFloat(operation);
  const kind = fast >> 8;
  // Where the fast paths fail often the general way, a call, is better than leaving.
  if (kind == 0 || isRobust || roundingMode(record) != 0) emitGeneral(record, description, operation);
  else if (!isFastFloat && emitExact(record, description, fast)) return;
  else if (!isFastFloat) emitGeneral(record, description, operation);
  else if (kind == FAST_FUSED_SINGLE) emitFusedSingle(record, fast & 255);
  else if (kind == FAST_FUSED && load<u32>(HOST_FUSES) != 0) emitHostFused(record, fast & 255);
  else if (kind == FAST_FUSED) emitFused(record, fast & 255);
  else if (typeOf(description) == TYPE_F4) emitFastSingle(record, fast & 255, kind, operation);
  else emitFastDouble(record, fast & 255, kind);
}
