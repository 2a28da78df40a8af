// What the generated dispatch (generated/execute) needs around it: ways out of execute() and the test for plain jumps.
import { LEFT, PC, PCC_PAGE_LENGTH, PCC_PAGE_LOW, PENDING, PENDING_TRAP } from "./layout";

/** Leaves with the given pc; `left` instructions may still retire. */
export function leaveAt(pc: u64, left: i32): void {
  store<u64>(PC, pc);
  store<i64>(LEFT, left);
}

/**
 * Leaves after executeRest raised something, PC and LEFT being those before the instruction: a trap leaves them so,
 * a retired instruction does not. A jump (`advance` 0) has written PC itself.
 */
export function leaveRest(advance: u32, left: i32): void {
  if (load<u32>(PENDING) == PENDING_TRAP) return;
  store<u64>(PC, load<u64>(PC) + (advance >> 3));
  store<i64>(LEFT, left);
}

/** The page of `target` lies wholly inside a usable PCC. */
// @ts-ignore: decorator
@inline
export function insidePcc(target: u64): bool {
  return target - load<u64>(PCC_PAGE_LOW) < load<u64>(PCC_PAGE_LENGTH);
}
