// Floating-point arithmetic of the F and D extensions on bit patterns: what the core calls.
// Source: RISC-V Unprivileged ISA 20191213, chapters 11 and 12; IEEE 754-2008.
//
// rm is resolved (0 RNE, 1 RTZ, 2 RDN, 3 RUP, 4 RMM); flags accrue in the low bits of the FCSR cell. Values are
// u32 (binary32, unboxed: NaN boxing is the caller's) and u64; results for x registers are u64, extended to XLEN.
//   f64_add f64_sub f64_mul f64_div (a, b, rm)   f64_sqrt (a, rm)   f64_mulAdd (a, b, c, rm) = a * b + c
//   f64_eq f64_lt f64_le (a, b): 0 or 1          f64_min f64_max (a, b)       f64_classify (a)
//   f64_to_i32 f64_to_u32 f64_to_i64 f64_to_u64 (a, rm)     the same with f32_
//   i64_to_f64 u64_to_f64 i64_to_f32 u64_to_f32 i32_to_f32 u32_to_f32 (integer, rm)
//   f64_to_f32 (a, rm)                           exact ones: f32_to_f64 (a), i32_to_f64 (i), u32_to_f64 (i)
// fmsub negates c, fnmsub a, fnmadd a and c by their sign bits before f*_mulAdd; a NaN's sign does not matter.
// Most are @inline fast paths (fast.ts, fast-fma.ts) over the soft versions in add, mul, div-sqrt, fma, round.
export {
  f32_add, f32_sub, f32_mul, f32_div, f32_sqrt, f64_add, f64_sub, f64_mul, f64_div, f64_sqrt, f64_to_f32,
} from "./fast";
export { f32_mulAdd, f64_mulAdd } from "./fast-fma";
export {
  f32_eq, f32_lt, f32_le, f32_min, f32_max, f32_classify, f64_eq, f64_lt, f64_le, f64_min, f64_max, f64_classify,
} from "./compare";
export {
  f32_to_i32, f32_to_u32, f32_to_i64, f32_to_u64, f64_to_i32, f64_to_u32, f64_to_i64, f64_to_u64,
  i32_to_f32, u32_to_f32, i64_to_f32, u64_to_f32, i32_to_f64, u32_to_f64, i64_to_f64, u64_to_f64, f32_to_f64,
} from "./convert";
