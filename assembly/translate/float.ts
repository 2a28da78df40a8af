// Emits F and D instructions. Values live in f64 locals with the register's 64 bits.
// Everything can be done by the table's expression as calls of soft-float. Where rounding is to nearest even and NX has
// accrued (which regions have baked in), host arithmetic gives RISC-V's result and flags whenever the result is an
// ordinary number (riscv/soft-float/fast.ts says why); anything else still calls soft-float.
import { RECORD_RD, RECORD_RS1, RECORD_RS2 } from "../layout";
import { emitExpression, fastFloat } from "../generated/emit";
import {
  code, constant, ELSE, END, F32_REINTERPRET_I32, F64_REINTERPRET_I64, getLocal, I32_AND,
  I32_REINTERPRET_F32, I32_WRAP_I64, I64_AND, I64_EXTEND_I32_U, I64_GE_U, I64_LT_U, I64_OR, I64_REINTERPRET_F64, I64_SHL, I64_SUB, IF, setLocal, teeLocal,
  TYPE_F64, TYPE_I64,
} from "./code";
import { TYPE_F4, TYPE_X, typeOf } from "./describe";
import { LOCAL_D, LOCAL_V, pushDouble, writeF, writeX } from "./frame";
import { isFastFloat, roundingMode } from "./operands";

const BOX: i64 = <i64>0xffffffff00000000;

// Classes of fast instructions, as the generator numbers them (isa/generate/emit.ts).
const FAST_SUM: u32 = 1; // a finite result will do
const FAST_PRODUCT: u32 = 2; // it must be normal, too
const FAST_ROOT: u32 = 3;

function pushBits(operand: u32): void {
  pushDouble(operand);
  code(I64_REINTERPRET_F64);
}

/** Pushes whether the f64 whose bits are in LOCAL_V is ordinary for its class. */
function pushOrdinaryDouble(kind: u32): void {
  getLocal(LOCAL_V);
  constant(1);
  code(I64_SHL);
  if (kind == FAST_SUM) {
    constant(<i64>0xffe0000000000000);
  } else {
    constant(0x0020000000000001);
    code(I64_SUB);
    constant(<i64>(<u64>0xffe0000000000000 - 0x0020000000000001));
  }
  code(I64_LT_U);
}

function emitFastDouble(record: usize, opcode: u32, kind: u32, operation: u32): void {
  pushDouble(load<u16>(record, RECORD_RS1));
  if (kind != FAST_ROOT) pushDouble(load<u16>(record, RECORD_RS2));
  code(opcode);
  teeLocal(LOCAL_D);
  code(I64_REINTERPRET_F64);
  setLocal(LOCAL_V);
  pushOrdinaryDouble(kind);
  code(IF);
  code(TYPE_F64);
  getLocal(LOCAL_D);
  code(ELSE);
  emitExpression(operation, record);
  code(F64_REINTERPRET_I64);
  code(END);
  writeF(load<u16>(record, RECORD_RD));
}

/** The single in an f register, known to be boxed. */
function pushSingle(operand: u32): void {
  pushBits(operand);
  code(I32_WRAP_I64);
  code(F32_REINTERPRET_I32);
}

/** Singles: both operands must be boxed, and the result ordinary, told by its bits as a double. */
function emitFastSingle(record: usize, opcode: u32, kind: u32, operation: u32): void {
  const a: u32 = load<u16>(record, RECORD_RS1);
  const b: u32 = load<u16>(record, RECORD_RS2);
  pushSingle(a);
  if (kind != FAST_ROOT) pushSingle(b);
  code(opcode);
  code(I32_REINTERPRET_F32);
  code(I64_EXTEND_I32_U);
  setLocal(LOCAL_V);
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
  code(I64_LT_U);
  pushBits(a);
  if (kind != FAST_ROOT && b != a) {
    pushBits(b);
    code(I64_AND);
  }
  constant(BOX);
  code(I64_GE_U);
  code(I32_AND);
  code(IF);
  code(TYPE_I64);
  getLocal(LOCAL_V);
  code(ELSE);
  emitExpression(operation, record);
  code(I64_EXTEND_I32_U);
  code(END);
  boxAndWrite(record);
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
  if (kind == 0 || !isFastFloat || roundingMode(record) != 0) emitGeneral(record, description, operation);
  else if (typeOf(description) == TYPE_F4) emitFastSingle(record, fast & 255, kind, operation);
  else emitFastDouble(record, fast & 255, kind, operation);
}
