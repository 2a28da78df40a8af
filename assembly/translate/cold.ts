// Code that has not run yet, by its records, stays out of a region: most of a program never does, and translating costs some
// thousand times what executing does. Regions that leave for such code after all are translated again, with what ran since.
import { META_COLD, TRANSLATING, TRANSLATING_ALL } from "./map";
import { RECORD_OP } from "../layout";
import { extendLater } from "./targets";

/** Exits to cold code after which a region is made anew the first time; twice as many each time after that. */
const FIRST_EXTENSION: u32 = 256;
const MOST_DOUBLINGS: u32 = 8;
/** META_COLD: how often the region was made anew, above whether it has no room for more, and the number of exits since. */
const TIMES_AT: u32 = 24;
const FULL: u32 = 1 << 23;
const EXITS: u32 = FULL - 1;
/** Regions made anew so often hold cold code, too. */
const COLD_WITH: u32 = 2;

let takesCold: bool = false;

/** Has the instruction of this record never been executed, nor been part of a region? */
export function isCold(record: usize): bool {
  return load<u16>(record, RECORD_OP) == 0 && !takesCold;
}

/** The region of `meta` is being made. */
export function beginCold(meta: usize): void {
  takesCold = load<u32>(TRANSLATING) == TRANSLATING_ALL || load<u32>(meta, META_COLD) >> TIMES_AT >= COLD_WITH;
}

export function noteRoom(meta: usize, isFull: bool): void {
  const cold = load<u32>(meta, META_COLD) & ~FULL;
  store<u32>(meta, isFull ? cold | FULL : cold, META_COLD);
}

export function hasRoom(meta: usize): bool {
  return (load<u32>(meta, META_COLD) & FULL) == 0;
}

/** The region that has just left for code that is not its own, 0 = none did. */
export let coldMeta: usize = 0;
export function forgetColdExit(): void { coldMeta = 0; }

/** A region leaves for such code. */
export function noteColdExit(meta: usize): void {
  coldMeta = meta;
  noteColdExits(meta, 1);
}

export function noteColdExits(meta: usize, exits: u32): void {
  const cold = load<u32>(meta, META_COLD);
  const sum = (cold & EXITS) + exits;
  const times = cold >> TIMES_AT;
  const isTime = sum >= FIRST_EXTENSION << min(times, MOST_DOUBLINGS);
  store<u32>(meta, isTime ? min(times + 1, 255) << TIMES_AT | cold & FULL : (cold & ~EXITS) + min(sum, EXITS), META_COLD);
  if (isTime) extendLater(meta);
}
