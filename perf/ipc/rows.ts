// What a comparison of ways to communicate consists of: rows, one per place, mechanism, kind and size.

export const WHERES = ['capvm', 'linux', 'host'] as const;
export const MECHANISMS = [
  'cp_call',
  'cp_file',
  'cp_stream',
  'cp_stream_loan',
  'pipe',
  'unix',
  'tcp',
  'shm_futex',
] as const;
export const KINDS = ['roundtrip', 'stream'] as const;

export type Where = (typeof WHERES)[number];
export type Mechanism = (typeof MECHANISMS)[number];
/** `roundtrip`: so many bytes there and so many back, waiting for each. `stream`: messages one way, one after another. */
export type Kind = (typeof KINDS)[number];

/** Costs are per round trip or per message; null where they do not apply or were not taken. */
export interface Row {
  readonly where: Where;
  readonly mechanism: Mechanism;
  readonly kind: Kind;
  /** Of a message, each way. */
  readonly bytes: number;
  /** Guest instructions of everything that ran in the machine, without the charge. */
  readonly instructions: number | null;
  /** Instructions that the monitor's services are charged with: they are host code and retire none. */
  readonly charge: number | null;
  /** Of host time. */
  readonly nanoseconds: number | null;
}

export interface Series {
  readonly where: Where;
  readonly mechanism: Mechanism;
}

/** The sizes that the Linux figures were taken at. */
export const SIZES = [1, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576] as const;
export const LARGEST_BYTES = 1048576;

/** What a row is compared by: instructions with the charge. */
export function totalInstructions({ instructions, charge }: Row): number | null {
  return instructions === null ? null : instructions + (charge ?? 0);
}

/** By place, mechanism, kind, size, in the order of the lists above. */
export function sortRows(rows: readonly Row[]): Row[] {
  const rank = (row: Row): number[] => [
    WHERES.indexOf(row.where),
    MECHANISMS.indexOf(row.mechanism),
    KINDS.indexOf(row.kind),
    row.bytes,
  ];
  return rows
    .map((row) => ({ row, rank: rank(row) }))
    .sort((a, b) => a.rank.map((value, index) => value - b.rank[index]).find((order) => order !== 0) ?? 0)
    .map(({ row }) => row);
}

export function findRow(
  rows: readonly Row[],
  { where, mechanism }: Series,
  kind: Kind,
  bytes: number,
): Row | undefined {
  return rows.find(
    (row) => row.where === where && row.mechanism === mechanism && row.kind === kind && row.bytes === bytes,
  );
}

/** Instructions to a tenth, nanoseconds to three digits: more would be noise. */
export function roundRow(row: Row): Row {
  const tenth = (value: number | null): number | null => (value === null ? null : Number(value.toFixed(1)));
  const nanoseconds = row.nanoseconds === null ? null : Number(row.nanoseconds.toPrecision(3));
  return { ...row, instructions: tenth(row.instructions), charge: tenth(row.charge), nanoseconds };
}

/** `{"schema":1,"rows":[…]}`, on one line. */
export function toJson(rows: readonly Row[]): string {
  return `${JSON.stringify({ schema: 1, rows: rows.map(plain) })}\n`;
}

const COLUMNS = ['where', 'mechanism', 'kind', 'bytes', 'instructions', 'charge', 'nanoseconds'] as const;

/** A line of names, then a line per row; an empty cell is null. */
export function toTsv(rows: readonly Row[]): string {
  const lines = rows.map((row) => COLUMNS.map((column) => row[column] ?? '').join('\t'));
  return [COLUMNS.join('\t'), ...lines, ''].join('\n');
}

function plain(row: Row): Record<string, unknown> {
  return Object.fromEntries(COLUMNS.map((column) => [column, row[column]]));
}
