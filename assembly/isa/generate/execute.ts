// Generates the interpreter's dispatch: one dense switch whose cases are the table's semantics, inlined as far as
// they are hot. What is rare, or fails a fast check, leaves the switch for executeRest (generate/rest.ts).
import type { Semantics } from "../instruction.ts";
import type { Case, Pair } from "./operations.ts";
import { ACCESS, Imports, NOTE_CAPABILITY, operandLoads, tableExpression, WRITE } from "./source.ts";
import type { Style } from "./source.ts";

const RECORD_BYTES_PER_BYTE = 8; // a 16-byte record per 2-byte parcel

type Load = Extract<Semantics, { kind: "load" }>;
type Store = Extract<Semantics, { kind: "store" }>;
type Float = Extract<Semantics, { kind: "float" }>;

/**
 * The dispatch exists twice, each as large as V8 compiles well: for machines without the translator, with pairs, and
 * for those with it, which enters translated regions and counts what runs often.
 */
export interface Variant {
  readonly name: string;
  readonly tiered: boolean;
  readonly pairs: readonly Pair[];
  readonly imports: Imports;
}

const next = (length: number): string => `record += ${length * RECORD_BYTES_PER_BYTE}; continue;`;
const PC = "(<u64>(record >> 3) + delta)";
const STYLE: Style = { pc: PC };
/** Not for the fast path. */
const REST = "{ target = REST; break; }";

function emitAlu(value: string, length: number, variant: Variant): string[] {
  const { tree, source } = tableExpression(value, variant.imports);
  return [...operandLoads(tree, STYLE), `writeX(load<u16>(record, RECORD_RD), ${source});`, next(length)];
}

/** A near jump backwards while the translator is on: every so many times round it asks for a translation of the target. */
const countBackward = (distance: string): string[] => [
  "const turns: i32 = load<u16>(record, RECORD_RD) + 1;",
  "store<u16>(record, <u16>turns, RECORD_RD);",
  "const source = record;",
  `record += <usize>${distance};`,
  `if (turns >= HOT_TURNS) noteHotLoop(source, record, ${PC});`,
  "continue;",
];

/** Jumps that begin functions and loops elsewhere are counted by target. */
const noteTarget = ({ tiered }: Variant): string[] => (tiered ? ["noteHotTarget(target);"] : []);

function emitBranch(taken: string, { length, near, counted }: Case, variant: Variant): string[] {
  const { tree, source } = tableExpression(taken, variant.imports);
  const distance = "load<i32>(record, RECORD_IMM)";
  const loads = operandLoads(tree, STYLE);
  if (counted) return [...loads, `if (!${source}) { ${next(length)} }`, ...countBackward(distance)];
  // A select would put the comparison on the path to the next record; a branch predicts it away (measured: +8 %).
  if (near) return [...loads, `if (${source}) { record += <usize>${distance}; continue; }`, next(length)];
  return [
    ...loads,
    `if (!${source}) { ${next(length)} }`,
    `target = ${PC} + <u64>${distance};`,
    `if (!insidePcc(target)) ${REST}`,
    ...noteTarget(variant),
    "break;",
  ];
}

const link = ({ length, unlinked }: Case): string[] =>
  unlinked ? [] : [`writeX(load<u16>(record, RECORD_RD), ${PC} + ${length} - load<u64>(PC_BIAS));`];

function emitJump(entry: Case, variant: Variant): string[] {
  const distance = "load<i32>(record, RECORD_IMM)";
  if (entry.counted) return countBackward(distance);
  if (entry.near) return [...link(entry), `record += <usize>${distance}; continue;`];
  return [`target = ${PC} + <u64>${distance};`, `if (!insidePcc(target)) ${REST}`, ...link(entry), ...noteTarget(variant), "break;"];
}

function emitJumpRegister(entry: Case, variant: Variant): string[] {
  return [
    "target = (readX(load<u16>(record, RECORD_RS1)) + <u64>load<i32>(record, RECORD_IMM) + load<u64>(PC_BIAS)) & ~1;",
    `if (!insidePcc(target)) ${REST}`,
    ...link(entry),
    // Returns lead to places that are no beginnings.
    ...(entry.unlinked && variant.tiered ? ["if (load<u16>(record, RECORD_RS1) != RETURN_REGISTER)"] : []),
    ...noteTarget(variant),
    "break;",
  ];
}

/** Offset of the access inside the authority's window, and the window's length and linear base. */
function windowOf(authority: "ddc" | "cap", direction: "load" | "store"): { offset: string[]; window: string; linear: string } {
  const base = "readX(load<u16>(record, RECORD_RS1)) + <u64>load<i32>(record, RECORD_IMM)";
  if (authority === "ddc") {
    return {
      offset: [`const offset = ${base} + load<u64>(DDC_OFFSET_BIAS);`],
      window: direction === "load" ? "load<u32>(DDC_LOAD_WINDOW)" : "load<u32>(DDC_STORE_WINDOW)",
      linear: "<usize>offset + load<u32>(DDC_LINEAR)",
    };
  }
  return {
    offset: [
      "const authority: usize = load<u16>(record, RECORD_RS1);",
      "const address = readX(authority) + <u64>load<i32>(record, RECORD_IMM);",
      "const offset = address - load<u64>(authority, X + CAP_WINDOW_BASE);",
    ],
    window: direction === "load" ? "(load<u32>(authority, X + CAP_STATE) & ~STATE_MASK)" : "load<u32>(authority, X + CAP_STORE_WINDOW)",
    linear: "<usize>address + load<u32>(RAM_DELTA)",
  };
}

/** Fails one of bounds, permission, tag, seal, RAM range and natural alignment, all in one compare. */
function misfits(window: string, sizeLog2: number): string {
  return sizeLog2 === 0 ? `offset >= <u64>${window}` : `rotr<u64>(offset, ${sizeLog2}) >= <u64>(${window} >> ${sizeLog2})`;
}

const FLOAT_NOT_DIRTY = "(load<u32>(MSTATUS) & MSTATUS_FS) != MSTATUS_FS";

function emitLoad({ access, sizeLog2, to, authority }: Load, length: number, variant: Variant): string[] {
  const { offset, window, linear } = windowOf(authority, "load");
  const check = `if (${misfits(window, to === "c" ? 4 : sizeLog2)}) ${REST}`;
  if (to === "c") {
    variant.imports.add("../memory", "loadCapFast");
    const holder = authority === "cap" ? "X + authority" : "DDC";
    return [...(variant.tiered ? [NOTE_CAPABILITY] : []), ...offset, check, `loadCapFast(${linear}, ${holder}, X + load<u16>(record, RECORD_RD));`, next(length)];
  }
  const [type] = ACCESS[access] ?? [""];
  const value = `load<${type}>(${linear})`;
  return [
    ...(to === "x" ? [] : [`if (${FLOAT_NOT_DIRTY}) ${REST}`]),
    ...offset,
    check,
    `${WRITE[to]}(load<u16>(record, RECORD_RD), ${to === "f4" ? value : `<u64>${value}`});`,
    next(length),
  ];
}

/** A granule with a tag or with decoded code is not for the fast path: see cheri/tags. */
const PLAIN_GRANULE = `if (load<u8>(tagPointer(p)) != 0) ${REST}`;

function emitStore({ sizeLog2, from, authority }: Store, length: number, variant: Variant): string[] {
  const { offset, window, linear } = windowOf(authority, "store");
  const pointer = [...offset, `if (${misfits(window, from === "c" ? 4 : sizeLog2)}) ${REST}`, `const p: usize = ${linear};`, PLAIN_GRANULE];
  if (from === "c") {
    variant.imports.add("../memory", "storeCapFast");
    return [
      "const source: usize = X + load<u16>(record, RECORD_RS2);",
      `if ((load<u32>(source, CAP_STATE) & STATE_TAG) != 0) ${REST}`,
      ...pointer,
      "storeCapFast(p, source);",
      next(length),
    ];
  }
  const bits = 8 << sizeLog2;
  return [
    ...(from === "x" ? [] : [`if (${FLOAT_NOT_DIRTY}) ${REST}`]),
    ...pointer,
    `store<u${bits}>(p, <u${bits}>${from === "f" ? "readF" : "readX"}(load<u16>(record, RECORD_RS2)));`,
    next(length),
  ];
}

/** With mstatus.FS Dirty nothing but the flags in fcsr can change. */
function emitFloat({ value, to, rounds }: Float, length: number, variant: Variant): string[] {
  const { tree, source } = tableExpression(value, variant.imports);
  return [
    `if (${FLOAT_NOT_DIRTY}) ${REST}`,
    ...(rounds ? ["let rm: u32 = load<u32>(record, RECORD_IMM) & 7;", "if (rm == 7) rm = load<u32>(FCSR) >> 5;", `if (rm > 4) ${REST}`] : []),
    ...operandLoads(tree, STYLE),
    `${WRITE[to]}(load<u16>(record, RECORD_RD), ${to === "x" ? `<u64>${source}` : source});`,
    next(length),
  ];
}

/** Two instructions in one dispatch: the first one's body, and the second's where it would have gone on. */
function emitPair({ first, second, chained }: Pair, variant: Variant): string[] {
  const body = emitCase(first, variant) ?? [];
  const after = emitCase(second, variant);
  const last = body.pop();
  if (after === null || last !== next(first.length)) throw new Error(`no pair ${first.id} ${second.id}`);
  const advance = `record += ${first.length * RECORD_BYTES_PER_BYTE};`;
  const out = `if (left == 0) { target = ${PC}; break; }`;
  if (!chained) return ["{", ...body, "}", advance, out, "left--;", "{", ...after, "}"];
  // The first's result is the second's rs1: hand it over without the detour through memory.
  const write = body.pop() ?? "";
  const prefix = "writeX(load<u16>(record, RECORD_RD), ";
  if (!write.startsWith(prefix)) throw new Error(`cannot chain ${first.id} ${second.id}`);
  const value = write.slice(prefix.length, -2);
  const use = "readX(load<u16>(record, RECORD_RS1))";
  if (!after.some((line) => line.includes(use))) throw new Error(`cannot chain ${first.id} ${second.id}`);
  return ["let chained: u64;", "{", ...body, `chained = ${value};`, "writeX(load<u16>(record, RECORD_RD), chained);", "}", advance, out, "left--;", "{", ...after.map((line) => line.replace(use, "chained")), "}"];
}

/** Operations too rare, or too slow in themselves, for a place in execute(). */
const RARE = new RegExp(
  "^(mulhs?u?|(div|rem)u?w?|f(class|sqrt|div|min|max)\\.[sd]|fnmadd\\.[sd]|fsgnjx\\.s|fcvt\\.([wl]u\\.[sd]|[sd]\\.[wl]u|l\\.s|s\\.l)" +
    "|xnor|rol.*|ror.*|clz.*|ctz.*|cpop.*|orc\\.b|rev8|b(clr|set|inv|ext)i?|slli\\.uw|minu?|maxu?)$",
);

/** Is the operation none for the fast path, whatever its operands are? */
export const isRare = ({ operation }: Case): boolean => RARE.test(operation.name);

/** Of those, what the tiered dispatch, which has no pairs, has room for: code that runs too seldom to be translated divides, too. */
const DIVISIONS = /^(div|rem)u?w?$/;

/** Body of the fast case, null if there is none. */
function emitCase(entry: Case, variant: Variant): string[] | null {
  const { semantics } = entry.operation;
  if (isRare(entry) && !(variant.tiered && DIVISIONS.test(entry.operation.name))) return null;
  switch (semantics.kind) {
    case "alu": return emitAlu(semantics.value, entry.length, variant);
    case "branch": return emitBranch(semantics.taken, entry, variant);
    case "jal": return emitJump(entry, variant);
    case "jalr": return emitJumpRegister(entry, variant);
    case "load": return emitLoad(semantics, entry.length, variant);
    case "store": return emitStore(semantics, entry.length, variant);
    case "float": return emitFloat(semantics, entry.length, variant);
    case "nop": return [next(entry.length)];
    default: return null;
  }
}

const TIER_IMPORTS = `import { prepareOriginal, takeOddBit } from "../translate/core-calls";
import { enterRegion, forceRegion, noteHotLoop, noteHotTarget } from "../translate/tier";
import { CAPS_SEEN, HOT_TURNS, RETURN_REGISTER, TRANSLATING, TRANSLATING_ALL } from "../translate/map";
`;

const REGION = `default: { // a translated region
        left++;
        const pc = ${PC};
        const before = left;
        target = enterRegion(record, pc, left);
        left = <i32>load<i64>(LEFT);
        if (load<u32>(PENDING) != 0) { leaveAt(target & ~1 | takeOddBit(), left); return; }
        if (left == before || (target & 1) != 0) { // the region wants its next instruction interpreted
          target &= ~1;
          if (left == 0) { leaveAt(target, 0); return; }
          record = prepareOriginal(target);
          if (record == 0) { leaveAt(target, left); return; }
          delta = target - <u64>(record >> 3);
          continue;
        }
        break;
      }`;

export function generateInterpreter(cases: readonly Case[], variant: Variant, numbers: ReadonlyMap<string, number>): string {
  const others: string[] = [];
  const bodies: string[] = [];
  const add = (id: string, lines: readonly string[]): void => {
    bodies.push(`      case ${numbers.get(id)}: { // ${id}\n        ${lines.join("\n        ")}\n      }`);
  };
  for (const entry of cases) {
    if (entry.counted && !variant.tiered) continue;
    const lines = emitCase(entry, variant);
    if (lines === null) others.push(`case ${numbers.get(entry.id)}:`);
    else add(entry.id, lines);
  }
  for (const pair of variant.pairs) add(pair.id, emitPair(pair, variant));
  return `// GENERATED by assembly/isa/generate.ts from the instruction table. Do not edit.
import {
  CAP_STATE, CAP_STORE_WINDOW, CAP_WINDOW_BASE, DDC, DDC_LINEAR, DDC_LOAD_WINDOW, DDC_OFFSET_BIAS, DDC_STORE_WINDOW, FCSR, LEFT, MSTATUS,
  PC as PC_CELL, PC_BIAS, PENDING, RAM_DELTA, RECORD_IMM, RECORD_RD, RECORD_RS1, RECORD_RS2, STATE_MASK, STATE_TAG, X,
} from "../layout";
import { readF, readX, writeF, writeX } from "../riscv/registers";
import { MSTATUS_FS, writeF4 } from "../riscv/float";
import { tagPointer } from "../cheri/tags";
import { decodeRecord, enterPage, findPage, prepareStraddling } from "../decode-cache";
${variant.tiered ? TIER_IMPORTS : ""}import { insidePcc, leaveAt, leaveRest } from "../interpreter";
import { executeRest } from "./rest";
${variant.imports.print()}

/** In place of a target: executeRest is to do this instruction. Targets are even. */
const REST: u64 = 1;

/**
 * Executes from \`record\` (whose pc is (record >> 3) + delta) until LEFT instructions have retired or something
 * needs run(): a trap, a changed context, a page that must be stepped. PC, LEFT and PENDING say what happened.
 */
export function ${variant.name}(record: usize, delta: u64): void {
  let left = <i32>load<i64>(LEFT);
  let target: u64 = 0;
  for (;;) {
    if (--left < 0) { leaveAt(${PC}, 0); return; }
    switch (<i32>load<u16>(record)) {
      case 1: { left++; target = ${PC}; break; } // end of the page
      case 2: { // four bytes across the page's end
        target = ${PC};
        left++;
        record = prepareStraddling(target);
        if (record == 0) { leaveAt(target, left); return; }
        delta = target - <u64>(record >> 3);
        continue;
      }
      case 0: { decodeRecord(record); left++; continue; }
      case 4: { ${next(2)} }
      case 5: { ${next(4)} }
${bodies.join("\n")}
      case 3: ${others.join(" ")} { target = REST; break; }
      ${variant.tiered ? REGION : "default: unreachable();"}
    }
    if (target == REST) {
      store<u64>(PC_CELL, ${PC});
      store<i64>(LEFT, left + 1);
      const advance = executeRest(record);
      if (load<u32>(PENDING) != 0) { leaveRest(advance, left); return; }
      if (advance != 0) { record += advance; continue; }
      target = load<u64>(PC_CELL);
      ${variant.tiered ? "noteHotTarget(target);" : ""}
    }
    // Out of the page; PCC has been checked where the manual says.
    if (left == 0) { leaveAt(target, 0); return; }
    record = findPage(target);
    if (record == 0) {
      record = enterPage(target);
      if (record == 0) { leaveAt(target, left); return; }
    }
    ${variant.tiered ? "if (load<u32>(TRANSLATING) == TRANSLATING_ALL) forceRegion(record, target);" : ""}
    delta = target - <u64>(record >> 3);
  }
}
`;
}
