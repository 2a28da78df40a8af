// What emitted code calls of the core: to leave, to have an instruction executed, to cross into other code, to find a region.
import {
  CAP_SIZE, F, LEFT, PC, PC_BIAS, PENDING, PENDING_CONTEXT, PENDING_TRAP, RECORD_OP, RECORD_RAW, RECORD_RD, RECORD_SIZE, SCRATCH_RECORDS, STOP, TRANSLATE_DATA, TRAP_CAUSE, X,
} from "../layout";
import { decodeInto, decodeRecord, enterPage, findDecodedPage, findPage, prepareStraddling } from "../decode-cache";
import { describe } from "../generated/emit";
import { OP_COUNT, OP_PAGE_END, OP_STRADDLING } from "../generated/operations";
import { executeRest } from "../generated/rest";
import { insidePcc } from "../interpreter";
import { pendingInterrupt, updateTimer } from "../riscv/interrupt";
import { writeX } from "../riscv/registers";
import { USER } from "../riscv/status";
import { isTrapLoop, takeTrap, trapTarget } from "../riscv/trap";
import { noteAwkward } from "./awkward";
import { hasRoom, noteColdExit } from "./cold";
import { beginCrossing, crossAgain, keepCrossing } from "./crossing-memo";
import { AWKWARD_COPY } from "./copies";
import { forgetCapabilities, needsDiffer, switchConfiguration, usesCapabilityRegisters } from "./configuration";
import { KIND_LOAD, kindOf, TYPE_F4, TYPE_X, typeOf } from "./describe";
import { dropRegion } from "./drop";
import { indexOfMeta, metaAt, metaFor } from "./links";
import {
  CAPS_SEEN, CONFIGURATION_STALE, COUNT_EXITS, CROSS_DEPTH, CROSS_RETURN, EXIT_ACCESS, EXIT_COLD, EXIT_HELPER, EXIT_INTERPRET, EXIT_JUMP, EXIT_KIND, EXIT_OFFSET, EXIT_RECORD, EXIT_RETIRED, EXIT_SIZE, HOT_PC,
  FLOATING, JUMP_MAP, JUMP_MAP_ENTRIES, MAP_TAG, META_EXITS, META_MISSES, MISSES_TO_LOOK, MOST_MISSES, ROBUST, SLOW_VALUE,
} from "./map";
import { operationOf } from "./records";
import { noteJump } from "./targets";

/** The instruction at `pc` alone, looking through a region's mark, in the scratch area; 0 if run() must see to it. */
export function prepareOriginal(pc: u64): usize {
  let record = findPage(pc);
  if (record == 0) record = enterPage(pc);
  if (record == 0) return 0;
  const operation: u32 = load<u16>(record, RECORD_OP);
  if (operation == 0) decodeRecord(record);
  if (load<u16>(record, RECORD_OP) == <u16>OP_STRADDLING) return prepareStraddling(pc);
  decodeInto(SCRATCH_RECORDS, load<u32>(record, RECORD_RAW));
  endScratch();
  return SCRATCH_RECORDS;
}

function endScratch(): void {
  store<u16>(SCRATCH_RECORDS + RECORD_SIZE, OP_PAGE_END);
  store<u16>(SCRATCH_RECORDS + 2 * RECORD_SIZE, OP_PAGE_END);
}

// @ts-ignore: decorator
@inline
function exitOf(meta: usize, exit: u32): usize {
  return <usize>load<u32>(meta, META_EXITS) + <usize>exit * EXIT_SIZE;
}

/** The end of a run of emitted code, registers at home: LEFT as it is, and the pc; bit 0 asks every caller to return too. */
export function regionLeave(exit: u32, meta: usize, pc: u64, left: i32): u64 {
  const entry = exitOf(meta, exit);
  const kind = load<u32>(entry, EXIT_KIND);
  store<u64>(COUNT_EXITS + (kind << 3), load<u64>(COUNT_EXITS + (kind << 3)) + 1);
  if (kind == EXIT_HELPER) {
    // A limit after a helper comes here as EXIT_JUMP: this one left PC and LEFT as they should be.
    return load<u64>(PC) | 1;
  }
  const at = pc + <u64>load<i32>(entry, EXIT_OFFSET);
  const rest = left - load<i32>(entry, EXIT_RETIRED);
  store<i64>(LEFT, rest);
  if (kind == EXIT_JUMP) return at;
  if (kind == EXIT_COLD) {
    noteColdExit(meta);
    if (!hasRoom(meta)) store<u64>(HOT_PC, at);
    return at;
  }
  if (kind == EXIT_ACCESS && load<u32>(TRANSLATE_DATA) == 0) noteMiss(meta, load<u32>(entry, EXIT_RECORD)); // a miss of the TLB is no miss twice
  if (kind == EXIT_ACCESS || kind == EXIT_INTERPRET) return at | 1;
  if (load<u32>(PENDING) == PENDING_TRAP) return at | 1;
  // The access was made and something came of it: a device's doing, or the region's own code was overwritten.
  const record: usize = load<u32>(entry, EXIT_RECORD);
  finishLoad(record);
  store<i64>(LEFT, rest - 1);
  return (at + ((load<u32>(record, RECORD_RAW) & 3) == 3 ? 4 : 2)) | 1;
}

/** A region whose fast paths fail often is translated again, with calls of the core in place: where it fails, or everywhere. */
function noteMiss(meta: usize, record: usize): void {
  const misses = load<u32>(meta, META_MISSES) + 1;
  store<u32>(meta, misses, META_MISSES);
  const isTime = (misses & ~FLOATING) % MISSES_TO_LOOK == 0;
  const isCopy = (record & AWKWARD_COPY) != 0;
  if (isTime && noteAwkward(record, isCopy ? 0 : describe(originalOf(record)))) {
    dropRegion(indexOfMeta(meta));
    return;
  }
  if ((misses & ~FLOATING) != MOST_MISSES) return;
  store<u32>(meta, misses & FLOATING | ROBUST, META_MISSES);
  dropRegion(indexOfMeta(meta));
}

/** A device's load has its value, but the region left before writing it. */
function finishLoad(record: usize): void {
  const description = describe(originalOf(record));
  if (kindOf(description) != KIND_LOAD) return;
  const value = load<u64>(SLOW_VALUE);
  const operand: usize = load<u16>(record, RECORD_RD);
  const type = typeOf(description);
  if (type == TYPE_X) writeX(operand, value);
  else store<u64>(F + operand, type == TYPE_F4 ? value | 0xffffffff00000000 : value);
}

/** Neither a region's mark nor what is left of one: the record says what its instruction is. */
// @ts-ignore: decorator
@inline
function isPlain(record: usize): bool {
  return load<u16>(record, RECORD_OP) != 0 && load<u16>(record, RECORD_OP) < <u16>OP_COUNT;
}

function originalOf(record: usize): u32 {
  return load<u16>(plainRecord(record), RECORD_OP);
}

/** Where regionCross finds the state of the machine after an instruction. */
function finish(advance: u32): void {
  if (advance != 0) store<u64>(PC, load<u64>(PC) + (advance >> 3));
  store<i64>(LEFT, load<i64>(LEFT) - 1);
}

/** A record with the instruction of an exit. */
function originalAt(entry: usize): usize {
  return plainRecord(load<u32>(entry, EXIT_RECORD));
}

/** A record with the instruction in `record`: that, or, where a region begins, the scratch area. */
export function plainRecord(record: usize): usize {
  if (isPlain(record)) return record;
  // A store nearby may have emptied it: its own bytes are as they were, or its regions would be gone.
  if (load<u32>(record, RECORD_RAW) == 0) operationOf(record);
  decodeInto(SCRATCH_RECORDS, load<u32>(record, RECORD_RAW));
  return SCRATCH_RECORDS;
}

/** Executes the instruction of an exit, one that needs neither pc nor counters and cannot trap. */
export function regionPlain(meta: usize, exit: u32): u32 {
  return executeRest(originalAt(exitOf(meta, exit)));
}

/** Executes the instruction of an exit; PC and LEFT are those after it, or, if it raised, before it. */
function executeAt(meta: usize, pc: u64, left: i32, exit: u32): void {
  const entry = exitOf(meta, exit);
  store<u64>(PC, pc + <u64>load<i32>(entry, EXIT_OFFSET));
  store<i64>(LEFT, left - load<i32>(entry, EXIT_RETIRED));
  const advance = executeRest(originalAt(entry));
  if (load<u32>(PENDING) != PENDING_TRAP) finish(advance);
}

/** Executes the instruction of an exit; 1 if the region must leave, by EXIT_HELPER. */
export function regionOne(meta: usize, pc: u64, left: i32, exit: u32): u32 {
  executeAt(meta, pc, left, exit);
  return load<u32>(PENDING) | load<u32>(CONFIGURATION_STALE) | <u32>needsDiffer();
}

/** A trap is raised: takes it, if that stays in user mode and is no endless loop. */
function takeTrapHere(): bool {
  if (trapTarget(load<u64>(TRAP_CAUSE)) != USER || isTrapLoop()) return false;
  takeTrap();
  return true;
}

/** What run() does between stretches of execute(). False if there is more to do. */
function settleHere(): bool {
  const pending = load<u32>(PENDING);
  if (pending == 0) return true;
  if (pending == PENDING_TRAP) {
    if (!takeTrapHere()) return false;
  } else {
    store<u32>(PENDING, 0);
    forgetCapabilities();
  }
  updateTimer();
  if (load<u32>(STOP) == 0 && pendingInterrupt() < 0) return true;
  store<u32>(PENDING, PENDING_CONTEXT);
  return false;
}

/**
 * Executes an instruction after which PCC, DDC, privilege or more may be others. Returns the meta block of the code to go on
 * with at PC; 0 if the region must leave, by EXIT_HELPER. In crossed code (`depth` says so) a jump to CROSS_RETURN returns.
 */
export function regionCross(meta: usize, pc: u64, left: i32, exit: u32, depth: u32): usize {
  const hasCrossed = depth == load<u32>(CROSS_DEPTH);
  if (!hasCrossed) store<u64>(CROSS_RETURN, load<u64>(X + CAP_SIZE) + load<u64>(PC_BIAS));
  if (load<u32>(CONFIGURATION_STALE) != 0) return 0;
  const entry = exitOf(meta, exit);
  if (crossAgain(entry, pc, left)) return arrive(hasCrossed);
  const crossing = beginCrossing(entry, pc);
  executeAt(meta, pc, left, exit);
  const isPlainCrossing = load<u32>(PENDING) == 0;
  oddBit = load<u64>(PC) & 1;
  if (!settleHere()) return 0;
  if (oddBit != 0) {
    store<u32>(PENDING, PENDING_CONTEXT); // run() knows what to do
    return 0;
  }
  if ((load<u32>(CONFIGURATION_STALE) != 0 || needsDiffer()) && !switchConfiguration()) return leaveStale();
  if (crossing != 0 && isPlainCrossing) keepCrossing(crossing, entry);
  return arrive(hasCrossed);
}

/** The meta block of the code to go on with at PC, the configuration being that of the state. */
function arrive(hasCrossed: bool): usize {
  const target = load<u64>(PC);
  if (hasCrossed && target == load<u64>(CROSS_RETURN)) return metaAt(0);
  const found = metaOf(target);
  if (found == 0 || load<u32>(CAPS_SEEN) != 0 || !usesCapabilityRegisters(found)) return found;
  store<u32>(CAPS_SEEN, 1);
  return switchConfiguration() ? found : leaveStale();
}

/** Bit 0 of PC when emitted code left with something pending: the base of PCC may be odd. */
let oddBit: u64 = 0;

export function takeOddBit(): u64 {
  const bit = oddBit;
  oddBit = 0;
  return bit;
}

/** A configuration must be made before emitted code may go on: it is when the code there turns out to be hot. */
function leaveStale(): usize {
  store<u32>(CONFIGURATION_STALE, 1);
  store<u64>(HOT_PC, load<u64>(PC));
  return 0;
}

/** The meta block of the code at `target`; 0 if that cannot be told. */
function metaOf(target: u64): usize {
  const entry: usize = JUMP_MAP + (<usize>(<u32>target >> 1 & (JUMP_MAP_ENTRIES - 1)) << 4);
  const isKnown = load<u64>(entry) == (target ^ load<u64>(MAP_TAG)) && insidePcc(target);
  return isKnown ? load<u32>(entry, 8) : findDecodedPage(target) == 0 ? 0 : regionFind(target);
}

/** As regionFind, for a jump of the region of `meta`; a region that is to be extended returns from it. */
export function regionJump(meta: usize, target: u64): usize {
  const record = findPage(target);
  if (record != 0 && noteJump(meta, record)) return metaAt(0);
  return regionFind(target);
}

/** The meta block of the code at `target`, which is inside PCC. */
export function regionFind(target: u64): usize {
  const record = findPage(target);
  const meta = record == 0 ? 0 : metaFor(record);
  if (meta == 0) return metaAt(0);
  const entry: usize = JUMP_MAP + (<usize>(<u32>target >> 1 & (JUMP_MAP_ENTRIES - 1)) << 4);
  store<u64>(entry, target ^ load<u64>(MAP_TAG));
  store<u32>(entry, <u32>meta, 8);
  return meta;
}
