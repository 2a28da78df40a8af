// Operands of the instruction functions: the register structs that a decoded record names (layout.ts).
import { DDC, RECORD_RD, RECORD_RS1, RECORD_RS2, X } from "../layout";

/** Destination; the sink if the instruction names register 0. */
// @ts-ignore: decorator
@inline
export function cd(record: usize): usize {
  return X + load<u16>(record, RECORD_RD);
}

// @ts-ignore: decorator
@inline
export function cs1(record: usize): usize {
  return X + load<u16>(record, RECORD_RS1);
}

// @ts-ignore: decorator
@inline
export function cs2(record: usize): usize {
  return X + load<u16>(record, RECORD_RS2);
}

/** For the instructions in which c0 as cs1 means DDC. */
// @ts-ignore: decorator
@inline
export function cs1OrDDC(record: usize): usize {
  return load<u16>(record, RECORD_RS1) ? cs1(record) : DDC;
}

/** For CToPtr, in which c0 as cs2 means DDC. */
// @ts-ignore: decorator
@inline
export function cs2OrDDC(record: usize): usize {
  return load<u16>(record, RECORD_RS2) ? cs2(record) : DDC;
}

/** Register number of cs1 and cs2 for xtval. */
// @ts-ignore: decorator
@inline
export function numberOf(ptr: usize): u32 {
  return <u32>((ptr - X) >>> 6);
}
