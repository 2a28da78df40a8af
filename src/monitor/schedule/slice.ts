// How long a turn lasts: a slice, and no longer than what ends it anyway.
import type { Thread } from '../thread.ts';

/** Instructions until the slice, the next call's time, or the cVM's quota or time is used up, whichever is first. */
export function instructionsOf({ cvm, limit }: Thread, slice: bigint, now: bigint): bigint {
  const { limits, instructions, diesAt } = cvm;
  let least = slice;
  if (limit !== undefined && limit - now < least) least = limit - now;
  if (limits.instructions !== undefined && limits.instructions - instructions < least)
    least = limits.instructions - instructions;
  if (diesAt !== undefined && diesAt - now < least) least = diesAt - now;
  return least;
}
