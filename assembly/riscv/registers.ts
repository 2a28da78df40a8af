// Integer and floating-point register access by byte offset, as decoded records hold them. The constants are immediate
// offsets of the memory instructions: an addition less per operand.
import { X, F, CAP_STATE } from "../layout";

/** Value of the integer register whose struct lies `offset` bytes from X. */
// @ts-ignore: decorator
@inline
export function readX(offset: usize): u64 {
  return load<u64>(offset, X);
}

/** Integer write: the register becomes an untagged, null-derived value without access windows. */
// @ts-ignore: decorator
@inline
export function writeX(offset: usize, value: u64): void {
  store<u64>(offset, value, X);
  store<u64>(offset, 0, X + CAP_STATE);
}

// @ts-ignore: decorator
@inline
export function readF(offset: usize): u64 {
  return load<u64>(offset, F);
}

// @ts-ignore: decorator
@inline
export function writeF(offset: usize, value: u64): void {
  store<u64>(offset, value, F);
}
