// Emits loads and stores with the interpreter's one compare for tag, seal, permission, bounds, RAM and alignment. What does
// not fit leaves, or, in regions where that was often, calls the slow path in place; then only if that raised the region leaves.
import { emitExpression } from "../generated/emit";
import { DDC_OFFSET_BIAS, PENDING, RECORD_IMM, RECORD_RD, RECORD_RS1, RECORD_RS2, TAG_DELTA } from "../layout";
import { emitLoadCapability, emitStoreCapability } from "./capability";
import {
  access, BLOCK, BR, branchIf, callHelper, code, constant, constant32, ELSE, END, F64_REINTERPRET_I64, getLocal, I32_LOAD, I32_LOAD8_U,
  I32_SHR_U, I32_WRAP_I64, I64_ADD, I64_GE_U, I64_LOAD, I64_LOAD32_S, I64_LT_U, I64_OR, I64_REINTERPRET_F64, I64_ROTR, I64_STORE, I64_STORE32,
  IF, loadCell, setLocal, teeLocal, TYPE_I64, TYPE_VOID, unsigned,
} from "./code";
import { emitCopyLoad, emitCopyStore, isCopying } from "./copies";
import { accessOf, isCapabilityAccess, KIND_STORE, kindOf, sizeLog2Of, TYPE_C, TYPE_F4, TYPE_X, typeOf } from "./describe";
import { addExit, leave, leaveIf, leaveKeepingIf } from "./exits";
import {
  behind, closeLabel, here, isRobust, LOCAL_A, LOCAL_LEFT, LOCAL_META, LOCAL_T, LOCAL_V, openPlainLabel,
  pushDouble, pushX, writeCapability, writeF, writeX,
} from "./frame";
import { checkGroup, pushGroupAddress } from "./group-checks";
import { isCopyHere, isFolded, localOfGroup, nextGroup } from "./groups";
import { EXIT_ACCESS, EXIT_RAISED } from "./map";
import { HELPER_LOAD_SLOW, HELPER_STORE_SLOW } from "./module";
import { addLinear, pushLimit, setWordOperands } from "./operands";
import { isPaged } from "./paged";
import { operationOf } from "./records";

/** What of the access's distance from its base counts as part of its length. */
function foldedOf(record: usize, sizeLog2: u32, isStore: bool): i64 {
  const distance: i64 = load<i32>(record, RECORD_IMM);
  const isAligned = !isStore || (distance & ((<i64>1 << sizeLog2) - 1)) == 0;
  return isFolded(distance) && isAligned ? distance : 0;
}

/**
 * Computes the access's offset from the window, kept in LOCAL_T if so wished, and pushes whether it fits, or, if
 * `inverse`, whether it does not. Loads may be misaligned; a store must not straddle granules.
 */
function pushFits(record: usize, sizeLog2: u32, isStore: bool, inverse: bool, keep: bool): void {
  pushX(load<u16>(record, RECORD_RS1));
  const folded = keep ? 0 : foldedOf(record, sizeLog2, isStore);
  const distance = <i64>load<i32>(record, RECORD_IMM) - folded + load<i64>(DDC_OFFSET_BIAS);
  if (distance != 0) {
    constant(distance);
    code(I64_ADD);
  }
  if (keep) teeLocal(LOCAL_T);
  const align = isStore ? sizeLog2 : 0;
  if (align != 0) {
    constant(align);
    code(I64_ROTR);
  }
  pushLimit(isStore, folded + (<i64>1 << sizeLog2), align);
  code(inverse ? I64_GE_U : I64_LT_U);
}

/** After a slow path: leaves if it raised. */
function leaveIfPending(exit: i32): void {
  constant32(exit);
  loadCell(I32_LOAD, PENDING);
  leaveIf(exit);
}

/** Pushes the linear pointer of an access that fits, less `offset`. Added in 32 bits: that leaves nothing to extend. */
function pushPointer(record: usize, offset: u32): void {
  pushX(load<u16>(record, RECORD_RS1));
  code(I32_WRAP_I64);
  addLinear(load<i32>(record, RECORD_IMM) - offset + <i32>load<i64>(DDC_OFFSET_BIAS));
}

/** Pushes what the load reads; singles come boxed. */
function pushLoaded(record: usize, description: u32): void {
  const offset: u32 = isRobust ? 0 : <u32>foldedOf(record, sizeLog2Of(description), false);
  pushPointer(record, offset);
  access(accessOf(description), offset);
}

/** There is no room for the access's pointer: it is the interpreter's, and the rest of the block is out of reach. */
function emitNoAccess(record: usize, description: u32): void {
  leaveHere(record);
  if (kindOf(description) == KIND_STORE) return;
  constant(0);
  if (typeOf(description) == TYPE_C) writeCapability(load<u16>(record, RECORD_RD));
  else writeLoaded(record, typeOf(description));
}

function emitCapabilityAccess(group: usize, record: usize, description: u32): void {
  const isStore = kindOf(description) == KIND_STORE;
  const isCopy = isStore ? isCopying : isCopyHere();
  const offset = checkGroup(group, record, isStore && isCopy);
  const local = localOfGroup(group);
  if (isCopy) {
    if (isStore) emitCopyStore(record, local, offset);
    else emitCopyLoad(record, local, offset);
  } else if (isStore) {
    emitStoreCapability(record, description, local, offset);
  } else {
    emitLoadCapability(record, description, local, offset);
  }
}

/** An access that a group vouches for, or that only one could; false if it stands alone. */
function emitGrouped(record: usize, description: u32): bool {
  const needsGroup = isPaged || isCapabilityAccess(description);
  const group = nextGroup(needsGroup);
  if (group == 0 && !needsGroup) return false;
  if (group == 0) {
    emitNoAccess(record, description);
  } else if (typeOf(description) == TYPE_C) {
    emitCapabilityAccess(group, record, description);
  } else if (kindOf(description) == KIND_STORE) {
    const offset = pushGroupAddress(group, record, true);
    pushStored(load<u16>(record, RECORD_RS2), typeOf(description));
    access(accessOf(description), offset);
  } else {
    access(accessOf(description), pushGroupAddress(group, record, false));
    writeLoaded(record, typeOf(description));
  }
  return true;
}

/** A load that leaves the region where it does not fit: calls in a loop would cost its registers. */
export function emitLoad(record: usize, description: u32): void {
  if (emitGrouped(record, description)) return;
  const exit = addExit(record, here, behind, EXIT_ACCESS);
  constant32(exit);
  pushFits(record, sizeLog2Of(description), false, true, false);
  leaveIf(exit);
  pushLoaded(record, description);
  writeLoaded(record, typeOf(description));
}

/** A load that calls its slow path in place, for regions that often need it. */
export function emitRobustLoad(record: usize, description: u32): void {
  const exit = addExit(record, here, behind, EXIT_RAISED);
  pushFits(record, sizeLog2Of(description), false, false, true);
  code(IF);
  code(TYPE_I64);
  openPlainLabel();
  pushLoaded(record, description);
  code(ELSE);
  getLocal(LOCAL_META);
  getLocal(LOCAL_T);
  getLocal(LOCAL_LEFT);
  constant32(exit);
  callHelper(HELPER_LOAD_SLOW);
  leaveIfPending(exit);
  code(END);
  closeLabel();
  writeLoaded(record, typeOf(description));
}

function writeLoaded(record: usize, type: u32): void {
  if (type == TYPE_X) {
    writeX(load<u16>(record, RECORD_RD));
    return;
  }
  if (type == TYPE_F4) {
    constant(<i64>0xffffffff00000000);
    code(I64_OR);
  }
  code(F64_REINTERPRET_I64);
  writeF(load<u16>(record, RECORD_RD));
}

function pushStored(operand: u32, type: u32): void {
  if (type == TYPE_X) {
    pushX(operand);
    return;
  }
  pushDouble(operand);
  code(I64_REINTERPRET_F64);
}

/** Puts the store's pointer into LOCAL_A, pushes its granule's byte: not 0 if there is a tag to clear or code to drop, which is rare. */
function pushGranule(record: usize): void {
  pushPointer(record, 0);
  teeLocal(LOCAL_A);
  constant32(4);
  code(I32_SHR_U);
  access(I32_LOAD8_U, TAG_DELTA);
}

/** As emitLoad. */
export function emitStore(record: usize, description: u32): void {
  if (emitGrouped(record, description)) return;
  const exit = addExit(record, here, behind, EXIT_ACCESS);
  constant32(exit);
  pushFits(record, sizeLog2Of(description), true, true, false);
  leaveKeepingIf(exit);
  pushGranule(record);
  leaveIf(exit);
  getLocal(LOCAL_A);
  pushStored(load<u16>(record, RECORD_RS2), typeOf(description));
  access(accessOf(description), 0);
}

/** An AMO through DDC: where it fits, a load and a store. */
export function emitAmo(record: usize, description: u32): void {
  const group = nextGroup(true);
  if (group == 0) {
    leaveHere(record);
    constant(0);
    writeX(load<u16>(record, RECORD_RD));
    return;
  }
  const isWord = sizeLog2Of(description) == 2;
  const offset = checkGroup(group, record, true);
  getLocal(localOfGroup(group));
  access(isWord ? I64_LOAD32_S : I64_LOAD, offset);
  setLocal(LOCAL_V);
  getLocal(localOfGroup(group));
  setWordOperands(isWord);
  emitExpression(operationOf(record), record);
  setWordOperands(false);
  access(isWord ? I64_STORE32 : I64_STORE, offset);
  getLocal(LOCAL_V);
  writeX(load<u16>(record, RECORD_RD));
}

/** Unconditionally, for the interpreter to execute the instruction. */
function leaveHere(record: usize): void {
  leave(addExit(record, here, behind, EXIT_ACCESS));
}

export function emitRobustStore(record: usize, description: u32): void {
  const exit = addExit(record, here, behind, EXIT_RAISED);
  const value: u32 = load<u16>(record, RECORD_RS2);
  code(BLOCK); // until the store is done
  code(TYPE_VOID);
  openPlainLabel();
  code(BLOCK); // to the slow path
  code(TYPE_VOID);
  openPlainLabel();
  pushFits(record, sizeLog2Of(description), true, true, true);
  branchIf(0);
  pushGranule(record);
  branchIf(0);
  getLocal(LOCAL_A);
  pushStored(value, typeOf(description));
  access(accessOf(description), 0);
  code(BR);
  unsigned(1);
  code(END);
  closeLabel();
  constant32(exit);
  getLocal(LOCAL_META);
  getLocal(LOCAL_T);
  pushStored(value, typeOf(description));
  getLocal(LOCAL_LEFT);
  constant32(exit);
  callHelper(HELPER_STORE_SLOW);
  leaveIf(exit);
  code(END);
  closeLabel();
}
