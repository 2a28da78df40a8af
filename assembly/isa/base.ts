// RV64I, M, Zicsr, Zifencei and the privileged instructions.
// Source: RISC-V Unprivileged 20191213 chapters 2, 3, 5, 7, 9; Privileged 1.12 chapter 3.3.
import { f3, f7, op, OPCODE, shift6, word } from "./encode.ts";
import type { Pattern } from "./encode.ts";
import type { ImmediateFormat, Instruction, Mode, Operation, Semantics } from "./instruction.ts";

export const BASE_INSTRUCTIONS: Instruction[] = [];
export const BASE_OPERATIONS: Operation[] = [];

function row(name: string, syntax: string, pattern: Pattern, immediate: ImmediateFormat, semantics: Semantics, section: string, mode: Mode = "any"): void {
  BASE_INSTRUCTIONS.push({ name, syntax, ...pattern, mode, immediate, operation: name, section });
  BASE_OPERATIONS.push({ name, semantics });
}

const register = (name: string, opcode: number, funct3: number, funct7: number, value: string, section: string): void =>
  row(name, "rd, rs1, rs2", f7(opcode, funct3, funct7), "none", { kind: "alu", value }, section);

const immediate = (name: string, opcode: number, funct3: number, value: string): void =>
  row(name, "rd, rs1, imm", f3(opcode, funct3), "I", { kind: "alu", value }, "2.4.1");

const branch = (name: string, funct3: number, taken: string): void =>
  row(name, "rs1, rs2, offset", f3(OPCODE.BRANCH, funct3), "B", { kind: "branch", taken }, "2.5");

const { OP, OP_32, OP_IMM, OP_IMM_32, SYSTEM } = OPCODE;

row("lui", "rd, uimm20", op(OPCODE.LUI), "U", { kind: "alu", value: "imm" }, "2.4.1");
row("auipc", "rd, uimm20", op(OPCODE.AUIPC), "U", { kind: "alu", value: "i64.add(pc, imm)" }, "2.4.1", "int");
row("jal", "rd, offset", op(OPCODE.JAL), "J", { kind: "jal" }, "2.5", "int");
row("jalr", "rd, imm(rs1)", f3(OPCODE.JALR, 0), "I", { kind: "jalr" }, "2.5", "int");

branch("beq", 0, "i64.eq(rs1, rs2)");
branch("bne", 1, "i64.ne(rs1, rs2)");
branch("blt", 4, "i64.lt_s(rs1, rs2)");
branch("bge", 5, "i64.ge_s(rs1, rs2)");
branch("bltu", 6, "i64.lt_u(rs1, rs2)");
branch("bgeu", 7, "i64.ge_u(rs1, rs2)");

immediate("addi", OP_IMM, 0, "i64.add(rs1, imm)");
immediate("slti", OP_IMM, 2, "i64.extend_i32_u(i64.lt_s(rs1, imm))");
immediate("sltiu", OP_IMM, 3, "i64.extend_i32_u(i64.lt_u(rs1, imm))");
immediate("xori", OP_IMM, 4, "i64.xor(rs1, imm)");
immediate("ori", OP_IMM, 6, "i64.or(rs1, imm)");
immediate("andi", OP_IMM, 7, "i64.and(rs1, imm)");
row("slli", "rd, rs1, shamt", shift6(OP_IMM, 1, 0x00), "shamt6", { kind: "alu", value: "i64.shl(rs1, imm)" }, "5.2");
row("srli", "rd, rs1, shamt", shift6(OP_IMM, 5, 0x00), "shamt6", { kind: "alu", value: "i64.shr_u(rs1, imm)" }, "5.2");
row("srai", "rd, rs1, shamt", shift6(OP_IMM, 5, 0x10), "shamt6", { kind: "alu", value: "i64.shr_s(rs1, imm)" }, "5.2");

register("add", OP, 0, 0x00, "i64.add(rs1, rs2)", "2.4.2");
register("sub", OP, 0, 0x20, "i64.sub(rs1, rs2)", "2.4.2");
register("sll", OP, 1, 0x00, "i64.shl(rs1, rs2)", "5.2");
register("slt", OP, 2, 0x00, "i64.extend_i32_u(i64.lt_s(rs1, rs2))", "2.4.2");
register("sltu", OP, 3, 0x00, "i64.extend_i32_u(i64.lt_u(rs1, rs2))", "2.4.2");
register("xor", OP, 4, 0x00, "i64.xor(rs1, rs2)", "2.4.2");
register("srl", OP, 5, 0x00, "i64.shr_u(rs1, rs2)", "5.2");
register("sra", OP, 5, 0x20, "i64.shr_s(rs1, rs2)", "5.2");
register("or", OP, 6, 0x00, "i64.or(rs1, rs2)", "2.4.2");
register("and", OP, 7, 0x00, "i64.and(rs1, rs2)", "2.4.2");

immediate("addiw", OP_IMM_32, 0, "i64.extend_i32_s(i32.add(i32.wrap_i64(rs1), i32.wrap_i64(imm)))");
row("slliw", "rd, rs1, shamt", f7(OP_IMM_32, 1, 0x00), "shamt5", { kind: "alu", value: "i64.extend_i32_s(i32.shl(i32.wrap_i64(rs1), i32.wrap_i64(imm)))" }, "5.2");
row("srliw", "rd, rs1, shamt", f7(OP_IMM_32, 5, 0x00), "shamt5", { kind: "alu", value: "i64.extend_i32_s(i32.shr_u(i32.wrap_i64(rs1), i32.wrap_i64(imm)))" }, "5.2");
row("sraiw", "rd, rs1, shamt", f7(OP_IMM_32, 5, 0x20), "shamt5", { kind: "alu", value: "i64.extend_i32_s(i32.shr_s(i32.wrap_i64(rs1), i32.wrap_i64(imm)))" }, "5.2");
register("addw", OP_32, 0, 0x00, "i64.extend_i32_s(i32.add(i32.wrap_i64(rs1), i32.wrap_i64(rs2)))", "5.2");
register("subw", OP_32, 0, 0x20, "i64.extend_i32_s(i32.sub(i32.wrap_i64(rs1), i32.wrap_i64(rs2)))", "5.2");
register("sllw", OP_32, 1, 0x00, "i64.extend_i32_s(i32.shl(i32.wrap_i64(rs1), i32.wrap_i64(rs2)))", "5.2");
register("srlw", OP_32, 5, 0x00, "i64.extend_i32_s(i32.shr_u(i32.wrap_i64(rs1), i32.wrap_i64(rs2)))", "5.2");
register("sraw", OP_32, 5, 0x20, "i64.extend_i32_s(i32.shr_s(i32.wrap_i64(rs1), i32.wrap_i64(rs2)))", "5.2");

// M: products of 64 × 64 bits are functions. Divisions by 0 and overflows (by -1) have results: 1 is divided by instead.
const byZero = (divisor: string, result: string, value: (safe: string) => string): string =>
  `select(${result}, ${value(`select(i64.const(1), ${divisor}, i64.eqz(${divisor}))`)}, i64.eqz(${divisor}))`;
const bySmall = (forZero: string, forMinusOne: string, value: (safe: string) => string): string => {
  const isSmall = "i64.lt_u(i64.add(rs2, i64.const(1)), i64.const(2))";
  return `select(select(${forZero}, ${forMinusOne}, i64.eqz(rs2)), ${value(`select(i64.const(1), rs2, ${isSmall})`)}, ${isSmall})`;
};
const signedWord = (value: string): string => `i64.extend32_s(${value})`;
const unsignedWord = (value: string): string => `i64.extend_i32_u(i32.wrap_i64(${value}))`;
const [signedA, signedB, unsignedA, unsignedB] = [signedWord("rs1"), signedWord("rs2"), unsignedWord("rs1"), unsignedWord("rs2")];
register("mul", OP, 0, 0x01, "i64.mul(rs1, rs2)", "7.1");
register("mulh", OP, 1, 0x01, "mulh(rs1, rs2)", "7.1");
register("mulhsu", OP, 2, 0x01, "mulhsu(rs1, rs2)", "7.1");
register("mulhu", OP, 3, 0x01, "mulhu(rs1, rs2)", "7.1");
register("div", OP, 4, 0x01, bySmall("i64.const(-1)", "i64.sub(i64.const(0), rs1)", (safe) => `i64.div_s(rs1, ${safe})`), "7.2");
register("divu", OP, 5, 0x01, byZero("rs2", "i64.const(-1)", (safe) => `i64.div_u(rs1, ${safe})`), "7.2");
register("rem", OP, 6, 0x01, bySmall("rs1", "i64.const(0)", (safe) => `i64.rem_s(rs1, ${safe})`), "7.2");
register("remu", OP, 7, 0x01, byZero("rs2", "rs1", (safe) => `i64.rem_u(rs1, ${safe})`), "7.2");
register("mulw", OP_32, 0, 0x01, "i64.extend_i32_s(i32.mul(i32.wrap_i64(rs1), i32.wrap_i64(rs2)))", "7.1");
register("divw", OP_32, 4, 0x01, signedWord(byZero(signedB, "i64.const(-1)", (safe) => `i64.div_s(${signedA}, ${safe})`)), "7.2");
register("divuw", OP_32, 5, 0x01, signedWord(byZero(unsignedB, "i64.const(-1)", (safe) => `i64.div_u(${unsignedA}, ${safe})`)), "7.2");
register("remw", OP_32, 6, 0x01, signedWord(byZero(signedB, "rs1", (safe) => `i64.rem_s(${signedA}, ${safe})`)), "7.2");
register("remuw", OP_32, 7, 0x01, signedWord(byZero(unsignedB, "rs1", (safe) => `i64.rem_u(${unsignedA}, ${safe})`)), "7.2");

row("fence", "fence", f3(OPCODE.MISC_MEM, 0), "none", { kind: "nop" }, "2.7");
// Fetches are coherent with stores (decode-cache.ts), so there is nothing to wait for.
row("fence.i", "", f3(OPCODE.MISC_MEM, 1), "none", { kind: "nop" }, "3.1");

const system = (name: string, functionName: string, pattern: Pattern, effect: "state" | "jump", syntax = "", section = "P 3.3"): void =>
  row(name, syntax, pattern, "none", { kind: "call", function: functionName, module: "../riscv/privileged", effect }, section);

system("ecall", "executeECALL", word(0x00000073), "state", "", "2.8");
system("ebreak", "executeEBREAK", word(0x00100073), "state", "", "2.8");
system("uret", "executeURET", word(0x00200073), "jump", "", "N");
system("sret", "executeSRET", word(0x10200073), "jump");
system("mret", "executeMRET", word(0x30200073), "jump");
system("wfi", "executeWFI", word(0x10500073), "state");
system("sfence.vma", "executeSFENCEVMA", { match: 0x12000073, mask: 0xfe007fff }, "state", "rs1, rs2", "P 4.2.1");

for (const [name, funct3, functionName] of [
  ["csrrw", 1, "executeCSRRW"], ["csrrs", 2, "executeCSRRS"], ["csrrc", 3, "executeCSRRC"],
  ["csrrwi", 5, "executeCSRRWI"], ["csrrsi", 6, "executeCSRRSI"], ["csrrci", 7, "executeCSRRCI"],
] as const) {
  row(name, funct3 < 4 ? "rd, csr, rs1" : "rd, csr, zimm", f3(SYSTEM, funct3), "csr",
    { kind: "call", function: functionName, module: "../riscv/csr", effect: "state" }, "9.1");
}
