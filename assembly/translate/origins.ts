// Follows addresses through a block as origin + distance: the origin is a register as the block found it, the entry's pc,
// or a value that the block made.
import { RECORD_IMM, RECORD_RD, RECORD_RS1 } from "../layout";
import { clearedBy } from "./crossing";
import {
  ALU_ADD_IMMEDIATE, ALU_ADD_PC, ALU_IMMEDIATE, aluOf, CAP_CLEAR, CAP_INCREMENT_IMMEDIATE, KIND_ALU, KIND_CALL, kindOf, WRITES_X,
} from "./describe";
import { isCoreCall } from "./instructions";

export const ORIGIN_PC: u32 = 32;
export const FIRST_FRESH: u32 = 33;
let origins: usize = memory.data(32 * 4);
let distances: usize = memory.data(32 * 8);
let versions: usize = memory.data(32 * 4);
let fresh: u32 = 0;

// @ts-ignore: decorator
@inline
export function originOf(register: u32): u32 {
  return load<u32>(origins + (<usize>register << 2));
}

// @ts-ignore: decorator
@inline
export function distanceOf(register: u32): i64 {
  return load<i64>(distances + (<usize>register << 3));
}

// @ts-ignore: decorator
@inline
export function versionOf(register: u32): u32 {
  return load<u32>(versions + (<usize>register << 2));
}

function follow(register: u32, origin: u32, distance: i64): void {
  store<u32>(origins + (<usize>register << 2), origin);
  store<i64>(distances + (<usize>register << 3), distance);
}

/** At the start of a block. */
export function forgetOrigins(): void {
  fresh = FIRST_FRESH;
  for (let r: u32 = 0; r < 32; r++) follow(r, r, 0);
  memory.fill(versions, 0, 32 * 4);
}

function followUnknown(register: u32): void {
  store<u32>(versions + (<usize>register << 2), versionOf(register) + 1);
  follow(register, fresh++, 0);
}

/** What the instruction makes of the registers' origins, and of what they authorise. */
export function followWrite(record: usize, description: u32, offset: i32): void {
  if (kindOf(description) == KIND_CALL && aluOf(description) == CAP_CLEAR) {
    for (let mask = clearedBy(record); mask != 0; mask &= mask - 1) followUnknown(ctz(mask));
    return;
  }
  if ((description & WRITES_X) == 0 || load<u16>(record, RECORD_RD) >= 0x800) return;
  const register: u32 = load<u16>(record, RECORD_RD) >> 6;
  const immediate = <i64>load<i32>(record, RECORD_IMM);
  const source: u32 = load<u16>(record, RECORD_RS1) >> 6 & 31;
  // By the core it may come out with another window, or none.
  const isInWindow = kindOf(description) == KIND_CALL && aluOf(description) == CAP_INCREMENT_IMMEDIATE && !isCoreCall(record, description);
  if (isInWindow && source == register) {
    follow(register, originOf(register), distanceOf(register) + immediate);
    return;
  }
  store<u32>(versions + (<usize>register << 2), versionOf(register) + 1);
  const class_ = kindOf(description) == KIND_ALU ? aluOf(description) : 0;
  if (class_ == ALU_IMMEDIATE) follow(register, 0, immediate);
  else if (class_ == ALU_ADD_IMMEDIATE) follow(register, originOf(source), distanceOf(source) + immediate);
  else if (class_ == ALU_ADD_PC) follow(register, ORIGIN_PC, offset + immediate);
  else follow(register, fresh++, 0);
}
