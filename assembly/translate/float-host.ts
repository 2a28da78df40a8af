// Single and double arithmetic by the host's instruction: an ordinary result is RISC-V's (riscv/soft-float/fast.ts), any
// other one leaves.
import { RECORD_RD, RECORD_RS1, RECORD_RS2 } from "../layout";
import {
  code, constant, constant32, END, F32_MUL, F32_NE, F64_EQ, F64_NE, F64_REINTERPRET_I64, getLocal, I32_EQZ, I32_OR, I32_REINTERPRET_F32, I32_SHL, I32_WRAP_I64,
  I64_AND, I64_EXTEND_I32_U, I64_OR, I64_XOR, IF, setLocal, TYPE_VOID,
} from "./code";
import {
  FAST_PRODUCT, FAST_ROOT, FAST_SUM, leaveUnlessSingles, leaveUnlessZero, pushBits, pushSingle, pushUnfit, pushUnfitSingle, writeSingle,
} from "./float-values";
import { addExit, leaveIf } from "./exits";
import { behind, closeLabel, here, LOCAL_D, LOCAL_K, openPlainLabel, pushDouble, writeF, writeX } from "./frame";
import { EXIT_ACCESS } from "./map";

export function emitFastDouble(record: usize, opcode: u32, kind: u32): void {
  const exit = addExit(record, here, behind, EXIT_ACCESS);
  pushDouble(load<u16>(record, RECORD_RS1));
  if (kind != FAST_ROOT) pushDouble(load<u16>(record, RECORD_RS2));
  code(opcode);
  setLocal(LOCAL_D);
  if (kind == FAST_SUM) constant32(exit);
  pushUnfit(kind);
  if (kind == FAST_SUM) {
    leaveIf(exit);
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

/** Singles: both operands must be boxed, and the result ordinary. */
export function emitFastSingle(record: usize, opcode: u32, kind: u32): void {
  const a: u32 = load<u16>(record, RECORD_RS1);
  const b: u32 = load<u16>(record, RECORD_RS2);
  const exit = addExit(record, here, behind, EXIT_ACCESS);
  pushSingle(a);
  if (kind != FAST_ROOT) pushSingle(b);
  code(opcode);
  code(I32_REINTERPRET_F32);
  setLocal(LOCAL_K);
  leaveUnlessSingles(a, kind == FAST_ROOT ? a : b, a, exit);
  if (kind == FAST_SUM) constant32(exit);
  pushUnfitSingle(kind);
  if (kind == FAST_SUM) {
    leaveIf(exit);
  } else {
    code(IF);
    code(TYPE_VOID);
    openPlainLabel();
    leaveUnlessZeroSingle(record, opcode, kind, exit);
    code(END);
    closeLabel();
  }
  writeSingle(record);
}

function pushIsZero(operand: u32): void {
  pushBits(operand);
  code(I32_WRAP_I64);
  constant32(1);
  code(I32_SHL);
  code(I32_EQZ);
}

/** Leaves unless the result in LOCAL_K is zero because an operand is. */
function leaveUnlessZeroSingle(record: usize, opcode: u32, kind: u32, exit: i32): void {
  constant32(exit);
  getLocal(LOCAL_K);
  constant32(1);
  code(I32_SHL);
  if (kind == FAST_PRODUCT) {
    pushIsZero(load<u16>(record, RECORD_RS1));
    if (opcode == F32_MUL) {
      pushIsZero(load<u16>(record, RECORD_RS2));
      code(I32_OR);
    }
    code(I32_EQZ);
    code(I32_OR);
  }
  leaveIf(exit);
}

/** Pushes a register as the operand of a comparison of singles, known to be boxed, or of doubles. */
function pushCompared(operand: u32, isDouble: bool): void {
  if (isDouble) pushDouble(operand);
  else pushSingle(operand);
}

/** Comparisons of numbers raise no flag, whatever the rounding mode; what is none leaves. */
export function emitComparison(record: usize, opcode: u32): void {
  const a: u32 = load<u16>(record, RECORD_RS1);
  const b: u32 = load<u16>(record, RECORD_RS2);
  const exit = addExit(record, here, behind, EXIT_ACCESS);
  const isDouble = opcode >= F64_EQ;
  if (!isDouble) leaveUnlessSingles(a, b, a, exit);
  constant32(exit);
  pushCompared(a, isDouble);
  pushCompared(a, isDouble);
  code(isDouble ? F64_NE : F32_NE);
  if (b != a) {
    pushCompared(b, isDouble);
    pushCompared(b, isDouble);
    code(isDouble ? F64_NE : F32_NE);
    code(I32_OR);
  }
  leaveIf(exit);
  pushCompared(a, isDouble);
  pushCompared(b, isDouble);
  code(opcode);
  code(I64_EXTEND_I32_U);
  writeX(load<u16>(record, RECORD_RD));
}

/** Pushes the bits that decide the sign: those of the second operand, inverted for `way` 1. */
function pushSign(operand: u32, way: u32, sign: i64): void {
  pushBits(operand);
  if (way == 1) {
    constant(sign);
    code(I64_XOR);
  }
  constant(sign);
  code(I64_AND);
}

/** FSGNJ, FSGNJN, FSGNJX (`way` 0 to 2) on bits; singles must be boxed, and stay so. */
export function emitSign(record: usize, way: u32, isDouble: bool): void {
  const a: u32 = load<u16>(record, RECORD_RS1);
  const b: u32 = load<u16>(record, RECORD_RS2);
  const sign: i64 = isDouble ? i64.MIN_VALUE : 0x80000000;
  if (!isDouble) leaveUnlessSingles(a, b, a, addExit(record, here, behind, EXIT_ACCESS));
  pushBits(a);
  if (way == 2) {
    pushSign(b, way, sign);
    code(I64_XOR);
  } else if (a != b || way != 0) {
    constant(~sign);
    code(I64_AND);
    pushSign(b, way, sign);
    code(I64_OR);
  }
  code(F64_REINTERPRET_I64);
  writeF(load<u16>(record, RECORD_RD));
}
