// Functions that semantic expressions call: what emitted code imports from the core, with their Wasm types.
import { OPERATIONS } from "../instructions.ts";
import { parseExpression } from "./expression.ts";
import type { Expression } from "./expression.ts";

type Type = "u32" | "u64";

export interface Helper {
  readonly name: string;
  readonly module: string;
  readonly parameters: readonly Type[];
  readonly result: Type;
  /** Index of its type among those of every emitted module (translate/module.ts). */
  readonly type: number;
}

const isDouble = (name: string): boolean => name.startsWith("f64_");

/** Operand and result types follow the names of soft-float: the prefix says what it takes, `_to_` what it gives. */
function signatureOf(name: string, arity: number): { parameters: Type[]; result: Type } {
  if (name === "single") return { parameters: ["u64"], result: "u32" };
  const conversion = /^(f32|f64|i32|u32|i64|u64)_to_(f32|f64|i32|u32|i64|u64)$/.exec(name);
  if (conversion) {
    const parameters: Type[] = [conversion[1] === "f32" ? "u32" : "u64"];
    if (arity === 2) parameters.push("u32");
    return { parameters, result: conversion[2] === "f32" ? "u32" : "u64" };
  }
  if (/^f(32|64)_(eq|lt|le|classify)$/.test(name)) {
    return { parameters: new Array<Type>(arity).fill(isDouble(name) ? "u64" : "u32"), result: "u64" };
  }
  if (/^f(32|64)_/.test(name)) {
    const value: Type = isDouble(name) ? "u64" : "u32";
    const rounds = /_(add|sub|mul|div|sqrt|mulAdd)$/.test(name);
    const operands = new Array<Type>(rounds ? arity - 1 : arity).fill(value);
    return { parameters: rounds ? [...operands, "u32"] : operands, result: value };
  }
  return { parameters: new Array<Type>(arity).fill("u64"), result: "u64" };
}

/** Types in the order in which translate/module.ts declares them, after its own. */
export const HELPER_TYPES: string[] = [];
/** Types 0 to 7 are those of regions and of the translator's own helpers. */
export const FIRST_HELPER_TYPE = 10;

function typeIndex(parameters: readonly Type[], result: Type): number {
  const key = `${parameters.join(",")}:${result}`;
  if (!HELPER_TYPES.includes(key)) HELPER_TYPES.push(key);
  return FIRST_HELPER_TYPE + HELPER_TYPES.indexOf(key);
}

const helpers = new Map<string, Helper>();

function collect(expression: Expression): void {
  if (typeof expression === "string") return;
  expression.operands.forEach(collect);
  const { name } = expression;
  if (name.includes(".") || name === "select" || helpers.has(name)) return;
  const { parameters, result } = signatureOf(name, expression.operands.length);
  const module = /^(f32|f64|i32|u32|i64|u64)_|^single$/.test(name) ? "../riscv/float" : "../riscv/arithmetic";
  helpers.set(name, { name, module, parameters, result, type: typeIndex(parameters, result) });
}

for (const { semantics } of OPERATIONS) {
  if (semantics.kind === "alu" || semantics.kind === "float" || semantics.kind === "amo") collect(parseExpression(semantics.value));
}

export const HELPERS: readonly Helper[] = [...helpers.values()];
/** The translator's own helpers come first. */
export const FIRST_HELPER = 9;

export function helperNumber(name: string): number {
  const index = HELPERS.findIndex((helper) => helper.name === name);
  if (index < 0) throw new Error(`no helper ${name}`);
  return FIRST_HELPER + index;
}
