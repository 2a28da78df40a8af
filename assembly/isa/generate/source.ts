// What both generated engines of an instruction (execute, rest) write alike: imports, operands, table expressions.
import { operandsOf, parseExpression, printExpression } from "./expression.ts";
import type { Expression } from "./expression.ts";

/** Names a generated file must import: function → module. */
export class Imports {
  readonly modules = new Map<string, Set<string>>();
  add(module: string, ...names: string[]): void {
    const known = this.modules.get(module) ?? new Set<string>();
    for (const name of names) known.add(name);
    this.modules.set(module, known);
  }
  print(): string {
    return [...this.modules].map(([module, names]) => `import { ${[...names].join(", ")} } from "${module}";`).join("\n");
  }
}

/** How `pc` is written where the two files know it. */
export interface Style {
  readonly pc: string;
}

function operandLoad(name: string, style: Style): string {
  const loads: Record<string, string> = {
    rs1: "const rs1 = readX(load<u16>(record, RECORD_RS1));",
    rs2: "const rs2 = readX(load<u16>(record, RECORD_RS2));",
    imm: "const imm = <u64>load<i32>(record, RECORD_IMM);",
    pc: `const pc = ${style.pc} - load<u64>(PC_BIAS);`,
    fs1: "const fs1 = readF(load<u16>(record, RECORD_RS1));",
    fs2: "const fs2 = readF(load<u16>(record, RECORD_RS2));",
    fs3: "const fs3 = readF(load<u16>(record, RECORD_IMM + 2));",
  };
  return loads[name] ?? "";
}
const OPERANDS = ["rs1", "rs2", "imm", "pc", "fs1", "fs2", "fs3"];

/** Loads of the operands an expression reads, in the table's order. */
export function operandLoads(expression: Expression, style: Style): string[] {
  const used = operandsOf(expression);
  return OPERANDS.filter((name) => used.has(name)).map((name) => operandLoad(name, style));
}

function functionModule(name: string): string {
  return /^(f32|f64|i32|u32|i64|u64)_|^single$/.test(name) ? "../riscv/float" : "../riscv/arithmetic";
}

export function tableExpression(text: string, imports: Imports): { tree: Expression; source: string } {
  const tree = parseExpression(text);
  const functions = new Set<string>();
  const source = printExpression(tree, functions);
  for (const name of functions) imports.add(functionModule(name), name);
  return { tree, source };
}

/** Wasm load → AssemblyScript type, and the conversion of a zero-extended value. */
export const ACCESS: Record<string, [type: string, fromZeroExtended: string]> = {
  "i64.load8_s": ["i8", "<u64><i64><i8>"],
  "i64.load16_s": ["i16", "<u64><i64><i16>"],
  "i64.load32_s": ["i32", "<u64><i64><i32>"],
  "i64.load8_u": ["u8", ""],
  "i64.load16_u": ["u16", ""],
  "i64.load32_u": ["u32", ""],
  "i64.load": ["u64", ""],
};
export const WRITE = { x: "writeX", f4: "writeF4", f8: "writeF" } as const;

/** Tells the translator, whose code for integers relies on there being no capabilities in registers. */
export const NOTE_CAPABILITY = "store<u32>(CAPS_SEEN, 1);";
