// What the generated dispatch (generated/execute) needs around it: ways out of execute() and the test for plain jumps.
import { LEFT, PC, PCC_PAGE_LENGTH, PCC_PAGE_LOW, PENDING, PENDING_TRAP } from "./layout";

/** Leaves with the given pc; `left` instructions may still retire. */
export function leaveAt(pc: u64, left: i32): void {
  store<u64>(PC, pc);
  store<i64>(LEFT, left);
}

/** Leaves before the instruction of `record`: it trapped and does not retire. */
export function leaveBefore(record: usize, delta: u64, left: i32): void {
  leaveAt(<u64>(record >> 3) + delta, left + 1);
}

/** Leaves before or after the instruction of `record`, as PENDING says. */
export function leaveAfter(record: usize, delta: u64, left: i32, length: u32): void {
  if (load<u32>(PENDING) == PENDING_TRAP) leaveBefore(record, delta, left);
  else leaveAt(<u64>(record >> 3) + delta + length, left);
}

/** Leaves after a jumping instruction, whose handler has written PC if it did not trap. */
export function leaveJump(left: i32): void {
  if (load<u32>(PENDING) != PENDING_TRAP) store<i64>(LEFT, left);
}

/** The page of `target` lies wholly inside a usable PCC. */
// @ts-ignore: decorator
@inline
export function insidePcc(target: u64): bool {
  return target - load<u64>(PCC_PAGE_LOW) < load<u64>(PCC_PAGE_LENGTH);
}
