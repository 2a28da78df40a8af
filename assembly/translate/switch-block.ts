// The block behind all jumps to registers of a region, which decides among the places that they were seen to go to
// (targets.ts). Irreducible edges may be led through it, too.
import { RECORD_RS1 } from "../layout";
import { addBlock, block, blockAt, blockCount, rootBlock, setRoot } from "./blocks";
import { BLOCK_END, BLOCK_LAST, BLOCK_LIMIT, BLOCK_NEXT, END_JUMP_REGISTER, END_SWITCH, RETURN_REGISTER, WORK_SWITCH } from "./map";
import { entryRecord, work } from "./pages";
import { isInReach, targetCount, targetOffset } from "./targets";

/** Blocks that jumps to registers may go to, and the block that decides; -1 if there is none. */
export let switchCount: u32 = 0;
export let switchBlock: i32 = -1;
/** Jumps to registers come to it, and so what is no target of it. */
export let switchesRegisters: bool = false;

export function switchTarget(index: u32): i32 {
  return load<u16>(work + WORK_SWITCH + (<usize>index << 1));
}

/** A jump to a register that is no return. */
export function isSwitch(end: u32, record: usize): bool {
  return end == END_JUMP_REGISTER && load<u16>(record, RECORD_RS1) != RETURN_REGISTER;
}

/** Makes the block a target of the switch, which is made if there is none; false if there is no room. */
function addSwitchTarget(target: i32): bool {
  for (let i: u32 = 0; i < switchCount; i++) {
    if (switchTarget(i) == target) return true;
  }
  if (switchCount == 255 || (switchBlock < 0 && blockCount == BLOCK_LIMIT)) return false;
  store<u16>(work + WORK_SWITCH + (<usize>switchCount << 1), <u16>target);
  switchCount += 1;
  if (switchBlock >= 0) return true;
  switchBlock = addBlock();
  store<u32>(block(switchBlock), END_SWITCH, BLOCK_END);
  return true;
}

/** Makes targets of the switch those places that jumps to registers went to and that became blocks. */
export function addNotedTargets(): void {
  for (let i: u32 = 0; i < targetCount(); i++) {
    const target = isInReach(entryRecord, i) ? blockAt(targetOffset(entryRecord, i)) : -1;
    if (target >= 0) addSwitchTarget(target);
  }
}

/** Leads all jumps to registers to the switch, if there is one. */
export function linkSwitch(): void {
  for (let i: i32 = 0; i < switchBlock; i++) {
    if (!isSwitch(load<u32>(block(i), BLOCK_END), load<u32>(block(i), BLOCK_LAST))) continue;
    store<i32>(block(i), switchBlock, BLOCK_NEXT);
    switchesRegisters = true;
  }
}

export function forgetSwitch(): void {
  switchCount = 0;
  switchBlock = -1;
  switchesRegisters = false;
}

/** The region is entered through the switch; then edges to it can be no harm to the graph. */
export function enterThroughSwitch(): bool {
  if (rootBlock != switchBlock && !addSwitchTarget(rootBlock)) return false;
  setRoot(switchBlock);
  return true;
}

/** Leads the edge of block `b` kept in `field` through the switch. */
export function redirect(b: usize, field: usize, via: usize): bool {
  const target = load<i32>(b + field);
  if (!addSwitchTarget(target)) return false;
  store<i32>(b + via, target + 1);
  store<i32>(b + field, switchBlock);
  return true;
}
