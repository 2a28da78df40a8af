// Emits guest calls: Wasm calls of the callee's region; the pc that comes back is compared with the return address.
import { RECORD_RD } from "../layout";
import {
  access, CALL, CALL_INDIRECT, code, constant32, getLocal, I32_LOAD, I32_SUB, I64_NE, reserveUnsigned, setLocal, teeLocal, unsigned,
} from "./code";
import { emitLanding } from "./edges";
import { addExitAtHome, leave, returnIf } from "./exits";
import {
  behind, dirty, here, LOCAL_A, LOCAL_DEPTH, LOCAL_LEFT, LOCAL_META, LOCAL_PC, LOCAL_T, pushLeft, pushX, setBehind, spill,
  writeX,
} from "./frame";
import { emitFind, emitTarget } from "./jumps";
import { linkTo } from "./links";
import { BLOCK_LAST, BLOCK_LAST_OFFSET, BLOCK_TAKEN_OFFSET, EXIT_JUMP, META_SLOT } from "./map";
import { INDEX_BYTES, noteSelfCall } from "./module";
import { isRelocated, pushAddress, pushArchitectural } from "./operands";
import { lengthOf } from "./records";

/** With the callee's meta block in LOCAL_A: calls it at the address that `pushTarget` pushed before. */
function emitCall(index: i32, b: usize, isSelf: bool): void {
  const record: usize = load<u32>(b, BLOCK_LAST);
  const back = load<i32>(b, BLOCK_LAST_OFFSET) + lengthOf(record);
  pushLeft();
  getLocal(LOCAL_DEPTH);
  constant32(1);
  code(I32_SUB);
  if (isSelf) {
    code(CALL);
    noteSelfCall(reserveUnsigned(INDEX_BYTES));
  } else {
    getLocal(LOCAL_A);
    access(I32_LOAD, META_SLOT);
    code(CALL_INDIRECT);
    unsigned(0);
    unsigned(0);
  }
  setLocal(LOCAL_LEFT);
  teeLocal(LOCAL_T);
  const link: u32 = load<u16>(record, RECORD_RD);
  if (isRelocated()) pushAddress(back);
  else pushX(link); // its local still holds the return address
  code(I64_NE);
  returnIf(LOCAL_T);
  setBehind(0);
  emitLanding(index, b, back);
}

export function emitDirectCall(index: i32, b: usize): void {
  const record: usize = load<u32>(b, BLOCK_LAST);
  const target = load<i32>(b, BLOCK_TAKEN_OFFSET);
  pushArchitectural(here + lengthOf(record));
  writeX(load<u16>(record, RECORD_RD));
  spill(dirty);
  if (target == 0) {
    getLocal(LOCAL_META);
    getLocal(LOCAL_PC);
    emitCall(index, b, true);
    return;
  }
  const link = linkTo(target);
  if (link == 0) {
    leave(addExitAtHome(0, target, behind, EXIT_JUMP));
    return;
  }
  getLocal(LOCAL_META);
  access(I32_LOAD, link);
  teeLocal(LOCAL_A);
  pushAddress(target);
  emitCall(index, b, false);
}

export function emitCallRegister(index: i32, b: usize): void {
  const record: usize = load<u32>(b, BLOCK_LAST);
  emitTarget(record);
  pushArchitectural(here + lengthOf(record));
  writeX(load<u16>(record, RECORD_RD));
  spill(dirty);
  emitFind(false);
  getLocal(LOCAL_A);
  getLocal(LOCAL_T);
  emitCall(index, b, false);
}
