// Between the interpreter and translated regions: what becomes hot, entering, leaving, and when a translation holds.
//
// Emitted code has the state baked in that its checks depend on (DDC's window, whether addresses are translated). Every
// such state is a *configuration* with a bit of its own, REGION_STAMP; a region's meta block has the bits of those it was
// checked under. Whatever changes the state (context.ts, decode-cache.ts) marks it stale; no emitted code runs on before
// the stamp is made anew.
import {
  BREAKPOINT_COUNT, CAP_HIGH, CAP_SIZE, CAP_STATE, CONFIG, CONFIG_CHERI, CONTEXT, F, FCSR, MSTATUS, STATE_META, STATE_TAG, DDC_BIAS, DDC_LINEAR, DDC_LOAD_WINDOW, DDC_OFFSET_BIAS, DDC_STORE_WINDOW, LEFT, PC, PC_BIAS, PCC_PAGE_LENGTH,
  PCC_PAGE_LOW, PENDING, PENDING_TRAP, PMP_ACTIVE, RECORD_OP, RECORD_RAW, RECORD_RD, RECORD_RS1, RECORD_SIZE, SCRATCH_RECORDS, SLICE,
  SLOT_PAGE, TRANSLATE_DATA, TRANSLATE_FETCH, X,
} from "../layout";
import { decodeInto, decodeRecord, enterPage, findPage, prepareStraddling, slotContaining } from "../decode-cache";
import { execute } from "../generated/execute";
import { describe } from "../generated/emit";
import { OP_COUNT, OP_PAGE_END, OP_STRADDLING } from "../generated/operations";
import { enterFunction } from "../host";
import { insidePcc } from "../interpreter";
import { KIND_LOAD, kindOf, TYPE_F4, TYPE_X, typeOf } from "./describe";
import { RAM_BASE } from "../cheri/registers";
import { writeX } from "../riscv/registers";
import { beginExits, exitCount, isPure, setPure, setRobust } from "./frame";
import { readFloatState, setFloating } from "./operands";
import { analyseFlow, analyseOrder, inOrder, irreducibleTarget, makeReducible, orderCount } from "./graph";
import { arena, codeBytes, dropAllRegions, dropRegion, noteCode, notePage, takeArena, unmark } from "./drop";
import { beginLinks, indexOfMeta, metaAt, metaCount, metaFor } from "./links";
import {
  BLOCK_LENGTH, BLOCK_OFFSET, BLOCK_RECORD, CAPS_SEEN, EXIT_ACCESS, FLOATING, META_MISSES, META_NEED_MASK, META_NEEDS, MOST_MISSES, ROBUST, BLOCK_SPAN, BLOCK_TAKEN_OFFSET, CODE_EPOCH, CONFIGURATION_COUNT, CONFIGURATION_SIZE, CONFIGURATION_STALE, CONFIGURATIONS, COUNT_BYTES, COUNT_ENTRIES,
  COUNT_EXITS, COUNT_INSTRUCTIONS, COUNT_REFUSED, COUNT_REGIONS, COUNT_TRANSLATED, EXIT_HELPER, EXIT_INTERPRET, EXIT_JUMP, EXIT_KIND,
  EXIT_OFFSET, EXIT_RECORD, EXIT_RETIRED, EXIT_SIZE, HOT_PC, HOT_TABLE, HOT_TABLE_ENTRIES, HOT_THRESHOLD, HOT_TURNS, JUMP_MAP, JUMP_MAP_ENTRIES, MAP_TAG, META_BALANCE, META_CONFIGURATION, META_COUNT, META_EXITS, META_FAILURES,
  META_HIGH, META_LIMIT, META_LIVE, META_LOW, META_PENDING, META_PAGE_COUNT, META_PAGES, META_RECORD, META_SLOT, META_STATE, META_TARGETS, META_VALID, PAGE_USE_SIZE, REGION_STAMP, SLOW_VALUE, TRANSLATING, TRANSLATING_ALL, WORK_POINTER,
  WORK_SIZE,
} from "./map";
import { writeFunction } from "./module";
import { extensionDone, noteJump, regionToExtend, targetsInReach } from "./targets";
import { isWide, readPaging } from "./paged";
import { reserveTable } from "./switch";
import { addToBatch, compileBatch, moduleCount } from "./batch";
import { block, findRegion, markGranules, pageCount, slotOfPage, usesCapabilities, usesFloat } from "./region";

/** Nested calls of regions: V8's stack would hold some thousand. */
const MOST_DEPTH: u32 = 400;
/** After so many entries under another configuration a region is translated for that one. */
const MOST_FAILURES: u32 = 64;
const FAILURES_TO_FLOAT: u32 = 4;

// ---- configurations ----

/** Fields of a configuration, in the order of CONFIGURATIONS. What is baked into code comes first. */
const BAKED_BYTES: usize = 24;
/** Without the last of them, DDC's place. */
const BAKED_IN_FLOATING: usize = 20;

// @ts-ignore: decorator
@inline
function bakedBytes(meta: usize): usize {
  return (load<u32>(meta, META_MISSES) & FLOATING) != 0 ? BAKED_IN_FLOATING : BAKED_BYTES;
}

function writeConfiguration(at: usize): void {
  store<u64>(at, load<u64>(DDC_OFFSET_BIAS));
  store<u32>(at, load<u32>(DDC_LOAD_WINDOW), 8);
  store<u32>(at, load<u32>(DDC_STORE_WINDOW), 12);
  store<u32>(at, (load<u32>(CONTEXT) & 15) | load<u32>(TRANSLATE_DATA) << 4 | <u32>isWide() << 5, 16);
  store<u32>(at, load<u32>(DDC_LINEAR), 20);
  store<u64>(at, load<u64>(PCC_PAGE_LOW), 24);
  store<u64>(at, load<u64>(PCC_PAGE_LENGTH), 32);
  store<u64>(at, load<u64>(DDC_BIAS), 40);
  store<u32>(at, load<u32>(CODE_EPOCH), 48);
  store<u32>(at, currentNeeds(), 52);
}

const NEED_PURE: u32 = 2;
const NEED_FLOAT: u32 = 0xff8;

/** The part of the state that changes often, and which only some regions depend on. */
function currentNeeds(): u32 {
  const fcsr = load<u32>(FCSR);
  const isOn: u32 = (load<u32>(MSTATUS) & 0x6000) == 0x6000 ? 1 : 0;
  return 1 | (load<u32>(CAPS_SEEN) == 0 ? NEED_PURE : 0) | isOn << 3 | (fcsr & 1) << 4 | (fcsr >> 5 & 7) << 5;
}

/** Are all x registers integers? */
function noCapabilities(): bool {
  let states: u32 = 0;
  for (let p: usize = X + CAP_SIZE; p < <usize>(X + 32 * CAP_SIZE); p += CAP_SIZE) {
    const state = load<u32>(p, CAP_STATE);
    // Looked at as a capability an integer becomes the null one, which is the same.
    if ((state & STATE_META) != 0) states |= state & STATE_TAG | <u32>(load<u64>(p, CAP_HIGH) != 0);
  }
  return states == 0;
}

function equal(a: usize, b: usize, bytes: usize): bool {
  for (let i: usize = 0; i < bytes; i += 4) {
    if (load<u32>(a + i) != load<u32>(b + i)) return false;
  }
  return true;
}

let nextConfiguration: u32 = 0;
let currentConfiguration: u32 = 0;

// @ts-ignore: decorator
@inline
function configuration(index: u32): usize {
  return CONFIGURATIONS + <usize>(index * CONFIGURATION_SIZE);
}

/** A region that writes capabilities runs only while no other relies on there being none. */
function expectCapabilities(): void {
  if (load<u32>(CAPS_SEEN) != 0) return;
  store<u32>(CAPS_SEEN, 1);
  takeConfiguration();
}

/** Makes REGION_STAMP the bit of the state as it is now. */
function refreshConfiguration(): void {
  if (load<u32>(CAPS_SEEN) != 0 && noCapabilities()) store<u32>(CAPS_SEEN, 0);
  takeConfiguration();
}

function takeConfiguration(): void {
  // Keys of the jump map hold the generation of the jump cache; when that begins anew they are worth nothing.
  const tag = <u64>load<u32>(CONTEXT) << 46;
  if ((tag >> 50) < (load<u64>(MAP_TAG) >> 50)) memory.fill(JUMP_MAP, 0, JUMP_MAP_ENTRIES * 16);
  store<u64>(MAP_TAG, tag);
  const fresh = configuration(CONFIGURATION_COUNT);
  writeConfiguration(fresh);
  store<u32>(CONFIGURATION_STALE, 0);
  for (let i: u32 = 0; i < <u32>CONFIGURATION_COUNT; i++) {
    if (!equal(configuration(i), fresh, 56)) continue;
    currentConfiguration = i;
    store<u32>(REGION_STAMP, 1 << i);
    return;
  }
  currentConfiguration = nextConfiguration;
  nextConfiguration = (nextConfiguration + 1) % CONFIGURATION_COUNT;
  memory.copy(configuration(currentConfiguration), fresh, CONFIGURATION_SIZE);
  const bit: u32 = 1 << currentConfiguration;
  store<u32>(REGION_STAMP, bit);
  for (let i: u32 = 1; i < metaCount; i++) store<u32>(metaAt(i), load<u32>(metaAt(i), META_VALID) & ~bit, META_VALID);
}

/** May the region run at `pc` under the current configuration? Remembers it if so. */
function isValid(meta: usize, pc: u64): bool {
  return load<u32>(meta, META_STATE) == META_LIVE && holds(meta, pc);
}

/** As isValid, of a region that need not be compiled yet. */
function holds(meta: usize, pc: u64): bool {
  const own: usize = load<u32>(meta, META_CONFIGURATION);
  if (!equal(own, configuration(currentConfiguration), bakedBytes(meta))) return false;
  if (((load<u32>(meta, META_NEEDS) ^ currentNeeds()) & load<u32>(meta, META_NEED_MASK)) != 0) return false;
  const low = pc + <u64>load<i32>(meta, META_LOW);
  const high = pc + <u64>load<i32>(meta, META_HIGH);
  if (!insidePcc(low) || !insidePcc(high) || high < low) return false;
  store<u32>(meta, load<u32>(meta, META_VALID) | load<u32>(REGION_STAMP), META_VALID);
  return true;
}

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
  const own = takeArena(BAKED_BYTES);
  memory.copy(own, configuration(currentConfiguration), BAKED_BYTES);
  store<u32>(meta, <u32>own, META_CONFIGURATION);
  store<u32>(meta, 0, META_VALID);
  store<u32>(meta, 0, META_FAILURES);
  store<i32>(meta, 0, META_BALANCE);
  store<u32>(meta, 0, META_COUNT);
  store<u32>(meta, targetsInReach(load<u32>(meta, META_RECORD)), META_TARGETS);
  store<u32>(meta, currentNeeds(), META_NEEDS);
  store<u32>(meta, ((isPure || usesCapabilities) && (load<u32>(CONFIG) & CONFIG_CHERI) != 0 ? NEED_PURE : 0) | (usesFloat ? NEED_FLOAT : 0), META_NEED_MASK);
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
    compileBatch(); // asked for again
    return true;
  }
  if (meta != 0 && load<u32>(meta, META_STATE) == META_LIVE) {
    store<u16>(record, <u16>(OP_COUNT + indexOfMeta(meta)), RECORD_OP); // see noteWorth
    return true;
  }
  readFloatState();
  readPaging();
  setRobust(meta != 0 && load<u32>(meta, META_MISSES) >= <u32>ROBUST);
  setFloating(meta != 0 && (load<u32>(meta, META_MISSES) & FLOATING) != 0);
  setPure((load<u32>(CONFIG) & CONFIG_CHERI) == 0 || load<u32>(CAPS_SEEN) == 0);
  if (meta == 0 || !findRegion(record)) return refuse();
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
function count(pc: u64, weight: u32, threshold: u32 = load<u32>(HOT_THRESHOLD)): bool {
  const entry: usize = HOT_TABLE + (<usize>((<u32>pc >> 1) & (HOT_TABLE_ENTRIES - 1)) << 2);
  const tag: u32 = <u32>(pc >> 14) << 16;
  const old = load<u32>(entry);
  const turns = (old & 0xffff0000) == tag ? (old & 0xffff) + weight : weight;
  const isHot = turns >= threshold;
  store<u32>(entry, isHot ? tag : tag | turns);
  return isHot;
}

/** Translates hot code; if it then waits for its module, it need not become as hot again to be asked for. */
function translateHot(record: usize, pc: u64): void {
  if (load<u16>(record, RECORD_OP) >= <u16>OP_COUNT || !translate(record, pc)) return;
  const threshold = load<u32>(HOT_THRESHOLD);
  // The more modules there are, the more regions the next one is to have.
  const wait = AGAIN << min(moduleCount >> 5, 4);
  if (threshold > wait) count(pc, threshold - wait);
}

/** A near loop has gone round HOT_TURNS times. `record`, at `pc`, is where it goes back to. */
export function noteHotLoop(source: usize, record: usize, pc: u64): void {
  store<u16>(source, 0, RECORD_RD);
  if (mayTranslate() && count(pc, HOT_TURNS)) translateHot(record, pc);
}

/** A jump from elsewhere to what may be a function or a loop. */
export function noteHotTarget(pc: u64): void {
  if (!count(pc, 1) || !mayTranslate()) return;
  const record = findPage(pc);
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

// ---- entering ----

/** Runs the region that `record`, at `pc`, stands for; returns the pc to go on at, LEFT says what is left. */
export function enterRegion(record: usize, pc: u64, left: i32): u64 {
  store<i64>(LEFT, left);
  if (load<u32>(CONFIGURATION_STALE) != 0 || load<u32>(configuration(currentConfiguration), 52) != currentNeeds()) refreshConfiguration();
  const meta = metaAt(<u32>load<u16>(record, RECORD_OP) - OP_COUNT);
  if (!mayTranslate()) return pc;
  if ((load<u32>(meta, META_NEED_MASK) & ~load<u32>(meta, META_NEEDS) & NEED_PURE) != 0) expectCapabilities();
  if ((load<u32>(meta, META_VALID) & load<u32>(REGION_STAMP)) == 0 && !isValid(meta, pc)) return adapt(meta, record, pc);
  store<u64>(COUNT_ENTRIES, load<u64>(COUNT_ENTRIES) + 1);
  const target = enterFunction(load<u32>(meta, META_SLOT), <u32>meta, pc, left, MOST_DEPTH);
  noteWorth(meta, left - <i32>load<i64>(LEFT));
  if (regionToExtend != 0) extend();
  if (load<u64>(HOT_PC) == target) {
    store<u64>(HOT_PC, 0);
    noteHotTarget(target);
  }
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

/**
 * `retired` instructions ran after an entry from the interpreter. Regions that soon leave are left to the interpreter, and
 * to other regions, until their code is found hot again.
 */
function noteWorth(meta: usize, retired: i32): void {
  store<u64>(COUNT_TRANSLATED, load<u64>(COUNT_TRANSLATED) + <u64>retired);
  const balance = load<i32>(meta, META_BALANCE) + retired - WORTH;
  store<i32>(meta, min(balance, MOST_BALANCE), META_BALANCE);
  if (balance > -256 * WORTH || load<u32>(TRANSLATING) == TRANSLATING_ALL) return;
  store<i32>(meta, 0, META_BALANCE);
  unmark(indexOfMeta(meta));
}

/** Does the region fail to hold for nothing but DDC's place? Another cVM runs its code. */
function differsInPlace(meta: usize): bool {
  const now = configuration(currentConfiguration);
  const own: usize = load<u32>(meta, META_CONFIGURATION);
  return bakedBytes(meta) == BAKED_BYTES && equal(own, now, BAKED_IN_FLOATING) && !equal(own, now, BAKED_BYTES);
}

/** The region does not hold here and now: after a while it is translated for the state that is. */
function adapt(meta: usize, record: usize, pc: u64): u64 {
  const failures = load<u32>(meta, META_FAILURES) + 1;
  store<u32>(meta, failures, META_FAILURES);
  if (load<u32>(CAPS_SEEN) != 0 && noCapabilities()) {
    store<u32>(CONFIGURATION_STALE, 1); // for the next time round
    return pc;
  }
  if (failures >= FAILURES_TO_FLOAT && differsInPlace(meta)) store<u32>(meta, load<u32>(meta, META_MISSES) | FLOATING, META_MISSES);
  else if (load<u32>(meta, META_STATE) == META_LIVE && failures < MOST_FAILURES) return pc;
  dropRegion(indexOfMeta(meta));
  translate(record, pc);
  return pc;
}

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

// ---- what emitted code calls ----

// @ts-ignore: decorator
@inline
function exitOf(meta: usize, exit: u32): usize {
  return <usize>load<u32>(meta, META_EXITS) + <usize>exit * EXIT_SIZE;
}

/** The end of a run of emitted code, registers at home: LEFT as it is, and the pc; bit 0 asks every caller to return too. */
export function regionLeave(meta: usize, pc: u64, left: i32, exit: u32): u64 {
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
  if (kind == EXIT_ACCESS && load<u32>(TRANSLATE_DATA) == 0) noteMiss(meta); // a miss of the TLB is no miss twice
  if (kind == EXIT_ACCESS || kind == EXIT_INTERPRET) return at | 1;
  if (load<u32>(PENDING) == PENDING_TRAP) return at | 1;
  // The access was made and something came of it: a device's doing, or the region's own code was overwritten.
  const record: usize = load<u32>(entry, EXIT_RECORD);
  finishLoad(record);
  store<i64>(LEFT, rest - 1);
  return (at + ((load<u32>(record, RECORD_RAW) & 3) == 3 ? 4 : 2)) | 1;
}

/** A region whose fast paths fail often is translated again, with calls of slow paths in place. */
function noteMiss(meta: usize): void {
  const misses = load<u32>(meta, META_MISSES) + 1;
  store<u32>(meta, misses, META_MISSES);
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
  if (isPlain(record)) return load<u16>(record, RECORD_OP);
  decodeInto(SCRATCH_RECORDS, load<u32>(record, RECORD_RAW));
  return load<u16>(SCRATCH_RECORDS, RECORD_OP);
}

/** Executes the instruction of an exit by the interpreter; 1 if the region must leave. */
export function regionOne(meta: usize, pc: u64, left: i32, exit: u32): u32 {
  const entry = exitOf(meta, exit);
  const record: usize = load<u32>(entry, EXIT_RECORD);
  const at = pc + <u64>load<i32>(entry, EXIT_OFFSET);
  const rest = <i64>(left - load<i32>(entry, EXIT_RETIRED));
  if (isPlain(record)) memory.copy(SCRATCH_RECORDS, record, RECORD_SIZE);
  else decodeInto(SCRATCH_RECORDS, load<u32>(record, RECORD_RAW));
  endScratch();
  const needs = currentNeeds();
  // One instruction, with `now` as it is: INSTRET + SLICE - LEFT.
  const slice = load<i64>(SLICE);
  store<i64>(SLICE, slice - rest + 1);
  store<i64>(LEFT, 1);
  execute(SCRATCH_RECORDS, at - <u64>(SCRATCH_RECORDS >> 3));
  store<i64>(SLICE, slice);
  store<i64>(LEFT, rest - 1 + load<i64>(LEFT));
  return load<u32>(PENDING) | load<u32>(CONFIGURATION_STALE) | <u32>(currentNeeds() != needs);
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
