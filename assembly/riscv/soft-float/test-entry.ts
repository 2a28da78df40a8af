// Entry for tests/soft-float: everything the core calls, and the soft versions behind it under names ending
// in Soft, so that both can be checked against the same reference. No part of the core.
import { addSoft, subSoft } from "./add";
import { integerSoft } from "./convert";
import { divSoft, sqrtSoft } from "./div-sqrt";
import { mulAddSoft } from "./fma";
import { mulSoft } from "./mul";

export * from "./index";
export { f64_to_f32Soft } from "./convert";

export function f32_addSoft(a: u32, b: u32, rm: u32): u32 { return addSoft<u32>(a, b, rm); }
export function f64_addSoft(a: u64, b: u64, rm: u32): u64 { return addSoft<u64>(a, b, rm); }
export function f32_subSoft(a: u32, b: u32, rm: u32): u32 { return subSoft<u32>(a, b, rm); }
export function f64_subSoft(a: u64, b: u64, rm: u32): u64 { return subSoft<u64>(a, b, rm); }
export function f32_mulSoft(a: u32, b: u32, rm: u32): u32 { return mulSoft<u32>(a, b, rm); }
export function f64_mulSoft(a: u64, b: u64, rm: u32): u64 { return mulSoft<u64>(a, b, rm); }
export function f32_divSoft(a: u32, b: u32, rm: u32): u32 { return divSoft<u32>(a, b, rm); }
export function f64_divSoft(a: u64, b: u64, rm: u32): u64 { return divSoft<u64>(a, b, rm); }
export function f32_sqrtSoft(a: u32, rm: u32): u32 { return sqrtSoft<u32>(a, rm); }
export function f64_sqrtSoft(a: u64, rm: u32): u64 { return sqrtSoft<u64>(a, rm); }
export function f32_mulAddSoft(a: u32, b: u32, c: u32, rm: u32): u32 { return mulAddSoft<u32>(a, b, c, rm); }
export function f64_mulAddSoft(a: u64, b: u64, c: u64, rm: u32): u64 { return mulAddSoft<u64>(a, b, c, rm); }

/** Soft i64/u64 conversions; zero, which they leave to the fast path, goes through it. */
export function i64_to_f32Soft(a: i64, rm: u32): u32 {
  return a < 0 ? integerSoft<u32>(1, <u64>-a, rm) : u64_to_f32Soft(a, rm);
}
export function u64_to_f32Soft(a: u64, rm: u32): u32 { return a ? integerSoft<u32>(0, a, rm) : 0; }
export function i64_to_f64Soft(a: i64, rm: u32): u64 {
  return a < 0 ? integerSoft<u64>(1, <u64>-a, rm) : u64_to_f64Soft(a, rm);
}
export function u64_to_f64Soft(a: u64, rm: u32): u64 { return a ? integerSoft<u64>(0, a, rm) : 0; }
