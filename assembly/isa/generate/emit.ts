// Generates the translator's half of the semantics: the same expressions that the interpreter's switch inlines, as calls
// that append Wasm instructions, and a description of every operation as plain bits.
import type { Operation } from "../instruction.ts";
import { operandsOf, parseExpression } from "./expression.ts";
import type { Expression } from "./expression.ts";
import type { Case } from "./operations.ts";
import { HELPER_TYPES, HELPERS, helperNumber } from "./helpers.ts";

/** Wasm instructions without immediates that expressions use. */
const OPCODE: Record<string, number> = {
  select: 0x1b,
  "i64.eqz": 0x50, "i64.div_s": 0x7f, "i64.div_u": 0x80, "i64.rem_s": 0x81, "i64.rem_u": 0x82,
  "i64.eq": 0x51, "i64.ne": 0x52, "i64.lt_s": 0x53, "i64.lt_u": 0x54, "i64.gt_s": 0x55, "i64.gt_u": 0x56,
  "i64.ge_s": 0x59, "i64.ge_u": 0x5a,
  "i32.clz": 0x67, "i32.ctz": 0x68, "i32.popcnt": 0x69,
  "i32.add": 0x6a, "i32.sub": 0x6b, "i32.mul": 0x6c, "i32.shl": 0x74, "i32.shr_s": 0x75, "i32.shr_u": 0x76, "i32.rotl": 0x77, "i32.rotr": 0x78,
  "i64.clz": 0x79, "i64.ctz": 0x7a, "i64.popcnt": 0x7b,
  "i64.add": 0x7c, "i64.sub": 0x7d, "i64.mul": 0x7e, "i64.and": 0x83, "i64.or": 0x84, "i64.xor": 0x85,
  "i64.shl": 0x86, "i64.shr_s": 0x87, "i64.shr_u": 0x88, "i64.rotl": 0x89, "i64.rotr": 0x8a,
  "i32.wrap_i64": 0xa7, "i64.extend_i32_s": 0xac, "i64.extend_i32_u": 0xad,
  "i64.extend8_s": 0xc2, "i64.extend16_s": 0xc3, "i64.extend32_s": 0xc4,
};

const LOAD: Record<string, number> = {
  "i64.load": 0x29, "i64.load8_s": 0x30, "i64.load8_u": 0x31, "i64.load16_s": 0x32, "i64.load16_u": 0x33,
  "i64.load32_s": 0x34, "i64.load32_u": 0x35,
};
const STORE = [0x3c, 0x3d, 0x3e, 0x37];

// Codes of an expression: Wasm instructions without immediates stand for themselves; below them, in their order:
const OPERANDS = ["rs1", "rs2", "imm", "pc", "fs1", "fs2", "fs3", "rm", "old", "word_imm"];
const CONSTANT = 16; // then the constant
const LONG_CONSTANT = 17; // then its eight bytes
const HELPER = 18; // then its number
const FINISH = 26; // of the expression

const eightBytes = (value: bigint): number[] => [...new Uint8Array(new BigInt64Array([value]).buffer)];

function constantCodes(value: bigint): number[] {
  return value >= 0n && value < 256n ? [CONSTANT, Number(value)] : [LONG_CONSTANT, ...eightBytes(value)];
}

/** Codes of what appends the instructions that compute `expression`. */
function codesOf(expression: Expression): number[] {
  if (typeof expression === "string") return [OPERANDS.indexOf(expression)];
  if (expression.name === "i64.const") return constantCodes(BigInt(String(expression.operands[0])));
  if (expression.name === "i32.wrap_i64" && expression.operands[0] === "imm") return [OPERANDS.indexOf("word_imm")];
  const operands = expression.operands.flatMap(codesOf);
  const opcode = OPCODE[expression.name];
  if (opcode !== undefined) return [...operands, opcode];
  if (expression.name.includes(".")) throw new Error(`no Wasm opcode for ${expression.name}`);
  return [...operands, HELPER, helperNumber(expression.name)];
}

/** Wasm arithmetic for a float expression (low byte), and the class of its fast path: 1 sum, 2 product, 3 root, 4 fused, 5 fused single, 6 comparison, 7 sign. */
const FAST: Record<string, number> = {
  f64_add: 0x1a0, f64_sub: 0x1a1, f64_mul: 0x2a2, f64_div: 0x2a3, f64_sqrt: 0x39f,
  f32_add: 0x192, f32_sub: 0x193, f32_mul: 0x294, f32_div: 0x295, f32_sqrt: 0x391,
  f64_eq: 0x661, f64_lt: 0x663, f64_le: 0x665, f32_eq: 0x65b, f32_lt: 0x65d, f32_le: 0x65f,
  f64_sgnj: 0x700, f64_sgnjn: 0x701, f64_sgnjx: 0x702, f32_sgnj: 0x700, f32_sgnjn: 0x701, f32_sgnjx: 0x702,
};

function fastOf({ operation: { semantics } }: Case): number {
  if (semantics.kind !== "float") return 0;
  const tree = parseExpression(semantics.value);
  if (typeof tree === "string") return 0;
  if (!tree.name.endsWith("_mulAdd")) return FAST[tree.name] ?? 0;
  const isNegated = (index: number): boolean => {
    const operand = tree.operands[index];
    return typeof operand === "object" && operand.name.endsWith("_negate");
  };
  return (tree.name === "f64_mulAdd" ? 0x400 : 0x500) + (isNegated(0) ? 1 : 0) + (isNegated(2) ? 2 : 0);
}

const textOf = ({ semantics }: Operation): string | undefined => {
  if (semantics.kind === "alu" || semantics.kind === "float" || semantics.kind === "amo") return semantics.value;
  return semantics.kind === "branch" ? semantics.taken : undefined;
};

// Bits of a description; assembly/translate/describe.ts names them again for the core.
const KINDS = ["exit", "alu", "branch", "jal", "jalr", "load", "store", "float", "amo", "call", "jump", "nop"];
const BIT = {
  near: 4, unlinked: 5, readsX1: 6, readsX2: 7, readsF1: 8, readsF2: 9, readsF3: 10, writesX: 11, writesF: 12,
  sizeLog2: 13, viaCap: 16, type: 17, state: 19, rounds: 20, flags: 21, writesCap: 22, word: 23, opcode: 24,
} as const;
const TYPES = ["x", "f4", "f8", "c"];

/** Classes of arithmetic that addresses and words are followed through (translate/groups, translate/words). */
const ALU_CLASSES: Record<string, number> = {
  imm: 1, "i64.add(rs1, imm)": 2, "i64.add(pc, imm)": 3, "i64.add(rs1, rs2)": 4,
  "i64.extend_i32_s(i32.add(i32.wrap_i64(rs1), i32.wrap_i64(imm)))": 5,
};

/** What 64-bit instruction does to words, sign-extended, as this one of 32 bits to their lower halves. */
const ON_WORDS: Record<string, number> = {
  "i64.eq": 0x46, "i64.ne": 0x47, "i64.lt_s": 0x48, "i64.lt_u": 0x49, "i64.gt_s": 0x4a, "i64.gt_u": 0x4b, "i64.ge_s": 0x4e, "i64.ge_u": 0x4f,
  "i64.and": 0x71, "i64.or": 0x72, "i64.xor": 0x73,
};

function classOf(text: string): number {
  const tree = parseExpression(text);
  const isPlain = typeof tree !== "string" && tree.operands.length === 2 && tree.operands[0] === "rs1" && typeof tree.operands[1] === "string";
  return ALU_CLASSES[text] ?? (isPlain ? (ON_WORDS[tree.name] ?? 0) : 0);
}

/** Is the value the sign extension of its lower half, whatever the operands are? */
function isWord(text: string): boolean {
  const tree = parseExpression(text);
  if (typeof tree === "string") return tree === "imm";
  if (tree.name === "i64.extend_i32_u") return typeof tree.operands[0] !== "string" && tree.operands[0]!.name in ON_WORDS;
  return /^i64\.extend(8|16|32|_i32)_s$/.test(tree.name);
}

const LOADS_X1 = ["readsX1", "writesX"] as const;
const LOADS_X2 = ["readsX1", "readsX2", "writesX"] as const;
/** Class of what the core executes in the middle of a block (translate/crossing.ts). */
const CORE = 7;
const core = (names: string, ...uses: string[]): Record<string, readonly [number, ...string[]]> =>
  Object.fromEntries(names.split(" ").map((name) => [name, [CORE, ...uses]] as const));
const reserved = (name: string, ...uses: string[]): Record<string, readonly [number, ...string[]]> =>
  core(["b", "h", "w", "d"].flatMap((width) => [`${name}.${width}.ddc`, `${name}.${width}.cap`]).join(" "), ...uses);

/** Instructions that are functions, but that the translator knows: class, and what they are beside (readsX1 ...). */
const CALL_CLASSES: Record<string, readonly [number, ...string[]]> = {
  cincoffset: [1, "readsX1", "readsX2", "writesX", "writesCap"],
  cincoffsetimm: [2, "readsX1", "writesX", "writesCap"],
  cmove: [3, "readsX1", "writesX", "writesCap"],
  cgettag: [4, "writesX"],
  cgetaddr: [5, "readsX1", "writesX"],
  cjal: [6],
  ...core("cgetperm cgettype cgetsealed cgetflags cgethigh crrl cram", ...LOADS_X1),
  ...core("ccleartag csealentry", ...LOADS_X1, "writesCap"),
  ...core("cseal cunseal cfromptr csethigh cbuildcap ccopytype ccseal", ...LOADS_X2, "writesCap"),
  ...core("ctoptr ctestsubset cseqx", ...LOADS_X2),
  ...core("cspecialrw", ...LOADS_X1, "writesCap"),
  ...core("auipcc", "writesX", "writesCap"),
  ...core("csrrw csrrs csrrc", ...LOADS_X1),
  ...core("csrrwi csrrsi csrrci", "writesX"),
  ...reserved("lr", ...LOADS_X1),
  ...reserved("sc", ...LOADS_X2),
  cclear: [8],
  fpclear: [9],
  ecall: [10],
  csub: [11, ...LOADS_X2],
  csetoffset: [12, ...LOADS_X2, "writesCap"],
  csetaddr: [13, ...LOADS_X2, "writesCap"],
  cgetbase: [14, ...LOADS_X1],
  cgetlen: [15, ...LOADS_X1],
  cgettop: [16, ...LOADS_X1],
  cgetoffset: [17, ...LOADS_X1],
  candperm: [18, ...LOADS_X2, "writesCap"],
  csetflags: [19, ...LOADS_X2, "writesCap"],
  csetbounds: [20, ...LOADS_X2, "writesCap"],
  csetboundsexact: [20, ...LOADS_X2, "writesCap"],
  csetboundsimm: [21, ...LOADS_X1, "writesCap"],
};

function describe({ operation, near, unlinked }: Case): number {
  const { semantics } = operation;
  const effect = semantics.kind === "call" ? semantics.effect : "plain";
  let bits = KINDS.indexOf(semantics.kind === "call" && effect === "jump" ? "jump" : semantics.kind);
  const set = (name: keyof typeof BIT, value = 1): void => {
    bits += value * 2 ** BIT[name];
  };
  if (near) set("near");
  if (unlinked) set("unlinked");
  const text = textOf(operation);
  const used = text === undefined ? new Set<string>() : operandsOf(parseExpression(text));
  const isMemory = semantics.kind === "load" || semantics.kind === "store" || semantics.kind === "amo";
  if (used.has("rs1") || isMemory || semantics.kind === "jalr") set("readsX1");
  if (used.has("rs2") || semantics.kind === "amo" || (semantics.kind === "store" && semantics.from !== "f")) set("readsX2");
  if (used.has("fs1")) set("readsF1");
  if (used.has("fs2") || (semantics.kind === "store" && semantics.from === "f")) set("readsF2");
  if (used.has("fs3")) set("readsF3");
  const to = semantics.kind === "load" || semantics.kind === "float" ? semantics.to : "x";
  const writes = ["alu", "jal", "jalr", "load", "float", "amo"].includes(semantics.kind) && !unlinked;
  if (writes && (to === "f4" || to === "f8")) set("writesF");
  else if (writes) set("writesX");
  if (to === "c") set("writesCap");
  const [capabilityClass, ...uses] = CALL_CLASSES[operation.name] ?? [0];
  if (capabilityClass !== 0) {
    set("opcode", capabilityClass);
    for (const use of uses) set(use as keyof typeof BIT);
  }
  if (isMemory) {
    set("sizeLog2", semantics.sizeLog2);
    if (semantics.authority === "cap") set("viaCap");
  }
  if (semantics.kind === "store") set("type", TYPES.indexOf(semantics.from === "f" ? "f8" : semantics.from));
  else if (writes) set("type", TYPES.indexOf(to));
  if (effect === "state") set("state");
  if (semantics.kind === "float" && semantics.rounds) set("rounds");
  if (semantics.kind === "float" && semantics.flags) set("flags");
  if (semantics.kind === "alu" || semantics.kind === "branch") set("opcode", classOf(text!));
  if ((semantics.kind === "alu" && isWord(text!)) || (semantics.kind === "load" && semantics.to === "x" && semantics.sizeLog2 < 3)) {
    if (operation.name.slice(0, 3) !== "lwu") set("word");
  }
  if (semantics.kind === "load" && semantics.to !== "c") set("opcode", LOAD[semantics.access]);
  if (semantics.kind === "store" && semantics.from !== "c") set("opcode", STORE[semantics.sizeLog2]);
  return bits;
}

const NOP = KINDS.indexOf("nop");
const VALUE_TYPE: Record<string, number> = { u32: 0x7f, u64: 0x7e };

/** A function type as in a type section. */
function typeBytes(key: string): number[] {
  const [parameters = "", result = ""] = key.split(":");
  const types = parameters.split(",").map((type) => VALUE_TYPE[type] ?? 0);
  return [0x60, types.length, ...types, 1, VALUE_TYPE[result] ?? 0];
}

export function generateEmitter(cases: readonly Case[], numbers: ReadonlyMap<string, number>): string {
  const byOperation = new Map<Operation, Case[]>();
  for (const entry of cases) byOperation.set(entry.operation, [...(byOperation.get(entry.operation) ?? []), entry]);
  const codes: number[] = [FINISH];
  const places = Array.from({ length: numbers.size }, () => 0);
  for (const [operation, entries] of byOperation) {
    const text = textOf(operation);
    if (text === undefined) continue;
    for (const { id } of entries) places[numbers.get(id)!] = codes.length;
    codes.push(...codesOf(parseExpression(text)), FINISH);
  }
  // Numbers below the first case: undecoded, page end, straddling, illegal, nop, nop.
  const descriptions = [0, 0, 0, 0, NOP, NOP, ...cases.map(describe)];
  const helpers = HELPERS.map(({ name, parameters, result }) =>
    `export function help_${helperNumber(name)}(${parameters.map((type, index) => `p${index}: ${type}`).join(", ")}): ${result} { return <${result}>${name}(${parameters.map((_, index) => `p${index}`).join(", ")}); }`);
  const modules = new Map<string, string[]>();
  for (const { name, module } of HELPERS) modules.set(module, [...(modules.get(module) ?? []), name]);
  return `// GENERATED by assembly/isa/generate.ts from the instruction table. Do not edit.
${[...modules].map(([module, names]) => `import { ${names.join(", ")} } from "${module}";`).join("\n")}
import { callHelper, code, constant } from "../translate/code";
import { push_fs1, push_fs2, push_fs3, push_imm, push_word_imm, push_old, push_pc, push_rm, push_rs1, push_rs2 } from "../translate/operands";

const DESCRIPTIONS: usize = memory.data<u32>([${descriptions.join(", ")}]);

/** Kind, operands and shape of an operation, as bits named in translate/describe. */
// @ts-ignore: decorator
@inline
export function describe(operation: u32): u32 {
  return load<u32>(DESCRIPTIONS + (<usize>operation << 2));
}

const FAST: usize = memory.data<u16>([0, 0, 0, 0, 0, 0, ${cases.map(fastOf).join(", ")}]);

/** Wasm opcode and class of an operation that host arithmetic can do (translate/float); 0 for all others. */
export function fastFloat(operation: u32): u32 {
  return load<u16>(FAST + (<usize>operation << 1));
}

const CODES: usize = memory.data<u8>([${codes.join(", ")}]);
/** By operation, where its codes begin. */
const PLACES: usize = memory.data<u16>([${places.join(", ")}]);

function pushOperand(operand: u32, record: usize): void {
  switch (operand) {
${OPERANDS.map((name, index) => `    case ${index}: push_${name}(record); break;`).join("\n")}
    default: unreachable();
  }
}

/** Appends the expression of the operation in \`record\`: the value it writes, or the condition of a branch. */
export function emitExpression(operation: u32, record: usize): void {
  let p = CODES + <usize>load<u16>(PLACES + (<usize>operation << 1));
  for (let next: u32 = load<u8>(p++); next != ${FINISH}; next = load<u8>(p++)) {
    if (next > ${FINISH}) {
      code(next);
    } else if (next == ${CONSTANT}) {
      constant(load<u8>(p++));
    } else if (next == ${LONG_CONSTANT}) {
      constant(load<i64>(p));
      p += 8;
    } else if (next == ${HELPER}) {
      callHelper(load<u8>(p++));
    } else {
      pushOperand(next, record);
    }
  }
}

/** Type of helper \`n\` as an index into the types that every module declares. */
export function helperType(n: u32): u32 {
  return load<u8>(HELPER_TYPES + n);
}
const HELPER_TYPES: usize = memory.data<u8>([${HELPERS.map(({ type }) => type).join(", ")}]);

/** The helpers' function types as bytes of a type section. */
export const TYPE_BYTES: usize = memory.data<u8>([${HELPER_TYPES.flatMap(typeBytes).join(", ")}]);
export const TYPE_BYTES_LENGTH: usize = ${HELPER_TYPES.flatMap(typeBytes).length};
export const TYPE_COUNT: u32 = ${HELPER_TYPES.length};
export const HELPER_COUNT: u32 = ${HELPERS.length};

${helpers.join("\n")}
`;
}
