// Copies: capability loads whose values the same block stores. Where all capability stores of a block are such, its checks find
// out that no granule at either end has a tag (group-checks.ts). What is loaded is then plain data, which nothing can mark while
// the block runs: it stays in two locals, and reaches the register's struct at home only if something looks there.
import { CAP_HIGH, CAP_STATE, RECORD_RD, RECORD_RS2, STATE_META, X } from "../layout";
import { isAwkward } from "./awkward";
import { access, code, constant, constant32, getLocal, I64_LOAD, I64_STORE, setLocal } from "./code";
import { noteRaw } from "./decoding";
import { aluOf, CAP_CORE, KIND_AMO, KIND_CALL, KIND_LOAD, KIND_STORE, kindOf, TYPE_C, typeOf } from "./describe";
import { firstGroupLocal, GROUP_LOCALS, pushX, writeCapability } from "./frame";
import { G_COPIES, G_COPY_END, G_COPY_LOW, groupOfAccess, lowOfAccess, MOST_ACCESSES, MOST_TAGGED_SPAN } from "./groups";
import { writesOf } from "./records";

/** Marks a record in lists of awkward ones: not the instruction is the core's, but no block takes it for a copy's. */
export const AWKWARD_COPY: usize = 1;
const GRANULE: i64 = 16;

/** The capability stores of the block in hand are copies, and there are some. */
export let isCopying: bool = false;
let mayCopy: bool = false;
/** By register, u16: the access that loaded it in this block, from 1 on; 0 = something else is in it. */
let loads: usize = memory.data(32 * 2);
/** By access, u8: a load whose value is stored. */
let copied: usize = memory.data(512);

/** Registers whose high word is in a local, and is data. */
let held: u32 = 0;
/** Of them, those whose struct is older. */
let pending: u32 = 0;
/** Registers that have such a local: known when a function is written for the second time. */
let used: u32 = 0;
let declared: u32 = 0;

// ---- finding them ----

/** At the start of a block. */
export function beginCopies(): void {
  isCopying = false;
  mayCopy = true;
  memory.fill(loads, 0, 32 * 2);
  memory.fill(copied, 0, MOST_ACCESSES);
}

// @ts-ignore: decorator
@inline
function loadOf(register: u32): usize {
  return loads + (<usize>register << 1);
}

/** The store in `record` is number `number` of the accesses; false if it is no copy. */
function noteStore(record: usize, number: i32): bool {
  const source: u32 = load<u16>(record, RECORD_RS2) >> 6;
  const from = <i32>load<u16>(loadOf(source)) - 1;
  if (number < 0 || from < 0 || groupOfAccess(number) == 0 || isAwkward(record | AWKWARD_COPY)) return false;
  const g = groupOfAccess(from);
  const isFirst = load<u32>(g, G_COPIES) == 0;
  const low = isFirst ? lowOfAccess(from) : min(load<i64>(g, G_COPY_LOW), lowOfAccess(from));
  const end = isFirst ? low + GRANULE : max(load<i64>(g, G_COPY_END), lowOfAccess(from) + GRANULE);
  if (end - low > MOST_TAGGED_SPAN) return false;
  store<i64>(g, low, G_COPY_LOW);
  store<i64>(g, end, G_COPY_END);
  if (isFirst) store<u32>(g, <u32>record, G_COPIES);
  store<u8>(copied + from, 1);
  return true;
}

/** Follows the block's next instruction, number `number` of its accesses, -1 if it is none of those that are emitted. */
export function followCopies(record: usize, description: u32, number: i32): void {
  const kind = kindOf(description);
  const isOfCapability = typeOf(description) == TYPE_C;
  if (kind == KIND_STORE && isOfCapability) {
    mayCopy = mayCopy && noteStore(record, number);
    isCopying = true;
    return;
  }
  // The core's own may store tags.
  if ((kind == KIND_AMO && number < 0) || (kind == KIND_CALL && aluOf(description) == CAP_CORE)) mayCopy = false;
  for (let mask = <u32>writesOf(record, description); mask != 0; mask &= mask - 1) store<u16>(loadOf(ctz(mask)), 0);
  if (kind != KIND_LOAD || !isOfCapability || number < 0 || groupOfAccess(number) == 0) return;
  const register: u32 = load<u16>(record, RECORD_RD) >> 6;
  if (register != 0 && register < 32) store<u16>(loadOf(register), <u16>(number + 1));
}

/** At the end of the block. */
export function endCopies(): void {
  isCopying = isCopying && mayCopy;
  held = 0;
  pending = 0;
}

/** Does the access number `number` load for a copy? */
export function isCopyOf(number: u32): bool {
  return isCopying && load<u8>(copied + number) != 0;
}

// ---- their locals ----

/** The function is written for the first time. */
export function countCopies(): void {
  used = 0;
  declared = 0;
}

/** It has been. */
export function chooseCopies(): void {
  declared = used;
}

export function copyLocals(): u32 {
  return <u32>popcnt(declared);
}

function localOf(register: u32): u32 {
  return firstGroupLocal + GROUP_LOCALS + <u32>popcnt(declared & ((1 << register) - 1));
}

// ---- emitting them ----

/** Loads the granule at `offset` from the pointer in `local`. */
export function emitCopyLoad(record: usize, local: u32, offset: u32): void {
  const operand: u32 = load<u16>(record, RECORD_RD);
  const register = operand >> 6;
  used |= 1 << register;
  getLocal(local);
  access(I64_LOAD, offset + 8);
  setLocal(localOf(register));
  getLocal(local);
  access(I64_LOAD, offset);
  writeCapability(operand);
  noteRaw(register);
  held |= 1 << register;
  pending |= 1 << register;
}

export function emitCopyStore(record: usize, local: u32, offset: u32): void {
  const operand: u32 = load<u16>(record, RECORD_RS2);
  getLocal(local);
  pushX(operand);
  access(I64_STORE, offset);
  getLocal(local);
  getLocal(localOf(operand >> 6));
  access(I64_STORE, offset + 8);
}

/** Registers in `mask` get other values. */
export function forgetCopies(mask: u32): void {
  held &= ~mask;
  pending &= ~mask;
}

/** Before something looks at structs at home, or an exit might. */
export function settleCopies(): void {
  for (; pending != 0; pending &= pending - 1) {
    const register: u32 = ctz(pending);
    const at: u32 = X + (register << 6);
    constant32(0);
    constant(STATE_META);
    access(I64_STORE, at + CAP_STATE);
    constant32(0);
    getLocal(localOf(register));
    access(I64_STORE, at + CAP_HIGH);
  }
}
