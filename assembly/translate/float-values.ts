// What the ways to emit floating point share: operands on the stack, results boxed, and what tells the results that
// are surely RISC-V's from those that the core has to look at (riscv/soft-float/fast.ts says why).
import { RECORD_RD, RECORD_RS1, RECORD_RS2 } from "../layout";
import {
  code, constant, constant32, constantDouble, F32_REINTERPRET_I32, F64_MUL, F64_NE, F64_NEG, F64_REINTERPRET_I64, getLocal, I32_ADD,
  I32_AND, I32_EQ, I32_EQZ, I32_OR, I32_WRAP_I64, I64_ADD, I64_AND, I64_EQ, I64_EQZ, I64_EXTEND_I32_U,
  I64_LT_U, I64_OR, I64_REINTERPRET_F64, setLocal,
} from "./code";
import { leaveIf } from "./exits";
import { LOCAL_D, LOCAL_K, pushDouble, writeF } from "./frame";
import { isSingle, noteSingle } from "./singles";

export const BOX: i64 = <i64>0xffffffff00000000;

// Classes of fast instructions, as the generator numbers them (isa/generate/emit.ts).
export const FAST_SUM: u32 = 1; // a finite result will do
export const FAST_PRODUCT: u32 = 2; // it must be normal, too
export const FAST_ROOT: u32 = 3;
export const FAST_FUSED: u32 = 4; // the low byte says which operands are negated: 1 the first, 2 the third
export const FAST_FUSED_SINGLE: u32 = 5; // likewise
export const FAST_COMPARISON: u32 = 6; // of numbers
export const FAST_SIGN: u32 = 7; // the low byte says what becomes of the first operand's sign: 0 the second's, 1 its contrary, 2 their product

export function pushBits(operand: u32): void {
  pushDouble(operand);
  code(I64_REINTERPRET_F64);
}

/** Pushes whether the double in LOCAL_D is not finite (a sum), or not normal: its exponent is all ones, or 0. */
export function pushUnfit(kind: u32): void {
  getLocal(LOCAL_D);
  code(I64_REINTERPRET_F64);
  if (kind == FAST_SUM) {
    constant(0x7ff0000000000000);
    code(I64_AND);
    constant(0x7ff0000000000000);
    code(I64_EQ);
    return;
  }
  constant(0x0010000000000000);
  code(I64_ADD);
  constant(0x7fe0000000000000);
  code(I64_AND);
  code(I64_EQZ);
}

function pushIsNotZero(operand: u32): void {
  pushDouble(operand);
  constantDouble(0);
  code(F64_NE);
}

/** Leaves unless the result in LOCAL_D is zero because an operand is. */
export function leaveUnlessZero(record: usize, opcode: u32, kind: u32, exit: i32): void {
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
  leaveIf(exit);
}

export function takeOperand(local: u32, operand: u32, negated: bool): void {
  pushDouble(operand);
  if (negated) code(F64_NEG);
  setLocal(local);
}

/** Pushes whether the single with its bits in LOCAL_K is not finite (a sum), or not normal: its exponent is all ones, or 0. */
export function pushUnfitSingle(kind: u32): void {
  getLocal(LOCAL_K);
  if (kind == FAST_SUM) {
    constant32(0x7f800000);
    code(I32_AND);
    constant32(0x7f800000);
    code(I32_EQ);
    return;
  }
  constant32(0x00800000);
  code(I32_ADD);
  constant32(0x7f000000);
  code(I32_AND);
  code(I32_EQZ);
}

/** The single in an f register, known to be boxed. */
export function pushSingle(operand: u32): void {
  pushBits(operand);
  code(I32_WRAP_I64);
  code(F32_REINTERPRET_I32);
}

/** Leaves by `exit` unless all of these hold boxed singles. */
export function leaveUnlessSingles(a: u32, b: u32, c: u32, exit: i32): void {
  let mask: u64 = 0;
  if (!isSingle(a)) mask |= (<u64>1) << (a >> 3);
  if (!isSingle(b)) mask |= (<u64>1) << (b >> 3);
  if (!isSingle(c)) mask |= (<u64>1) << (c >> 3);
  if (mask == 0) return;
  constant32(exit);
  pushBits(<u32>ctz(mask) << 3);
  for (let rest = mask & (mask - 1); rest != 0; rest &= rest - 1) {
    pushBits(<u32>ctz(rest) << 3);
    code(I64_AND);
  }
  constant(BOX);
  code(I64_LT_U);
  leaveIf(exit);
  noteSingle(a);
  noteSingle(b);
  noteSingle(c);
}

/** Writes the single with its bits in LOCAL_K. */
export function writeSingle(record: usize): void {
  getLocal(LOCAL_K);
  code(I64_EXTEND_I32_U);
  boxAndWrite(record);
}

/** Boxes the zero-extended bits on the stack. */
export function boxAndWrite(record: usize): void {
  constant(BOX);
  code(I64_OR);
  code(F64_REINTERPRET_I64);
  writeF(load<u16>(record, RECORD_RD));
}
