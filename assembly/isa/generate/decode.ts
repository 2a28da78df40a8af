// Generates the decoder: expansion of 16-bit parcels and the mapping of 32-bit words to records.
import { COMPRESSED_INSTRUCTIONS, INSTRUCTIONS, OPERATIONS } from "../instructions.ts";
import type { CompressedInstruction, Instruction, Operation } from "../instructions.ts";
import type { CompressedRegister, Scatter } from "../instruction.ts";
import { findInstruction, identifier } from "./operations.ts";

const hex = (value: number): string => `0x${(value >>> 0).toString(16)}`;

const REGISTER: Record<string, string> = {
  rd: "((parcel >> 7) & 31)",
  rs2: "((parcel >> 2) & 31)",
  rdp: "(8 + ((parcel >> 7) & 7))",
  rs1p: "(8 + ((parcel >> 7) & 7))",
  rs2p: "(8 + ((parcel >> 2) & 7))",
};
const register = (operand: CompressedRegister | undefined, shift: number): string[] => {
  if (operand === undefined || operand === 0) return [];
  return [typeof operand === "number" ? hex(operand << shift) : `(${REGISTER[operand]} << ${shift})`];
};

function scatterExpression(scatter: Scatter, isSigned: boolean): string {
  const parts = scatter.map(([from, width, to]) => `(((parcel >> ${from}) & ${hex((1 << width) - 1)}) << ${to})`);
  const value = parts.join(" | ");
  if (!isSigned) return value;
  const top = Math.max(...scatter.map(([, width, to]) => width + to));
  return `<u32>(<i32>((${value}) << ${32 - top}) >> ${32 - top})`;
}

/** Places `imm` into the immediate field of the base format. */
const PLACE: Record<string, string> = {
  I: "(imm << 20)",
  shamt6: "(imm << 20)",
  S: "((imm & 31) << 7) | ((imm >> 5) << 25)",
  B: "(((imm >> 11) & 1) << 7) | (((imm >> 1) & 15) << 8) | (((imm >> 5) & 63) << 25) | (((imm >> 12) & 1) << 31)",
  U: "(imm & 0xfffff000)",
  J: "(imm & 0xff000) | (((imm >> 11) & 1) << 20) | (((imm >> 1) & 0x3ff) << 21) | (((imm >> 20) & 1) << 31)",
};

function expansionOf(row: CompressedInstruction, mode: "int" | "cap"): string[] {
  const target = findInstruction(row.expansion, mode);
  const parts = [hex(target.match), ...register(row.rd, 7), ...register(row.rs1, 15), ...register(row.rs2, 20)];
  const lines: string[] = [];
  for (const reserved of row.reservedIf ?? []) {
    if (reserved === "rd=0") lines.push(`if (((parcel >> 7) & 31) == 0) return 0;`);
    if (reserved === "rs2=0") lines.push(`if (((parcel >> 2) & 31) == 0) return 0;`);
  }
  if (row.scatter) {
    lines.push(`const imm: u32 = ${scatterExpression(row.scatter, row.signed ?? false)};`);
    if (row.reservedIf?.includes("imm=0")) lines.push("if (imm == 0) return 0;");
    if (row.hintIfZero) lines.push(`if (imm == 0) return ${hex(findInstruction("addi", mode).match)};`);
    const place = PLACE[target.immediate];
    if (!place) throw new Error(`${row.name}: no placement for immediate ${target.immediate}`);
    parts.push(place);
  }
  lines.push(`return ${parts.join(" | ")};`);
  return lines;
}

function expandFunction(mode: "int" | "cap"): string {
  const rows = COMPRESSED_INSTRUCTIONS.filter((row) => row.mode === "any" || row.mode === mode);
  const groups = new Map<number, CompressedInstruction[]>();
  for (const row of rows) {
    const key = ((row.match >> 13) << 2) | (row.match & 3);
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  const cases = [...groups].sort(([a], [b]) => a - b).map(([key, group]) => {
    const tests = group.map((row) => `      if ((parcel & ${hex(row.mask)}) == ${hex(row.match)}) { // ${row.name}\n        ${expansionOf(row, mode).join("\n        ")}\n      }`);
    return `    case ${key}: {\n${tests.join("\n")}\n      return 0;\n    }`;
  });
  return `/** The 32-bit word a parcel stands for, 0 if reserved. */
function expand${mode === "int" ? "Integer" : "Capability"}(parcel: u32): u32 {
  switch (((parcel >> 13) << 2) | (parcel & 3)) {
${cases.join("\n")}
    default: return 0;
  }
}`;
}

const IMMEDIATE: Record<string, string> = {
  none: "0",
  I: "<i32>word >> 20",
  S: "((<i32>word >> 25) << 5) | <i32>((word >> 7) & 31)",
  B: "((<i32>word >> 31) << 12) | <i32>(((word >> 7) & 1) << 11) | <i32>(((word >> 25) & 63) << 5) | <i32>(((word >> 8) & 15) << 1)",
  U: "<i32>(word & 0xfffff000)",
  J: "((<i32>word >> 31) << 20) | <i32>(word & 0xff000) | <i32>(((word >> 20) & 1) << 11) | <i32>(((word >> 21) & 0x3ff) << 1)",
  shamt5: "<i32>((word >> 20) & 31)",
  shamt6: "<i32>((word >> 20) & 63)",
  uimm12: "<i32>(word >> 20)",
  csr: "<i32>(word >> 20)",
  rm: "<i32>((word >> 12) & 7)",
  "rm+rs3": "<i32>(((word >> 12) & 7) | ((word >> 27) << 19))",
};

/** Register class of each field, from the assembler operands. */
function fieldClass(row: Instruction, field: "rd" | "rs1" | "rs2"): "x" | "f" {
  const letter = { rd: "fd", rs1: "fs1", rs2: "fs2" }[field];
  return new RegExp(`\\b${letter}\\b`).test(row.syntax) ? "f" : "x";
}

function fill(row: Instruction, operation: Operation): string {
  const rd = fieldClass(row, "rd") === "f" ? "floatField(word, 7)" : "destinationField(word)";
  const rs1 = fieldClass(row, "rs1") === "f" ? "floatField(word, 15)" : "registerField(word, 15)";
  const rs2 = fieldClass(row, "rs2") === "f" ? "floatField(word, 20)" : "registerField(word, 20)";
  const { kind } = operation.semantics;
  const id = identifier(operation.name);
  const distance = kind === "branch" || kind === "jal";
  const long = (suffix: string): string => `OP_${id}${suffix}_4`;
  let op = long("");
  if (distance) op = kind === "jal" ? `select(${long("_FAR_UNLINKED")}, ${long("_FAR")}, isZeroDestination(word))` : long("_FAR");
  else if (kind === "jalr") op = `select(${long("_UNLINKED")}, ${long("")}, isZeroDestination(word))`;
  else if (kind === "alu") op = `select(OP_NOP_4, ${long("")}, isZeroDestination(word))`;
  else if (kind === "nop") op = "OP_NOP_4";
  return `return fill(record, ${op}, ${rd}, ${rs1}, ${rs2}, ${IMMEDIATE[row.immediate]});`;
}

function decodeFunction(): string {
  const byOpcode = new Map<number, Instruction[]>();
  for (const row of INSTRUCTIONS) {
    const opcode = row.match & 0x7f;
    byOpcode.set(opcode, [...(byOpcode.get(opcode) ?? []), row]);
  }
  const operations = new Map(OPERATIONS.map((operation) => [operation.name, operation]));
  const cases = [...byOpcode].sort(([a], [b]) => a - b).map(([opcode, rows]) => {
    // Longer masks first: a row with more fixed bits is the more special one.
    const ones = (value: number): number => value.toString(2).replace(/0/g, "").length;
    const sorted = [...rows].sort((a, b) => ones(b.mask) - ones(a.mask));
    const tests = sorted.map((row) => {
      const operation = operations.get(row.operation);
      if (!operation) throw new Error(`${row.name}: no operation ${row.operation}`);
      const mode = row.mode === "any" ? "" : row.mode === "cap" ? " && capabilityMode" : " && !capabilityMode";
      const exists = row.section.startsWith("CHERI") ? " && cheri" : row.extension === "B" ? " && bitmanip" : "";
      return `      if ((word & ${hex(row.mask)}) == ${hex(row.match)}${mode}${exists}) ${fill(row, operation)} // ${row.name}`;
    });
    return `    case ${opcode >> 2}: {\n${tests.join("\n")}\n      break;\n    }`;
  });
  return `/** Fills \`record\` from a 32-bit word as if it were four bytes long and its page unknown. */
export function decodeWord(record: usize, word: u32, capabilityMode: bool): void {
  const cheri = (load<u32>(CONFIG) & CONFIG_CHERI) != 0;
  const bitmanip = (load<u32>(CONFIG) & CONFIG_B) != 0;
  switch ((word >> 2) & 31) {
${cases.join("\n")}
    default: break;
  }
  fill(record, OP_ILLEGAL, X_SINK - X, 0, 0, 0);
}`;
}

export function generateDecoder(opNumbers: readonly string[]): string {
  return `// GENERATED by assembly/isa/generate.ts from the instruction table. Do not edit.
import { CONFIG, CONFIG_B, CONFIG_CHERI, X, X_SINK, RECORD_OP, RECORD_RD, RECORD_RS1, RECORD_RS2, RECORD_IMM } from "../layout";
import { ${opNumbers.join(", ")} } from "./operations";

// @ts-ignore: decorator
@inline function registerField(word: u32, shift: u32): u32 { return ((word >> shift) & 31) << 6; }
// @ts-ignore: decorator
@inline function floatField(word: u32, shift: u32): u32 { return ((word >> shift) & 31) << 3; }
// @ts-ignore: decorator
@inline function isZeroDestination(word: u32): bool { return (word & 0xf80) == 0; }
// @ts-ignore: decorator
@inline function destinationField(word: u32): u32 { return select<u32>(X_SINK - X, registerField(word, 7), isZeroDestination(word)); }

function fill(record: usize, op: u32, rd: u32, rs1: u32, rs2: u32, imm: i32): void {
  store<u16>(record, <u16>op, RECORD_OP);
  store<u16>(record, <u16>rd, RECORD_RD);
  store<u16>(record, <u16>rs1, RECORD_RS1);
  store<u16>(record, <u16>rs2, RECORD_RS2);
  store<i32>(record, imm, RECORD_IMM);
}

${expandFunction("int")}

${expandFunction("cap")}

/** The 32-bit word a parcel stands for in the given mode, 0 if reserved. */
export function expandCompressed(parcel: u32, capabilityMode: bool): u32 {
  return capabilityMode ? expandCapability(parcel) : expandInteger(parcel);
}

${decodeFunction()}
`;
}
