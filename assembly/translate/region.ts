// Finds the code of a region: from its entry along direct jumps, branches and the places where calls return to,
// function-like, over a few pages (pages.ts), cut into blocks (blocks.ts).
import { describe } from "../generated/emit";
import { block, blockAt, blockCount, createBlocks, fillBlock, FLAG_LEADER, FLAG_SEEN, rootBlock, setRoot } from "./blocks";
import { isCold } from "./cold";
import { endOf, forgetUses } from "./ends";
import {
  BLOCK_END, BLOCK_LENGTH, END_BRANCH, END_CROSS, END_HELPER, END_INTERPRET, END_JUMP, END_JUMP_REGISTER, END_NEXT, REGION_INSTRUCTIONS,
  WORK_LIST,
} from "./map";
import { entryRecord, flagsOf, openPages, parcelAt, recordOf, work } from "./pages";
import { distanceOf, lengthOf, operationOf } from "./records";
import { addNotedTargets, forgetSwitch, isSwitch, linkSwitch } from "./switch-block";
import { isInReach, targetCount, targetOffset } from "./targets";

export let instructionCount: u32 = 0;
let listLength: u32 = 0;
let usesTargets: bool = false;

function pushLeader(offset: i32): void {
  const parcel = parcelAt(offset);
  if (parcel < 0) return;
  const flags = flagsOf(parcel);
  const old: u32 = load<u8>(flags);
  store<u8>(flags, <u8>(old | FLAG_LEADER));
  if ((old & FLAG_LEADER) != 0 || listLength == 4096) return;
  store<i32>(work + WORK_LIST + (<usize>listLength << 2), offset);
  listLength += 1;
}

function pushTargets(): void {
  usesTargets = true;
  for (let i: u32 = 0; i < targetCount(); i++) {
    if (isInReach(entryRecord, i)) pushLeader(targetOffset(entryRecord, i));
  }
}

/** Marks the instructions from `offset` to the next jump. */
function scan(offset: i32): void {
  for (;;) {
    const parcel = parcelAt(offset);
    if (parcel < 0) return;
    const flags = flagsOf(parcel);
    if ((load<u8>(flags) & FLAG_SEEN) != 0) {
      store<u8>(flags, <u8>(FLAG_SEEN | FLAG_LEADER));
      return;
    }
    if (instructionCount >= <u32>REGION_INSTRUCTIONS) return;
    if (offset != 0 && isCold(recordOf(parcel))) return;
    store<u8>(flags, load<u8>(flags) | <u8>FLAG_SEEN);
    instructionCount += 1;
    const record = recordOf(parcel);
    const description = describe(operationOf(record));
    const end = endOf(record, description);
    const next = offset + lengthOf(record);
    if (isSwitch(end, record) && !usesTargets) pushTargets();
    if (end == END_INTERPRET || end == END_JUMP_REGISTER || end == END_CROSS) return;
    if (end == END_BRANCH || end == END_JUMP) pushLeader(offset + distanceOf(record, description));
    if (end == END_JUMP) return;
    if (end != END_NEXT) {
      pushLeader(next);
      return;
    }
    offset = next;
  }
}

/** Collects the region entered at `record`. False if nothing would be gained. */
export function findRegion(record: usize): bool {
  openPages(record);
  forgetUses();
  forgetSwitch();
  instructionCount = 0;
  listLength = 0;
  usesTargets = false;
  pushLeader(0);
  for (let i: u32 = 0; i < listLength; i++) scan(load<i32>(work + WORK_LIST + (<usize>i << 2)));
  createBlocks();
  setRoot(blockAt(0));
  for (let i: u32 = 0; i < blockCount; i++) fillBlock(block(i));
  if (usesTargets) addNotedTargets();
  linkSwitch();
  const root = block(rootBlock);
  return load<u32>(root, BLOCK_LENGTH) > (load<u32>(root, BLOCK_END) == END_HELPER ? 1 : 0);
}
