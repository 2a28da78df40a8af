// Words: registers known to hold a sign-extended 32-bit value. Bitwise arithmetic and comparisons of words are done in 32
// bits, so that the engine need not extend what lies between (addw, xor, sllw, or ... chains).
import { RECORD_IMM, RECORD_RD, RECORD_RS1, RECORD_RS2 } from "../layout";
import { describe } from "../generated/emit";
import { ALU_ADD, ALU_ADD_IMMEDIATE, ALU_ADD_WORD, ALU_BITWISE, ALU_COMPARISON, aluOf, CAP_CLEAR, IS_WORD, KIND_ALU, KIND_BRANCH, KIND_CALL, kindOf, READS_X2, WRITES_X } from "./describe";
import { clearedBy } from "./crossing";
import { code, constant, constant32, I32_EQ, I32_EQZ, I32_NE, I32_WRAP_I64, I64_EQZ, I64_EXTEND_I32_S } from "./code";
import { pushX, writeX } from "./frame";
import { recordInside } from "./pages";
import { lengthOf, operationOf } from "./records";

/** What is true at the point of emission: bit r = x[r] is a word. */
export let words: u32 = 1;
export function setWords(value: u32): void { words = value | 1; }

// @ts-ignore: decorator
@inline
function holds(registers: u32, operand: u32): bool {
  return (registers >> (operand >> 6 & 31) & 1) != 0;
}

/** Does the instruction copy a register: `mv`, `li`, or an extension of what is a word already? Its operand, or -1. */
function copied(registers: u32, record: usize, description: u32): i32 {
  const kind = aluOf(description);
  const rs1: u32 = load<u16>(record, RECORD_RS1);
  const isZero = load<i32>(record, RECORD_IMM) == 0;
  if (kind == ALU_ADD_IMMEDIATE && (isZero || rs1 == 0)) return rs1;
  if (kind == ALU_ADD_WORD && isZero && holds(registers, rs1)) return rs1;
  if (kind == ALU_ADD && rs1 == 0) return load<u16>(record, RECORD_RS2);
  return -1;
}

/** Bitwise arithmetic or a comparison of two words, or of a word and the immediate. */
function isOnWords(registers: u32, record: usize, description: u32): bool {
  if (aluOf(description) < ALU_COMPARISON || !holds(registers, load<u16>(record, RECORD_RS1))) return false;
  return (description & READS_X2) == 0 || holds(registers, load<u16>(record, RECORD_RS2));
}

/** Words after the instruction. */
function follow(registers: u32, record: usize, description: u32): u32 {
  const rd: u32 = load<u16>(record, RECORD_RD);
  if (kindOf(description) == KIND_CALL && aluOf(description) == CAP_CLEAR) return registers | clearedBy(record);
  if ((description & WRITES_X) == 0 || rd >= 0x800) return registers;
  let isWord = (description & IS_WORD) != 0;
  if (!isWord && kindOf(description) == KIND_ALU) {
    const source = copied(registers, record, description);
    isWord = source >= 0 ? holds(registers, source) : isOnWords(registers, record, description);
  }
  const bit: u32 = 1 << (rd >> 6);
  return isWord ? registers | bit : registers & ~bit;
}

/** Words after `length` instructions from `offset` on, if those of `registers` are before. */
export function wordsAfter(registers: u32, offset: i32, length: u32): u32 {
  registers |= 1;
  for (let i: u32 = 0; i < length; i++) {
    const record = recordInside(offset);
    registers = follow(registers, record, describe(operationOf(record)));
    offset += lengthOf(record);
  }
  return registers;
}

/** The instruction at hand is over. */
export function followWords(record: usize, description: u32): void {
  words = follow(words, record, description);
}

function pushWord(operand: u32): void {
  if (operand == 0) {
    constant32(0);
    return;
  }
  pushX(operand);
  code(I32_WRAP_I64);
}

function pushOnWords(record: usize, description: u32): void {
  pushWord(load<u16>(record, RECORD_RS1));
  if ((description & READS_X2) != 0) pushWord(load<u16>(record, RECORD_RS2));
  else constant32(load<i32>(record, RECORD_IMM));
  code(aluOf(description));
}

/** Emits arithmetic that is a copy or can be done in 32 bits; false if it is neither. */
export function emitOnWords(record: usize, description: u32): bool {
  const source = copied(words, record, description);
  if (source == 0 && (description & READS_X2) == 0) {
    constant(load<i32>(record, RECORD_IMM));
  } else if (source >= 0) {
    pushX(source);
  } else {
    if (aluOf(description) < ALU_BITWISE || !isOnWords(words, record, description)) return false;
    pushOnWords(record, description);
    code(I64_EXTEND_I32_S);
  }
  writeX(load<u16>(record, RECORD_RD));
  return true;
}

/** Pushes the condition of a branch if x0 is (not) equal to another register; false if it is no such branch. */
export function emitBranchOnZero(record: usize, description: u32): bool {
  const comparison = aluOf(description);
  const operand: u32 = load<u16>(record, RECORD_RS1);
  if (load<u16>(record, RECORD_RS2) != 0 || (comparison != I32_EQ && comparison != I32_NE)) return false;
  const isWord = holds(words, operand);
  pushX(operand);
  if (isWord) code(I32_WRAP_I64);
  if (isWord && comparison == I32_NE) return true;
  code(isWord ? I32_EQZ : I64_EQZ);
  if (!isWord && comparison == I32_NE) code(I32_EQZ);
  return true;
}

/** Pushes the condition of a branch between words; false if they are not. */
export function emitBranchOnWords(record: usize, description: u32): bool {
  if (kindOf(description) != KIND_BRANCH || !isOnWords(words, record, description)) return false;
  pushOnWords(record, description);
  return true;
}
