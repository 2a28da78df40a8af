// Emits what gates do with system registers, where there is nothing to it: PCC and DDC read, fcsr cleared that is clear, the time read.
import {
  CAP_ADDRESS, CONFIG, CONFIG_LIKE_SAIL, CONFIG_S_MODE, DDC, FCSR, IDLE_TIME, INSTRET, MCOUNTEREN, MTIME_OFFSET, PCC, PRIV, RECORD_RAW, RECORD_RD, SCOUNTEREN,
  SLICE, X,
} from "../layout";
import { INSTRUCTIONS_PER_TICK } from "../riscv/counters";
import { MACHINE, USER } from "../riscv/status";
import {
  code, constant, ELSE, END, I32_AND, I32_EQZ, I32_LOAD, I32_WRAP_I64, I64_ADD, I64_AND, I64_DIV_U, I64_EXTEND_I32_S, I64_LOAD, I64_SUB, IF, loadCell, TYPE_VOID,
} from "./code";
import { emitCoreCall } from "./crossing";
import { copyStruct } from "./derivations";
import { CAP_CORE, aluOf, KIND_CALL, kindOf } from "./describe";
import { closeLabel, here, integers, openPlainLabel, pushLeft, setIntegers, writeCapability, writeX } from "./frame";
import { isFloatOn, pushAddress } from "./operands";

const READ_MASK: u32 = 0xfffff07f;
const READ_PCC: u32 = 0x0200005b;
const READ_DDC: u32 = 0x0210005b;
const READ_TIME: u32 = 0xc0102073;
const CLEAR_FCSR: u32 = 0x00301073;
const TIME_ENABLED: i64 = 2;

/** Is it `csrw fcsr, zero`? */
export function isClearOfFcsr(record: usize): bool {
  return load<u32>(record, RECORD_RAW) == CLEAR_FCSR && isFloatOn && isUnguarded();
}

/** A configured model checks more. */
function isUnguarded(): bool {
  return (load<u32>(CONFIG) & CONFIG_LIKE_SAIL) == 0;
}

/** Is the core's instruction one of these? */
export function isSystemRead(record: usize, description: u32): bool {
  if (kindOf(description) != KIND_CALL || aluOf(description) != CAP_CORE) return false;
  const what = load<u32>(record, RECORD_RAW) & READ_MASK;
  return what == READ_PCC || what == READ_DDC || (what == READ_TIME && isUnguarded()) || isClearOfFcsr(record);
}

function emitReadCapability(rd: u32, special: u32): void {
  if (rd < 0x800) copyStruct(X + rd, special);
  if (special == PCC) pushAddress(here);
  else loadCell(I64_LOAD, special + CAP_ADDRESS);
  writeCapability(rd);
}

/** Pushes whether time may be read: privilege is part of the code. */
function pushMayReadTime(): void {
  loadCell(I64_LOAD, MCOUNTEREN);
  if (load<u32>(PRIV) == USER && (load<u32>(CONFIG) & CONFIG_S_MODE) != 0) {
    loadCell(I64_LOAD, SCOUNTEREN);
    code(I64_AND);
  }
  constant(TIME_ENABLED);
  code(I64_AND);
  code(I32_WRAP_I64);
}

function pushTime(): void {
  loadCell(I64_LOAD, INSTRET);
  loadCell(I64_LOAD, SLICE);
  code(I64_ADD);
  pushLeft();
  code(I64_EXTEND_I32_S);
  code(I64_SUB);
  loadCell(I64_LOAD, IDLE_TIME);
  code(I64_ADD);
  constant(INSTRUCTIONS_PER_TICK);
  code(I64_DIV_U);
  loadCell(I64_LOAD, MTIME_OFFSET);
  code(I64_ADD);
}

function emitReadTime(record: usize, description: u32): void {
  const rd: u32 = load<u16>(record, RECORD_RD);
  if (load<u32>(PRIV) == MACHINE) {
    pushTime();
    writeX(rd);
    return;
  }
  const before = integers;
  pushMayReadTime();
  code(I32_EQZ);
  code(IF);
  code(TYPE_VOID);
  openPlainLabel();
  emitCoreCall(record, description);
  code(ELSE);
  setIntegers(before);
  pushTime();
  writeX(rd);
  code(END);
  closeLabel();
}

/** By the core, unless fcsr is clear already: floating point is on and its state counts as written. */
function emitClearFcsr(record: usize, description: u32): void {
  loadCell(I32_LOAD, FCSR);
  code(IF);
  code(TYPE_VOID);
  openPlainLabel();
  emitCoreCall(record, description);
  code(END);
  closeLabel();
}

export function emitSystemRead(record: usize, description: u32): void {
  const rd: u32 = load<u16>(record, RECORD_RD);
  const what = load<u32>(record, RECORD_RAW) & READ_MASK;
  if (what == READ_PCC) emitReadCapability(rd, PCC);
  else if (what == READ_DDC) emitReadCapability(rd, DDC);
  else if (what == READ_TIME) emitReadTime(record, description);
  else emitClearFcsr(record, description);
}
