// Single and double arithmetic by the host's instruction: an ordinary result is RISC-V's (riscv/soft-float/fast.ts), any
// other one leaves.
import { RECORD_RD, RECORD_RS1, RECORD_RS2 } from "../layout";
import {
  code, constant, constant32, END, F32_MUL, getLocal, I32_AND, I32_OR, I32_REINTERPRET_F32, I64_AND, I64_EXTEND_I32_U, I64_LT_U,
  I64_NE, I64_REINTERPRET_F64, I64_SHL, IF, setLocal, TYPE_VOID,
} from "./code";
import { BOX, boxAndWrite, FAST_PRODUCT, FAST_ROOT, FAST_SUM, leaveUnlessZero, pushBits, pushSingle, pushUnfit, pushUnfitSingle } from "./float-values";
import { addExit, leaveIf } from "./exits";
import { behind, closeLabel, here, LOCAL_D, LOCAL_V, openPlainLabel, pushDouble, writeF } from "./frame";
import { EXIT_ACCESS } from "./map";

export function emitFastDouble(record: usize, opcode: u32, kind: u32): void {
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
  leaveIf(exit);
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
  leaveIf(exit);
}
