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

/** Numbers of the operations for a destination other than x0, and for x0. */
function numbersOf(operation: Operation, numbers: ReadonlyMap<string, number>): [number, number] {
  const { kind } = operation.semantics;
  const number = (suffix: string): number => numbers.get(`OP_${identifier(operation.name)}${suffix}_4`)!;
  if (kind === "jal") return [number("_FAR"), number("_FAR_UNLINKED")];
  if (kind === "branch") return [number("_FAR"), number("_FAR")];
  if (kind === "jalr") return [number(""), number("_UNLINKED")];
  if (kind === "alu") return [number(""), numbers.get("OP_NOP_4")!];
  if (kind === "nop") return [numbers.get("OP_NOP_4")!, numbers.get("OP_NOP_4")!];
  return [number(""), number("")];
}

// Bits of a row's last word, above the immediate's number.
const ROW_FLAGS = { rd: 1 << 8, rs1: 1 << 9, rs2: 1 << 10, cap: 1 << 16, int: 1 << 17, cheri: 1 << 18, bitmanip: 1 << 19 } as const;

/** A row of the decoder's table: mask, match, operations, how its operands are found and when it exists. */
function rowOf(row: Instruction, operation: Operation, numbers: ReadonlyMap<string, number>): string[] {
  const [number, forZero] = numbersOf(operation, numbers);
  let flags = Object.keys(IMMEDIATE).indexOf(row.immediate);
  for (const field of ["rd", "rs1", "rs2"] as const) if (fieldClass(row, field) === "f") flags |= ROW_FLAGS[field];
  if (row.mode !== "any") flags |= ROW_FLAGS[row.mode];
  if (row.section.startsWith("CHERI")) flags |= ROW_FLAGS.cheri;
  else if (row.extension === "B") flags |= ROW_FLAGS.bitmanip;
  return [hex(row.mask), hex(row.match), hex((forZero << 16) | number), hex(flags)];
}

const ones = (value: number): number => value.toString(2).replace(/0/g, "").length;

/** The rows that words with bits 6:2 and 14:12 as in `group` may match: those with more fixed bits, the more special ones, first. */
function rowsOfGroup(group: number): Instruction[] {
  const bits = ((group >> 3) << 2) | 3 | ((group & 7) << 12);
  const fits = ({ match, mask }: Instruction): boolean => ((match ^ bits) & mask & 0x707f) === 0;
  return INSTRUCTIONS.filter(fits).sort((a, b) => ones(b.mask >>> 0) - ones(a.mask >>> 0));
}

function decodeFunction(numbers: ReadonlyMap<string, number>): string {
  const operations = new Map(OPERATIONS.map((operation) => [operation.name, operation]));
  const starts: number[] = [];
  const rows: string[] = [];
  for (let group = 0; group < 256; group++) {
    starts.push(rows.length);
    for (const row of rowsOfGroup(group)) {
      const operation = operations.get(row.operation);
      if (!operation) throw new Error(`${row.name}: no operation ${row.operation}`);
      rows.push(`  ${rowOf(row, operation, numbers).join(", ")}, // ${row.name}`);
    }
  }
  starts.push(rows.length);
  const immediates = Object.values(IMMEDIATE).map((value, index) => `    case ${index}: return ${value};`);
  return `/** By bits 6:2 and 14:12 of a word: the first of its rows. */
const STARTS: usize = memory.data<u16>([${starts.join(", ")}]);

/** Mask, match, operations (that for x0 as destination above), operands and conditions. */
const ROWS: usize = memory.data<u32>([
${rows.join("\n")}
]);

function immediateOf(kind: u32, word: u32): i32 {
  switch (kind) {
${immediates.join("\n")}
    default: return 0;
  }
}

/** What a row must not ask for. */
function absentFeatures(capabilityMode: bool): u32 {
  const config = load<u32>(CONFIG);
  return (capabilityMode ? ${hex(ROW_FLAGS.int)} : ${hex(ROW_FLAGS.cap)}) | ((config & CONFIG_CHERI) != 0 ? 0 : ${hex(ROW_FLAGS.cheri)}) | ((config & CONFIG_B) != 0 ? 0 : ${hex(ROW_FLAGS.bitmanip)});
}

/** Fills \`record\` from a 32-bit word as if it were four bytes long and its page unknown. */
export function decodeWord(record: usize, word: u32, capabilityMode: bool): void {
  const group = STARTS + <usize>((word << 2 & 0x1f0) | (word >> 11 & 14));
  const absent = absentFeatures(capabilityMode);
  let row = ROWS + (<usize>load<u16>(group) << 4);
  const end = ROWS + (<usize>load<u16>(group, 2) << 4);
  while (row < end && ((word & load<u32>(row)) != load<u32>(row, 4) || (load<u32>(row, 12) & absent) != 0)) row += 16;
  if (row == end) {
    fill(record, OP_ILLEGAL, X_SINK - X, 0, 0, 0);
    return;
  }
  const flags = load<u32>(row, 12);
  const rd = flags & ${hex(ROW_FLAGS.rd)} ? floatField(word, 7) : destinationField(word);
  const rs1 = flags & ${hex(ROW_FLAGS.rs1)} ? floatField(word, 15) : registerField(word, 15);
  const rs2 = flags & ${hex(ROW_FLAGS.rs2)} ? floatField(word, 20) : registerField(word, 20);
  fill(record, isZeroDestination(word) ? load<u16>(row, 10) : load<u16>(row, 8), rd, rs1, rs2, immediateOf(flags & 255, word));
}`;
}

export function generateDecoder(numbers: ReadonlyMap<string, number>): string {
  return `// GENERATED by assembly/isa/generate.ts from the instruction table. Do not edit.
import { CONFIG, CONFIG_B, CONFIG_CHERI, X, X_SINK, RECORD_OP, RECORD_RD, RECORD_RS1, RECORD_RS2, RECORD_IMM } from "../layout";
import { OP_ILLEGAL } from "./operations";

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

${decodeFunction(numbers)}
`;
}
