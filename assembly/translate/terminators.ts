// Emits the ends of blocks, but for calls and jumps that leave the region (calls.ts, jumps.ts).
import { describe, emitExpression } from "../generated/emit";
import { emitCallRegister, emitDirectCall } from "./calls";
import { BR_IF, callHelper, code, constant32, END, getLocal, IF, TYPE_VOID, unsigned } from "./code";
import { emitCross } from "./crossing";
import { emitLanding, emitNext, emitTaken, isPlainBranch, leaveToCold } from "./edges";
import { addExit, addExitAtHome, leave, leaveIf } from "./exits";
import {
  behind, closeLabel, depthOf, dirty, here, LOCAL_LEFT, LOCAL_META, LOCAL_PC, openPlainLabel, setBehind, setHeld, spill, valid,
} from "./frame";
import { orderOf } from "./graph";
import { emitGo, emitReturn } from "./jumps";
import {
  BLOCK_LAST, BLOCK_LAST_OFFSET, BLOCK_NEXT, BLOCK_TAKEN, BLOCK_TAKEN_OFFSET, BLOCK_TAKEN_VIA, END_BRANCH, END_CALL, END_CALL_REGISTER,
  END_CROSS, END_HELPER, END_JUMP, END_JUMP_REGISTER, END_LEAVE, END_NEXT, EXIT_COLD, EXIT_HELPER, EXIT_INTERPRET,
} from "./map";
import { HELPER_ONE } from "./module";
import { lengthOf, operationOf } from "./records";
import { emitBranchOnWords, emitBranchOnZero } from "./words";

function pushCondition(operation: u32, record: usize): void {
  const description = describe(operation);
  if (!emitBranchOnZero(record, description) && !emitBranchOnWords(record, description)) emitExpression(operation, record);
}

function emitBranch(index: i32, b: usize): void {
  const record: usize = load<u32>(b, BLOCK_LAST);
  const operation = operationOf(record);
  const taken = load<i32>(b, BLOCK_TAKEN);
  const next = load<i32>(b, BLOCK_NEXT);
  if (taken < 0) {
    const exit = addExit(0, load<i32>(b, BLOCK_TAKEN_OFFSET), behind, EXIT_COLD);
    constant32(exit);
    pushCondition(operation, record);
    leaveIf(exit);
  } else {
    pushCondition(operation, record);
    if (load<i32>(b, BLOCK_TAKEN_VIA) == 0 && isPlainBranch(index, taken)) {
      code(BR_IF);
      unsigned(depthOf(taken, orderOf(taken) <= orderOf(index)));
    } else {
      code(IF);
      code(TYPE_VOID);
      openPlainLabel();
      const phase = behind;
      const newer = dirty;
      const held = valid;
      emitTaken(index, b);
      setHeld(newer, held);
      setBehind(phase);
      code(END);
      closeLabel();
    }
  }
  if (next < 0) leaveToCold(load<i32>(b, BLOCK_LAST_OFFSET) + lengthOf(record));
  else emitNext(index, b);
}

/** An instruction that the core executes on the registers at home. */
function emitHelper(index: i32, b: usize): void {
  const record: usize = load<u32>(b, BLOCK_LAST);
  spill(dirty);
  const exit = addExitAtHome(record, here, behind - 1, EXIT_HELPER);
  constant32(exit);
  getLocal(LOCAL_META);
  getLocal(LOCAL_PC);
  getLocal(LOCAL_LEFT);
  constant32(exit);
  callHelper(HELPER_ONE);
  leaveIf(exit);
  emitLanding(index, b, here + lengthOf(record));
}

/** After the body of block `b`: where it goes on. */
export function emitEnd(index: i32, b: usize, end: u32): void {
  if (end == END_NEXT) emitNext(index, b);
  else if (end == END_BRANCH) emitBranch(index, b);
  else if (end == END_JUMP && load<i32>(b, BLOCK_TAKEN) >= 0) emitTaken(index, b);
  else if (end == END_JUMP || end == END_LEAVE) emitGo(load<i32>(b, BLOCK_TAKEN_OFFSET));
  else if (end == END_CALL) emitDirectCall(index, b);
  else if (end == END_CALL_REGISTER) emitCallRegister(index, b);
  else if (end == END_JUMP_REGISTER) emitReturn(index, b);
  else if (end == END_CROSS) emitCross(load<u32>(b, BLOCK_LAST));
  else if (end == END_HELPER) emitHelper(index, b);
  else leave(addExit(load<u32>(b, BLOCK_LAST), load<i32>(b, BLOCK_LAST_OFFSET), behind, EXIT_INTERPRET));
}
