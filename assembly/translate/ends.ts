// How instructions end their blocks, and what a region uses by those that do not.
import { RECORD_RD } from "../layout";
import {
  aluOf, CAP_CLEAR_FLOAT, CAP_JUMP, IS_UNLINKED, isCapabilityAccess, KIND_AMO, KIND_BRANCH, KIND_CALL, KIND_FLOAT, KIND_JAL, KIND_JALR,
  KIND_JUMP, KIND_LOAD, KIND_STORE, kindOf, READS_F1, READS_F2, VIA_CAP, WRITES_CAP, WRITES_F,
} from "./describe";
import { isCrossing, isInline } from "./instructions";
import { isClearOfFcsr } from "./system";
import { END_BRANCH, END_CALL, END_CALL_REGISTER, END_CROSS, END_HELPER, END_INTERPRET, END_JUMP, END_JUMP_REGISTER, END_NEXT } from "./map";

/** The region holds floating-point instructions that are emitted inline. */
export let usesFloat: bool = false;
/** It holds some for which it matters only that floating point is on. */
export let usesFloatFile: bool = false;
/** It accesses memory through DDC. */
export let usesDdc: bool = false;
/** It holds capability instructions emitted inline. */
export let usesCapabilities: bool = false;

export function forgetUses(): void {
  usesFloat = false;
  usesFloatFile = false;
  usesDdc = false;
  usesCapabilities = false;
}

/** How an instruction ends its block; END_NEXT if it does not. */
export function endOf(record: usize, description: u32): u32 {
  const kind = kindOf(description);
  if (kind == KIND_BRANCH) return END_BRANCH;
  if (kind == KIND_JAL) return description & IS_UNLINKED ? END_JUMP : END_CALL;
  if (kind == KIND_JALR) return description & IS_UNLINKED ? END_JUMP_REGISTER : END_CALL_REGISTER;
  if (isInline(record, description)) {
    if ((description & (READS_F1 | READS_F2 | WRITES_F)) != 0) usesFloat = true;
    if (kind == KIND_CALL && (aluOf(description) == CAP_CLEAR_FLOAT || isClearOfFcsr(record))) usesFloatFile = true;
    if ((kind == KIND_LOAD || kind == KIND_STORE || kind == KIND_AMO) && (description & VIA_CAP) == 0) usesDdc = true;
    if (isCapabilityAccess(description) || (description & WRITES_CAP) != 0) usesCapabilities = true;
    return END_NEXT;
  }
  if (kind == KIND_JUMP) return aluOf(description) == CAP_JUMP && load<u16>(record, RECORD_RD) >= 0x800 ? END_JUMP : END_CROSS;
  if (kind == KIND_CALL && isCrossing(record, description)) return END_CROSS;
  if (kind == KIND_LOAD || kind == KIND_STORE || kind == KIND_FLOAT || kind == KIND_AMO || kind == KIND_CALL) return END_HELPER;
  return END_INTERPRET;
}
