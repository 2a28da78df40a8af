// The IPC comparison for verbs that print it: message sizes as people write them, progress on a terminal, the tables.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compareIpc } from '../../perf/ipc/compare.ts';
import type { CompareOptions, Comparison } from '../../perf/ipc/compare.ts';
import { LARGEST_BYTES } from '../../perf/ipc/rows.ts';
import type { Row } from '../../perf/ipc/rows.ts';
import { ArgumentError } from '../host/errors.ts';
import { writeFully } from './files.ts';
import { packageRoot } from './package-root.ts';

/** "1,64,4K,1M" ascending, each once. Throws ArgumentError. */
export function readSizes(list: string): number[] {
  const sizes = list.split(',').map((item) => {
    const match = /^(\d{1,7})([km]?)$/i.exec(item.trim());
    const size = match === null ? NaN : Number(match[1]) * { '': 1, k: 1024, m: 1048576 }[match[2].toLowerCase()]!;
    if (size >= 1 && size <= LARGEST_BYTES) return size;
    throw new ArgumentError(`--bytes: ${JSON.stringify(item)} is not a size from 1 to 1M (write 1,64,4K,1M)`);
  });
  return [...new Set(sizes)].sort((a, b) => a - b);
}

/** Rejects with the signal's reason when it aborts. What this host cannot measure is a line on standard error. */
export async function measureIpc(options: Omit<CompareOptions, 'readGuest' | 'onFigure'>): Promise<Comparison> {
  const images = join(packageRoot(), 'guests', 'images');
  const comparison = await compareIpc({
    ...options,
    readGuest: (name) => readFileSync(join(images, `${name}.elf`)),
    onFigure: (where, mechanism, kind, size) => showProgress(`${where}: ${mechanism} ${kind}, ${size} bytes`),
  }).finally(() => showProgress(''));
  for (const line of comparison.missing) writeFully(2, Buffer.from(`capvm: not measured: ${line}\n`));
  return comparison;
}

export async function ipcTables(rows: readonly Row[]): Promise<string> {
  const { instructionTable, timeTable } = await import('../../perf/ipc/report/table.ts');
  return `${instructionTable(rows)}\n${timeTable(rows)}`;
}

/** A line on a terminal, nothing elsewhere. */
function showProgress(line: string): void {
  if (process.stderr.isTTY) writeFully(2, Buffer.from(`\r\x1b[K${line}`));
}
