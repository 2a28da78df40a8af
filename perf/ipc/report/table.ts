// The comparison as text: instructions beside Linux's, then time beside the host's.
import { linuxRows, LINUX_MECHANISMS } from '../linux-baseline.ts';
import { findRow, totalInstructions, type Kind, type Mechanism, type Row, type Series, type Where } from '../rows.ts';
import { formatBytes, formatCount, formatMicroseconds, formatRatio } from './numbers.ts';

/** Names for people; the rows have those of the programs. */
export const MECHANISM_NAMES: Readonly<Record<Mechanism, string>> = {
  cp_call: 'CP_Call',
  cp_file: 'CP_File',
  cp_stream: 'CP_Stream',
  cp_stream_loan: 'loan',
  pipe: 'pipe',
  unix: 'Unix',
  tcp: 'TCP',
  shm_futex: 'shm+futex',
};

interface Column {
  readonly title: string;
  cell(bytes: number): string;
}

const GAP = '  ';

/** Right-aligned columns; empty ones are left out. */
function table(sizes: readonly number[], columns: readonly Column[]): string[] {
  const shown = columns
    .map(({ title, cell }) => ({ title, cells: sizes.map(cell) }))
    .filter(({ cells }) => cells.some((cell) => cell !== ''));
  const lines = [['bytes', ...sizes.map(formatBytes)], ...shown.map(({ title, cells }) => [title, ...cells])];
  const widths = lines.map((column) => Math.max(...column.map((cell) => cell.length)));
  return lines[0].map((_, row) => lines.map((column, index) => (column[row] || '-').padStart(widths[index])).join(GAP));
}

const SERIES: readonly Series[] = [
  { where: 'capvm', mechanism: 'cp_call' },
  { where: 'capvm', mechanism: 'cp_file' },
  { where: 'capvm', mechanism: 'cp_stream' },
  { where: 'capvm', mechanism: 'cp_stream_loan' },
  ...LINUX_MECHANISMS.map((mechanism): Series => ({ where: 'linux', mechanism })),
  { where: 'host', mechanism: 'pipe' },
  { where: 'host', mechanism: 'unix' },
  { where: 'host', mechanism: 'tcp' },
];

/** One column per mechanism: the cVMs', a bar, those of what they are compared with. */
function columnsOf(rows: readonly Row[], kind: Kind, against: Where, write: (row: Row) => string): Column[] {
  const of = (place: Where): Column[] =>
    SERIES.filter(({ where }) => where === place).map((series) => ({
      title: MECHANISM_NAMES[series.mechanism],
      cell: (bytes) => {
        const row = findRow(rows, series, kind, bytes);
        return row === undefined ? '' : write(row);
      },
    }));
  const bar: Column = { title: '|', cell: () => (rows.some(({ where }) => where === against) ? '|' : '') };
  return [...of('capvm'), bar, ...of(against)];
}

/** `262` where nothing is charged, else `378+8,652`. */
function writeInstructions({ instructions, charge }: Row): string {
  if (instructions === null) return '';
  return charge === null || charge === 0
    ? formatCount(instructions)
    : `${formatCount(instructions)}+${formatCount(charge)}`;
}

function writePerByte(row: Row): string {
  const total = totalInstructions(row);
  return total === null ? '' : formatRatio(total / row.bytes / (row.kind === 'roundtrip' ? 2 : 1));
}

const writeTime = ({ nanoseconds }: Row): string => (nanoseconds === null ? '' : formatMicroseconds(nanoseconds));

/**
 * How many times fewer instructions the best of the cVMs takes than the best of Linux, charge included. A loan hands over
 * no copy, so it is not among them.
 */
function advantage(rows: readonly Row[], kind: Kind): Column {
  const best = (where: Where, bytes: number): number =>
    Math.min(
      ...rows
        .filter((row) => row.where === where && row.kind === kind && row.bytes === bytes)
        .filter(({ mechanism }) => mechanism !== 'cp_stream_loan')
        .map((row) => totalInstructions(row) ?? Infinity),
    );
  return {
    title: 'ratio',
    cell: (bytes) => {
      const ratio = best('linux', bytes) / best('capvm', bytes);
      return Number.isFinite(ratio) && ratio > 0 ? `${formatRatio(ratio)}x` : '';
    },
  };
}

const sizesOf = (rows: readonly Row[], kind: Kind): number[] =>
  [...new Set(rows.filter((row) => row.kind === kind && row.where !== 'linux').map(({ bytes }) => bytes))].sort(
    (a, b) => a - b,
  );

/** A title, what the columns stand for, the table. */
function section(title: string, sizes: readonly number[], columns: readonly Column[]): string[] {
  return sizes.length === 0 ? [] : [title, ...table(sizes, columns).map((line) => `  ${line}`), ''];
}

const KIND_TITLES: Readonly<Record<Kind, string>> = {
  roundtrip: 'round trip, that many bytes each way',
  stream: 'message of a stream, one way',
};

/** First table: guest instructions, with what the monitor is charged with, beside Debian's Linux. */
export function instructionTable(rows: readonly Row[]): string {
  const lines = (['roundtrip', 'stream'] as const).flatMap((kind) => {
    const sizes = sizesOf(
      rows.filter(({ instructions }) => instructions !== null),
      kind,
    );
    return [
      ...section(`Guest instructions per ${KIND_TITLES[kind]}: cVMs | Debian Linux`, sizes, [
        ...columnsOf(rows, kind, 'linux', writeInstructions),
        advantage(rows, kind),
      ]),
      ...section('The same per byte moved, charge included', sizes, columnsOf(rows, kind, 'linux', writePerByte)),
    ];
  });
  return [...lines, ...INSTRUCTION_NOTES, ...bestCaseNotes(), ''].join('\n');
}

const INSTRUCTION_NOTES = [
  'A+B: A instructions retired in the machine, B charged for the monitor: 3,000 per thread switch, 442 per other service.',
  'Linux: everything in one guest, kernel included (Debian 13 riscv64, one hart; counted once, quoted here).',
  'loan: nothing is copied but what the receiver needs, here 65 bytes of each message.',
  'ratio: the cheapest Linux mechanism over the cheapest of the cVMs that copies every byte, charge included.',
];

/** Linux at its best, in the same units, so that nobody has to take Debian's defaults for Linux. */
function bestCaseNotes(): string[] {
  const rows = linuxRows('best-case');
  const sizes = [...new Set(rows.map(({ kind, bytes }) => `${kind} ${bytes}`))].map((key) => key.split(' '));
  const figures = sizes.map(([kind, bytes]) => {
    const cells = rows
      .filter((row) => row.kind === kind && row.bytes === Number(bytes))
      .map((row) => `${MECHANISM_NAMES[row.mechanism]} ${formatCount(row.instructions ?? 0)}`);
    return `  ${kind === 'roundtrip' ? 'round trip' : 'message'} of ${formatBytes(Number(bytes))}: ${cells.join(', ')}`;
  });
  return ['Linux with its hardening switched off (best case):', ...figures];
}

/** Second table: time on this host, beside real pipes and sockets where they were measured. */
export function timeTable(rows: readonly Row[]): string {
  const timed = rows.filter(({ nanoseconds }) => nanoseconds !== null);
  const lines = (['roundtrip', 'stream'] as const).flatMap((kind) =>
    section(
      `Microseconds of host time per ${KIND_TITLES[kind]}: cVMs | two Node processes`,
      sizesOf(timed, kind),
      columnsOf(timed, kind, 'host', writeTime),
    ),
  );
  return [...lines, ...TIME_NOTES, ''].join('\n');
}

const TIME_NOTES = [
  'cVMs: every instruction is simulated. Processes: pipe(2), Unix socket, TCP loopback, blocking read and write.',
  'Medians of short batches, taken just now on this machine.',
];
