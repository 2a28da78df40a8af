// Between the interpreter and translated regions: what becomes hot, translating it, entering.
import { BREAKPOINT_COUNT, CONFIG, CONFIG_CHERI, INSTRET, LEFT, PMP_ACTIVE, RECORD_OP, RECORD_RD, SLICE, SLOT_PAGE, TRANSLATE_FETCH } from "../layout";
import { findDecodedPage, findPage, slotContaining } from "../decode-cache";
import { OP_COUNT } from "../generated/operations";
import { enterFunction } from "../host";
import { RAM_BASE } from "../cheri/registers";
import {
  BAKED_BYTES, copyBaked, currentModes, currentNeeds, DDC_FREE, differsInPlace, expectCapabilities, holds, isFloatingMeta, isValid, NEED_FLOAT, NEED_FLOAT_ON, NEED_PURE, needsDiffer, noCapabilities,
  refreshConfiguration, usesCapabilityRegisters,
} from "./configuration";
import { beginExits, exitCount } from "./exits";
import { isPure, setPure, setRobust } from "./frame";
import { readFloatState, setFloating } from "./operands";
import { beginCold, coldMeta, forgetColdExit, noteColdExits, noteRoom } from "./cold";
import { isCovered, noteBlocks } from "./covered";
import { analyseFlow } from "./dataflow";
import { analyseOrder, inOrder, irreducibleTarget, makeReducible, orderCount } from "./graph";
import { arena, codeBytes, dropAllRegions, dropRegion, noteCode, notePage, takeArena, unmark } from "./drop";
import { beginLinks, indexOfMeta, metaAt, metaCount, metaFor } from "./links";
import {
  BLOCK_LENGTH, BLOCK_OFFSET, BLOCK_RECORD, CAPS_SEEN, CROSS_DEPTH, CROSS_UNWOUND, FLOATING, META_MISSES, META_NEED_MASK, META_NEEDS, ROBUST, BLOCK_SPAN,
  BLOCK_TAKEN_OFFSET, CONFIGURATION_STALE, COUNT_BYTES, COUNT_ENTRIES, COUNT_INSTRUCTIONS, COUNT_REFUSED, COUNT_REGIONS, COUNT_TRANSLATED, EXIT_SIZE,
  HOT_PC, HOT_TABLE, HOT_TABLE_ENTRIES, HOT_THRESHOLD, HOT_TURNS, META_BALANCE, META_CONFIGURATION, META_COUNT, META_EXITS, META_FAILURES, META_HIGH,
  META_LIMIT, META_LIVE, META_LOW, META_PENDING, META_PAGE_COUNT, META_PAGES, META_RECORD, META_SLOT, META_STATE, META_TARGETS, META_VALID,
  PAGE_USE_SIZE, REGION_INSTRUCTIONS, REGION_STAMP, TRANSLATING, TRANSLATING_ALL, WORK_POINTER, WORK_SIZE,
} from "./map";
import { writeFunction } from "./module";
import { extensionDone, isTarget, regionToExtend, targetsInReach } from "./targets";
import { readPaging } from "./paged";
import { reserveTable } from "./switch";
import { addToBatch, askForBatch, moduleCount } from "./batch";
import { block, markGranules } from "./blocks";
import { usesCapabilities, usesDdc, usesFloat, usesFloatFile } from "./ends";
import { pageCount, slotOfPage } from "./pages";
import { findRegion, instructionCount } from "./region";

/** Nested calls of regions: V8's stack would hold some thousand. */
const MOST_DEPTH: u32 = 400;
/** After so many entries under another configuration a region is translated for that one. */
const MOST_FAILURES: u32 = 64;
const FAILURES_TO_FLOAT: u32 = 4;

// ---- translating ----

/** Most that one region takes of the arena. */
const ARENA_RESERVE: usize = 65536;

function fillMeta(meta: usize): void {
  let low = 0;
  let high = 0;
  let instructions: u32 = 0;
  for (let i: u32 = 0; i < orderCount; i++) {
    const b = block(inOrder(i));
    const start = load<i32>(b, BLOCK_OFFSET);
    low = min(low, min(start, load<i32>(b, BLOCK_TAKEN_OFFSET)));
    high = max(high, max(start + load<i32>(b, BLOCK_SPAN), load<i32>(b, BLOCK_TAKEN_OFFSET)));
    instructions += load<u32>(b, BLOCK_LENGTH);
  }
  store<i32>(meta, low, META_LOW);
  store<i32>(meta, high, META_HIGH);
  store<u32>(COUNT_INSTRUCTIONS, load<u32>(COUNT_INSTRUCTIONS) + instructions);
  const pages = takeArena(<usize>pageCount * PAGE_USE_SIZE);
  memory.fill(pages, 0, <usize>pageCount * PAGE_USE_SIZE);
  for (let i: u32 = 0; i < pageCount; i++) notePage(pages + <usize>i * PAGE_USE_SIZE, slotOfPage(i));
  for (let i: u32 = 0; i < orderCount; i++) markGranules(block(inOrder(i)), pages);
  store<u32>(meta, <u32>pages, META_PAGES);
  store<u32>(meta, pageCount, META_PAGE_COUNT);
  noteBlocks(meta);
  const own = takeArena(BAKED_BYTES);
  copyBaked(own);
  store<u32>(meta, <u32>own, META_CONFIGURATION);
  store<u32>(meta, 0, META_VALID);
  store<u32>(meta, 0, META_FAILURES);
  store<i32>(meta, 0, META_BALANCE);
  store<u32>(meta, 0, META_COUNT);
  store<u32>(meta, targetsInReach(load<u32>(meta, META_RECORD)), META_TARGETS);
  store<u32>(meta, currentNeeds(), META_NEEDS);
  store<u32>(meta, ((isPure || usesCapabilities) && (load<u32>(CONFIG) & CONFIG_CHERI) != 0 ? NEED_PURE : 0) | (usesFloat ? NEED_FLOAT : usesFloatFile ? NEED_FLOAT_ON : 0) | (usesDdc ? 0 : DDC_FREE), META_NEED_MASK);
}

/** Bytes of Wasm after which everything is dropped: the engine's code for them is some ten times as large. */
const MOST_CODE_BYTES: u32 = 0x1000000;
/** A module costs some 90 KB, and its instance lives until then. */
const MOST_MODULES: u32 = 512;

/** A loop whose condition comes last is best entered there; loops in loops may need several tries to find out. */
const MOST_ATTEMPTS: u32 = 3;

/** Translates the code from `record` on, whose pc is `pc`, or a loop around it. */
function translate(record: usize, pc: u64): bool {
  return translateFrom(record, pc, 0);
}

function translateFrom(record: usize, pc: u64, attempts: u32): bool {
  if (load<u32>(CONFIGURATION_STALE) != 0) refreshConfiguration();
  if (isFull()) {
    dropAllRegions();
    refreshConfiguration();
  }
  const meta = metaFor(record);
  if (meta != 0 && load<u32>(meta, META_STATE) == META_PENDING) {
    askForBatch();
    return true;
  }
  if (meta != 0 && load<u32>(meta, META_STATE) == META_LIVE) {
    store<u16>(record, <u16>(OP_COUNT + indexOfMeta(meta)), RECORD_OP); // see noteWorth
    return true;
  }
  readFloatState();
  readPaging();
  setRobust(meta != 0 && load<u32>(meta, META_MISSES) >= <u32>ROBUST);
  if (meta != 0 && madeFloat >= FLOATING_AT_ONCE) store<u32>(meta, load<u32>(meta, META_MISSES) | FLOATING, META_MISSES);
  setFloating(meta != 0 && isFloatingMeta(meta, currentModes()));
  setPure((load<u32>(CONFIG) & CONFIG_CHERI) == 0 || load<u32>(CAPS_SEEN) == 0);
  if (meta != 0) beginCold(meta);
  if (meta == 0 || !findRegion(record)) return refuse();
  noteRoom(meta, instructionCount >= <u32>REGION_INSTRUCTIONS);
  if (usesCapabilities) {
    setPure(false);
    expectCapabilities();
  }
  analyseOrder();
  const better = attempts < MOST_ATTEMPTS ? irreducibleTarget() : -1;
  if (better >= 0) {
    const header: usize = load<u32>(block(better), BLOCK_RECORD);
    const offset = load<i32>(block(better), BLOCK_OFFSET);
    if (load<u16>(header, RECORD_OP) < <u16>OP_COUNT) return translateFrom(header, pc + <u64>offset, attempts + 1);
  }
  makeReducible();
  analyseFlow();
  reserveTable();
  beginExits(arena);
  beginLinks(meta);
  const bytes = writeFunction();
  store<u32>(meta, <u32>takeArena(<usize>exitCount * EXIT_SIZE), META_EXITS);
  fillMeta(meta);
  if (!holds(meta, pc)) return refuse();
  store<u32>(COUNT_REGIONS, load<u32>(COUNT_REGIONS) + 1);
  store<u32>(COUNT_BYTES, load<u32>(COUNT_BYTES) + bytes);
  noteCode(bytes);
  addToBatch(indexOfMeta(meta), bytes, pc);
  return true;
}

/** Regions that had to be made anew for another place of DDC, after which all are made for any place. */
const FLOATING_AT_ONCE: u32 = 4;
let madeFloat: u32 = 0;

function makeFloat(meta: usize): void {
  madeFloat += 1;
  store<u32>(meta, load<u32>(meta, META_MISSES) | FLOATING, META_MISSES);
}

/** Room for regions, call targets, their exits and links, or for compiled code, is used up. */
function isFull(): bool {
  return metaCount > <u32>META_LIMIT - 128 || arena + ARENA_RESERVE > <usize>load<u32>(WORK_POINTER) + WORK_SIZE || codeBytes > MOST_CODE_BYTES
    || moduleCount >= MOST_MODULES;
}

function refuse(): bool {
  store<u32>(COUNT_REFUSED, load<u32>(COUNT_REFUSED) + 1);
  return false;
}

/** PMP regions, breakpoints and the like are the interpreter's. */
function mayTranslate(): bool {
  return load<u32>(TRANSLATING) != 0 && load<u32>(PMP_ACTIVE) == 0 && load<u32>(BREAKPOINT_COUNT) == 0;
}

// ---- what is hot ----

/** Executions after which code that waits for its module is not to wait longer. */
const AGAIN: u32 = 256;

/** Counts `weight` executions of the code at `pc`; true when it has become hot. */
// @ts-ignore: decorator
@inline
function count(pc: u64, weight: u32, threshold: u32 = load<u32>(HOT_THRESHOLD)): bool {
  const entry: usize = HOT_TABLE + (<usize>((<u32>pc >> 1) & (HOT_TABLE_ENTRIES - 1)) << 2);
  const tag: u32 = <u32>(pc >> 14) << 16;
  const old = load<u32>(entry);
  const turns = (old & 0xffff0000) == tag ? (old & 0xffff) + weight : weight;
  const isHot = turns >= threshold;
  store<u32>(entry, isHot ? tag : tag | turns);
  return isHot;
}

/**
 * Translating an instruction takes as long as interpreting some 2,000, and as much again, or more, on other threads later: of
 * code that is long or often new only the hottest is to have that, in the long run for no more than some part of the time.
 */
const AFFORDED_AT_ONCE: u64 = 4096;
const PRICE_LOG2: u64 = 13;

function isAffordable(): bool {
  return load<u32>(COUNT_INSTRUCTIONS) < <u32>min(AFFORDED_AT_ONCE + (load<u64>(INSTRET) >> PRICE_LOG2), 0xffffffff);
}

/** Translates hot code; if it then waits for its module, it need not become as hot again to be asked for. */
function translateHot(record: usize, pc: u64): void {
  if (load<u16>(record, RECORD_OP) >= <u16>OP_COUNT || !isAffordable() || !translate(record, pc)) return;
  if (load<u32>(metaFor(record), META_STATE) != META_PENDING) return;
  const threshold = load<u32>(HOT_THRESHOLD);
  const wait = AGAIN << min(moduleCount >> 1, 4);
  if (threshold > wait) count(pc, threshold - wait);
}

/** A near loop has gone round HOT_TURNS times. `record`, at `pc`, is where it goes back to. */
export function noteHotLoop(source: usize, record: usize, pc: u64): void {
  store<u16>(source, 0, RECORD_RD);
  if (mayTranslate() && count(pc, HOT_TURNS) && !isCovered(record)) translateHot(record, pc);
}

/** A jump from elsewhere to what may be a function or a loop. */
export function noteHotTarget(pc: u64, weight: u32 = 1): void {
  if (!count(pc, weight) || !mayTranslate()) return;
  const record = findDecodedPage(pc);
  if (record != 0) translateHot(record, pc);
}

/** For tests: translates everything that is jumped to. */
export function forceRegion(record: usize, pc: u64): void {
  if (load<u16>(record, RECORD_OP) < <u16>OP_COUNT && mayTranslate()) translate(record, pc);
}

/** Slices that begin at one place before forced translation takes it: most such places are met once. */
const RESUMED: u32 = 16;

/** For tests, too: a slice begins at `pc`, perhaps where another ended. */
export function forceAtStart(record: usize, pc: u64): void {
  if (pc != resumePc || count(pc, 1, RESUMED)) forceRegion(record, pc);
}

let resumePc: u64 = 0;

/** A slice ended at `pc` because it was long enough. */
export function noteSliceEnd(pc: u64): void {
  resumePc = pc;
}

// ---- left for ----

/** Executions that a way out of translated code and back counts for, and, as shift, instructions interpreted until it is back. */
const OUTSIDE: u32 = 2;
const AWAY_LOG2: u64 = 6;
/** The region that was entered last before translated code left for other code, 0 = none; instructions interpreted until then. */
let awayFrom: usize = 0;
let awaySince: u64 = 0;
/** It left for code that is not translated, or for cold code of this region. */
let awayAt: u64 = 0;
let awayCold: usize = 0;

function interpretedSoFar(left: i64): u64 {
  return load<u64>(INSTRET) + <u64>(load<i64>(SLICE) - left) - load<u64>(COUNT_TRANSLATED);
}

/** What the interpreter has done since counts for that code, as executions. */
function chargeAway(interpreted: u64): void {
  if (awayFrom == 0) return;
  awayFrom = 0;
  const weight = <u32>min(interpreted - awaySince >> AWAY_LOG2, load<u32>(HOT_THRESHOLD));
  if (awayCold == 0) noteHotTarget(awayAt, weight);
  else if (load<u32>(awayCold, META_STATE) == META_LIVE) noteColdExits(awayCold, weight);
}

/** Translated code, entered by the region of `meta`, leaves for `pc`, or for cold code of the region `cold`. */
function leaveFor(meta: usize, pc: u64, cold: usize, left: i64): void {
  const interpreted = interpretedSoFar(left);
  chargeAway(interpreted);
  if (cold == 0 && isTarget(findPage(pc))) {
    noteHotTarget(pc); // the region will hold it
    return;
  }
  if (cold == 0) noteHotTarget(pc, OUTSIDE);
  // A region that is not worth entering is not waited for.
  if (load<u16>(load<u32>(meta, META_RECORD), RECORD_OP) == <u16>(OP_COUNT + indexOfMeta(meta))) awayFrom = meta;
  awayAt = pc;
  awayCold = cold;
  awaySince = interpreted;
}

// ---- entering ----

/** Runs the region that `record`, at `pc`, stands for; returns the pc to go on at, LEFT says what is left. */
export function enterRegion(record: usize, pc: u64, left: i32): u64 {
  store<i64>(LEFT, left);
  if (load<u32>(CONFIGURATION_STALE) != 0 || needsDiffer()) refreshConfiguration();
  const meta = metaAt(<u32>load<u16>(record, RECORD_OP) - OP_COUNT);
  if (!mayTranslate()) return pc;
  if (usesCapabilityRegisters(meta)) expectCapabilities();
  if ((load<u32>(meta, META_VALID) & load<u32>(REGION_STAMP)) == 0 && !isValid(meta, pc)) return adapt(meta, record, pc);
  const isBack = meta == awayFrom;
  const interpreted = isBack ? interpretedSoFar(left) : 0;
  store<u64>(COUNT_ENTRIES, load<u64>(COUNT_ENTRIES) + 1);
  store<u32>(CROSS_DEPTH, MOST_DEPTH); // the interpreter asks for no certain configuration (crossing.ts)
  let target = enterFunction(load<u32>(meta, META_SLOT), <u32>meta, pc, left, MOST_DEPTH);
  if (load<u32>(CROSS_UNWOUND) != 0) { // made odd only for callers not to take it for their return
    store<u32>(CROSS_UNWOUND, 0);
    target &= ~1;
  }
  noteWorth(meta, left - <i32>load<i64>(LEFT));
  if (regionToExtend != 0) extend();
  if (isBack && awayFrom == meta) chargeAway(interpreted);
  const next = target & ~1;
  if (load<u64>(HOT_PC) == next) {
    store<u64>(HOT_PC, 0);
    leaveFor(meta, next, 0, load<i64>(LEFT));
  } else if (coldMeta != 0) {
    leaveFor(meta, next, coldMeta, load<i64>(LEFT));
  }
  forgetColdExit();
  return target;
}

/** A region with jumps to registers is translated again, now that its targets are known. */
function extend(): void {
  const meta = regionToExtend;
  extensionDone();
  if (load<u32>(meta, META_STATE) != META_LIVE) return;
  dropRegion(indexOfMeta(meta));
  const record: usize = load<u32>(meta, META_RECORD);
  const slot = slotContaining(record);
  if (load<u32>(TRANSLATE_FETCH) != 0) return; // where it lies is not known here: it becomes hot again
  translateHot(record, RAM_BASE + (<u64>(load<u32>(slot, SLOT_PAGE) - 1) << 12) + <u64>(record - slot >> 3));
}

/** Instructions that must run in a region, on average, for an entry from the interpreter to be worth it. */
const WORTH: i32 = 64;
const MOST_BALANCE: i32 = 1 << 20;
/** Entries that are worth nothing, in excess of others, after which a region is left to the interpreter: at first, and each time after that. */
const UNWORTHY: i32 = 256;
const AGAIN_UNWORTHY: i32 = 16;

/**
 * `retired` instructions ran after an entry from the interpreter. Regions that soon leave are left to the interpreter, and
 * to other regions, until their code is found hot again.
 */
function noteWorth(meta: usize, retired: i32): void {
  store<u64>(COUNT_TRANSLATED, load<u64>(COUNT_TRANSLATED) + <u64>retired);
  const balance = load<i32>(meta, META_BALANCE) + retired - WORTH;
  store<i32>(meta, min(balance, MOST_BALANCE), META_BALANCE);
  if (balance > -UNWORTHY * WORTH || load<u32>(TRANSLATING) == TRANSLATING_ALL) return;
  store<i32>(meta, (AGAIN_UNWORTHY - UNWORTHY) * WORTH, META_BALANCE);
  unmark(indexOfMeta(meta));
}

/** The region does not hold here and now: after a while it is translated for the state that is. */
function adapt(meta: usize, record: usize, pc: u64): u64 {
  const failures = load<u32>(meta, META_FAILURES) + 1;
  store<u32>(meta, failures, META_FAILURES);
  if (load<u32>(CAPS_SEEN) != 0 && noCapabilities()) {
    store<u32>(CONFIGURATION_STALE, 1); // for the next time round
    return pc;
  }
  if (failures >= FAILURES_TO_FLOAT && differsInPlace(meta)) makeFloat(meta);
  else if (load<u32>(meta, META_STATE) == META_LIVE && failures < MOST_FAILURES) return pc;
  dropRegion(indexOfMeta(meta));
  translate(record, pc);
  return pc;
}
