// Zba, Zbb and Zbs (Bit-Manipulation ISA-extensions 1.0.0): off unless the machine is configured with them.
import { f7, f7rs2, OPCODE, shift6 } from "./encode.ts";
import type { Pattern } from "./encode.ts";
import type { ImmediateFormat, Instruction, Operation } from "./instruction.ts";

export const BITMANIP_INSTRUCTIONS: Instruction[] = [];
export const BITMANIP_OPERATIONS: Operation[] = [];

function row(name: string, syntax: string, pattern: Pattern, immediate: ImmediateFormat, value: string, section: string): void {
  BITMANIP_INSTRUCTIONS.push({ name, syntax, ...pattern, mode: "any", immediate, operation: name, section, extension: "B" });
  BITMANIP_OPERATIONS.push({ name, semantics: { kind: "alu", value } });
}

const { OP, OP_32, OP_IMM, OP_IMM_32 } = OPCODE;
const register = (name: string, opcode: number, funct3: number, funct7: number, value: string): void =>
  row(name, "rd, rs1, rs2", f7(opcode, funct3, funct7), "none", value, `Zb ${name}`);
const unary = (name: string, opcode: number, funct3: number, funct7: number, rs2: number, value: string): void =>
  row(name, "rd, rs1", f7rs2(opcode, funct3, funct7, rs2), "none", value, `Zb ${name}`);
const shift = (name: string, opcode: number, funct3: number, funct6: number, value: string): void =>
  row(name, "rd, rs1, shamt", shift6(opcode, funct3, funct6), "shamt6", value, `Zb ${name}`);

// Zba
const unsignedWord = "i64.extend_i32_u(i32.wrap_i64(rs1))";
register("add.uw", OP_32, 0, 0x04, `i64.add(${unsignedWord}, rs2)`);
for (const [n, funct3] of [[1, 2], [2, 4], [3, 6]] as const) {
  register(`sh${n}add`, OP, funct3, 0x10, `i64.add(i64.shl(rs1, i64.const(${n})), rs2)`);
  register(`sh${n}add.uw`, OP_32, funct3, 0x10, `i64.add(i64.shl(${unsignedWord}, i64.const(${n})), rs2)`);
}
shift("slli.uw", OP_IMM_32, 1, 0x02, `i64.shl(${unsignedWord}, imm)`);

// Zbb
register("andn", OP, 7, 0x20, "i64.and(rs1, i64.xor(rs2, i64.const(-1)))");
register("orn", OP, 6, 0x20, "i64.or(rs1, i64.xor(rs2, i64.const(-1)))");
register("xnor", OP, 4, 0x20, "i64.xor(rs1, i64.xor(rs2, i64.const(-1)))");
register("min", OP, 4, 0x05, "select(rs1, rs2, i64.lt_s(rs1, rs2))");
register("minu", OP, 5, 0x05, "select(rs1, rs2, i64.lt_u(rs1, rs2))");
register("max", OP, 6, 0x05, "select(rs1, rs2, i64.gt_s(rs1, rs2))");
register("maxu", OP, 7, 0x05, "select(rs1, rs2, i64.gt_u(rs1, rs2))");
register("rol", OP, 1, 0x30, "i64.rotl(rs1, rs2)");
register("ror", OP, 5, 0x30, "i64.rotr(rs1, rs2)");
register("rolw", OP_32, 1, 0x30, "i64.extend_i32_s(i32.rotl(i32.wrap_i64(rs1), i32.wrap_i64(rs2)))");
register("rorw", OP_32, 5, 0x30, "i64.extend_i32_s(i32.rotr(i32.wrap_i64(rs1), i32.wrap_i64(rs2)))");
shift("rori", OP_IMM, 5, 0x18, "i64.rotr(rs1, imm)");
row("roriw", "rd, rs1, shamt", f7(OP_IMM_32, 5, 0x30), "shamt5", "i64.extend_i32_s(i32.rotr(i32.wrap_i64(rs1), i32.wrap_i64(imm)))", "Zb roriw");
unary("clz", OP_IMM, 1, 0x30, 0, "i64.clz(rs1)");
unary("ctz", OP_IMM, 1, 0x30, 1, "i64.ctz(rs1)");
unary("cpop", OP_IMM, 1, 0x30, 2, "i64.popcnt(rs1)");
unary("sext.b", OP_IMM, 1, 0x30, 4, "i64.extend8_s(rs1)");
unary("sext.h", OP_IMM, 1, 0x30, 5, "i64.extend16_s(rs1)");
unary("clzw", OP_IMM_32, 1, 0x30, 0, "i64.extend_i32_u(i32.clz(i32.wrap_i64(rs1)))");
unary("ctzw", OP_IMM_32, 1, 0x30, 1, "i64.extend_i32_u(i32.ctz(i32.wrap_i64(rs1)))");
unary("cpopw", OP_IMM_32, 1, 0x30, 2, "i64.extend_i32_u(i32.popcnt(i32.wrap_i64(rs1)))");
unary("zext.h", OP_32, 4, 0x04, 0, "i64.and(rs1, i64.const(65535))");
unary("rev8", OP_IMM, 5, 0x35, 24, "reverseBytes(rs1)");
unary("orc.b", OP_IMM, 5, 0x14, 7, "orCombineBytes(rs1)");

// Zbs
for (const [name, funct3, funct6, value] of [
  ["bclr", 1, 0x12, (index: string) => `i64.and(rs1, i64.xor(i64.shl(i64.const(1), ${index}), i64.const(-1)))`],
  ["bset", 1, 0x0a, (index: string) => `i64.or(rs1, i64.shl(i64.const(1), ${index}))`],
  ["binv", 1, 0x1a, (index: string) => `i64.xor(rs1, i64.shl(i64.const(1), ${index}))`],
  ["bext", 5, 0x12, (index: string) => `i64.and(i64.shr_u(rs1, ${index}), i64.const(1))`],
] as const) {
  register(name, OP, funct3, funct6 << 1, value("rs2"));
  shift(`${name}i`, OP_IMM, funct3, funct6, value("imm"));
}
