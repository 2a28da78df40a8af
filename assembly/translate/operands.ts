// Operands of semantic expressions as emitted code: what the generated emitter calls by the table's names.
import { CONFIG, CONFIG_RELOCATED, DDC_LINEAR, DDC_LOAD_WINDOW, DDC_STORE_WINDOW, FCSR, MSTATUS, PC_BIAS, RECORD_IMM, RECORD_RS1, RECORD_RS2 } from "../layout";
import { code, constant, constant32, getLocal, I32_ADD, I32_LOAD, I64_ADD, I64_EXTEND32_S, I64_LOAD, I64_LOAD32_U, I64_REINTERPRET_F64, I64_SHR_U, I64_SUB, loadCell, setLocal } from "./code";
import { here, LOCAL_LINEAR, LOCAL_PC, LOCAL_V, pushDouble, pushX } from "./frame";

export function push_rs1(record: usize): void {
  pushX(load<u16>(record, RECORD_RS1));
}

/** Words in memory are compared with rs2's lower half. */
let usesWords: bool = false;
export function setWordOperands(value: bool): void { usesWords = value; }

export function push_rs2(record: usize): void {
  pushX(load<u16>(record, RECORD_RS2));
  if (usesWords) code(I64_EXTEND32_S);
}

export function push_imm(record: usize): void {
  constant(load<i32>(record, RECORD_IMM));
}

/** The lower half of the immediate. */
export function push_word_imm(record: usize): void {
  constant32(load<i32>(record, RECORD_IMM));
}

/** Absolute pc of the place `offset` bytes from the entry. */
export function pushAddress(offset: i64): void {
  getLocal(LOCAL_PC);
  if (offset == 0) return;
  constant(offset);
  code(I64_ADD);
}

export function isRelocated(): bool {
  return (load<u32>(CONFIG) & CONFIG_RELOCATED) != 0;
}

/**
 * The place of DDC's window is in a local and its length in a cell, neither is part of the code: for text that several cVMs run,
 * each with its own DDC.
 */
export let isFloating: bool = false;
export function setFloating(value: bool): void { isFloating = value; }

/** At the entry: LOCAL_LINEAR, if it is used. */
export function loadLinear(): void {
  if (!isFloating) return;
  loadCell(I32_LOAD, DDC_LINEAR);
  setLocal(LOCAL_LINEAR);
}

/** Pushes how many offsets an access of `span` bytes, aligned to 2^align, may have in DDC's window, less the bits of alignment. */
export function pushLimit(isStore: bool, span: i64, align: u32): void {
  const cell = isStore ? DDC_STORE_WINDOW : DDC_LOAD_WINDOW;
  const window = <i64>load<u32>(cell);
  const lost = span - (<i64>1 << align);
  if (!isFloating) {
    constant(window < span ? 0 : (window - lost) >> align);
    return;
  }
  loadCell(I64_LOAD32_U, cell);
  if (lost != 0) {
    constant(lost);
    code(I64_SUB);
  }
  if (align == 0) return;
  constant(align);
  code(I64_SHR_U);
}

/** Makes the i32 on the stack, an offset from DDC's window less `distance`, a linear pointer. */
export function addLinear(distance: i32): void {
  const addend = isFloating ? distance : distance + load<i32>(DDC_LINEAR);
  if (addend != 0) {
    constant32(addend);
    code(I32_ADD);
  }
  if (!isFloating) return;
  getLocal(LOCAL_LINEAR);
  code(I32_ADD);
}

/** The pc as software sees it. */
export function pushArchitectural(offset: i64): void {
  pushAddress(offset);
  if (!isRelocated()) return;
  loadCell(I64_LOAD, PC_BIAS);
  code(I64_SUB);
}

export function push_pc(record: usize): void {
  pushArchitectural(here);
}

function pushF(operand: u32): void {
  pushDouble(operand);
  code(I64_REINTERPRET_F64);
}

// What regions with floating point have baked in: that it is on and dirty, frm, and whether NX has accrued.
export let isFloatOn: bool = false;
export let isFastFloat: bool = false;

export function readFloatState(): void {
  const fcsr = load<u32>(FCSR);
  isFloatOn = (load<u32>(MSTATUS) & 0x6000) == 0x6000 && fcsr >> 5 <= 4;
  isFastFloat = isFloatOn && (fcsr & 1) != 0;
}

/** Rounding mode of the instruction in `record`; above 4 it is illegal. */
export function roundingMode(record: usize): u32 {
  const mode = load<u32>(record, RECORD_IMM) & 7;
  return mode == 7 ? load<u32>(FCSR) >> 5 : mode;
}

export function push_fs1(record: usize): void {
  pushF(load<u16>(record, RECORD_RS1));
}

export function push_fs2(record: usize): void {
  pushF(load<u16>(record, RECORD_RS2));
}

export function push_fs3(record: usize): void {
  pushF(load<u16>(record, RECORD_IMM + 2));
}

export function push_rm(record: usize): void {
  constant32(roundingMode(record));
}

/** What an atomic read. */
export function push_old(record: usize): void {
  getLocal(LOCAL_V);
}
