// Writes a region's blocks as structured Wasm (Ramsey, "Beyond Relooper: Recursive Translation of Unstructured Control
// Flow to Structured Control Flow", 2022): the dominator tree gives the nesting, a loop header opens a loop, a merge
// ends a block.
import { describe } from "../generated/emit";
import { BLOCK, code, END, LOOP, TYPE_VOID } from "./code";
import { emitDecode, forgetDecoded } from "./decoding";
import { settleCopies } from "./copies";
import { checkLeft } from "./edges";
import { addExit } from "./exits";
import {
  closeLabel, isRobust, openLabel, openLoopLabel, setBehind, setHeld, setHere, setInLoop, setIntegers,
} from "./frame";
import { inOrder, orderCount, orderOf } from "./graph";
import { emitEarlyChecks } from "./group-checks";
import { findGroups } from "./groups";
import { emitInstruction } from "./instructions";
import { emitGoElsewhere } from "./jumps";
import { authoritiesOfLoop } from "./loops";
import {
  BLOCK_DIRTY, BLOCK_DOMINATOR, BLOCK_END, BLOCK_INTEGER, BLOCK_LAST_OFFSET, BLOCK_LENGTH, BLOCK_LIVE, BLOCK_MARKS, BLOCK_OFFSET,
  BLOCK_PHASE, BLOCK_SINGLES, BLOCK_WORDS, END_INTERPRET, END_LEAVE, END_NEXT, END_SWITCH, EXIT_JUMP, MARK_IN_LOOP, MARK_LOOP, MARK_MERGE, MARK_NESTED,
} from "./map";
import { block } from "./blocks";
import { recordInside } from "./pages";
import { lengthOf, operationOf } from "./records";
import { followSingles, setSingles } from "./singles";
import { emitSwitch } from "./switch";
import { emitEnd } from "./terminators";
import { followWords, setWords } from "./words";

/** Before a loop: what it uses as capabilities is decoded here, because there is no call in a loop. */
function decodeForLoop(index: i32): void {
  forgetDecoded();
  for (let mask = authoritiesOfLoop(index); mask != 0; mask &= mask - 1) emitDecode(ctz(mask));
}

/** Block, loops and merges below it in the dominator tree included. */
export function emitTree(index: i32): void {
  const isLoop = (load<u32>(block(index), BLOCK_MARKS) & MARK_LOOP) != 0;
  if (isLoop) {
    if ((load<u32>(block(index), BLOCK_MARKS) & MARK_NESTED) == 0) decodeForLoop(index);
    code(LOOP);
    code(TYPE_VOID);
    openLoopLabel(index);
  }
  emitWithin(index, orderCount);
  if (isLoop) {
    code(END);
    closeLabel();
  }
}

/** The block with those merges it dominates whose number is less than `below`: the last one is outermost. */
function emitWithin(index: i32, below: u32): void {
  for (let i = <i32>below - 1; i > orderOf(index); i--) {
    const child = inOrder(i);
    const b = block(child);
    if (load<i32>(b, BLOCK_DOMINATOR) != index || (load<u32>(b, BLOCK_MARKS) & MARK_MERGE) == 0) continue;
    code(BLOCK);
    code(TYPE_VOID);
    openLabel(child);
    emitWithin(index, i);
    code(END);
    closeLabel();
    emitTree(child);
    return;
  }
  emitBlock(index);
}

/** The instructions of a block that do not end it. */
function emitBody(b: usize, length: u32): void {
  const phase = load<i32>(b, BLOCK_PHASE);
  let offset = load<i32>(b, BLOCK_OFFSET);
  if (!isRobust) {
    setBehind(phase);
    setHere(offset);
    setInLoop((load<u32>(b, BLOCK_MARKS) & MARK_IN_LOOP) != 0);
    findGroups(offset, length);
    emitEarlyChecks();
  }
  for (let i: u32 = 0; i < length; i++) {
    setBehind(phase + i);
    setHere(offset);
    const record = recordInside(offset);
    const description = describe(operationOf(record));
    emitInstruction(record, description);
    followWords(record, description);
    followSingles(record, description);
    offset += lengthOf(record);
  }
  settleCopies();
}

function emitBlock(index: i32): void {
  const b = block(index);
  const phase = load<i32>(b, BLOCK_PHASE);
  const length = load<u32>(b, BLOCK_LENGTH);
  const end = load<u32>(b, BLOCK_END);
  setHeld(load<u64>(b, BLOCK_DIRTY), load<u64>(b, BLOCK_LIVE));
  setIntegers(load<u32>(b, BLOCK_INTEGER));
  forgetDecoded();
  setWords(load<u32>(b, BLOCK_WORDS));
  setSingles(load<u32>(b, BLOCK_SINGLES));
  const isLoop = (load<u32>(b, BLOCK_MARKS) & MARK_LOOP) != 0;
  if (end == END_SWITCH) {
    setBehind(phase);
    emitSwitch(b, isLoop);
    emitGoElsewhere();
    return;
  }
  if (isLoop) checkLeft(b, addExit(0, load<i32>(b, BLOCK_OFFSET), phase, EXIT_JUMP), phase);
  emitBody(b, isWhole(end) ? length : length - 1);
  setBehind(phase + length);
  setHere(load<i32>(b, BLOCK_LAST_OFFSET));
  emitEnd(index, b, end);
}

/** Do all instructions of a block that ends so belong to its body? */
function isWhole(end: u32): bool {
  return end == END_NEXT || end == END_LEAVE || end == END_INTERPRET;
}
