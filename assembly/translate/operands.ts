// Operands of semantic expressions as emitted code: what the generated emitter calls by the table's names.
import { CONFIG, CONFIG_RELOCATED, F, PC_BIAS, RECORD_IMM, RECORD_RS1, RECORD_RS2 } from "../layout";
import { access, code, constant, constant32, getLocal, I64_ADD, I64_LOAD, I64_SUB, loadCell } from "./code";
import { here, LOCAL_K, LOCAL_PC, LOCAL_V, pushX } from "./frame";

export function push_rs1(record: usize): void {
  pushX(load<u16>(record, RECORD_RS1));
}

export function push_rs2(record: usize): void {
  pushX(load<u16>(record, RECORD_RS2));
}

export function push_imm(record: usize): void {
  constant(load<i32>(record, RECORD_IMM));
}

/** Absolute pc of the place `offset` bytes from the entry. */
export function pushAddress(offset: i32): void {
  getLocal(LOCAL_PC);
  if (offset == 0) return;
  constant(offset);
  code(I64_ADD);
}

export function isRelocated(): bool {
  return (load<u32>(CONFIG) & CONFIG_RELOCATED) != 0;
}

/** The pc as software sees it. */
export function pushArchitectural(offset: i32): void {
  pushAddress(offset);
  if (!isRelocated()) return;
  loadCell(I64_LOAD, PC_BIAS);
  code(I64_SUB);
}

export function push_pc(record: usize): void {
  pushArchitectural(here);
}

function pushF(operand: u32): void {
  constant32(0);
  access(I64_LOAD, F + operand);
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
  getLocal(LOCAL_K);
}

/** What an atomic read. */
export function push_old(record: usize): void {
  getLocal(LOCAL_V);
}
