// The C extension (Unprivileged chapter 16) and its capability-mode forms (CHERI ISAv9): 16-bit encodings and the
// 32-bit instructions they stand for. Rows are tried in order; the first that matches wins.
import type { CompressedInstruction, CompressedRegister, Mode, Scatter } from "./instruction.ts";

export const COMPRESSED_INSTRUCTIONS: CompressedInstruction[] = [];

type Options = Omit<CompressedInstruction, "name" | "syntax" | "match" | "mask" | "mode" | "expansion" | "section">;

function row(name: string, syntax: string, match: number, mask: number, expansion: string, options: Options = {}, mode: Mode = "any", section = "16"): void {
  COMPRESSED_INSTRUCTIONS.push({ name, syntax, match, mask, mode, expansion, section, ...options });
}

const QUADRANT = 0xe003;
const FUNCT4_RS2 = 0xf07f;

// Immediates, as [from, width, to].
const WORD_OFFSET: Scatter = [[10, 3, 3], [6, 1, 2], [5, 1, 6]];
const DOUBLE_OFFSET: Scatter = [[10, 3, 3], [5, 2, 6]];
const CAP_OFFSET: Scatter = [[11, 2, 4], [10, 1, 8], [5, 2, 6]];
const WORD_SP_LOAD: Scatter = [[12, 1, 5], [4, 3, 2], [2, 2, 6]];
const DOUBLE_SP_LOAD: Scatter = [[12, 1, 5], [5, 2, 3], [2, 3, 6]];
const CAP_SP_LOAD: Scatter = [[12, 1, 5], [6, 1, 4], [2, 4, 6]];
const WORD_SP_STORE: Scatter = [[9, 4, 2], [7, 2, 6]];
const DOUBLE_SP_STORE: Scatter = [[10, 3, 3], [7, 3, 6]];
const CAP_SP_STORE: Scatter = [[11, 2, 4], [7, 4, 6]];
const IMMEDIATE6: Scatter = [[12, 1, 5], [2, 5, 0]];
const UPPER: Scatter = [[12, 1, 17], [2, 5, 12]];
const ADDI16SP: Scatter = [[12, 1, 9], [6, 1, 4], [5, 1, 6], [3, 2, 7], [2, 1, 5]];
const ADDI4SPN: Scatter = [[11, 2, 4], [7, 4, 6], [6, 1, 2], [5, 1, 3]];
const JUMP: Scatter = [[12, 1, 11], [11, 1, 4], [9, 2, 8], [8, 1, 10], [7, 1, 6], [6, 1, 7], [3, 3, 1], [2, 1, 5]];
const BRANCH: Scatter = [[12, 1, 8], [10, 2, 3], [5, 2, 6], [3, 2, 1], [2, 1, 5]];

const load = (name: string, funct3: number, expansion: string, rd: string, base: string, scatter: Scatter, mode: Mode): void =>
  row(name, `${rd}, imm(${base})`, funct3 << 13, QUADRANT, expansion, { rd: "rs2p", rs1: "rs1p", scatter }, mode);
const store = (name: string, funct3: number, expansion: string, rs2: string, base: string, scatter: Scatter, mode: Mode): void =>
  row(name, `${rs2}, imm(${base})`, funct3 << 13, QUADRANT, expansion, { rs2: "rs2p", rs1: "rs1p", scatter }, mode);

// Quadrant 0
row("c.addi4spn", "rd, sp, uimm", 0x0000, QUADRANT, "addi", { rd: "rs2p", rs1: 2, scatter: ADDI4SPN, reservedIf: ["imm=0"] }, "int");
row("c.cincoffset4cspn", "cd, csp, uimm", 0x0000, QUADRANT, "cincoffsetimm", { rd: "rs2p", rs1: 2, scatter: ADDI4SPN, reservedIf: ["imm=0"] }, "cap", "CHERI C");
load("c.fld", 1, "fld", "fd", "rs1", DOUBLE_OFFSET, "int");
load("c.clc", 1, "lc", "cd", "cs1", CAP_OFFSET, "cap");
load("c.lw", 2, "lw", "rd", "rs1", WORD_OFFSET, "any");
load("c.ld", 3, "ld", "rd", "rs1", DOUBLE_OFFSET, "any");
store("c.fsd", 5, "fsd", "fs2", "rs1", DOUBLE_OFFSET, "int");
store("c.csc", 5, "sc", "cs2", "cs1", CAP_OFFSET, "cap");
store("c.sw", 6, "sw", "rs2", "rs1", WORD_OFFSET, "any");
store("c.sd", 7, "sd", "rs2", "rs1", DOUBLE_OFFSET, "any");

// Quadrant 1
const arithmetic = (name: string, match: number, mask: number, expansion: string): void =>
  row(name, "rd, rs2", match, mask, expansion, { rd: "rs1p", rs1: "rs1p", rs2: "rs2p" });
row("c.nop", "imm", 0x0001, 0xef83, "addi", { rd: 0, rs1: 0, scatter: IMMEDIATE6, signed: true });
row("c.addi", "rd, imm", 0x0001, QUADRANT, "addi", { rd: "rd", rs1: "rd", scatter: IMMEDIATE6, signed: true, hintIfZero: true });
row("c.addiw", "rd, imm", 0x2001, QUADRANT, "addiw", { rd: "rd", rs1: "rd", scatter: IMMEDIATE6, signed: true, reservedIf: ["rd=0"] });
row("c.li", "rd, imm", 0x4001, QUADRANT, "addi", { rd: "rd", rs1: 0, scatter: IMMEDIATE6, signed: true });
row("c.addi16sp", "sp, imm", 0x6101, 0xef83, "addi", { rd: 2, rs1: 2, scatter: ADDI16SP, signed: true, reservedIf: ["imm=0"] }, "int");
row("c.cincoffset16csp", "csp, imm", 0x6101, 0xef83, "cincoffsetimm", { rd: 2, rs1: 2, scatter: ADDI16SP, signed: true, reservedIf: ["imm=0"] }, "cap", "CHERI C");
row("c.lui", "rd, uimm20", 0x6001, QUADRANT, "lui", { rd: "rd", scatter: UPPER, signed: true, reservedIf: ["imm=0"] });
row("c.srli", "rd, shamt", 0x8001, 0xec03, "srli", { rd: "rs1p", rs1: "rs1p", scatter: IMMEDIATE6, hintIfZero: true });
row("c.srai", "rd, shamt", 0x8401, 0xec03, "srai", { rd: "rs1p", rs1: "rs1p", scatter: IMMEDIATE6, hintIfZero: true });
row("c.andi", "rd, imm", 0x8801, 0xec03, "andi", { rd: "rs1p", rs1: "rs1p", scatter: IMMEDIATE6, signed: true });
arithmetic("c.sub", 0x8c01, 0xfc63, "sub");
arithmetic("c.xor", 0x8c21, 0xfc63, "xor");
arithmetic("c.or", 0x8c41, 0xfc63, "or");
arithmetic("c.and", 0x8c61, 0xfc63, "and");
arithmetic("c.subw", 0x9c01, 0xfc63, "subw");
arithmetic("c.addw", 0x9c21, 0xfc63, "addw");
row("c.j", "offset", 0xa001, QUADRANT, "jal", { rd: 0, scatter: JUMP, signed: true }, "int");
row("c.j", "offset", 0xa001, QUADRANT, "cjal", { rd: 0, scatter: JUMP, signed: true }, "cap");
row("c.beqz", "rs1, offset", 0xc001, QUADRANT, "beq", { rs1: "rs1p", rs2: 0, scatter: BRANCH, signed: true });
row("c.bnez", "rs1, offset", 0xe001, QUADRANT, "bne", { rs1: "rs1p", rs2: 0, scatter: BRANCH, signed: true });

// Quadrant 2
const spLoad = (name: string, funct3: number, expansion: string, rd: string, sp: string, scatter: Scatter, mode: Mode, reservedIf?: readonly ("rd=0")[]): void =>
  row(name, `${rd}, imm(${sp})`, (funct3 << 13) | 2, QUADRANT, expansion, { rd: "rd", rs1: 2, scatter, ...(reservedIf && { reservedIf }) }, mode);
const spStore = (name: string, funct3: number, expansion: string, rs2: string, sp: string, scatter: Scatter, mode: Mode): void =>
  row(name, `${rs2}, imm(${sp})`, (funct3 << 13) | 2, QUADRANT, expansion, { rs2: "rs2", rs1: 2, scatter }, mode);
row("c.slli", "rd, shamt", 0x0002, QUADRANT, "slli", { rd: "rd", rs1: "rd", scatter: IMMEDIATE6, hintIfZero: true });
spLoad("c.fldsp", 1, "fld", "fd", "sp", DOUBLE_SP_LOAD, "int");
spLoad("c.clcsp", 1, "lc", "cd", "csp", CAP_SP_LOAD, "cap", ["rd=0"]);
spLoad("c.lwsp", 2, "lw", "rd", "sp", WORD_SP_LOAD, "any", ["rd=0"]);
spLoad("c.ldsp", 3, "ld", "rd", "sp", DOUBLE_SP_LOAD, "any", ["rd=0"]);
row("c.jr", "rs1", 0x8002, FUNCT4_RS2, "jalr", { rd: 0, rs1: "rd", reservedIf: ["rd=0"] }, "int");
row("c.cjr", "cs1", 0x8002, FUNCT4_RS2, "cjalr", { rd: 0, rs1: "rd", reservedIf: ["rd=0"] }, "cap", "CHERI C");
row("c.mv", "rd, rs2", 0x8002, 0xf003, "add", { rd: "rd", rs1: 0, rs2: "rs2" });
row("c.ebreak", "", 0x9002, 0xffff, "ebreak");
row("c.jalr", "rs1", 0x9002, FUNCT4_RS2, "jalr", { rd: 1, rs1: "rd" }, "int");
row("c.cjalr", "cs1", 0x9002, FUNCT4_RS2, "cjalr", { rd: 1, rs1: "rd" }, "cap", "CHERI C");
row("c.add", "rd, rs2", 0x9002, 0xf003, "add", { rd: "rd", rs1: "rd", rs2: "rs2" });
spStore("c.fsdsp", 5, "fsd", "fs2", "sp", DOUBLE_SP_STORE, "int");
spStore("c.cscsp", 5, "sc", "cs2", "csp", CAP_SP_STORE, "cap");
spStore("c.swsp", 6, "sw", "rs2", "sp", WORD_SP_STORE, "any");
spStore("c.sdsp", 7, "sd", "rs2", "sp", DOUBLE_SP_STORE, "any");

/** Value of a register field of a 16-bit encoding, or the fixed number. */
export function compressedRegister(register: CompressedRegister, parcel: number): number {
  switch (register) {
    case "rd": return (parcel >> 7) & 31;
    case "rs2": return (parcel >> 2) & 31;
    case "rdp":
    case "rs1p": return 8 + ((parcel >> 7) & 7);
    case "rs2p": return 8 + ((parcel >> 2) & 7);
    default: return register;
  }
}
