// Generates `executeRest`: one instruction, out of line, with every check: whatever execute() has no fast case for,
// and whatever a fast case refused. Kept out of execute() because V8 compiles huge functions badly, and in several functions
// because it optimises a large one after some dozen calls, whether much of it is needed or not.
import type { Semantics } from "../instruction.ts";
import type { Case, Pair } from "./operations.ts";
import { isRare } from "./execute.ts";
import { ACCESS, Imports, NOTE_CAPABILITY, operandLoads, tableExpression, WRITE } from "./source.ts";
import type { Style } from "./source.ts";

type Load = Extract<Semantics, { kind: "load" }>;
type Store = Extract<Semantics, { kind: "store" }>;
type Float = Extract<Semantics, { kind: "float" }>;
type Amo = Extract<Semantics, { kind: "amo" }>;
type Call = Extract<Semantics, { kind: "call" }>;

const STYLE: Style = { pc: "load<u64>(PC)" };
const done = (length: number): string => `return ${length * 8};`;
const FLOAT_OFF = "if ((load<u32>(MSTATUS) & MSTATUS_FS) == 0)";
const FLOAT_CLEAN = "if ((load<u32>(MSTATUS) & MSTATUS_FS) != MSTATUS_FS) if (!dirtyFloat())";
const ILLEGAL = "{ raiseIllegal(); return 0; }";

function emitJump(target: string, { length, unlinked }: Case): string[] {
  const link = unlinked ? [] : [`writeX(load<u16>(record, RECORD_RD), load<u64>(PC) + ${length} - load<u64>(PC_BIAS));`];
  return [`const target = ${target};`, "if (!checkTarget(target)) return 0;", ...link, "store<u64>(PC, target);", "return 0;"];
}

function emitLoad({ access, sizeLog2, to, authority }: Load, length: number, imports: Imports): string[] {
  const viaCap = authority === "cap";
  if (to === "c") {
    imports.add("../memory", "loadCapSlow");
    return [NOTE_CAPABILITY, `loadCapSlow(record, ${viaCap});`, done(length)];
  }
  imports.add("../memory", "loadSlow");
  const [, extend] = ACCESS[access] ?? ["", ""];
  return [
    ...(to === "x" ? [] : [`${FLOAT_CLEAN} ${ILLEGAL}`]),
    `const value = ${extend}loadSlow(record, ${sizeLog2}, ${viaCap});`,
    // A device's load may leave the loop too, but it has a value.
    "if (load<u32>(PENDING) == PENDING_TRAP) return 0;",
    `${WRITE[to]}(load<u16>(record, RECORD_RD), ${to === "f4" ? "<u32>value" : "value"});`,
    done(length),
  ];
}

function emitStore({ sizeLog2, from, authority }: Store, length: number, imports: Imports): string[] {
  const viaCap = authority === "cap";
  if (from === "c") {
    imports.add("../memory", "storeCapSlow");
    return [`storeCapSlow(record, ${viaCap});`, done(length)];
  }
  imports.add("../memory", "storeSlow");
  return [
    ...(from === "x" ? [] : [`${FLOAT_OFF} ${ILLEGAL}`]),
    `storeSlow(record, ${from === "f" ? "readF" : "readX"}(load<u16>(record, RECORD_RS2)), ${sizeLog2}, ${viaCap});`,
    done(length),
  ];
}

function emitFloat({ value, to, rounds, flags }: Float, length: number, imports: Imports): string[] {
  const { tree, source } = tableExpression(value, imports);
  const watch = to === "x" && flags;
  return [
    `${to === "x" ? FLOAT_OFF : FLOAT_CLEAN} ${ILLEGAL}`,
    ...(rounds ? ["let rm: u32 = load<u32>(record, RECORD_IMM) & 7;", "if (rm == 7) rm = load<u32>(FCSR) >> 5;", `if (rm > 4) ${ILLEGAL}`] : []),
    ...operandLoads(tree, STYLE),
    ...(watch ? ["const before = load<u32>(FCSR);"] : []),
    `${WRITE[to]}(load<u16>(record, RECORD_RD), ${to === "x" ? `<u64>${source}` : source});`,
    ...(watch ? ["if (load<u32>(FCSR) != before) dirtyFloat();"] : []),
    done(length),
  ];
}

function emitAmo({ value, sizeLog2, authority }: Amo, length: number, imports: Imports): string[] {
  const { source } = tableExpression(value, imports);
  imports.add("../memory", "amoPointer");
  imports.add("../memory", "noticeAtomic");
  const old = sizeLog2 === 2 ? "<u64>load<i32>(p)" : "load<u64>(p)";
  // Word operations compare and store the low halves; min and max need them extended like the old value.
  const extend = sizeLog2 === 2 ? "<u64><i64><i32>" : "";
  return [
    `const p = amoPointer(record, ${sizeLog2}, ${authority === "cap"});`,
    "if (p == 0) return 0;",
    `const old = ${old};`,
    `const rs2 = ${extend}readX(load<u16>(record, RECORD_RS2));`,
    `store<u${8 << sizeLog2}>(p, <u${8 << sizeLog2}>${source});`,
    `noticeAtomic(p, ${1 << sizeLog2});`,
    "writeX(load<u16>(record, RECORD_RD), old);",
    done(length),
  ];
}

const mayWriteCapability = ({ module, function: name }: Call): boolean =>
  (module.startsWith("../cheri") && module !== "../cheri/inspect") || /_C_(DDC|CAP)$/.test(name);

/** Body of the case, null if execute() does all of it. */
function emitRest(entry: Case, imports: Imports): string[] | null {
  const { semantics } = entry.operation;
  const { length } = entry;
  const distance = "load<u64>(PC) + <u64>load<i32>(record, RECORD_IMM)";
  switch (semantics.kind) {
    case "alu": {
      if (!isRare(entry)) return null;
      const { tree, source } = tableExpression(semantics.value, imports);
      return [...operandLoads(tree, STYLE), `writeX(load<u16>(record, RECORD_RD), ${source});`, done(length)];
    }
    case "load": return emitLoad(semantics, length, imports);
    case "store": return emitStore(semantics, length, imports);
    case "float": return emitFloat(semantics, length, imports);
    case "amo": return emitAmo(semantics, length, imports);
    case "branch":
    case "jal": return entry.near ? null : emitJump(distance, { ...entry, unlinked: entry.unlinked || semantics.kind === "branch" });
    case "jalr": return emitJump("(readX(load<u16>(record, RECORD_RS1)) + <u64>load<i32>(record, RECORD_IMM) + load<u64>(PC_BIAS)) & ~1", entry);
    case "call": {
      imports.add(semantics.module, semantics.function);
      const note = mayWriteCapability(semantics) ? [NOTE_CAPABILITY] : [];
      return [...note, `${semantics.function}(record);`, semantics.effect === "jump" ? "return 0;" : done(length)];
    }
    default: return null;
  }
}

/** The functions, by what their instructions have in common. */
const GROUPS = ["Arithmetic", "Access", "Float", "Atomic", "System", "Capability"] as const;

function groupOf({ operation: { semantics } }: Case): (typeof GROUPS)[number] {
  switch (semantics.kind) {
    case "load":
    case "store": return "Access";
    case "float": return "Float";
    case "amo": return "Atomic";
    case "call": return semantics.module.startsWith("../cheri") ? "Capability" : "System";
    default: return "Arithmetic";
  }
}

const functionFor = (group: string, bodies: readonly string[]): string => `function rest${group}(record: usize): u32 {
  switch (<i32>load<u16>(record)) {
${bodies.join("\n")}
    default: { raiseIllegal(); return 0; }
  }
}`;

export function generateRest(cases: readonly Case[], pairs: readonly Pair[], numbers: ReadonlyMap<string, number>): string {
  const imports = new Imports();
  const bodies = new Map<string, string[]>(GROUPS.map((group) => [group, []]));
  const groupByNumber = Array.from({ length: numbers.size }, () => 0);
  for (const entry of cases) {
    const lines = emitRest(entry, imports);
    if (lines === null) continue;
    // Of a pair the first instruction: the fast case leaves with `record` at the one that it could not do.
    const ids = [...pairs.filter((pair) => pair.first === entry), entry].map(({ id }) => numbers.get(id)!);
    const group = groupOf(entry);
    for (const number of ids) groupByNumber[number] = GROUPS.indexOf(group);
    bodies.get(group)!.push(`    ${ids.map((number) => `case ${number}: `).join("")}{ // ${entry.id}\n      ${lines.join("\n      ")}\n    }`);
  }
  return `// GENERATED by assembly/isa/generate.ts from the instruction table. Do not edit.
import { FCSR, MSTATUS, PC, PC_BIAS, PENDING, PENDING_TRAP, RECORD_IMM, RECORD_RD, RECORD_RS1, RECORD_RS2 } from "../layout";
import { readF, readX, writeF, writeX } from "../riscv/registers";
import { dirtyFloat, MSTATUS_FS, writeF4 } from "../riscv/float";
import { checkTarget } from "../cheri/check";
import { raiseIllegal } from "../riscv/trap";
import { CAPS_SEEN } from "../translate/map";
${imports.print()}

${[...bodies].map(([group, list]) => functionFor(group, list)).join("\n\n")}

const GROUP_OF: usize = memory.data<u8>([${groupByNumber.join(", ")}]);

/**
 * Executes the instruction of \`record\`; PC and LEFT hold its state. Returns the distance to the next record, or 0 if
 * PC says where to go on. PENDING says whether it trapped or changed the context.
 */
export function executeRest(record: usize): u32 {
  // Indirect, or the optimiser would make one function of them.
  switch (load<u8>(GROUP_OF + load<u16>(record))) {
${GROUPS.map((group, index) => `    ${index < GROUPS.length - 1 ? `case ${index}` : "default"}: return call_indirect<u32>(rest${group}.index, record);`).join("\n")}
  }
}
`;
}
