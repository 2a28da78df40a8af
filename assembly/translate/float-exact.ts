// Where NX has not accrued a result must be exact: its error is 0, or the core finds out which flags there are.
import { RECORD_RD, RECORD_RS1, RECORD_RS2 } from "../layout";
import { constantDouble, F64_ADD, F64_MUL, F64_SUB, getLocal, setLocal, teeLocal } from "./code";
import { TYPE_F8, typeOf } from "./describe";
import { A, addProductError, apply, B, C, E, emitSum, leaveUnlessExact, leaveUnlessModerate, P } from "./error-free";
import { FAST_FUSED, takeOperand } from "./float-values";
import { addExit } from "./exits";
import { behind, here, LOCAL_D, writeF } from "./frame";
import { emitFused } from "./fused";
import { EXIT_ACCESS } from "./map";

function emitExactProduct(record: usize): void {
  const exit = addExit(record, here, behind, EXIT_ACCESS);
  takeOperand(A, load<u16>(record, RECORD_RS1), false);
  takeOperand(B, load<u16>(record, RECORD_RS2), false);
  constantDouble(0);
  teeLocal(C);
  setLocal(E);
  apply(A, B, F64_MUL);
  setLocal(P);
  leaveUnlessModerate(exit);
  addProductError();
  leaveUnlessExact(exit);
  getLocal(P);
  writeF(load<u16>(record, RECORD_RD));
}

function emitExactSum(record: usize, isDifference: bool): void {
  const exit = addExit(record, here, behind, EXIT_ACCESS);
  takeOperand(P, load<u16>(record, RECORD_RS1), false);
  takeOperand(C, load<u16>(record, RECORD_RS2), isDifference);
  emitSum();
  leaveUnlessExact(exit); // infinite ones have no error that is a number
  getLocal(LOCAL_D);
  writeF(load<u16>(record, RECORD_RD));
}

/** False if there is no such way for the instruction. */
export function emitExact(record: usize, description: u32, fast: u32): bool {
  if (typeOf(description) != TYPE_F8) return false;
  const opcode = fast & 255;
  if (fast >> 8 == FAST_FUSED) emitFused(record, opcode);
  else if (opcode == F64_MUL) emitExactProduct(record);
  else if (opcode == F64_ADD || opcode == F64_SUB) emitExactSum(record, opcode == F64_SUB);
  else return false;
  return true;
}
