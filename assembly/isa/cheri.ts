// CHERI-RISC-V ISAv9, opcode 0x5b, except memory accesses (memory.ts); and what capability mode makes of base encodings.
import { f3, f7, f7rd, f7rs2, op, OPCODE } from "./encode.ts";
import type { Pattern } from "./encode.ts";
import type { ImmediateFormat, Instruction, Mode, Operation } from "./instruction.ts";

export const CHERI_INSTRUCTIONS: Instruction[] = [];
export const CHERI_OPERATIONS: Operation[] = [];

type Effect = "plain" | "state" | "jump";

function row(name: string, syntax: string, pattern: Pattern, file: string, effect: Effect = "plain", immediate: ImmediateFormat = "none", mode: Mode = "any", functionName?: string): void {
  CHERI_INSTRUCTIONS.push({ name, syntax, ...pattern, mode, immediate, operation: name, section: `CHERI ${name}` });
  CHERI_OPERATIONS.push({
    name,
    semantics: { kind: "call", function: functionName ?? `execute${name.toUpperCase().replace(/\./g, "")}`, module: `../cheri/${file}`, effect },
  });
}

const CHERI = OPCODE.CHERI;
const two = (name: string, code: number, syntax: string, file: string, effect: Effect = "plain"): void =>
  row(name, syntax, f7rs2(CHERI, 0, 0x7f, code), file, effect);
const three = (name: string, funct7: number, syntax: string, file: string, effect: Effect = "plain"): void =>
  row(name, syntax, f7(CHERI, 0, funct7), file, effect);

two("cgetperm", 0x00, "rd, cs1", "inspect");
two("cgettype", 0x01, "rd, cs1", "inspect");
two("cgetbase", 0x02, "rd, cs1", "inspect");
two("cgetlen", 0x03, "rd, cs1", "inspect");
two("cgettag", 0x04, "rd, cs1", "inspect");
two("cgetsealed", 0x05, "rd, cs1", "inspect");
two("cgetoffset", 0x06, "rd, cs1", "inspect");
two("cgetflags", 0x07, "rd, cs1", "inspect");
two("crrl", 0x08, "rd, rs1", "inspect");
two("cram", 0x09, "rd, rs1", "inspect");
two("cmove", 0x0a, "cd, cs1", "derive");
two("ccleartag", 0x0b, "cd, cs1", "derive");
two("jalr.cap", 0x0c, "cd, cs1", "jump", "jump");
two("cclear", 0x0e, "quarter, mask", "clear");
two("cgetaddr", 0x0f, "rd, cs1", "inspect");
two("fpclear", 0x10, "quarter, mask", "clear", "state");
two("csealentry", 0x11, "cd, cs1", "seal");
two("jalr.pcc", 0x14, "rd, rs1", "jump", "jump");
two("cgethigh", 0x17, "rd, cs1", "inspect");
two("cgettop", 0x18, "rd, cs1", "inspect");

three("cspecialrw", 0x01, "cd, scr, cs1", "special", "state");
three("csetbounds", 0x08, "cd, cs1, rs2", "derive");
three("csetboundsexact", 0x09, "cd, cs1, rs2", "derive");
three("cseal", 0x0b, "cd, cs1, cs2", "seal");
three("cunseal", 0x0c, "cd, cs1, cs2", "seal");
three("candperm", 0x0d, "cd, cs1, rs2", "derive");
three("csetflags", 0x0e, "cd, cs1, rs2", "derive");
three("csetoffset", 0x0f, "cd, cs1, rs2", "derive");
three("csetaddr", 0x10, "cd, cs1, rs2", "derive");
three("cincoffset", 0x11, "cd, cs1, rs2", "derive");
three("ctoptr", 0x12, "rd, cs1, cs2", "derive");
three("cfromptr", 0x13, "cd, cs1, rs2", "derive");
three("csub", 0x14, "rd, cs1, cs2", "inspect");
three("csethigh", 0x16, "cd, cs1, rs2", "derive");
three("cbuildcap", 0x1d, "cd, cs1, cs2", "seal");
three("ccopytype", 0x1e, "cd, cs1, cs2", "seal");
three("ccseal", 0x1f, "cd, cs1, cs2", "seal");
three("ctestsubset", 0x20, "rd, cs1, cs2", "inspect");
three("cseqx", 0x21, "rd, cs1, cs2", "inspect");

row("cincoffsetimm", "cd, cs1, imm", f3(CHERI, 1), "derive", "plain", "I");
row("csetboundsimm", "cd, cs1, uimm12", f3(CHERI, 2), "derive", "plain", "uimm12");
row("cinvoke", "cs1, cs2", f7rd(CHERI, 0x7e, 1), "jump", "jump");

row("auipcc", "cd, uimm20", op(OPCODE.AUIPC), "jump", "state", "U", "cap");
row("cjal", "cd, offset", op(OPCODE.JAL), "jump", "jump", "J", "cap");
row("cjalr", "cd, imm(cs1)", f3(OPCODE.JALR, 0), "jump", "jump", "I", "cap");
