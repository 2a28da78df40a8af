// What a decoded record says to the translator: operation, length, distance, the registers that it reads and writes.
import { decodeRecord } from "../decode-cache";
import { OP_COUNT } from "../generated/operations";
import { RECORD_IMM, RECORD_OP, RECORD_RAW, RECORD_RD, RECORD_RS1, RECORD_RS2 } from "../layout";
import { clearedBy, clearedFloatsBy } from "./crossing";
import {
  aluOf, CAP_CLEAR, CAP_CLEAR_FLOAT, IS_NEAR, KIND_CALL, kindOf, READS_F1, READS_F2, READS_F3, READS_X1, READS_X2, WRITES_F, WRITES_X,
} from "./describe";

/** Operation of a record, decoding it if need be, and looking through the mark of a region's entry. */
export function operationOf(record: usize): u32 {
  const operation: u32 = load<u16>(record, RECORD_OP);
  if (operation != 0 && operation < OP_COUNT) return operation;
  decodeRecord(record);
  const original: u32 = load<u16>(record, RECORD_OP);
  if (operation != 0) store<u16>(record, <u16>operation, RECORD_OP);
  return original;
}

// @ts-ignore: decorator
@inline
export function lengthOf(record: usize): i32 {
  return (load<u32>(record, RECORD_RAW) & 3) == 3 ? 4 : 2;
}

/** Byte distance of a direct jump. */
export function distanceOf(record: usize, description: u32): i32 {
  const distance = load<i32>(record, RECORD_IMM);
  return description & IS_NEAR ? distance >> 3 : distance;
}

// @ts-ignore: decorator
@inline
function bit(operand: u32): u64 {
  return (<u64>1) << (operand >> 6);
}

// @ts-ignore: decorator
@inline
function bitF(operand: u32): u64 {
  return (<u64>1) << (32 + (operand >> 3));
}

/** Registers that an instruction reads and, in the second half of the pair, writes. */
export function readsOf(record: usize, description: u32): u64 {
  let reads: u64 = 0;
  if (description & READS_X1) reads |= bit(load<u16>(record, RECORD_RS1));
  if (description & READS_X2) reads |= bit(load<u16>(record, RECORD_RS2));
  reads &= ~1;
  if (description & READS_F1) reads |= bitF(load<u16>(record, RECORD_RS1));
  if (description & READS_F2) reads |= bitF(load<u16>(record, RECORD_RS2));
  if (description & READS_F3) reads |= bitF(load<u16>(record, RECORD_IMM + 2));
  return reads;
}

export function writesOf(record: usize, description: u32): u64 {
  if (kindOf(description) == KIND_CALL) {
    if (aluOf(description) == CAP_CLEAR) return clearedBy(record);
    if (aluOf(description) == CAP_CLEAR_FLOAT) return <u64>clearedFloatsBy(record) << 32;
  }
  if (description & WRITES_F) return bitF(load<u16>(record, RECORD_RD));
  return description & WRITES_X ? bit(load<u16>(record, RECORD_RD)) & 0xfffffffe : 0;
}
