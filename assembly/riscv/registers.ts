// Integer and floating-point register access by byte offset, as decoded records hold them.
import { X, F, CAP_STATE } from "../layout";

/** Value of the integer register whose struct lies `offset` bytes from X. */
// @ts-ignore: decorator
@inline
export function readX(offset: usize): u64 {
  return load<u64>(X + offset);
}

/** Integer write: the register becomes an untagged, null-derived value without access windows. */
// @ts-ignore: decorator
@inline
export function writeX(offset: usize, value: u64): void {
  store<u64>(X + offset, value);
  store<u64>(X + offset, 0, CAP_STATE);
}

// @ts-ignore: decorator
@inline
export function readF(offset: usize): u64 {
  return load<u64>(F + offset);
}

// @ts-ignore: decorator
@inline
export function writeF(offset: usize, value: u64): void {
  store<u64>(F + offset, value);
}
