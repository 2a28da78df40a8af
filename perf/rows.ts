// Rows of the result, and the ratios between them.
import { instructionsOf, type InstructionCounts } from './kernels.ts';
import type { EngineName, Spent } from './engines/engine.ts';
import type { Task } from './rounds.ts';

export interface Row {
  readonly kernel: string;
  readonly engine: EngineName;
  readonly cheri: boolean;
  readonly instructions: number;
  readonly seconds: number;
  readonly mips: number;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export function rowOf(task: Task, counts: InstructionCounts): Row {
  return makeRow(task, counts, task.samples);
}

/** The row from a cold start; undefined if the engine does not tell the two apart. */
export function coldRowOf(task: Task, counts: InstructionCounts): Row | undefined {
  const samples = task.samples.flatMap(({ cold }) => (cold === undefined ? [] : [cold]));
  return samples.length === 0 ? undefined : makeRow(task, counts, samples);
}

/** Of the sample whose speed is the median; of two in the middle, the slower one. */
function makeRow({ kernel, engine, iterations }: Task, counts: InstructionCounts, samples: readonly Spent[]): Row {
  const rates = samples.map(({ seconds, instructions = instructionsOf(counts, iterations) }) => ({
    instructions,
    seconds,
    mips: instructions / seconds / 1e6,
  }));
  const middle = rates.sort((a, b) => a.mips - b.mips)[(rates.length - 1) >> 1]!;
  return { kernel: kernel.name, engine: engine.name, cheri: engine.cheri, ...middle };
}

/** Rows are compared by column: an engine, and whether capabilities are on. */
export interface Column {
  readonly engine: EngineName;
  readonly cheri: boolean;
}

export function findRow(rows: readonly Row[], kernel: string, column: Column): Row | undefined {
  return rows.find((row) => row.kernel === kernel && row.engine === column.engine && row.cheri === column.cheri);
}

/** Speed of `column` over speed of `base`, which is among `baseRows`, for each kernel that both ran. */
export function ratios(rows: readonly Row[], column: Column, base: Column, baseRows = rows): Map<string, number> {
  const result = new Map<string, number>();
  for (const kernel of new Set(rows.map((row) => row.kernel))) {
    const row = findRow(rows, kernel, column);
    const other = findRow(baseRows, kernel, base);
    if (row !== undefined && other !== undefined) result.set(kernel, row.mips / other.mips);
  }
  return result;
}

export function geometricMean(values: Iterable<number>): number {
  let sum = 0;
  let count = 0;
  for (const value of values) {
    sum += Math.log(value);
    count++;
  }
  return Math.exp(sum / count);
}

export const CHERI_ON: Column = { engine: 'interp', cheri: true };
export const CHERI_OFF: Column = { engine: 'interp', cheri: false };
export const TRANSLATED: Column = { engine: 'translate', cheri: true };
export const TRANSLATED_OFF: Column = { engine: 'translate', cheri: false };
export const QEMU: Column = { engine: 'qemu-riscv64', cheri: false };
export const NATIVE: Column = { engine: 'native', cheri: false };
export const C_WASM: Column = { engine: 'c-wasm', cheri: false };
