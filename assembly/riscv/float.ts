// What lies between the F and D instructions and soft-float: NaN boxing, sign operations, the state of mstatus.FS.
// Source: Unprivileged 11.2, 11.7, 12.2; Privileged 1.12 3.1.6.6.
import { MSTATUS } from "../layout";
import { writeF } from "./registers";
import { i32_to_f32 as convertI32ToF32, i32_to_f64 as convertI32ToF64, u32_to_f32 as convertU32ToF32, u32_to_f64 as convertU32ToF64 } from "./soft-float";
import { markFloatDirty, STATUS_FS } from "./status";
export {
  f32_add, f32_sub, f32_mul, f32_div, f32_sqrt, f64_add, f64_sub, f64_mul, f64_div, f64_sqrt, f64_to_f32,
  f32_mulAdd, f64_mulAdd, f32_eq, f32_lt, f32_le, f32_min, f32_max, f32_classify, f64_eq, f64_lt, f64_le, f64_min,
  f64_max, f64_classify, f32_to_i32, f32_to_u32, f32_to_i64, f32_to_u64, f64_to_i32, f64_to_u32, f64_to_i64,
  f64_to_u64, i64_to_f32, u64_to_f32, i64_to_f64, u64_to_f64, f32_to_f64,
} from "./soft-float";

/** mstatus.FS; its value Dirty has both bits set. */
export const MSTATUS_FS: u32 = <u32>STATUS_FS;

const BOX: u64 = 0xffffffff00000000;
const CANONICAL_NAN_32: u32 = 0x7fc00000;

/** The single in an f register: the canonical NaN unless properly boxed. */
// @ts-ignore: decorator
@inline
export function single(register: u64): u32 {
  return register >= BOX ? <u32>register : CANONICAL_NAN_32;
}

// @ts-ignore: decorator
@inline
export function writeF4(offset: usize, value: u32): void {
  writeF(offset, BOX | value);
}

/** Before an instruction that writes an f register: false if FS is Off, else FS becomes Dirty. */
export function dirtyFloat(): bool {
  if ((load<u64>(MSTATUS) & STATUS_FS) == 0) return false;
  markFloatDirty();
  return true;
}

// @ts-ignore: decorator
@inline
export function f32_negate(a: u32): u32 {
  return a ^ 0x80000000;
}

// @ts-ignore: decorator
@inline
export function f64_negate(a: u64): u64 {
  return a ^ 0x8000000000000000;
}

// @ts-ignore: decorator
@inline
export function f32_sgnj(a: u32, b: u32): u32 {
  return (a & 0x7fffffff) | (b & 0x80000000);
}

// @ts-ignore: decorator
@inline
export function f32_sgnjn(a: u32, b: u32): u32 {
  return (a & 0x7fffffff) | (~b & 0x80000000);
}

// @ts-ignore: decorator
@inline
export function f32_sgnjx(a: u32, b: u32): u32 {
  return a ^ (b & 0x80000000);
}

// @ts-ignore: decorator
@inline
export function f64_sgnj(a: u64, b: u64): u64 {
  return (a & 0x7fffffffffffffff) | (b & 0x8000000000000000);
}

// @ts-ignore: decorator
@inline
export function f64_sgnjn(a: u64, b: u64): u64 {
  return (a & 0x7fffffffffffffff) | (~b & 0x8000000000000000);
}

// @ts-ignore: decorator
@inline
export function f64_sgnjx(a: u64, b: u64): u64 {
  return a ^ (b & 0x8000000000000000);
}

// The conversions of 32-bit integers take the low half of the x register; to double they are exact, whatever rm says.
// @ts-ignore: decorator
@inline
export function i32_to_f32(a: u64, rm: u32): u32 {
  return convertI32ToF32(<i32>a, rm);
}

// @ts-ignore: decorator
@inline
export function u32_to_f32(a: u64, rm: u32): u32 {
  return convertU32ToF32(<u32>a, rm);
}

// @ts-ignore: decorator
@inline
export function i32_to_f64(a: u64, rm: u32): u64 {
  return convertI32ToF64(<i32>a);
}

// @ts-ignore: decorator
@inline
export function u32_to_f64(a: u64, rm: u32): u64 {
  return convertU32ToF64(<u32>a);
}
