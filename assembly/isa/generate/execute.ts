// Generates the interpreter's dispatch: one dense switch whose cases are the table's semantics, inlined.
import type { Semantics } from "../instruction.ts";
import { operandsOf, parseExpression, printExpression } from "./expression.ts";
import type { Expression } from "./expression.ts";
import type { Case } from "./operations.ts";

const RECORD_BYTES_PER_BYTE = 8; // a 16-byte record per 2-byte parcel

type Load = Extract<Semantics, { kind: "load" }>;
type Store = Extract<Semantics, { kind: "store" }>;
type Float = Extract<Semantics, { kind: "float" }>;
type Amo = Extract<Semantics, { kind: "amo" }>;
type Call = Extract<Semantics, { kind: "call" }>;

/** Names the generated file must import: function → module. */
export class Imports {
  readonly modules = new Map<string, Set<string>>();
  add(module: string, name: string): void {
    const names = this.modules.get(module) ?? new Set<string>();
    this.modules.set(module, names.add(name));
  }
  print(): string {
    return [...this.modules].map(([module, names]) => `import { ${[...names].join(", ")} } from "${module}";`).join("\n");
  }
}

const next = (length: number): string => `record += ${length * RECORD_BYTES_PER_BYTE}; continue;`;
const PC = "(<u64>(record >> 3) + delta)";

const OPERAND: Record<string, string> = {
  rs1: "const rs1 = readX(load<u16>(record, RECORD_RS1));",
  rs2: "const rs2 = readX(load<u16>(record, RECORD_RS2));",
  imm: "const imm = <u64>load<i32>(record, RECORD_IMM);",
  pc: `const pc = ${PC} - load<u64>(PC_BIAS);`,
  fs1: "const fs1 = readF(load<u16>(record, RECORD_RS1));",
  fs2: "const fs2 = readF(load<u16>(record, RECORD_RS2));",
  fs3: "const fs3 = readF(load<u16>(record, RECORD_IMM + 2));",
};

/** Loads of the operands an expression reads, in the table's order. */
function operandLoads(expression: Expression): string[] {
  const used = operandsOf(expression);
  return Object.keys(OPERAND).filter((name) => used.has(name)).map((name) => OPERAND[name] ?? "");
}

function functionModule(name: string): string {
  return /^(f32|f64|i32|u32|i64|u64)_|^single$/.test(name) ? "../riscv/float" : "../riscv/arithmetic";
}

function expression(text: string, imports: Imports): { tree: Expression; source: string } {
  const tree = parseExpression(text);
  const functions = new Set<string>();
  const source = printExpression(tree, functions);
  for (const name of functions) imports.add(functionModule(name), name);
  return { tree, source };
}

/** After a slow path or a call: leave if it raised anything. */
const check = (length: number): string => `if (load<u32>(PENDING) != 0) { leaveAfter(record, delta, left, ${length}); return; }`;
const trap = (): string => `{ leaveBefore(record, delta, left); return; }`;

function emitAlu(value: string, length: number, imports: Imports): string[] {
  const { tree, source } = expression(value, imports);
  return [...operandLoads(tree), `writeX(load<u16>(record, RECORD_RD), ${source});`, next(length)];
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
const NOTE_TARGET = "if (load<u32>(TRANSLATING) != 0) noteHotTarget(target);";

function emitBranch(taken: string, { length, near, counted }: Case, imports: Imports): string[] {
  const { tree, source } = expression(taken, imports);
  const distance = "load<i32>(record, RECORD_IMM)";
  const loads = operandLoads(tree);
  if (counted) return [...loads, `if (!${source}) { ${next(length)} }`, ...countBackward(distance)];
  // A select would put the comparison on the path to the next record; a branch predicts it away (measured: +8 %).
  if (near) return [...loads, `if (${source}) { record += <usize>${distance}; continue; }`, next(length)];
  return [
    ...loads,
    `if (!${source}) { ${next(length)} }`,
    `target = ${PC} + <u64>${distance};`,
    `if (!insidePcc(target)) if (!checkTarget(target)) ${trap()}`,
    NOTE_TARGET,
    "break;",
  ];
}

function emitJump({ length, near, unlinked, counted }: Case): string[] {
  const link = unlinked ? [] : [`writeX(load<u16>(record, RECORD_RD), ${PC} + ${length} - load<u64>(PC_BIAS));`];
  const distance = "load<i32>(record, RECORD_IMM)";
  if (counted) return countBackward(distance);
  if (near) return [...link, `record += <usize>${distance}; continue;`];
  return [`target = ${PC} + <u64>${distance};`, `if (!insidePcc(target)) if (!checkTarget(target)) ${trap()}`, ...link, NOTE_TARGET, "break;"];
}

function emitJumpRegister({ length, unlinked }: Case): string[] {
  const link = unlinked ? [] : [`writeX(load<u16>(record, RECORD_RD), ${PC} + ${length} - load<u64>(PC_BIAS));`];
  return [
    "target = (readX(load<u16>(record, RECORD_RS1)) + <u64>load<i32>(record, RECORD_IMM) + load<u64>(PC_BIAS)) & ~1;",
    `if (!insidePcc(target)) if (!checkTarget(target)) ${trap()}`,
    ...link,
    // Returns lead to places that are no beginnings.
    ...(unlinked ? ["if (load<u16>(record, RECORD_RS1) != RETURN_REGISTER) {", NOTE_TARGET, "}"] : [NOTE_TARGET]),
    "break;",
  ];
}

/** Offset of the access inside the authority's window, and the window's length and linear base. */
function windowOf(authority: "ddc" | "cap", direction: "load" | "store"): { offset: string[]; window: string; linear: string } {
  const address = "readX(load<u16>(record, RECORD_RS1)) + <u64>load<i32>(record, RECORD_IMM)";
  if (authority === "ddc") {
    return {
      offset: [`const offset = ${address} + load<u64>(DDC_OFFSET_BIAS);`],
      window: direction === "load" ? "load<u32>(DDC_LOAD_WINDOW)" : "load<u32>(DDC_STORE_WINDOW)",
      linear: "<usize>offset + load<u32>(DDC_LINEAR)",
    };
  }
  return {
    offset: [
      "const authority: usize = X + load<u16>(record, RECORD_RS1);",
      "const address = load<u64>(authority) + <u64>load<i32>(record, RECORD_IMM);",
      "const offset = address - load<u64>(authority, CAP_WINDOW_BASE);",
    ],
    window: direction === "load" ? "(load<u32>(authority, CAP_STATE) & ~STATE_MASK)" : "load<u32>(authority, CAP_STORE_WINDOW)",
    linear: "<usize>address + load<u32>(RAM_DELTA)",
  };
}

/** Bounds, permission, tag, seal, RAM range and natural alignment in one compare. */
function fits(window: string, sizeLog2: number): string {
  return sizeLog2 === 0 ? `offset < <u64>${window}` : `rotr<u64>(offset, ${sizeLog2}) < <u64>(${window} >> ${sizeLog2})`;
}

const ACCESS: Record<string, [type: string, fromSlow: string]> = {
  "i64.load8_s": ["i8", "<u64><i64><i8>"],
  "i64.load16_s": ["i16", "<u64><i64><i16>"],
  "i64.load32_s": ["i32", "<u64><i64><i32>"],
  "i64.load8_u": ["u8", ""],
  "i64.load16_u": ["u16", ""],
  "i64.load32_u": ["u32", ""],
  "i64.load": ["u64", ""],
};

const FLOAT_OFF = "if ((load<u32>(MSTATUS) & MSTATUS_FS) == 0)";
const FLOAT_CLEAN = "if ((load<u32>(MSTATUS) & MSTATUS_FS) != MSTATUS_FS) if (!dirtyFloat())";
const illegal = (): string => `{ raiseIllegal(); leaveBefore(record, delta, left); return; }`;

function emitLoad({ access, sizeLog2, to, authority }: Load, length: number, imports: Imports): string[] {
  const { offset, window, linear } = windowOf(authority, "load");
  const viaCap = authority === "cap";
  if (to === "c") {
    imports.add("../memory", "loadCapSlow");
    imports.add("../memory", "loadCapFast");
    return [
      NOTE_CAPABILITY,
      ...offset,
      `if (${fits(window, 4)}) loadCapFast(${linear}, ${viaCap ? "authority" : "DDC"}, X + load<u16>(record, RECORD_RD));`,
      `else { store<i64>(LEFT, left + 1); loadCapSlow(record, ${viaCap}); ${check(length)} }`,
      next(length),
    ];
  }
  const [type, fromSlow] = ACCESS[access] ?? ["", ""];
  const write = { x: "writeX", f4: "writeF4", f8: "writeF" }[to];
  const result = `${write}(load<u16>(record, RECORD_RD), ${to === "f4" ? "<u32>value" : "value"})`;
  imports.add("../memory", "loadSlow");
  return [
    ...(to === "x" ? [] : [`${FLOAT_CLEAN} ${illegal()}`]),
    ...offset,
    "let value: u64;",
    `if (${fits(window, sizeLog2)}) value = <u64>load<${type}>(${linear});`,
    `else {`,
    `  store<i64>(LEFT, left + 1); value = ${fromSlow}loadSlow(record, ${sizeLog2}, ${viaCap});`,
    // A device's load may leave the loop too, but it has a value.
    `  if (load<u32>(PENDING) != 0) { if (load<u32>(PENDING) != PENDING_TRAP) ${result}; leaveAfter(record, delta, left, ${length}); return; }`,
    `}`,
    `${result};`,
    next(length),
  ];
}

function emitStore({ sizeLog2, from, authority }: Store, length: number, imports: Imports): string[] {
  const { offset, window, linear } = windowOf(authority, "store");
  const viaCap = authority === "cap";
  if (from === "c") {
    imports.add("../memory", "storeCapSlow");
    imports.add("../memory", "storeCapFast");
    return [
      "const source: usize = X + load<u16>(record, RECORD_RS2);",
      ...offset,
      `if (${fits(window, 4)} && (load<u32>(source, CAP_STATE) & STATE_TAG) == 0) storeCapFast(${linear}, source);`,
      `else { store<i64>(LEFT, left + 1); storeCapSlow(record, ${viaCap}); ${check(length)} }`,
      next(length),
    ];
  }
  imports.add("../memory", "storeSlow");
  const read = from === "f" ? "readF" : "readX";
  return [
    ...(from === "x" ? [] : [`${FLOAT_OFF} ${illegal()}`]),
    ...offset,
    `const value = ${read}(load<u16>(record, RECORD_RS2));`,
    `if (${fits(window, sizeLog2)}) { const p: usize = ${linear}; store<u${8 << sizeLog2}>(p, <u${8 << sizeLog2}>value); clearTag(p); }`,
    `else { store<i64>(LEFT, left + 1); storeSlow(record, value, ${sizeLog2}, ${viaCap}); ${check(length)} }`,
    next(length),
  ];
}

function emitFloat({ value, to, rounds, flags }: Float, length: number, imports: Imports): string[] {
  const { tree, source } = expression(value, imports);
  const write = { x: "writeX", f4: "writeF4", f8: "writeF" }[to];
  const watch = to === "x" && flags;
  return [
    `${to === "x" ? FLOAT_OFF : FLOAT_CLEAN} ${illegal()}`,
    ...(rounds ? ["let rm: u32 = load<u32>(record, RECORD_IMM) & 7;", "if (rm == 7) rm = load<u32>(FCSR) >> 5;", `if (rm > 4) ${illegal()}`] : []),
    ...operandLoads(tree),
    ...(watch ? ["const before = load<u32>(FCSR);"] : []),
    `${write}(load<u16>(record, RECORD_RD), ${to === "x" ? `<u64>${source}` : source});`,
    ...(watch ? ["if (load<u32>(FCSR) != before) dirtyFloat();"] : []),
    next(length),
  ];
}

function emitAmo({ value, sizeLog2, authority }: Amo, length: number, imports: Imports): string[] {
  const { source } = expression(value, imports);
  imports.add("../memory", "amoPointer");
  const old = sizeLog2 === 2 ? "<u64>load<i32>(p)" : "load<u64>(p)";
  // Word operations compare and store the low halves; min and max need them extended like the old value.
  const rs2 = sizeLog2 === 2 ? "const rs2 = <u64><i64><i32>readX(load<u16>(record, RECORD_RS2));" : OPERAND.rs2 ?? "";
  return [
    "store<i64>(LEFT, left + 1);",
    `const p = amoPointer(record, ${sizeLog2}, ${authority === "cap"});`,
    `if (p == 0) ${trap()}`,
    `const old = ${old};`,
    rs2,
    `store<u${8 << sizeLog2}>(p, <u${8 << sizeLog2}>${source});`,
    "clearTag(p);",
    "writeX(load<u16>(record, RECORD_RD), old);",
    next(length),
  ];
}

/** Tells the translator, whose code for integers relies on there being no capabilities in registers. */
const NOTE_CAPABILITY = "store<u32>(CAPS_SEEN, 1);";
const mayWriteCapability = ({ module, function: name }: Call): boolean =>
  module.startsWith("../cheri") || /_C_(DDC|CAP)$/.test(name);

function emitCall(call: Call, length: number, imports: Imports): string[] {
  imports.add(call.module, call.function);
  const home = [
    ...(mayWriteCapability(call) ? [NOTE_CAPABILITY] : []),
    `store<u64>(PC_CELL, ${PC});`,
    "store<i64>(LEFT, left + 1);",
  ];
  if (call.effect === "plain") {
    return [...(mayWriteCapability(call) ? [NOTE_CAPABILITY] : []), `${call.function}(record);`, check(length), next(length)];
  }
  if (call.effect === "state") return [...home, `${call.function}(record);`, check(length), next(length)];
  return [
    ...home,
    `${call.function}(record);`,
    "if (load<u32>(PENDING) != 0) { leaveJump(left); return; }",
    "target = load<u64>(PC_CELL);",
    "break;",
  ];
}

export function emitCase(entry: Case, imports: Imports): string[] {
  const { semantics } = entry.operation;
  switch (semantics.kind) {
    case "alu": return emitAlu(semantics.value, entry.length, imports);
    case "branch": return emitBranch(semantics.taken, entry, imports);
    case "jal": return emitJump(entry);
    case "jalr": return emitJumpRegister(entry);
    case "load": return emitLoad(semantics, entry.length, imports);
    case "store": return emitStore(semantics, entry.length, imports);
    case "float": return emitFloat(semantics, entry.length, imports);
    case "amo": return emitAmo(semantics, entry.length, imports);
    case "call": return emitCall(semantics, entry.length, imports);
    case "nop": return [next(entry.length)];
  }
}

export function generateInterpreter(cases: readonly Case[], numbers: ReadonlyMap<string, number>): string {
  const imports = new Imports();
  const bodies = cases.map((entry) => `      case ${numbers.get(entry.id)}: { // ${entry.id}\n        ${emitCase(entry, imports).join("\n        ")}\n      }`);
  return `// GENERATED by assembly/isa/generate.ts from the instruction table. Do not edit.
import {
  CAP_STATE, CAP_STORE_WINDOW, CAP_WINDOW_BASE, DDC, DDC_LINEAR, DDC_LOAD_WINDOW, DDC_OFFSET_BIAS, DDC_STORE_WINDOW, FCSR, LEFT, MSTATUS,
  PC as PC_CELL, PC_BIAS, PENDING, PENDING_TRAP, RAM_DELTA, RECORD_IMM, RECORD_RD, RECORD_RS1, RECORD_RS2, STATE_MASK, STATE_TAG, X,
} from "../layout";
import { readF, readX, writeF, writeX } from "../riscv/registers";
import { dirtyFloat, MSTATUS_FS, writeF4 } from "../riscv/float";
import { checkTarget } from "../cheri/check";
import { clearTag } from "../cheri/tags";
import { raiseIllegal } from "../riscv/trap";
import { decodeRecord, enterPage, findPage, prepareStraddling } from "../decode-cache";
import { enterRegion, forceRegion, noteHotLoop, noteHotTarget, prepareOriginal } from "../translate/tier";
import { CAPS_SEEN, HOT_TURNS, RETURN_REGISTER, TRANSLATING, TRANSLATING_ALL } from "../translate/map";
import { insidePcc, leaveAfter, leaveAt, leaveBefore, leaveJump } from "../interpreter";
${imports.print()}

/**
 * Executes from \`record\` (whose pc is (record >> 3) + delta) until LEFT instructions have retired or something
 * needs run(): a trap, a changed context, a page that must be stepped. PC, LEFT and PENDING say what happened.
 */
export function execute(record: usize, delta: u64): void {
  let left = <i32>load<i64>(LEFT);
  let target: u64 = 0;
  for (;;) {
    if (--left < 0) { leaveAt(${PC}, 0); return; }
    switch (<i32>load<u16>(record)) {
      case 0: { left++; decodeRecord(record); continue; } // not decoded yet
      case 1: { left++; target = ${PC}; break; } // end of the page
      case 2: { // four bytes across the page's end
        const pc = ${PC};
        left++;
        record = prepareStraddling(pc);
        if (record == 0) { leaveAt(pc, left); return; }
        delta = pc - <u64>(record >> 3);
        continue;
      }
      case 3: { raiseIllegal(); leaveBefore(record, delta, left); return; }
      case 4: { ${next(2)} }
      case 5: { ${next(4)} }
${bodies.join("\n")}
      default: { // a translated region
        left++;
        const pc = ${PC};
        const before = left;
        target = enterRegion(record, pc, left);
        left = <i32>load<i64>(LEFT);
        if (load<u32>(PENDING) != 0) { leaveAt(target & ~1, left); return; }
        if (left == before || (target & 1) != 0) { // the region wants its next instruction interpreted
          target &= ~1;
          if (left == 0) { leaveAt(target, 0); return; }
          record = prepareOriginal(target);
          if (record == 0) { leaveAt(target, left); return; }
          delta = target - <u64>(record >> 3);
          continue;
        }
        break;
      }
    }
    // Only control transfers out of the page arrive here; PCC has been checked where the manual says.
    if (left == 0) { leaveAt(target, 0); return; }
    record = findPage(target);
    if (record == 0) {
      record = enterPage(target);
      if (record == 0) { leaveAt(target, left); return; }
    }
    if (load<u32>(TRANSLATING) == TRANSLATING_ALL) forceRegion(record, target);
    delta = target - <u64>(record >> 3);
  }
}
`;
}
