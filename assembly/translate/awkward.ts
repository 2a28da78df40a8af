// Capability accesses and derivations that the fast paths do not take, as found by running them: a window is whole granules, a
// capability may be less. Regions are made anew with the core's help for those alone. Only grows until everything is dropped.
import { AWKWARD_COPY } from "./copies";
import { isPartial } from "./derivations";
import { isCapabilityAccess } from "./describe";
import { WORK_AWKWARD, WORK_POINTER } from "./map";

const MOST: u32 = 512;
let count: u32 = 0;

export function forgetAwkward(): void {
  count = 0;
}

// @ts-ignore: decorator
@inline
function at(index: u32): usize {
  return <usize>load<u32>(WORK_POINTER) + WORK_AWKWARD + (<usize>index << 2);
}

export function isAwkward(record: usize): bool {
  for (let i: u32 = 0; i < count; i++) {
    if (load<u32>(at(i)) == <u32>record) return true;
  }
  return false;
}

/** Notes the instruction in `record`, if it is of that kind, or marked as a copy's; true if that is news. */
export function noteAwkward(record: usize, description: u32): bool {
  const isCopy = (record & AWKWARD_COPY) != 0;
  if (!(isCopy || isPartial(description) || isCapabilityAccess(description)) || count == MOST || isAwkward(record)) return false;
  store<u32>(at(count++), <u32>record);
  return true;
}
