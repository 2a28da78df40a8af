// Regions become modules in batches: a module costs the engine some 0.2 ms and 90 KB, each further function in it a
// tenth of that. A region waits (META_PENDING) until its batch is full, is old, or one of its regions is asked for again.
// Functions that the host has compiled before, for this machine or another, are taken at once and wait for nothing.
import { INSTRET, RECORD_OP } from "../layout";
import { helperType, TYPE_BYTES, TYPE_BYTES_LENGTH, TYPE_COUNT } from "../generated/emit";
import { OP_COUNT } from "../generated/operations";
import { compileModule, reuseFunction } from "../host";
import { code, cursor, moveCursor, patchUnsigned, unsigned } from "./code";
import { metaAt } from "./links";
import {
  COUNT_MODULES, COUNT_REUSED, META_LIVE, META_PENDING, META_RECORD, META_SLOT, META_STATE, TRANSLATING, TRANSLATING_ALL, WORK_BATCH, WORK_BATCH_END,
  WORK_CODE, WORK_MODULE, WORK_POINTER,
} from "./map";
import { IMPORTED_FUNCTIONS, OWN_HELPERS, OWN_TYPE_COUNT, OWN_TYPES, OWN_TYPES_LENGTH, ownType, patchSelfCalls } from "./module";

/** Regions and bytes of a full batch. */
const MOST_REGIONS: u32 = 32;
const MOST_BYTES: usize = 0x10000;
const MOST_ASKED: u32 = 8;
/** Instructions after which a batch is compiled at the end of a slice. */
const OLD: u64 = 8000000;

/** Modules since everything was dropped. */
export let moduleCount: u32 = 0;

let count: u32 = 0;
let asked: u32 = 0;
let end: usize = 0; // of the bodies so far
let since: u64 = 0;
let metas: usize = memory.data(MOST_REGIONS * 4);

export function discardBatch(): void {
  count = 0;
  asked = 0;
  moduleCount = 0;
}

/** An older function of region `slot`, dropped meanwhile, waits: it must not come after a newer one. */
function isWaiting(slot: u32): bool {
  for (let i: u32 = 0; i < count; i++) {
    if (load<u32>(metas + (<usize>i << 2)) == slot) return true;
  }
  return false;
}

/** Takes the function of region `slot`, `bytes` long at WORK_CODE. False if it has to wait for its module. */
export function addToBatch(slot: u32, bytes: u32, pc: u64): bool {
  const work: usize = load<u32>(WORK_POINTER);
  if (end + bytes + 16 > work + WORK_BATCH_END || isWaiting(slot)) compileBatch();
  if (reuseFunction(<u32>work + WORK_CODE, bytes, slot, pc, count) != 0) {
    store<u32>(COUNT_REUSED, load<u32>(COUNT_REUSED) + 1);
    enable(slot);
    return true;
  }
  if (count == 0) {
    end = work + WORK_BATCH;
    since = load<u64>(INSTRET);
  }
  patchSelfCalls(IMPORTED_FUNCTIONS + count);
  moveCursor(end);
  unsigned(bytes);
  memory.copy(cursor, work + WORK_CODE, bytes);
  end = cursor + bytes;
  store<u32>(metas + (<usize>count << 2), slot);
  count += 1;
  store<u32>(metaAt(slot), META_PENDING, META_STATE);
  const isFull = count == MOST_REGIONS || end > work + WORK_BATCH + MOST_BYTES;
  if (isFull || load<u32>(TRANSLATING) == TRANSLATING_ALL) compileBatch();
  return false;
}

/** The region has a function: callers find it, and the interpreter enters it at its record. */
function enable(slot: u32): void {
  const meta = metaAt(slot);
  store<u32>(meta, META_LIVE, META_STATE);
  store<u32>(meta, slot, META_SLOT);
  const record: usize = load<u32>(meta, META_RECORD);
  store<u16>(record, <u16>(OP_COUNT + slot), RECORD_OP);
}

/** A region that waits has become hot again. The more modules there are, the more regions the next one is to have. */
export function askForBatch(): void {
  asked += 1;
  if (asked > min(moduleCount >> 4, MOST_ASKED)) compileBatch();
}

export function compileBatch(): void {
  if (count == 0) return;
  const work: usize = load<u32>(WORK_POINTER);
  writeCodeHeader(work);
  const start = writeHeader(work);
  store<u32>(COUNT_MODULES, load<u32>(COUNT_MODULES) + 1);
  moduleCount += 1;
  compileModule(<u32>start, <u32>(end - start), count);
  for (let i: u32 = 0; i < count; i++) {
    const slot = load<u32>(metas + (<usize>i << 2));
    // What was dropped while it waited stays dropped.
    if (load<u32>(metaAt(slot), META_STATE) == META_PENDING) enable(slot);
  }
  count = 0;
  asked = 0;
}

/** At the end of a slice. */
export function compileOldBatch(): void {
  if (count != 0 && load<u64>(INSTRET) - since >= OLD) compileBatch();
}

// ---- the module around the functions ----

/** Id, length and number of functions of the code section, right before the first body. */
const CODE_HEADER: usize = 11;

function writeCodeHeader(work: usize): void {
  const start = work + WORK_BATCH - CODE_HEADER;
  store<u8>(start, 10);
  patchUnsigned(start + 1, <u32>(end - start - 6), 5);
  patchUnsigned(start + 6, count, 5);
}

/** Opens a section; returns the place of its length. */
function openSection(id: u32): usize {
  code(id);
  const place = cursor;
  moveCursor(place + 5);
  return place;
}

function closeSection(place: usize): void {
  patchUnsigned(place, <u32>(cursor - place - 5), 5);
}

function twoLetters(number: u32): void {
  code(2);
  code(97 + (number >> 4));
  code(97 + (number & 15));
}

/** Every module imports every helper, in one order: so a function's bytes do not depend on its company. */
function writeImports(): void {
  const place = openSection(2);
  unsigned(IMPORTED_FUNCTIONS + 2);
  for (let i: u32 = 0; i < IMPORTED_FUNCTIONS; i++) {
    code(1);
    code(101); // "e"
    twoLetters(i);
    code(0);
    unsigned(i < OWN_HELPERS ? ownType(i) : helperType(i - OWN_HELPERS));
  }
  code(1); code(101); code(1); code(109); code(2); code(0); code(1); // "e" "m": a memory of a page or more
  code(1); code(101); code(1); code(116); code(1); code(0x70); code(0); code(1); // "e" "t": a table of functions
  closeSection(place);
}

/** Writes what comes before the code section, and moves it there. Returns where the module begins. */
function writeHeader(work: usize): usize {
  moveCursor(work + WORK_MODULE);
  code(0); code(0x61); code(0x73); code(0x6d); code(1); code(0); code(0); code(0);
  let place = openSection(1);
  unsigned(OWN_TYPE_COUNT + TYPE_COUNT);
  memory.copy(cursor, OWN_TYPES, OWN_TYPES_LENGTH);
  memory.copy(cursor + OWN_TYPES_LENGTH, TYPE_BYTES, TYPE_BYTES_LENGTH);
  moveCursor(cursor + OWN_TYPES_LENGTH + TYPE_BYTES_LENGTH);
  closeSection(place);
  writeImports();
  place = openSection(3);
  unsigned(count);
  for (let i: u32 = 0; i < count; i++) code(0);
  closeSection(place);
  place = openSection(7);
  unsigned(count);
  for (let i: u32 = 0; i < count; i++) {
    twoLetters(i);
    code(0);
    unsigned(IMPORTED_FUNCTIONS + i);
  }
  closeSection(place);
  const length = cursor - work - WORK_MODULE;
  const start = work + WORK_BATCH - CODE_HEADER - length;
  memory.copy(start, work + WORK_MODULE, length);
  return start;
}
