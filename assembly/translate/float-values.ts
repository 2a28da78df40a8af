// What the ways to emit floating point share: operands on the stack, results boxed, and what tells the results that
// are surely RISC-V's from those that the core has to look at (riscv/soft-float/fast.ts says why).
import { RECORD_RD, RECORD_RS1, RECORD_RS2 } from "../layout";
import {
  code, constant, constant32, constantDouble, F32_REINTERPRET_I32, F64_MUL, F64_NE, F64_NEG, F64_REINTERPRET_I64, getLocal, I32_AND, I32_OR,
  I32_WRAP_I64, I64_GE_U, I64_OR, I64_REINTERPRET_F64, I64_SHL, I64_SUB, setLocal,
} from "./code";
import { leaveIf } from "./exits";
import { LOCAL_D, LOCAL_V, pushDouble, writeF } from "./frame";

export const BOX: i64 = <i64>0xffffffff00000000;

// Classes of fast instructions, as the generator numbers them (isa/generate/emit.ts).
export const FAST_SUM: u32 = 1; // a finite result will do
export const FAST_PRODUCT: u32 = 2; // it must be normal, too
export const FAST_ROOT: u32 = 3;
export const FAST_FUSED: u32 = 4; // the low byte says which operands are negated: 1 the first, 2 the third
export const FAST_FUSED_SINGLE: u32 = 5; // likewise

export function pushBits(operand: u32): void {
  pushDouble(operand);
  code(I64_REINTERPRET_F64);
}

/** With the bits of a double, without sign, on the stack: pushes whether it is not finite (a sum), or not normal. */
export function pushUnfit(kind: u32): void {
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

/** Pushes whether the single in LOCAL_V is not finite (a sum), or not normal. */
export function pushUnfitSingle(kind: u32): void {
  getLocal(LOCAL_V);
  constant(33);
  code(I64_SHL);
  if (kind == FAST_SUM) {
    constant(<i64>0xff00000000000000);
  } else {
    constant(0x0100000100000000);
    code(I64_SUB);
    constant(<i64>(<u64>0xff00000000000000 - 0x0100000100000000));
  }
  code(I64_GE_U);
}

/** The single in an f register, known to be boxed. */
export function pushSingle(operand: u32): void {
  pushBits(operand);
  code(I32_WRAP_I64);
  code(F32_REINTERPRET_I32);
}

/** Boxes the zero-extended bits on the stack. */
export function boxAndWrite(record: usize): void {
  constant(BOX);
  code(I64_OR);
  code(F64_REINTERPRET_I64);
  writeF(load<u16>(record, RECORD_RD));
}
