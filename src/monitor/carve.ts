// Memory of the machine, carved into regions: who owns which bytes. First fit, sorted by address.
// Invariant: regions are disjoint, inside the range given, aligned as asked; free ranges are merged.
// Must not touch memory: clearing is the owner's duty (cvm.ts), so that this file can be tested alone.

export interface Region {
  /** Absolute guest address. */
  readonly base: number;
  readonly sizeBytes: number;
}

export const regionEnd = (region: Region): number => region.base + region.sizeBytes;

export class Carver {
  readonly #range: Region;
  #free: Region[];

  constructor(range: Region) {
    this.#range = range;
    this.#free = [range];
  }

  get freeBytes(): number {
    return this.#free.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  }

  /** The lowest place for `sizeBytes` at a multiple of `alignment` (a power of two), or undefined: no room. */
  allocate(sizeBytes: number, alignment = 16): Region | undefined {
    if (!Number.isSafeInteger(sizeBytes) || sizeBytes <= 0) return undefined;
    for (let index = 0; index < this.#free.length; index++) {
      const hole = this.#free[index];
      const base = Math.ceil(hole.base / alignment) * alignment;
      if (base + sizeBytes > regionEnd(hole)) continue;
      const region = { base, sizeBytes };
      this.#free.splice(index, 1, ...remainders(hole, region));
      return region;
    }
    return undefined;
  }

  /** Gives a region back. The monitor's own mistake (not allocated, given back twice) is refused with `false`. */
  release(region: Region): boolean {
    if (region.sizeBytes <= 0 || region.base < this.#range.base || regionEnd(region) > regionEnd(this.#range))
      return false;
    let index = this.#free.findIndex(({ base }) => base > region.base);
    if (index < 0) index = this.#free.length;
    const before = this.#free[index - 1];
    const after = this.#free[index];
    if (before !== undefined && regionEnd(before) > region.base) return false;
    if (after !== undefined && regionEnd(region) > after.base) return false;
    const joinsBefore = before !== undefined && regionEnd(before) === region.base;
    const joinsAfter = after !== undefined && after.base === regionEnd(region);
    const base = joinsBefore ? before.base : region.base;
    const end = joinsAfter ? regionEnd(after) : regionEnd(region);
    const from = joinsBefore ? index - 1 : index;
    this.#free.splice(from, Number(joinsBefore) + Number(joinsAfter), { base, sizeBytes: end - base });
    return true;
  }
}

function remainders(hole: Region, taken: Region): Region[] {
  const low = { base: hole.base, sizeBytes: taken.base - hole.base };
  const high = { base: regionEnd(taken), sizeBytes: regionEnd(hole) - regionEnd(taken) };
  return [low, high].filter(({ sizeBytes }) => sizeBytes > 0);
}
