// The result of one call, as it is kept.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname } from 'node:path';
import type { IpcRow } from './ipc-engines.ts';
import type { Row } from './rows.ts';
import type { StartUp } from './start-up.ts';

export interface Result {
  readonly schema: 1;
  readonly rows: readonly Row[];
  /** The simulator from a cold start: the first part of each run included. */
  readonly coldRows: readonly Row[];
  readonly startUp?: StartUp;
  /** Communication between cVMs in host time, on both engines. */
  readonly ipcRows?: readonly IpcRow[];
  readonly skipped: readonly { readonly engine: string; readonly why: string }[];
  /** What the figures were taken on: absolute MIPS mean nothing elsewhere, ratios do. */
  readonly machine: {
    readonly cpu: string;
    readonly node: string;
    readonly v8: string;
    readonly tools: readonly string[];
  };
  readonly rounds: number;
}

export function describeMachine(tools: readonly string[]): Result['machine'] {
  return { cpu: cpus()[0]?.model.trim() ?? 'unknown', node: process.version, v8: process.versions.v8!, tools };
}

const roundTo = (value: number, digits: number): number => Number(value.toPrecision(digits));

/** Rows as printed by --json: seconds and MIPS to six digits. */
export function printableRows(rows: readonly Row[]): Row[] {
  return rows.map((row) => ({ ...row, seconds: roundTo(row.seconds, 6), mips: roundTo(row.mips, 6) }));
}

/** @throws Error if the file is no result that saveResult kept. */
export function readResult(path: string): Result {
  const result = JSON.parse(readFileSync(path, 'utf8')) as Partial<Result>;
  if (result.schema === 1 && Array.isArray(result.rows) && Array.isArray(result.coldRows)) return result as Result;
  throw new Error(`${path}: no result kept by --out`);
}

export function saveResult(path: string, result: Result): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(
    path,
    JSON.stringify({ ...result, rows: printableRows(result.rows), coldRows: printableRows(result.coldRows) }, null, 1) +
      '\n',
  );
}
