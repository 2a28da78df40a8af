// RV64F and RV64D (Unprivileged chapters 11 and 12), without loads and stores.
// Values of single precision live NaN-boxed; `single(fs1)` unboxes, results of kind f4 are boxed by the writer.
import { f7, f7rs2, fp, fpRs2, OPCODE, r4 } from "./encode.ts";
import type { Pattern } from "./encode.ts";
import type { Instruction, Operation } from "./instruction.ts";

export const FLOAT_INSTRUCTIONS: Instruction[] = [];
export const FLOAT_OPERATIONS: Operation[] = [];

type Destination = "x" | "f4" | "f8";

function row(name: string, syntax: string, pattern: Pattern, to: Destination, value: string, rounds: boolean, flags: boolean, section: string, rs3 = false): void {
  FLOAT_INSTRUCTIONS.push({ name, syntax: rounds ? `${syntax}, rm` : syntax, ...pattern, mode: "any", immediate: rs3 ? "rm+rs3" : "rm", operation: name, section });
  FLOAT_OPERATIONS.push({ name, semantics: { kind: "float", value, to, rounds, flags } });
}

const { OP_FP } = OPCODE;

for (const [letter, format, prefix, chapter] of [["s", 0, "f32", 11], ["d", 1, "f64", 12]] as const) {
  const to: Destination = format === 0 ? "f4" : "f8";
  const a = format === 0 ? "single(fs1)" : "fs1";
  const b = format === 0 ? "single(fs2)" : "fs2";
  const c = format === 0 ? "single(fs3)" : "fs3";
  const negate = (operand: string): string => `${prefix}_negate(${operand})`;

  for (const [name, funct5] of [["add", 0], ["sub", 1], ["mul", 2], ["div", 3]] as const) {
    row(`f${name}.${letter}`, "fd, fs1, fs2", fp((funct5 << 2) | format), to, `${prefix}_${name}(${a}, ${b}, rm)`, true, true, `${chapter}.6`);
  }
  row(`fsqrt.${letter}`, "fd, fs1", fpRs2(0x2c | format, 0), to, `${prefix}_sqrt(${a}, rm)`, true, true, `${chapter}.6`);
  for (const [name, opcode, product, addend] of [
    ["fmadd", OPCODE.MADD, a, c], ["fmsub", OPCODE.MSUB, a, negate(c)],
    ["fnmsub", OPCODE.NMSUB, negate(a), c], ["fnmadd", OPCODE.NMADD, negate(a), negate(c)],
  ] as const) {
    row(`${name}.${letter}`, "fd, fs1, fs2, fs3", r4(opcode, format), to, `${prefix}_mulAdd(${product}, ${b}, ${addend}, rm)`, true, true, `${chapter}.6`, true);
  }
  for (const [name, funct3] of [["fsgnj", 0], ["fsgnjn", 1], ["fsgnjx", 2]] as const) {
    row(`${name}.${letter}`, "fd, fs1, fs2", f7(OP_FP, funct3, 0x10 | format), to, `${prefix}_${name.slice(1)}(${a}, ${b})`, false, false, `${chapter}.7`);
  }
  for (const [name, funct3] of [["min", 0], ["max", 1]] as const) {
    row(`f${name}.${letter}`, "fd, fs1, fs2", f7(OP_FP, funct3, 0x14 | format), to, `${prefix}_${name}(${a}, ${b})`, false, true, `${chapter}.6`);
  }
  for (const [name, funct3] of [["le", 0], ["lt", 1], ["eq", 2]] as const) {
    row(`f${name}.${letter}`, "rd, fs1, fs2", f7(OP_FP, funct3, 0x50 | format), "x", `${prefix}_${name}(${a}, ${b})`, false, true, `${chapter}.8`);
  }
  row(`fclass.${letter}`, "rd, fs1", f7rs2(OP_FP, 1, 0x70 | format, 0), "x", `${prefix}_classify(${a})`, false, false, `${chapter}.9`);
  for (const [suffix, rs2, type] of [["w", 0, "i32"], ["wu", 1, "u32"], ["l", 2, "i64"], ["lu", 3, "u64"]] as const) {
    row(`fcvt.${suffix}.${letter}`, "rd, fs1", fpRs2(0x60 | format, rs2), "x", `${prefix}_to_${type}(${a}, rm)`, true, true, `${chapter}.7`);
    row(`fcvt.${letter}.${suffix}`, "fd, rs1", fpRs2(0x68 | format, rs2), to, `${type}_to_${prefix}(rs1, rm)`, true, true, `${chapter}.7`);
  }
}
row("fcvt.s.d", "fd, fs1", fpRs2(0x20, 1), "f4", "f64_to_f32(fs1, rm)", true, true, "12.5");
row("fcvt.d.s", "fd, fs1", fpRs2(0x21, 0), "f8", "f32_to_f64(single(fs1))", true, true, "12.5");
row("fmv.x.w", "rd, fs1", f7rs2(OP_FP, 0, 0x70, 0), "x", "i64.extend32_s(fs1)", false, false, "11.7");
row("fmv.w.x", "fd, rs1", f7rs2(OP_FP, 0, 0x78, 0), "f4", "i32.wrap_i64(rs1)", false, false, "11.7");
row("fmv.x.d", "rd, fs1", f7rs2(OP_FP, 0, 0x71, 0), "x", "fs1", false, false, "12.5");
row("fmv.d.x", "fd, rs1", f7rs2(OP_FP, 0, 0x79, 0), "f8", "rs1", false, false, "12.5");
