// Code that has not run yet, by its records, stays out of a region: most of a program never does, and translating costs some
// thousand times what executing does. Regions that leave for such code after all are translated again, with what ran since.
import { HOT_PC, META_COLD, TRANSLATING, TRANSLATING_ALL } from "./map";
import { RECORD_OP } from "../layout";
import { extendLater } from "./targets";

/** Exits to cold code after which a region is made anew the first time; twice as many each time after that. */
const FIRST_EXTENSION: u32 = 256;
const MOST_DOUBLINGS: u32 = 8;
/** META_COLD: how often the region was made anew, above the number of exits since. */
const TIMES_AT: u32 = 24;
const EXITS: u32 = (1 << TIMES_AT) - 1;

/** Has the instruction of this record never been executed, nor been part of a region? */
export function isCold(record: usize): bool {
  return load<u16>(record, RECORD_OP) == 0 && load<u32>(TRANSLATING) != TRANSLATING_ALL;
}

/** A region leaves for code at `pc` that is not its own. */
export function noteColdExit(meta: usize, pc: u64): void {
  store<u64>(HOT_PC, pc); // for code that the region has no room for
  const cold = load<u32>(meta, META_COLD) + 1;
  store<u32>(meta, cold, META_COLD);
  const times = cold >> TIMES_AT;
  if ((cold & EXITS) < FIRST_EXTENSION << min(times, MOST_DOUBLINGS)) return;
  store<u32>(meta, min(times + 1, 255) << TIMES_AT, META_COLD);
  extendLater(meta);
}
