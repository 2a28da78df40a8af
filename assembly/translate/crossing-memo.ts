// What crossings came to. Gates are crossed again and again with the same capabilities: an entry holds the operands of one crossing
// that went well, all bits of them, and what the core made of them: PCC or DDC with all that follows from it, the configuration,
// the register that was written. The same operands at the same place under the same configuration make the same of it, so that
// nothing is checked, decoded or derived again.
import {
  CAP_ADDRESS, CAP_BASE, CAP_HIGH, CAP_MODE, CAP_SIZE, CAP_STATE, CAP_TOP, CONFIG, CONFIG_MARKED_TRAPS, CONTEXT, DDC, DDC_BIAS, DDC_LINEAR, DDC_LOAD_WINDOW, DDC_OFFSET_BIAS,
  DDC_STORE_WINDOW, LEFT, MIP, PC, PC_BIAS, PCC, PCC_PAGE_LENGTH, PCC_PAGE_LOW, RECORD_OP, RECORD_RAW, RECORD_RD, RECORD_RS1, RECORD_RS2, STATE_TAG, X, X_SINK,
} from "../layout";
import { OP_CINVOKE_4, OP_CJALR_2, OP_CJALR_4, OP_CSPECIALRW_4, OP_JALR_CAP_4 } from "../generated/operations";
import { currentConfiguration, enter, hasNeeds } from "./configuration";
import { CAPS_SEEN, CROSSINGS, CROSSINGS_ENTRIES, CROSSINGS_EPOCH, EXIT_OFFSET, EXIT_RECORD, EXIT_RETIRED } from "./map";

// An entry: what must be the same ...
const ENTRY_SIZE: usize = 256;
const EXIT: usize = 0; // u32: the exit of the instruction; 0: nothing is known
const EPOCH: usize = 4; // u32
const FROM: usize = 8; // u32: configuration
const KIND: usize = 12; // u32
const AT: usize = 16; // u64: pc
const CODE: usize = 24; // u32: struct of the first operand
const OTHER: usize = 28; // u32: struct of the second, or PCC
const CODE_BITS: usize = 32; // address and high word; it is tagged
const OTHER_BITS: usize = 48; // of the data: address and high word; of PCC: high word, base and top
const OTHER_TOP: usize = 64;
// ... and what it comes to.
const TO: usize = 72; // u32: configuration
const WRITTEN: usize = 76; // u32: struct that is written beside PCC or DDC, 0 = none
const TARGET: usize = 80; // u64: pc
const CELLS: usize = 88; // PC_BIAS, PCC_PAGE_LOW, PCC_PAGE_LENGTH, CAP_MODE and the low bits of CONTEXT; or DDC's
const STRUCT: usize = 128; // PCC or DDC
const WRITTEN_STRUCT: usize = 192;

const INVOKE: u32 = 1;
const JUMP: u32 = 2; // without a link
const LINK: u32 = 3;
const WRITE_DDC: u32 = 4;

const CINVOKE_MASK: u32 = 0xfe007fff;
const CINVOKE_MATCH: u32 = 0xfc0000db;

// @ts-ignore: decorator
@inline
function recordOf(exit: usize): usize {
  return load<u32>(exit, EXIT_RECORD);
}

/** Where the crossing of an exit is kept: of gates that many share by whom they belong to. */
// @ts-ignore: decorator
@inline
function entryOf(exit: usize): usize {
  const record = recordOf(exit);
  let hash = <u32>(exit >> 4) ^ <u32>(load<u64>(X + load<u16>(record, RECORD_RS1), CAP_ADDRESS) >> 4);
  if ((load<u32>(record, RECORD_RAW) & CINVOKE_MASK) == CINVOKE_MATCH) hash ^= <u32>(load<u64>(X + load<u16>(record, RECORD_RS2), CAP_ADDRESS) >> 4);
  return CROSSINGS + <usize>((hash ^ hash >> 7) & (CROSSINGS_ENTRIES - 1)) * ENTRY_SIZE;
}

// @ts-ignore: decorator
@inline
function copyStruct(to: usize, from: usize): void {
  for (let i: usize = 0; i < <usize>CAP_SIZE; i += 8) store<u64>(to + i, load<u64>(from + i));
}

/** 0 if crossings by this instruction are not kept. */
function kindOf(record: usize): u32 {
  const operation: u32 = load<u16>(record, RECORD_OP);
  const isUnlinked = X + load<u16>(record, RECORD_RD) == X_SINK;
  if (operation == OP_CINVOKE_4) return INVOKE;
  if (operation == OP_CSPECIALRW_4) return isUnlinked ? WRITE_DDC : 0;
  if (operation == OP_JALR_CAP_4 || operation == OP_CJALR_2 || operation == OP_CJALR_4) return isUnlinked ? JUMP : LINK;
  return 0;
}

// ---- looking ----

// @ts-ignore: decorator
@inline
function isSameCode(entry: usize, code: usize): bool {
  return (load<u32>(code, CAP_STATE) & STATE_TAG) != 0 && load<u64>(code, CAP_ADDRESS) == load<u64>(entry, CODE_BITS)
    && load<u64>(code, CAP_HIGH) == load<u64>(entry, CODE_BITS + 8);
}

// @ts-ignore: decorator
@inline
function isSameOther(entry: usize, kind: u32): bool {
  const other: usize = load<u32>(entry, OTHER);
  if (kind == INVOKE) {
    return (load<u32>(other, CAP_STATE) & STATE_TAG) != 0 && load<u64>(other, CAP_ADDRESS) == load<u64>(entry, OTHER_BITS)
      && load<u64>(other, CAP_HIGH) == load<u64>(entry, OTHER_BITS + 8);
  }
  return kind != LINK || (load<u64>(PCC, CAP_HIGH) == load<u64>(entry, OTHER_BITS) && load<u64>(PCC, CAP_BASE) == load<u64>(entry, OTHER_BITS + 8)
    && load<u64>(PCC, CAP_TOP) == load<u64>(entry, OTHER_TOP));
}

/** May something that waits for another PCC interrupt? */
// @ts-ignore: decorator
@inline
function mayInterrupt(): bool {
  return load<u64>(MIP) != 0 && (load<u32>(CONFIG) & CONFIG_MARKED_TRAPS) != 0;
}

function restorePCC(entry: usize): void {
  copyStruct(PCC, entry + STRUCT);
  store<u64>(PC_BIAS, load<u64>(entry, CELLS));
  store<u64>(PCC_PAGE_LOW, load<u64>(entry, CELLS + 8));
  store<u64>(PCC_PAGE_LENGTH, load<u64>(entry, CELLS + 16));
  store<u32>(CAP_MODE, load<u32>(entry, CELLS + 24));
  store<u32>(CONTEXT, (load<u32>(CONTEXT) & 0xff0) | load<u32>(entry, CELLS + 28));
  const written: usize = load<u32>(entry, WRITTEN);
  if (written != 0) copyStruct(written, entry + WRITTEN_STRUCT);
}

function restoreDDC(entry: usize): void {
  copyStruct(DDC, entry + STRUCT);
  store<u64>(DDC_BIAS, load<u64>(entry, CELLS));
  store<u64>(DDC_OFFSET_BIAS, load<u64>(entry, CELLS + 8));
  store<u32>(DDC_LINEAR, load<u32>(entry, CELLS + 16));
  store<u32>(DDC_LOAD_WINDOW, load<u32>(entry, CELLS + 20));
  store<u32>(DDC_STORE_WINDOW, load<u32>(entry, CELLS + 24));
}

/**
 * Crosses as once before, if the crossing at `exit`, of a region entered at `pc` with `left`, is known: registers are at home, the
 * configuration is that of the state. PC, LEFT and the configuration are then those after it.
 */
export function crossAgain(exit: usize, pc: u64, left: i32): bool {
  const entry = entryOf(exit);
  if (load<u32>(entry, EXIT) != <u32>exit || load<u32>(entry, EPOCH) != load<u32>(CROSSINGS_EPOCH) || load<u32>(entry, FROM) != currentConfiguration) return false;
  const kind = load<u32>(entry, KIND);
  if (load<u64>(entry, AT) != pc + <u64>load<i32>(exit, EXIT_OFFSET) || !isSameCode(entry, load<u32>(entry, CODE)) || !isSameOther(entry, kind)) return false;
  const to = load<u32>(entry, TO);
  if (load<u32>(CAPS_SEEN) == 0 || mayInterrupt() || !hasNeeds(to)) return false;
  if (kind == WRITE_DDC) restoreDDC(entry);
  else restorePCC(entry);
  store<u64>(PC, load<u64>(entry, TARGET));
  store<i64>(LEFT, left - load<i32>(exit, EXIT_RETIRED) - 1);
  enter(to);
  return true;
}

// ---- keeping ----

/** Before the crossing at `exit`, of a region entered at `pc`: its entry, with the operands noted; 0 if it is not to be kept. */
export function beginCrossing(exit: usize, pc: u64): usize {
  const record = recordOf(exit);
  const kind = kindOf(record);
  const code: usize = X + load<u16>(record, RECORD_RS1);
  if (kind == 0 || (load<u32>(code, CAP_STATE) & STATE_TAG) == 0) return 0;
  const entry = entryOf(exit);
  store<u32>(entry, 0, EXIT);
  store<u32>(entry, load<u32>(CROSSINGS_EPOCH), EPOCH);
  store<u32>(entry, currentConfiguration, FROM);
  store<u32>(entry, kind, KIND);
  store<u64>(entry, pc + <u64>load<i32>(exit, EXIT_OFFSET), AT);
  store<u32>(entry, <u32>code, CODE);
  store<u64>(entry, load<u64>(code, CAP_ADDRESS), CODE_BITS);
  store<u64>(entry, load<u64>(code, CAP_HIGH), CODE_BITS + 8);
  store<u32>(entry, kind == INVOKE ? <u32>(X + 31 * CAP_SIZE) : kind == LINK ? <u32>X + load<u16>(record, RECORD_RD) : 0, WRITTEN);
  if (kind == INVOKE) {
    const data: usize = X + load<u16>(record, RECORD_RS2);
    store<u32>(entry, <u32>data, OTHER);
    store<u64>(entry, load<u64>(data, CAP_ADDRESS), OTHER_BITS);
    store<u64>(entry, load<u64>(data, CAP_HIGH), OTHER_BITS + 8);
  } else if (kind == LINK) {
    store<u64>(entry, load<u64>(PCC, CAP_HIGH), OTHER_BITS);
    store<u64>(entry, load<u64>(PCC, CAP_BASE), OTHER_BITS + 8);
    store<u64>(entry, load<u64>(PCC, CAP_TOP), OTHER_TOP);
  }
  return entry;
}

/** The crossing of `exit` went well: keeps what it came to. */
export function keepCrossing(entry: usize, exit: usize): void {
  if (load<u32>(entry, EPOCH) != load<u32>(CROSSINGS_EPOCH)) return;
  store<u32>(entry, currentConfiguration, TO);
  store<u64>(entry, load<u64>(PC), TARGET);
  const written: usize = load<u32>(entry, WRITTEN);
  if (written != 0) copyStruct(entry + WRITTEN_STRUCT, written);
  if (load<u32>(entry, KIND) == WRITE_DDC) {
    copyStruct(entry + STRUCT, DDC);
    store<u64>(entry, load<u64>(DDC_BIAS), CELLS);
    store<u64>(entry, load<u64>(DDC_OFFSET_BIAS), CELLS + 8);
    store<u32>(entry, load<u32>(DDC_LINEAR), CELLS + 16);
    store<u32>(entry, load<u32>(DDC_LOAD_WINDOW), CELLS + 20);
    store<u32>(entry, load<u32>(DDC_STORE_WINDOW), CELLS + 24);
  } else {
    copyStruct(entry + STRUCT, PCC);
    store<u64>(entry, load<u64>(PC_BIAS), CELLS);
    store<u64>(entry, load<u64>(PCC_PAGE_LOW), CELLS + 8);
    store<u64>(entry, load<u64>(PCC_PAGE_LENGTH), CELLS + 16);
    store<u32>(entry, load<u32>(CAP_MODE), CELLS + 24);
    store<u32>(entry, load<u32>(CONTEXT) & 15, CELLS + 28);
  }
  store<u32>(entry, <u32>exit, EXIT);
}
