// Singles: f registers known to hold a boxed single-precision value, so that arithmetic need not look whether they do.
import { describe } from "../generated/emit";
import { RECORD_RD } from "../layout";
import { clearedFloatsBy } from "./crossing";
import { aluOf, CAP_CLEAR_FLOAT, KIND_CALL, kindOf, TYPE_F4, typeOf, WRITES_F } from "./describe";
import { recordInside } from "./pages";
import { lengthOf, operationOf } from "./records";

/** What is true at the point of emission: bit r = f[r] is a boxed single. */
let singles: u32 = 0;
export function setSingles(value: u32): void { singles = value; }

// @ts-ignore: decorator
@inline
function bitOf(operand: u32): u32 {
  return 1 << (operand >> 3);
}

export function isSingle(operand: u32): bool {
  return (singles & bitOf(operand)) != 0;
}

/** Emitted code has looked. */
export function noteSingle(operand: u32): void {
  singles |= bitOf(operand);
}

function follow(registers: u32, record: usize, description: u32): u32 {
  if (kindOf(description) == KIND_CALL && aluOf(description) == CAP_CLEAR_FLOAT) return registers & ~clearedFloatsBy(record);
  if ((description & WRITES_F) == 0) return registers;
  const bit = bitOf(load<u16>(record, RECORD_RD));
  return typeOf(description) == TYPE_F4 ? registers | bit : registers & ~bit;
}

/** Singles after `length` instructions from `offset` on, if those of `registers` are before. */
export function singlesAfter(registers: u32, offset: i32, length: u32): u32 {
  for (let i: u32 = 0; i < length; i++) {
    const record = recordInside(offset);
    registers = follow(registers, record, describe(operationOf(record)));
    offset += lengthOf(record);
  }
  return registers;
}

/** The instruction at hand is over. */
export function followSingles(record: usize, description: u32): void {
  singles = follow(singles, record, description);
}
