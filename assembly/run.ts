// The machine's heartbeat: interrupts and traps between stretches of execute(), budgets, single steps.
// Time is retired instructions, so everything here is deterministic.
import {
  BREAKPOINT_COUNT, BREAKPOINTS, INSTRET, LEFT, PC, PENDING, PENDING_TRAP, SLICE, STOP,
  STOP_BREAK, STOP_BUDGET, STOP_TRAP_LOOP, TRAP_LOOP_INSTRET,
} from "./layout";
import { flushJumpCache, refreshAllWindows, refreshContext, refreshDDC, refreshOtherPCC } from "./context";
import { enterPage, prepareChecked } from "./decode-cache";
import { execute } from "./generated/execute";
import { executeTiered } from "./generated/execute-tiered";
import { compileOldBatch } from "./translate/batch";
import { instructionsUntilTimer, pendingInterrupt, updateTimer } from "./riscv/interrupt";
import { isTrapLoop, raiseInterrupt, takeTrap } from "./riscv/trap";
import { CAPS_SEEN, TRANSLATING, TRANSLATING_ALL } from "./translate/map";
import { forceAtStart, noteHotTarget, noteSliceEnd } from "./translate/tier";

/** execute() counts down in 32 bits. */
const LONGEST_SLICE: i64 = 0x7fffffff;

/**
 * Runs until `budget` instructions have retired or something stops the machine; returns STOP_*. Breakpoints are
 * not looked at for the first instruction, so that a stopped machine can go on.
 */
export function run(budget: i64): i32 {
  const end = load<u64>(INSTRET) + <u64>budget;
  let resuming = true;
  store<u64>(TRAP_LOOP_INSTRET, ~0);
  if (load<u32>(TRANSLATING) != 0) compileOldBatch();
  while (settle()) {
    const remaining = <i64>(end - load<u64>(INSTRET));
    // The next run() would not look at a breakpoint at its first instruction.
    if (!resuming && isBreakpoint(load<u64>(PC))) return STOP_BREAK;
    if (remaining <= 0) {
      noteSliceEnd(load<u64>(PC));
      return STOP_BUDGET;
    }
    resuming = false;
    advance(min(min(remaining, instructionsUntilTimer()), LONGEST_SLICE));
  }
  return stopReason();
}

/** Exactly one instruction, or one trap if one is due or the instruction raises it. Returns STOP_*. */
export function step(): i32 {
  updateTimer();
  if (noticeInterrupt()) {
    takeTrap();
    return stopReason();
  }
  stepChecked();
  finishInstruction();
  return stopReason();
}

/** STOP and forgets it; STOP_BUDGET if nothing asked. */
function stopReason(): i32 {
  const reason = load<u32>(STOP);
  store<u32>(STOP, 0);
  return reason;
}

/** Takes whatever trap or interrupt is due; false if the machine is to stop. */
function settle(): bool {
  finishInstruction();
  if (load<u32>(STOP) != 0) return false;
  updateTimer();
  if (!noticeInterrupt()) return true;
  takeTrap();
  return load<u32>(STOP) == 0;
}

/** Takes the trap that the last instruction raised, if any. */
function finishInstruction(): void {
  if (load<u32>(PENDING) == PENDING_TRAP) {
    if (isTrapLoop()) store<u32>(STOP, STOP_TRAP_LOOP);
    takeTrap();
    if (load<u32>(TRANSLATING) != 0 && load<u32>(STOP) == 0) noteHotTarget(load<u64>(PC));
  } else {
    store<u32>(PENDING, 0);
  }
}

function noticeInterrupt(): bool {
  const cause = pendingInterrupt();
  if (cause < 0) return false;
  raiseInterrupt(cause);
  return true;
}

/** Lets up to `slice` instructions retire. */
function advance(slice: i64): void {
  const pc = load<u64>(PC);
  const record = enterPage(pc);
  if (record == 0) {
    if (load<u32>(PENDING) == 0) stepChecked();
    return;
  }
  if (load<u32>(TRANSLATING) == TRANSLATING_ALL) forceAtStart(record, pc);
  store<i64>(SLICE, slice);
  store<i64>(LEFT, slice);
  if (load<u32>(TRANSLATING) != 0) executeTiered(record, pc - <u64>(record >> 3));
  else execute(record, pc - <u64>(record >> 3));
  const stuck = load<i64>(LEFT) == slice && load<u32>(PENDING) == 0;
  retire();
  // The page may be entered but not this instruction, whose second half lies where PCC or PMP must be asked.
  if (stuck) stepChecked();
}

/** One instruction with every fetch check; a trap may be pending afterwards. */
function stepChecked(): void {
  const pc = load<u64>(PC);
  const record = prepareChecked(pc);
  if (record == 0) return;
  store<i64>(SLICE, 1);
  store<i64>(LEFT, 1);
  execute(record, pc - <u64>(record >> 3));
  retire();
}

function retire(): void {
  store<u64>(INSTRET, load<u64>(INSTRET) + <u64>(load<i64>(SLICE) - load<i64>(LEFT)));
  store<i64>(SLICE, 0);
  store<i64>(LEFT, 0);
}

function isBreakpoint(pc: u64): bool {
  const count = load<u32>(BREAKPOINT_COUNT);
  for (let i: u32 = 0; i < count; i++) {
    if (load<u64>(BREAKPOINTS + (<usize>i << 3)) == pc) return true;
  }
  return false;
}

/** The host has written registers, CSR cells, PC or PRIV: derive everything anew. */
export function synchronize(): void {
  resume();
  refreshAllWindows();
  flushJumpCache();
}

/** It has written no more than PC, PCC, DDC, PRIV and x registers with windows of this WINDOWS_EPOCH, or none. */
export function resume(): void {
  store<u32>(PENDING, 0);
  store<u64>(TRAP_LOOP_INSTRET, ~0);
  store<u32>(CAPS_SEEN, 1); // perhaps
  refreshContext();
  refreshOtherPCC();
  refreshDDC();
}
