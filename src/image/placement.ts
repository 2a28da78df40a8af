// Gives every program and library of an image its addresses, the same for everyone who uses the image. Programs linked to
// fixed addresses come first: those that overlap go to different code objects. All others lie above them, each at a
// place of its own in every code object.
import type { ElfObject } from './elf-object.ts';
import { LOWEST_ADDRESS } from './elf-object.ts';
import { ImageError } from './errors.ts';
import { CODE_OBJECTS, PAGE } from './format.ts';

export interface Placed {
  readonly path: string;
  readonly object: ElfObject;
}

export interface Place {
  /** Where its lowest page lies. */
  readonly address: number;
  /** Bit k: its text is in code object k. */
  readonly mask: number;
}

export interface Placement {
  readonly places: readonly Place[];
  readonly codeEnd: number;
  readonly codeCount: number;
}

/** Places in the order of `objects`. Throws ImageError. */
export function placeObjects(objects: readonly Placed[]): Placement {
  const codes = fixedObjects(objects.filter(({ object }) => object.isFixed));
  const codeCount = Math.max(codes.length, objects.length > 0 ? 1 : 0);
  let end = Math.max(LOWEST_ADDRESS, ...codes.flat().map(({ object }) => object.high));
  const places = objects.map(({ object, path }): Place => {
    if (object.isFixed)
      return {
        address: object.low,
        mask: 1 << codes.findIndex((code) => code.some((fixed) => fixed.object === object)),
      };
    const address = Math.ceil(end / object.align) * object.align;
    end = address + object.high - object.low;
    if (end > ADDRESS_LIMIT) throw new ImageError(`${path}: programs and libraries take more than 2 GiB`);
    return { address, mask: 2 ** codeCount - 1 };
  });
  return { places, codeEnd: Math.ceil(end / PAGE) * PAGE, codeCount };
}

const ADDRESS_LIMIT = 2 ** 31;

/** First fit. */
function fixedObjects(objects: readonly Placed[]): Placed[][] {
  const codes: Placed[][] = [];
  for (const placed of objects) {
    const { object, path } = placed;
    const free = codes.find((code) =>
      code.every(({ object: other }) => object.high <= other.low || object.low >= other.high),
    );
    if (free !== undefined) free.push(placed);
    else if (codes.length < CODE_OBJECTS) codes.push([placed]);
    else
      throw new ImageError(`${path}: more than ${CODE_OBJECTS} programs of one image are linked to the same address`);
  }
  return codes;
}
