// Emits the decoding of capabilities that were loaded raw. What was loaded before is copied out of a memo; else the core decodes.
import {
  CAP_ADDRESS, CAP_BASE, CAP_HIGH, CAP_OTYPE, CAP_STATE, CAP_TOP, CAP_TOP_HIGH, CAP_WINDOW_BASE, STATE_DECODED, STATE_META, X,
} from "../layout";
import {
  access, callHelper, code, constant, constant32, DROP, ELSE, END, getLocal, I32_AND, I32_EQ, I32_LOAD, I32_WRAP_I64, I64_EQ, I64_LOAD, I64_MUL, I64_SHR_U,
  I64_STORE, I64_XOR, IF, loadCell, teeLocal, TYPE_VOID,
} from "./code";
import { closeLabel, LOCAL_A, openPlainLabel, pushX, spill } from "./frame";
import { CROSSINGS_EPOCH, DECODED, DECODED_ENTRIES, DECODED_EPOCH, DECODED_FACTOR, DECODED_SHIFT } from "./map";
import { HELPER_DECODE } from "./module";

/** Registers that hold no raw capability at the point of emission. */
let decoded: u32 = 0;

export function forgetDecoded(): void {
  decoded = 0;
}

/** What register `register` holds is raw, for all that is known. */
export function noteRaw(register: u32): void {
  decoded &= ~(1 << register);
}

/** The struct of `to` is a copy of that of `from`. */
export function noteCopied(to: u32, from: u32): void {
  if ((decoded >> from & 1) != 0) decoded |= 1 << to;
  else noteRaw(to);
}

/** Puts the place in the memo of decoded capabilities into LOCAL_A, pushes whether it is about register `register`, raw. */
function pushIsKnown(register: u32, at: u32): void {
  pushX(register << 6);
  loadCell(I64_LOAD, at + CAP_HIGH);
  constant(DECODED_FACTOR);
  code(I64_MUL);
  code(I64_XOR);
  constant(DECODED_SHIFT);
  code(I64_SHR_U);
  code(I32_WRAP_I64);
  constant32(DECODED_ENTRIES - 1 << 6);
  code(I32_AND);
  teeLocal(LOCAL_A);
  access(I64_LOAD, DECODED + CAP_ADDRESS);
  pushX(register << 6);
  code(I64_EQ);
  getLocal(LOCAL_A);
  access(I64_LOAD, DECODED + CAP_HIGH);
  loadCell(I64_LOAD, at + CAP_HIGH);
  code(I64_EQ);
  code(I32_AND);
  getLocal(LOCAL_A);
  access(I32_LOAD, DECODED + DECODED_EPOCH);
  loadCell(I32_LOAD, CROSSINGS_EPOCH);
  code(I32_EQ);
  code(I32_AND);
  loadCell(I32_LOAD, at + CAP_STATE); // of the tag, nothing else is in it
  code(I32_AND);
}

function takeKnown(at: u32, field: u32): void {
  constant32(0);
  getLocal(LOCAL_A);
  access(I64_LOAD, DECODED + field);
  access(I64_STORE, at + field);
}

/** Decodes register `register`, where it is raw, so that it has its windows: perhaps by a call, so not in a loop. */
export function emitDecode(register: u32): void {
  if ((decoded >> register & 1) != 0) return;
  decoded |= 1 << register;
  const at: u32 = X + (register << 6);
  loadCell(I32_LOAD, at + CAP_STATE);
  constant32(STATE_META | STATE_DECODED);
  code(I32_AND);
  constant32(STATE_META);
  code(I32_EQ);
  code(IF);
  code(TYPE_VOID);
  openPlainLabel();
  pushIsKnown(register, at);
  code(IF);
  code(TYPE_VOID);
  openPlainLabel();
  takeKnown(at, CAP_STATE);
  takeKnown(at, CAP_BASE);
  takeKnown(at, CAP_TOP);
  takeKnown(at, CAP_TOP_HIGH); // and CAP_PERMS
  takeKnown(at, CAP_WINDOW_BASE);
  takeKnown(at, CAP_OTYPE);
  code(ELSE);
  spill((<u64>1) << register);
  constant32(at);
  callHelper(HELPER_DECODE);
  code(DROP);
  code(END);
  closeLabel();
  code(END);
  closeLabel();
}
