// Ways out of a region. An exit leaves by a label at which registers newer than home are written there; then the core is told
// the exit's number. A region is written twice: the first time finds out what each exit must write home and what it may (a
// register whose local holds its value, newer than home or not), so that few labels, and little code, serve many exits.
import { LEFT } from "../layout";
import { BLOCK, BR, BR_IF, callHelper, code, constant32, DROP, END, getLocal, I32_LOAD, I32_LT_S, IF, loadCell, RETURN, teeLocal, TYPE_I32, TYPE_VOID, unsigned } from "./code";
import { settleCopies } from "./copies";
import { closeLabel, dirty, labelCount, LOCAL_K, LOCAL_LEFT, LOCAL_META, LOCAL_PC, LOCAL_T, openPlainLabel, spill, valid } from "./frame";
import { EXIT_JUMP, EXIT_KIND, EXIT_OFFSET, EXIT_RECORD, EXIT_RETIRED, EXIT_SIZE, MOST_EXITS, WORK_EXIT_LABELS, WORK_PLANS, WORK_POINTER } from "./map";
import { HELPER_LEAVE } from "./module";

// What the first time found, by exit.
const PLAN_SIZE: usize = 24;
const PLAN_NEEDED: usize = 0; // u64: registers to write home
const PLAN_ALLOWED: usize = 8; // u64: those that may be
const PLAN_LABEL: usize = 16; // u32
// A label, from 1 on; label 0 writes nothing home.
const LABEL_SIZE: usize = 24;
const LABEL_NEEDED: usize = 0;
const LABEL_ALLOWED: usize = 8;
const LABEL_OUTER: usize = 16; // u32: the label that writes home what else is to be

export let exitCount: u32 = 0;
let exits: usize = 0;
let isPlanning: bool = false;
let labels: u32 = 0;
let returns: u32 = 0;
/** What only returns does so by a label of its own, with the pc in LOCAL_T. */
export let sharesReturns: bool = false;
/** Guest returns that leave by the exits' labels: now, and the last time. */
let returnsByExit: u32 = 0;
let hasReturnsByExit: bool = false;

// @ts-ignore: decorator
@inline
function planOf(exit: u32): usize {
  return <usize>load<u32>(WORK_POINTER) + WORK_PLANS + <usize>exit * PLAN_SIZE;
}

// @ts-ignore: decorator
@inline
function labelAt(label: u32): usize {
  return <usize>load<u32>(WORK_POINTER) + WORK_EXIT_LABELS + <usize>label * LABEL_SIZE;
}

/** Exits of the region in hand go to `pointer`. */
export function beginExits(pointer: usize): void {
  exits = pointer;
}

/** The first or second time begins. */
export function restartExits(plans: bool): void {
  if (!plans) planLabels();
  isPlanning = plans;
  hasReturnsByExit = !plans && returnsByExit > 0;
  sharesReturns = !plans && (returns > 1 || hasReturnsByExit);
  returnsByExit = 0;
  exitCount = 0;
  returns = 0;
}

/** Notes an exit at `offset` after `retired` instructions; returns its number. */
export function addExit(record: usize, offset: i32, retired: i32, kind: u32): i32 {
  settleCopies();
  const entry = exits + <usize>exitCount * EXIT_SIZE;
  store<u32>(entry, <u32>record, EXIT_RECORD);
  store<i32>(entry, offset, EXIT_OFFSET);
  store<i32>(entry, retired, EXIT_RETIRED);
  store<u32>(entry, kind, EXIT_KIND);
  if (isPlanning) {
    store<u64>(planOf(exitCount), dirty, PLAN_NEEDED);
    store<u64>(planOf(exitCount), valid, PLAN_ALLOWED);
  }
  exitCount += 1;
  if (exitCount == MOST_EXITS) unreachable();
  return exitCount - 1;
}

/** As addExit, where all registers are at home. */
export function addExitAtHome(record: usize, offset: i32, retired: i32, kind: u32): i32 {
  const exit = addExit(record, offset, retired, kind);
  if (isPlanning) store<u64>(planOf(exit), 0, PLAN_NEEDED);
  return exit;
}

// ---- labels ----

/** The label for an exit that must write home `needed` and may write `allowed`: one that there is, or a new one. */
function labelFor(needed: u64, allowed: u64): u32 {
  if (needed == 0) return 0;
  for (let i = labels; i > 0; i--) {
    const label = labelAt(i);
    const both = load<u64>(label, LABEL_ALLOWED) & allowed;
    if (((load<u64>(label, LABEL_NEEDED) | needed) & ~both) != 0) continue;
    store<u64>(label, load<u64>(label, LABEL_NEEDED) | needed, LABEL_NEEDED);
    store<u64>(label, both, LABEL_ALLOWED);
    return i;
  }
  labels += 1;
  store<u64>(labelAt(labels), needed, LABEL_NEEDED);
  store<u64>(labelAt(labels), allowed, LABEL_ALLOWED);
  return labels;
}

/** Finds the outer label of each: of those whose registers are among its own, the one with most of them. */
function nestLabels(): void {
  for (let i: u32 = 1; i <= labels; i++) {
    const own = load<u64>(labelAt(i), LABEL_NEEDED);
    let best: u32 = 0;
    for (let j: u32 = 1; j < i; j++) {
      const other = load<u64>(labelAt(j), LABEL_NEEDED);
      if ((other & ~own) == 0 && (best == 0 || popcnt(other) >= popcnt(load<u64>(labelAt(best), LABEL_NEEDED)))) best = j;
    }
    store<u32>(labelAt(i), best, LABEL_OUTER);
  }
}

function planLabels(): void {
  labels = 0;
  store<u64>(labelAt(0), 0, LABEL_NEEDED);
  for (let i: u32 = 0; i < exitCount; i++) {
    store<u32>(planOf(i), labelFor(load<u64>(planOf(i), PLAN_NEEDED), load<u64>(planOf(i), PLAN_ALLOWED)), PLAN_LABEL);
  }
  nestLabels();
}

/** Opens the labels of all exits, the one that writes nothing home outermost. */
export function openExits(): void {
  if (sharesReturns) {
    code(BLOCK);
    code(TYPE_VOID);
    openPlainLabel();
  }
  for (let i: u32 = 0; i <= labels; i++) {
    code(BLOCK);
    code(TYPE_I32);
    openPlainLabel();
  }
}

/** Closes them: what exits do. Ends the function. */
export function closeExits(): void {
  for (let i = labels; i > 0; i--) {
    code(END);
    closeLabel();
    const outer = load<u32>(labelAt(i), LABEL_OUTER);
    spill(load<u64>(labelAt(i), LABEL_NEEDED) & ~load<u64>(labelAt(outer), LABEL_NEEDED));
    if (outer == i - 1) continue;
    code(BR);
    unsigned(depthOfLabel(outer));
  }
  code(END);
  closeLabel();
  if (hasReturnsByExit) {
    teeLocal(LOCAL_K);
    constant32(0);
    code(I32_LT_S);
    code(BR_IF);
    unsigned(labelCount - 1);
    getLocal(LOCAL_K);
  }
  getLocal(LOCAL_META);
  getLocal(LOCAL_PC);
  getLocal(LOCAL_LEFT);
  callHelper(HELPER_LEAVE);
  loadCell(I32_LOAD, LEFT);
  if (!sharesReturns) return;
  code(RETURN);
  code(END);
  closeLabel();
  getLocal(LOCAL_T);
  getLocal(LOCAL_LEFT);
}

/** Relative depth of a label. */
function depthOfLabel(label: u32): u32 {
  return labelCount - 1 - label - <u32>sharesReturns;
}

function depthOfExit(exit: i32): u32 {
  return isPlanning ? 0 : depthOfLabel(load<u32>(planOf(exit), PLAN_LABEL));
}

// ---- leaving ----

/** With an exit's number under a condition on the stack: leaves if that holds, and keeps the number otherwise. */
export function leaveKeepingIf(exit: i32): void {
  code(BR_IF);
  unsigned(depthOfExit(exit));
}

/** With an exit's number under a condition on the stack: leaves if that holds. */
export function leaveIf(exit: i32): void {
  leaveKeepingIf(exit);
  code(DROP);
}

/** Unconditionally. */
export function leave(exit: i32): void {
  constant32(exit);
  code(BR);
  unsigned(depthOfExit(exit));
}

/** Pushes what makes `leaveIf` of the exit that this gives return with the pc in LOCAL_T and LOCAL_LEFT, writing home what an exit here would. */
export function beginReturnByExit(): i32 {
  returnsByExit += 1;
  constant32(-1);
  return addExit(0, 0, 0, EXIT_JUMP);
}

/** Returns so, in any case. */
export function returnByExit(): void {
  const exit = beginReturnByExit();
  code(BR);
  unsigned(depthOfExit(exit));
}

/** With a condition on the stack: returns with the pc in `local`, which is LOCAL_T's if returns are shared, if it holds. */
export function returnIf(local: u32): void {
  returns += 1;
  if (sharesReturns) {
    code(BR_IF);
    unsigned(labelCount - 1);
    return;
  }
  code(IF);
  code(TYPE_VOID);
  getLocal(local);
  getLocal(LOCAL_LEFT);
  code(RETURN);
  code(END);
}
