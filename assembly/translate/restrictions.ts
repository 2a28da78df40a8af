// Emits CAndPerm, CSetFlags and CSetBounds of less than 4 KiB, whose bounds are always exact: of tagged, unsealed capabilities with decoded
// bounds. The windows of what comes out are those of the source, as far as they go: perhaps less than the core would find.
import {
  CAP_BASE, CAP_HIGH, CAP_OTYPE, CAP_PERMS, CAP_STATE, CAP_STORE_WINDOW, CAP_TOP, CAP_TOP_HIGH, CAP_WINDOW_BASE, RECORD_IMM, RECORD_RD, RECORD_RS1, RECORD_RS2,
  STATE_DECODED, STATE_MASK, STATE_META, STATE_TAG, X,
} from "../layout";
import { BOUNDS_MASK, FLAG_BIT, NULL_HIGH } from "../cheri/fields";
import { OTYPE_UNSEALED, PERM_LOAD, PERM_STORE, PERMS_HARDWARE } from "../cheri/names";
import {
  access, code, constant, constant32, getLocal, I32_AND, I32_LOAD, I32_NE, I32_OR, I32_STORE, I32_WRAP_I64, I64_ADD, I64_AND, I64_GE_U, I64_GT_U, I64_LE_U, I64_LOAD,
  I64_LOAD32_U, I64_LT_U, I64_OR, I64_SHL, I64_SHR_U, I64_STORE, I64_SUB, I64_XOR, loadCell, SELECT, setLocal,
} from "./code";
import { emitDecode } from "./decoding";
import { copyStruct, pushMisses } from "./derivations";
import { CAP_AND_PERMISSIONS, CAP_SET_BOUNDS_IMMEDIATE, CAP_SET_FLAGS } from "./describe";
import { addExit, leaveIf } from "./exits";
import { behind, here, isInLoop, LOCAL_T, LOCAL_V, pushX, writeCapability } from "./frame";
import { EXIT_ACCESS } from "./map";

const USABLE: u32 = STATE_TAG | STATE_META | STATE_DECODED;
const USER_PERMISSIONS: i64 = 15;
const FLAG_SHIFT: i64 = 45;
const MOST_BYTES: i64 = 4096;

/** Pushes whether the struct at `at` is not that of a tagged, unsealed capability with decoded bounds. */
function pushUnusable(at: u32): void {
  pushMisses(at, USABLE);
  loadCell(I32_LOAD, at + CAP_OTYPE);
  constant32(OTYPE_UNSEALED);
  code(I32_NE);
  code(I32_OR);
}

/** Keeps a window of the struct at `to` if its permission `permission` is left; of the field, `kept` in any case. */
function keepWindow(to: u32, field: u32, permission: u32, kept: u32): void {
  constant32(0);
  loadCell(I32_LOAD, to + field);
  loadCell(I32_LOAD, to + field);
  constant32(kept);
  code(I32_AND);
  loadCell(I32_LOAD, to + CAP_PERMS);
  constant32(permission);
  code(I32_AND);
  code(SELECT);
  access(I32_STORE, to + field);
}

function emitAndPermissions(to: u32, rs2: u32): void {
  constant32(0);
  loadCell(I64_LOAD, to + CAP_HIGH);
  pushX(rs2);
  constant(PERMS_HARDWARE);
  code(I64_AND);
  constant(48);
  code(I64_SHL);
  pushX(rs2);
  constant(15);
  code(I64_SHR_U);
  constant(USER_PERMISSIONS);
  code(I64_AND);
  constant(60);
  code(I64_SHL);
  code(I64_OR);
  constant(0x0000ffffffffffff);
  code(I64_OR);
  code(I64_AND);
  access(I64_STORE, to + CAP_HIGH);
  constant32(0);
  loadCell(I32_LOAD, to + CAP_PERMS);
  pushX(rs2);
  code(I32_WRAP_I64);
  code(I32_AND);
  access(I32_STORE, to + CAP_PERMS);
  keepWindow(to, CAP_STATE, PERM_LOAD, STATE_MASK);
  keepWindow(to, CAP_STORE_WINDOW, PERM_STORE, 0);
}

function emitSetFlags(to: u32, rs2: u32): void {
  constant32(0);
  loadCell(I64_LOAD, to + CAP_HIGH);
  constant(~FLAG_BIT);
  code(I64_AND);
  pushX(rs2);
  constant(1);
  code(I64_AND);
  constant(FLAG_SHIFT);
  code(I64_SHL);
  code(I64_OR);
  access(I64_STORE, to + CAP_HIGH);
}

/** Pushes the length that an instruction sets. */
function pushLength(record: usize, class_: u32): void {
  if (class_ == CAP_SET_BOUNDS_IMMEDIATE) constant(load<u32>(record, RECORD_IMM));
  else pushX(load<u16>(record, RECORD_RS2));
}

/** Pushes whether the length is not for us, or does not lie within the bounds from the address on. */
function pushOutside(record: usize, class_: u32, rs1: u32): void {
  const at: u32 = X + rs1;
  pushLength(record, class_);
  constant(MOST_BYTES);
  code(I64_GE_U);
  loadCell(I32_LOAD, at + CAP_TOP_HIGH);
  code(I32_OR);
  pushX(rs1);
  loadCell(I64_LOAD, at + CAP_BASE);
  code(I64_SUB);
  loadCell(I64_LOAD, at + CAP_TOP);
  loadCell(I64_LOAD, at + CAP_BASE);
  code(I64_SUB);
  code(I64_GT_U);
  code(I32_OR);
  pushLength(record, class_);
  loadCell(I64_LOAD, at + CAP_TOP);
  pushX(rs1);
  code(I64_SUB);
  code(I64_GT_U);
  code(I32_OR);
}

/** Pushes the length between LOCAL_T and LOCAL_V, offsets in the source's windows, if that is in the one in `field`, else 0. */
function pushWindowWithin(from: u32, field: u32): void {
  getLocal(LOCAL_V);
  getLocal(LOCAL_T);
  code(I64_SUB);
  code(I32_WRAP_I64);
  constant32(0);
  getLocal(LOCAL_T);
  getLocal(LOCAL_V);
  code(I64_LT_U);
  getLocal(LOCAL_V);
  loadCell(I64_LOAD32_U, from + field);
  code(I64_LE_U);
  code(I32_AND);
  code(SELECT);
}

/** Makes the two numbers on the stack the granule of their sum, as an offset in the windows. */
function pushGranuleOffset(rs1: u32): void {
  code(I64_ADD);
  constant(-16);
  code(I64_AND);
  loadCell(I64_LOAD, X + rs1 + CAP_WINDOW_BASE);
  code(I64_SUB);
}

function emitSetBounds(record: usize, class_: u32, to: u32, rs1: u32): void {
  const from: u32 = X + rs1;
  pushX(rs1);
  constant(15);
  pushGranuleOffset(rs1);
  setLocal(LOCAL_T);
  pushX(rs1);
  pushLength(record, class_);
  pushGranuleOffset(rs1);
  setLocal(LOCAL_V);
  copyStruct(to, from);
  constant32(0);
  pushWindowWithin(from, CAP_STATE);
  constant32(USABLE);
  code(I32_OR);
  access(I32_STORE, to + CAP_STATE);
  constant32(0);
  pushWindowWithin(from, CAP_STORE_WINDOW);
  access(I32_STORE, to + CAP_STORE_WINDOW);
  constant32(0);
  getLocal(LOCAL_T);
  loadCell(I64_LOAD, from + CAP_WINDOW_BASE);
  code(I64_ADD);
  access(I64_STORE, to + CAP_WINDOW_BASE);
  constant32(0);
  pushX(rs1);
  access(I64_STORE, to + CAP_BASE);
  constant32(0);
  pushX(rs1);
  pushLength(record, class_);
  code(I64_ADD);
  access(I64_STORE, to + CAP_TOP);
  emitBoundsField(record, class_, to, rs1);
}

/** The bounds in the high word: without an exponent, the top's lower 12 bits and the base's lower 14. */
function emitBoundsField(record: usize, class_: u32, to: u32, rs1: u32): void {
  constant32(0);
  loadCell(I64_LOAD, to + CAP_TOP);
  constant(0xfff);
  code(I64_AND);
  constant(14);
  code(I64_SHL);
  pushX(rs1);
  constant(0x3fff);
  code(I64_AND);
  code(I64_OR);
  constant(NULL_HIGH & BOUNDS_MASK);
  code(I64_XOR);
  loadCell(I64_LOAD, to + CAP_HIGH);
  constant(~BOUNDS_MASK);
  code(I64_AND);
  code(I64_OR);
  access(I64_STORE, to + CAP_HIGH);
}

/** An instruction of the classes from CAP_AND_PERMISSIONS on. */
export function emitRestriction(record: usize, class_: u32): void {
  const rd: u32 = load<u16>(record, RECORD_RD);
  const rs1: u32 = load<u16>(record, RECORD_RS1);
  const rs2: u32 = load<u16>(record, RECORD_RS2);
  if (rd >= 0x800) return;
  if (!isInLoop) emitDecode(rs1 >> 6);
  const exit = addExit(record, here, behind, EXIT_ACCESS);
  constant32(exit);
  pushUnusable(X + rs1);
  const isOfBounds = class_ != CAP_AND_PERMISSIONS && class_ != CAP_SET_FLAGS;
  if (isOfBounds) {
    pushOutside(record, class_, rs1);
    code(I32_OR);
  }
  leaveIf(exit);
  if (isOfBounds) {
    emitSetBounds(record, class_, X + rd, rs1);
  } else {
    copyStruct(X + rd, X + rs1);
    if (class_ == CAP_AND_PERMISSIONS) emitAndPermissions(X + rd, rs2);
    else emitSetFlags(X + rd, rs2);
  }
  pushX(rs1);
  writeCapability(rd);
}
