// Data accesses where Sv39 is on: emitted code looks into the interpreter's TLBs (riscv/tlb.ts) itself. A hit says that
// the page grants the access, marks and all. DDC must cover every address, or accesses are the core's.
import {
  CAP_BASE, CAP_OTYPE, CAP_PERMS, CAP_STATE, CAP_TOP, CAP_TOP_HIGH, CONFIG, CONFIG_CHERI, DATA_PRIV, DDC, DDC_BIAS, MSTATUS, RAM_DELTA, RAM_SIZE, STATE_TAG, TLB_GENERATION, TLB_LOAD, TLB_STORE,
  TOHOST, TRANSLATE_DATA,
} from "../layout";
import { OTYPE_UNSEALED, PERM_LOAD, PERM_STORE } from "../cheri/names";
import { ensureDecoded, RAM_BASE } from "../cheri/registers";
import {
  access, code, constant, constant32, getLocal, I32_ADD, I32_AND, I32_GT_U, I32_OR, I32_SHR_U, I32_WRAP_I64, I64_ADD, I64_AND, I64_GE_U, I64_LOAD, I64_LOAD32_U, I64_NE, I64_OR, I64_SHL,
  I64_SHR_U, I64_SUB, loadCell, setLocal, teeLocal,
} from "./code";
import { leaveIf } from "./exits";
import { LOCAL_A, LOCAL_KEY, LOCAL_T } from "./frame";

/** Data are translated, and emitted code does it. */
export let isPaged: bool = false;

/** DDC and the machine let every address be loaded from and stored to: part of what code is made for. */
export function isWide(): bool {
  // A store to tohost stops the machine: not for emitted code.
  if (load<u64>(DDC_BIAS) != 0 || load<u64>(TOHOST) != 0) return false;
  if ((load<u32>(CONFIG) & CONFIG_CHERI) == 0) return true;
  ensureDecoded(DDC);
  const needs: u32 = PERM_LOAD | PERM_STORE;
  return (load<u32>(DDC, CAP_STATE) & STATE_TAG) != 0 && load<u32>(DDC, CAP_OTYPE) == OTYPE_UNSEALED && (load<u32>(DDC, CAP_PERMS) & needs) == needs
    && load<u64>(DDC, CAP_BASE) == 0 && load<u64>(DDC, CAP_TOP) == 0 && load<u32>(DDC, CAP_TOP_HIGH) == 1;
}

export function readPaging(): void {
  isPaged = load<u32>(TRANSLATE_DATA) != 0 && isWide();
}

/** At the entry and wherever the core may have changed it: generation, SUM and privilege, as keys hold them. */
export function loadKey(): void {
  if (!isPaged) return;
  loadCell(I64_LOAD32_U, TLB_GENERATION);
  constant(3);
  code(I64_SHL);
  loadCell(I64_LOAD, MSTATUS);
  constant(16);
  code(I64_SHR_U);
  constant(4);
  code(I64_AND);
  code(I64_OR);
  loadCell(I64_LOAD32_U, DATA_PRIV);
  code(I64_OR);
  setLocal(LOCAL_KEY);
}

/**
 * With an address on the stack, over an exit's number: points `local` to it, leaving unless the `span` bytes from there are
 * in one page of RAM that grants the access, and begin at a multiple of 2^align. A page to store to may be loaded from.
 */
export function emitLookUp(local: u32, span: i64, align: u32, isStore: bool, exit: i32): void {
  const table: u32 = isStore ? TLB_STORE : TLB_LOAD;
  teeLocal(LOCAL_T);
  code(I32_WRAP_I64);
  constant32(8);
  code(I32_SHR_U);
  constant32(0x1ff0);
  code(I32_AND);
  teeLocal(LOCAL_A);
  access(I64_LOAD, table);
  getLocal(LOCAL_T);
  constant(-4096);
  code(I64_AND);
  getLocal(LOCAL_KEY);
  code(I64_OR);
  code(I64_NE);
  if (align != 0) {
    getLocal(LOCAL_T);
    code(I32_WRAP_I64);
    constant32((1 << align) - 1);
    code(I32_AND);
    code(I32_OR);
  }
  if (span > <i64>1 << align) {
    getLocal(LOCAL_T);
    code(I32_WRAP_I64);
    constant32(4095);
    code(I32_AND);
    constant32(4096 - <i32>span);
    code(I32_GT_U);
    code(I32_OR);
  }
  leaveIf(exit);
  constant32(exit);
  getLocal(LOCAL_T);
  getLocal(LOCAL_A);
  access(I64_LOAD, table + 8);
  code(I64_ADD);
  teeLocal(LOCAL_T);
  constant(<i64>RAM_BASE);
  code(I64_SUB);
  constant(load<u64>(RAM_SIZE));
  code(I64_GE_U);
  leaveIf(exit);
  getLocal(LOCAL_T);
  code(I32_WRAP_I64);
  constant32(load<i32>(RAM_DELTA));
  code(I32_ADD);
  setLocal(local);
}
