// The result as text.
import { formatIpcRows } from './ipc-engines.ts';
import type { Result } from './results.ts';
import {
  C_WASM,
  CHERI_OFF,
  CHERI_ON,
  findRow,
  geometricMean,
  NATIVE,
  QEMU,
  ratios,
  TRANSLATED,
  TRANSLATED_OFF,
  type Column,
} from './rows.ts';

interface TableColumn {
  readonly title: string;
  readonly column: Column;
  /** Compared with this column: a ratio of speeds instead of MIPS. */
  readonly base?: Column;
  /** From a cold start. */
  readonly cold?: boolean;
  /** Compared with the base from a cold start, too. */
  readonly coldBase?: boolean;
}

const COLUMNS: readonly TableColumn[] = [
  { title: 'interp', column: CHERI_ON },
  { title: 'no cheri', column: CHERI_OFF },
  { title: 'translate', column: TRANSLATED },
  { title: 'cold', column: TRANSLATED, cold: true },
  { title: 'qemu', column: QEMU },
  { title: 'native', column: NATIVE },
  { title: 'c to wasm', column: C_WASM },
  { title: 'on/off', column: CHERI_ON, base: CHERI_OFF },
  { title: 'transl on/off', column: TRANSLATED, base: TRANSLATED_OFF },
  { title: 'interp/qemu', column: CHERI_ON, base: QEMU },
  { title: 'transl/qemu', column: TRANSLATED, base: QEMU },
  { title: 'cold/warm', column: TRANSLATED, base: TRANSLATED, cold: true },
  { title: 'cold/interp', column: TRANSLATED, base: CHERI_ON, cold: true, coldBase: true },
  { title: 'cold/qemu', column: TRANSLATED, base: QEMU, cold: true },
  { title: 'transl/c', column: TRANSLATED, base: C_WASM },
  { title: 'interp/native', column: CHERI_ON, base: NATIVE },
];

const formatRatio = (ratio: number): string => (ratio < 0.1 ? ratio.toFixed(3) : ratio.toFixed(2));

/** Cells of one column by kernel, and its geometric mean. */
function cellsOf(result: Result, { column, base, cold, coldBase }: TableColumn): Map<string, number> {
  const rows = cold === true ? result.coldRows : result.rows;
  if (base !== undefined) return ratios(rows, column, base, coldBase === true ? result.coldRows : result.rows);
  const cells = new Map<string, number>();
  for (const { kernel } of rows) {
    const row = findRow(rows, kernel, column);
    if (row !== undefined) cells.set(kernel, row.mips);
  }
  return cells;
}

/** MIPS of each engine and the ratios between them, one line per kernel, geometric means last. */
export function formatTable(result: Result): string {
  const kernels = [...new Set(result.rows.map((row) => row.kernel))];
  const columns = COLUMNS.map((column) => ({ ...column, cells: cellsOf(result, column) }));
  const shown = columns.filter(({ cells }) => cells.size > 0);
  const lines = [['MIPS', ...shown.map(({ title }) => title)]];
  const format = (value: number | undefined, isRatio: boolean): string =>
    value === undefined ? '-' : isRatio ? formatRatio(value) : value.toFixed(0);
  for (const kernel of kernels) {
    lines.push([kernel, ...shown.map(({ cells, base }) => format(cells.get(kernel), base !== undefined))]);
  }
  lines.push([
    'geometric mean',
    ...shown.map(({ cells, base }) => format(geometricMean(cells.values()), base !== undefined)),
  ]);
  const widths = lines[0]!.map((_, n) => Math.max(...lines.map((line) => line[n]!.length)));
  const text = lines.map((line) =>
    line.map((cell, n) => (n === 0 ? cell.padEnd(widths[n]!) : cell.padStart(widths[n]!))).join('  '),
  );
  return [...text, ...notes(result)].join('\n') + '\n';
}

function notes(result: Result): string[] {
  const lines = result.skipped.map(({ engine, why }) => `${engine}: left out, ${why}`);
  if (result.ipcRows !== undefined) lines.push(...formatIpcRows(result.ipcRows));
  if (result.startUp !== undefined) {
    const { capvm, node, added } = result.startUp;
    lines.push(
      `start-up: ${capvm.toFixed(3)} s CPU for \`capvm run hello.elf\`, ${node.toFixed(3)} s for bare node: ${added.toFixed(3)} s added`,
    );
  }
  return lines;
}
