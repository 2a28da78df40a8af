// Numbers the operations densely and says which lengths (2, 4) and which branch distances each needs.
import { COMPRESSED_INSTRUCTIONS, INSTRUCTIONS, OPERATIONS } from "../instructions.ts";
import { PAIRS } from "../pairs.ts";
import type { Instruction, Operation } from "../instructions.ts";

/** One case of the dispatch. */
export interface Case {
  /** Identifier such as OP_ADDI_2 or OP_BEQ_FAR_4. */
  readonly id: string;
  readonly operation: Operation;
  readonly length: 2 | 4;
  /** The jump stays in its page: imm is a byte distance between records. Only branches and direct jumps. */
  readonly near: boolean;
  /** Direct jump without a link register. */
  readonly unlinked: boolean;
  /** Near jump backwards that counts how often it was taken, in its record's rd field: only while the translator is on. */
  readonly counted: boolean;
}

export const identifier = (name: string): string => name.toUpperCase().replace(/[^A-Z0-9]/g, "_");

/** The instruction that a compressed row stands for in a mode. */
export function findInstruction(name: string, mode: "any" | "int" | "cap"): Instruction {
  const found = INSTRUCTIONS.find((row) => row.name === name && (row.mode === "any" || mode === "any" || row.mode === mode));
  if (!found) throw new Error(`no instruction ${name} in mode ${mode}`);
  return found;
}

function compressedOperations(): Set<string> {
  const names = new Set<string>();
  for (const row of COMPRESSED_INSTRUCTIONS) {
    for (const mode of row.mode === "any" ? (["int", "cap"] as const) : [row.mode]) {
      names.add(findInstruction(row.expansion, mode).operation);
    }
  }
  return names;
}

function casesOf(operation: Operation, lengths: readonly (2 | 4)[]): Case[] {
  const { kind } = operation.semantics;
  const jumps = kind === "branch" || kind === "jal";
  const links = kind === "jal" || kind === "jalr";
  const cases: Case[] = [];
  for (const length of lengths) {
    for (const near of jumps ? [true, false] : [false]) {
      for (const unlinked of links ? [true, false] : [false]) {
        const distance = jumps ? [near ? "NEAR" : "FAR"] : [];
        const id = (words: readonly string[]): string => ["OP", identifier(operation.name), ...words, length].join("_");
        const words = [...distance, ...(unlinked ? ["UNLINKED"] : [])];
        cases.push({ id: id(words), operation, length, near, unlinked, counted: false });
        if (near && (kind === "branch" || unlinked)) {
          cases.push({ id: id([...words, "COUNTED"]), operation, length, near, unlinked, counted: true });
        }
      }
    }
  }
  return cases;
}

/** Numbers below this are not instructions: 0 undecoded, 1 page end, 2 straddling, 3 illegal, 4 and 5 nop of length 2 and 4. */
export const FIRST_CASE = 6;

export function allCases(): Case[] {
  const compressed = compressedOperations();
  return OPERATIONS.flatMap((operation) => casesOf(operation, compressed.has(operation.name) ? [2, 4] : [4]));
}

/** Two cases that often follow one another, executed by one dispatch. */
export interface Pair {
  readonly id: string;
  readonly first: Case;
  readonly second: Case;
  /** Only where the second reads as rs1 what the first wrote. */
  readonly chained: boolean;
}

export function allPairs(cases: readonly Case[]): Pair[] {
  const find = (name: string): Case => {
    const found = cases.find((entry) => entry.id === `OP_${name}`);
    if (!found) throw new Error(`no case ${name}`);
    return found;
  };
  return PAIRS.map((text) => {
    const [first = "", second = ""] = text.split(/[ >]/);
    return { id: `OP_${first}__${second}`, first: find(first), second: find(second), chained: text.includes(">") };
  });
}
