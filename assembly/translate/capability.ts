// Emits capability loads and stores. A register's address is in its local, everything else about it at home
// in its struct (layout.ts), where the core finds it decoded or raw; the address at home may be old, as any dirty one.
// What the structs' windows do not vouch for leaves. Derivations are in derivations.ts.
import {
  CAP_ADDRESS, CAP_BASE, CAP_HIGH, CAP_OTYPE, CAP_PERMS, CAP_STATE, CAP_TOP, CAP_TOP_HIGH, CAP_WINDOW_BASE, DDC, GRANULE_CODE, RAM_DELTA, RECORD_IMM, RECORD_RD, RECORD_RS1, RECORD_RS2,
  STATE_DECODED, STATE_META, STATE_TAG, TAG_DELTA, X,
} from "../layout";
import { PERM_STORE_CAP, PERM_STORE_LOCAL_CAP } from "../cheri/names";
import {
  access, callHelper, code, constant, constant32, DROP, ELSE, END, getLocal, I32_ADD, I32_AND, I32_EQ, I32_LOAD, I32_LOAD8_U, I32_NE, I32_OR, I32_SHL, I32_SHR_U, I32_STORE8, I32_WRAP_I64, I64_ADD, I64_EQ, I64_MUL, I64_XOR,
  I64_EXTEND_I32_U, I64_GE_U, I64_LOAD, I64_LOAD32_U, I64_AND, I64_ROTR, I64_SHR_U, I64_STORE, I64_SUB, IF, loadCell, SELECT, setLocal, teeLocal, TYPE_VOID,
} from "./code";
import { noteRaw } from "./decoding";
import { isPartial } from "./derivations";
import { KIND_LOAD, KIND_STORE, kindOf, VIA_CAP } from "./describe";
import { addExit, leaveIf } from "./exits";
import {
  behind, closeLabel, here, isInLoop, LOCAL_A, LOCAL_K, LOCAL_T, openPlainLabel, pushX, spill, writeCapability, writeX,
} from "./frame";
import { isCoreCall } from "./instructions";
import { EXIT_ACCESS } from "./map";

/** The struct whose authority an access uses. */
function authorityOf(record: usize, description: u32): u32 {
  return description & VIA_CAP ? X + load<u16>(record, RECORD_RS1) : DDC;
}

/** Does emitted code look at the bounds or a window of the capability in rs1? */
export function needsDecoded(record: usize, description: u32): bool {
  if (isCoreCall(record, description)) return false;
  const kind = kindOf(description);
  return isPartial(description) || ((kind == KIND_LOAD || kind == KIND_STORE) && (description & VIA_CAP) != 0);
}

/** Pushes the load or store window of a register, shifted right. */
export function pushWindow(at: u32, field: u32, isStore: bool, shift: u32): void {
  loadCell(I64_LOAD32_U, at + field);
  if (shift != 0) {
    constant(shift);
    code(I64_SHR_U);
  }
  if (isStore || shift == 4) return;
  constant(~(<i64>(15 >> shift)));
  code(I64_AND);
}

/**
 * Leaves by `exit` unless the `span` bytes at `distance` from register `register` lie in its
 * window and begin at a multiple of 2^align.
 */
export function leaveUnlessInWindow(register: u32, distance: i64, span: i64, align: u32, field: u32, isStore: bool, exit: i32): void {
  const at: u32 = X + (register << 6);
  constant32(exit);
  pushX(register << 6);
  if (distance != 0) {
    constant(distance);
    code(I64_ADD);
  }
  loadCell(I64_LOAD, at + CAP_WINDOW_BASE);
  code(I64_SUB);
  teeLocal(LOCAL_T);
  if (align != 0) {
    constant(align);
    code(I64_ROTR);
  }
  pushWindow(at, field, isStore, align);
  code(I64_GE_U);
  if (span > <i64>1 << align) {
    // The end, too: if the beginning is inside, this cannot wrap.
    getLocal(LOCAL_T);
    constant(span - 1);
    code(I64_ADD);
    pushWindow(at, field, isStore, 0);
    code(I64_GE_U);
    code(I32_OR);
  }
  leaveIf(exit);
}

/** Linear pointer of what is `distance` from register `register`, into local `local`. */
export function pointTo(local: u32, register: u32, distance: i64): void {
  pushX(register << 6);
  code(I32_WRAP_I64);
  constant32(<i32>distance + load<i32>(RAM_DELTA));
  code(I32_ADD);
  setLocal(local);
}

/** Pushes the byte's address less TAG_DELTA of the granule `offset` bytes from the pointer in `local`. */
function pushGranule(local: u32, offset: u32): void {
  getLocal(local);
  if (offset != 0) {
    constant32(offset);
    code(I32_ADD);
  }
  constant32(4);
  code(I32_SHR_U);
}

/** Loads the capability at `offset` from the pointer in `local`, raw; the tag survives only LoadCap. */
export function emitLoadCapability(record: usize, description: u32, local: u32, offset: u32): void {
  const rd: u32 = load<u16>(record, RECORD_RD);
  if (rd >= 0x800) return;
  constant32(0);
  pushGranule(local, offset);
  access(I32_LOAD8_U, TAG_DELTA);
  loadCell(I32_LOAD, authorityOf(record, description) + CAP_PERMS);
  constant32(4);
  code(I32_SHR_U);
  code(I32_AND);
  constant32(STATE_TAG);
  code(I32_AND);
  constant32(STATE_META);
  code(I32_OR);
  code(I64_EXTEND_I32_U);
  access(I64_STORE, X + rd + CAP_STATE);
  constant32(0);
  getLocal(local);
  access(I64_LOAD, offset + 8);
  access(I64_STORE, X + rd + CAP_HIGH);
  getLocal(local);
  access(I64_LOAD, offset);
  writeCapability(rd);
  noteRaw(rd >> 6);
}

/** Stores the capability in rs2; a tagged one needs StoreCap, a local one StoreLocalCap, too. */
export function emitStoreCapability(record: usize, description: u32, local: u32, offset: u32): void {
  const source: u32 = load<u16>(record, RECORD_RS2);
  const at: u32 = X + source;
  const perms: u32 = authorityOf(record, description) + CAP_PERMS;
  const exit = addExit(record, here, behind, EXIT_ACCESS);
  loadCell(I32_LOAD, at + CAP_STATE);
  constant32(STATE_TAG);
  code(I32_AND);
  teeLocal(LOCAL_K);
  code(IF);
  code(TYPE_VOID);
  openPlainLabel();
  // StoreLocalCap counts as had for a global one: its bit of the high word, 48, where the permission's is.
  constant32(exit);
  loadCell(I32_LOAD, at + CAP_HIGH + 4);
  constant32(16);
  code(I32_SHR_U);
  constant32(1);
  code(I32_AND);
  constant32(6);
  code(I32_SHL);
  loadCell(I32_LOAD, perms);
  code(I32_OR);
  constant32(PERM_STORE_CAP | PERM_STORE_LOCAL_CAP);
  code(I32_AND);
  constant32(PERM_STORE_CAP | PERM_STORE_LOCAL_CAP);
  code(I32_NE);
  leaveIf(exit);
  code(END);
  closeLabel();
  constant32(exit);
  pushGranule(local, offset);
  teeLocal(LOCAL_A);
  access(I32_LOAD8_U, TAG_DELTA);
  constant32(GRANULE_CODE);
  code(I32_AND);
  leaveIf(exit);
  getLocal(LOCAL_A);
  getLocal(LOCAL_K);
  access(I32_STORE8, TAG_DELTA);
  getLocal(local);
  pushX(source);
  access(I64_STORE, offset);
  getLocal(local);
  loadCell(I64_LOAD, at + CAP_HIGH);
  constant(0);
  loadCell(I32_LOAD, at + CAP_STATE);
  constant32(STATE_META);
  code(I32_AND);
  code(SELECT);
  access(I64_STORE, offset + 8);
}
