// Floating-point arithmetic of the F and D extensions on bit patterns: what the core calls.
// Source: RISC-V Unprivileged ISA 20191213, chapters 11 and 12; IEEE 754-2008.
//
// Values are u32 (binary32, unboxed: NaN boxing is the caller's) and u64. rm is resolved: 0 RNE, 1 RTZ, 2 RDN, 3 RUP,
// 4 RMM. Flags accrue in the low bits of the FCSR cell. Most functions are @inline fast paths (fast.ts, fast-fma.ts)
// over the soft versions (add, mul, div-sqrt, fma, convert, round).

// add, sub, mul, div (a, b, rm); sqrt (a, rm); f64_to_f32 (a, rm)
export {
  f32_add, f32_sub, f32_mul, f32_div, f32_sqrt, f64_add, f64_sub, f64_mul, f64_div, f64_sqrt, f64_to_f32,
} from "./fast";

// mulAdd (a, b, c, rm) = a * b + c. Flip sign bits of operands for the others: fmsub c, fnmsub a, fnmadd a and c;
// that is right for NaNs too.
export { f32_mulAdd, f64_mulAdd } from "./fast-fma";

// eq (quiet), lt, le (signaling) (a, b): u64 0 or 1; min, max (a, b); classify (a): u64
export {
  f32_eq, f32_lt, f32_le, f32_min, f32_max, f32_classify, f64_eq, f64_lt, f64_le, f64_min, f64_max, f64_classify,
} from "./compare";

// Float to integer (a, rm): u64 as the x register wants it, 32-bit results sign-extended. Integer to float
// (i32, u32, i64 or u64, rm); the exact ones, f32_to_f64, i32_to_f64 and u32_to_f64, take no rm.
export {
  f32_to_i32, f32_to_u32, f32_to_i64, f32_to_u64, f64_to_i32, f64_to_u32, f64_to_i64, f64_to_u64,
  i32_to_f32, u32_to_f32, i64_to_f32, u64_to_f32, i32_to_f64, u32_to_f64, i64_to_f64, u64_to_f64, f32_to_f64,
} from "./convert";
