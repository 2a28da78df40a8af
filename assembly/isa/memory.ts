// Loads, stores and atomics: plain encodings in both modes, the explicit .ddc and .cap forms of CHERI, and capabilities.
// Integer mode and .ddc go through DDC; capability mode and .cap through the capability in rs1.
// Source: Unprivileged 2.6, 5.3, 8, 11.5, 12.3; CHERI ISAv9 and its encodings (opcode 0x5b, funct7 0x7c and 0x7d).
import { amo, f3, f7rd, f7rs2, OPCODE } from "./encode.ts";
import type { Pattern } from "./encode.ts";
import type { ImmediateFormat, Instruction, Mode, Operation, Semantics } from "./instruction.ts";

export const MEMORY_INSTRUCTIONS: Instruction[] = [];
export const MEMORY_OPERATIONS: Operation[] = [];

type Authority = "ddc" | "cap";
const AUTHORITIES: readonly Authority[] = ["ddc", "cap"];
const modeOf = (authority: Authority): Mode => (authority === "ddc" ? "int" : "cap");
const base = (authority: Authority): string => (authority === "ddc" ? "rs1" : "cs1");

function instruction(name: string, syntax: string, pattern: Pattern, mode: Mode, immediate: ImmediateFormat, operation: string, section: string): void {
  MEMORY_INSTRUCTIONS.push({ name, syntax, ...pattern, mode, immediate, operation, section });
}
function operation(name: string, semantics: Semantics): void {
  MEMORY_OPERATIONS.push({ name, semantics });
}

interface Load {
  readonly name: string;
  readonly pattern: Pattern;
  readonly access: string;
  readonly sizeLog2: number;
  readonly to: "x" | "f4" | "f8" | "c";
  /** Function code of the explicit form, bits 24:20 without the .cap bit; none for f registers. */
  readonly explicit?: number;
  readonly section: string;
}

const LOADS: readonly Load[] = [
  { name: "lb", pattern: f3(OPCODE.LOAD, 0), access: "i64.load8_s", sizeLog2: 0, to: "x", explicit: 0x00, section: "2.6" },
  { name: "lh", pattern: f3(OPCODE.LOAD, 1), access: "i64.load16_s", sizeLog2: 1, to: "x", explicit: 0x01, section: "2.6" },
  { name: "lw", pattern: f3(OPCODE.LOAD, 2), access: "i64.load32_s", sizeLog2: 2, to: "x", explicit: 0x02, section: "2.6" },
  { name: "ld", pattern: f3(OPCODE.LOAD, 3), access: "i64.load", sizeLog2: 3, to: "x", explicit: 0x03, section: "5.3" },
  { name: "lbu", pattern: f3(OPCODE.LOAD, 4), access: "i64.load8_u", sizeLog2: 0, to: "x", explicit: 0x04, section: "2.6" },
  { name: "lhu", pattern: f3(OPCODE.LOAD, 5), access: "i64.load16_u", sizeLog2: 1, to: "x", explicit: 0x05, section: "2.6" },
  { name: "lwu", pattern: f3(OPCODE.LOAD, 6), access: "i64.load32_u", sizeLog2: 2, to: "x", explicit: 0x06, section: "5.3" },
  { name: "lc", pattern: f3(OPCODE.MISC_MEM, 2), access: "", sizeLog2: 4, to: "c", explicit: 0x17, section: "CHERI LoadCapImm" },
  { name: "flw", pattern: f3(OPCODE.LOAD_FP, 2), access: "i64.load32_u", sizeLog2: 2, to: "f4", section: "11.5" },
  { name: "fld", pattern: f3(OPCODE.LOAD_FP, 3), access: "i64.load", sizeLog2: 3, to: "f8", section: "12.3" },
];

for (const { name, pattern, access, sizeLog2, to, explicit, section } of LOADS) {
  const rd = to === "x" ? "rd" : to === "c" ? "cd" : "fd";
  for (const authority of AUTHORITIES) {
    const operationName = `${name}.${authority}`;
    operation(operationName, { kind: "load", access, sizeLog2, to, authority });
    instruction(name, `${rd}, imm(${base(authority)})`, pattern, modeOf(authority), "I", operationName, section);
    if (explicit === undefined) continue;
    const code = explicit | (authority === "cap" ? 0x08 : 0);
    instruction(operationName, `${rd}, (${base(authority)})`, f7rs2(OPCODE.CHERI, 0, 0x7d, code), "any", "none", operationName, "CHERI explicit loads");
  }
}

interface Store {
  readonly name: string;
  readonly pattern: Pattern;
  readonly sizeLog2: number;
  readonly from: "x" | "f" | "c";
  readonly explicit?: number;
  readonly section: string;
}

const STORES: readonly Store[] = [
  { name: "sb", pattern: f3(OPCODE.STORE, 0), sizeLog2: 0, from: "x", explicit: 0, section: "2.6" },
  { name: "sh", pattern: f3(OPCODE.STORE, 1), sizeLog2: 1, from: "x", explicit: 1, section: "2.6" },
  { name: "sw", pattern: f3(OPCODE.STORE, 2), sizeLog2: 2, from: "x", explicit: 2, section: "2.6" },
  { name: "sd", pattern: f3(OPCODE.STORE, 3), sizeLog2: 3, from: "x", explicit: 3, section: "5.3" },
  { name: "sc", pattern: f3(OPCODE.STORE, 4), sizeLog2: 4, from: "c", explicit: 4, section: "CHERI StoreCapImm" },
  { name: "fsw", pattern: f3(OPCODE.STORE_FP, 2), sizeLog2: 2, from: "f", section: "11.5" },
  { name: "fsd", pattern: f3(OPCODE.STORE_FP, 3), sizeLog2: 3, from: "f", section: "12.3" },
];

for (const { name, pattern, sizeLog2, from, explicit, section } of STORES) {
  const rs2 = from === "x" ? "rs2" : from === "c" ? "cs2" : "fs2";
  for (const authority of AUTHORITIES) {
    const operationName = `${name}.${authority}`;
    operation(operationName, { kind: "store", sizeLog2, from, authority });
    instruction(name, `${rs2}, imm(${base(authority)})`, pattern, modeOf(authority), "S", operationName, section);
    if (explicit === undefined) continue;
    const code = explicit | (authority === "cap" ? 0x08 : 0);
    instruction(operationName, `${rs2}, (${base(authority)})`, f7rd(OPCODE.CHERI, 0x7c, code), "any", "none", operationName, "CHERI explicit stores");
  }
}

// A and its capability forms. Byte and half-word LR/SC exist with CHERI.
const WIDTHS = ["b", "h", "w", "d", "c"] as const;
const lrPattern = (width: number): Pattern => ({ match: amo(2, width).match, mask: 0xf9f0707f });

/** Explicit function codes: lr 0x10|size, sc 0x10|size; capabilities use 0x14; .cap adds 0x08. */
const explicitCode = (width: number, authority: Authority): number => 0x10 | width | (authority === "cap" ? 0x08 : 0);

WIDTHS.forEach((letter, width) => {
  for (const authority of AUTHORITIES) {
    const suffix = `${letter}.${authority}`;
    const upper = suffix.replace(".", "_").toUpperCase();
    const isCapability = letter === "c";
    operation(`lr.${suffix}`, { kind: "call", function: `executeLR_${upper}`, module: "../atomic", effect: "state" });
    operation(`sc.${suffix}`, { kind: "call", function: `executeSC_${upper}`, module: "../atomic", effect: "state" });
    // The explicit sc writes its success code to rs2; the base form to rd.
    operation(`scx.${suffix}`, { kind: "call", function: `executeSCX_${upper}`, module: "../atomic", effect: "state" });
    const section = isCapability || width < 2 ? "CHERI LoadRes/StoreCond" : "8.2";
    instruction(`lr.${letter}`, `${isCapability ? "cd" : "rd"}, (${base(authority)})`, lrPattern(width), modeOf(authority), "none", `lr.${suffix}`, section);
    instruction(`sc.${letter}`, `rd, ${isCapability ? "cs2" : "rs2"}, (${base(authority)})`, amo(3, width), modeOf(authority), "none", `sc.${suffix}`, section);
    instruction(`lr.${suffix}`, `${isCapability ? "cd" : "rd"}, (${base(authority)})`, f7rs2(OPCODE.CHERI, 0, 0x7d, explicitCode(width, authority)), "any", "none", `lr.${suffix}`, "CHERI explicit loads");
    instruction(`sc.${suffix}`, `${isCapability ? "cs2" : "rs2"}, (${base(authority)})`, f7rd(OPCODE.CHERI, 0x7c, explicitCode(width, authority)), "any", "none", `scx.${suffix}`, "CHERI explicit stores");
  }
});

const AMOS = [
  ["amoadd", 0x00, "i64.add(old, rs2)"],
  ["amoswap", 0x01, "rs2"],
  ["amoxor", 0x04, "i64.xor(old, rs2)"],
  ["amoor", 0x08, "i64.or(old, rs2)"],
  ["amoand", 0x0c, "i64.and(old, rs2)"],
  ["amomin", 0x10, "select(old, rs2, i64.lt_s(old, rs2))"],
  ["amomax", 0x14, "select(old, rs2, i64.gt_s(old, rs2))"],
  ["amominu", 0x18, "select(old, rs2, i64.lt_u(old, rs2))"],
  ["amomaxu", 0x1c, "select(old, rs2, i64.gt_u(old, rs2))"],
] as const;

for (const [name, funct5, value] of AMOS) {
  for (const [letter, width] of [["w", 2], ["d", 3]] as const) {
    for (const authority of AUTHORITIES) {
      operation(`${name}.${letter}.${authority}`, { kind: "amo", value, sizeLog2: width, authority });
      instruction(`${name}.${letter}`, `rd, rs2, (${base(authority)})`, amo(funct5, width), modeOf(authority), "none", `${name}.${letter}.${authority}`, "8.4");
    }
  }
}
for (const authority of AUTHORITIES) {
  const name = `amoswap.c.${authority}`;
  operation(name, { kind: "call", function: `executeAMOSWAP_C_${authority.toUpperCase()}`, module: "../atomic", effect: "state" });
  instruction("amoswap.c", `cd, cs2, (${base(authority)})`, amo(1, 4), modeOf(authority), "none", name, "CHERI AMOSwapCap");
}
operation("cloadtags", { kind: "call", function: "executeCLOADTAGS", module: "../memory", effect: "state" });
instruction("cloadtags", "rd, (cs1)", f7rs2(OPCODE.CHERI, 0, 0x7f, 0x12), "any", "none", "cloadtags", "CHERI CLoadTags");
