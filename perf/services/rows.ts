// What a comparison of services consists of: a row per place, path and operation, in instructions per operation.

export const WHERES = ['capvm', 'linux'] as const;
export const OPERATIONS = ['redis-get', 'redis-set', 'http-python-redis'] as const;
export const PATHS = ['socket', 'stream', 'call', 'tcp', 'unix'] as const;
export const CLIENTS = ['redis-benchmark', 'lean'] as const;

export type Where = (typeof WHERES)[number];
/** `http-python-redis`: a request over HTTP to a service in Python that asks Redis. */
export type Operation = (typeof OPERATIONS)[number];
/**
 * `socket`: unmodified sockets between two cVMs. `stream`: the client speaks CP_Stream, without a library OS. `call`: it
 * calls a broker's entry, which speaks CP_Stream. `tcp`, `unix`: sockets of Linux.
 */
export type Path = (typeof PATHS)[number];
/** `lean`: programs of ours that do nothing but ask (guests/services). */
export type ClientKind = (typeof CLIENTS)[number];

export interface Case {
  readonly operation: Operation;
  readonly valueBytes: number;
  readonly clients: number;
  /** Requests that a client sends before it waits for answers. */
  readonly pipeline: number;
}

export interface Row extends Case {
  readonly where: Where;
  readonly path: Path;
  /** Of everything in the machine, per operation, without the charge. */
  readonly instructions: number;
  /** Instructions that the monitor's services are charged with; null: they are among those counted. */
  readonly charge: number | null;
  /** Who asked. Null: it is not known. */
  readonly client: ClientKind | null;
}

export const totalInstructions = ({ instructions, charge }: Row): number => instructions + (charge ?? 0);

export const isSameCase = (a: Case, b: Case): boolean =>
  a.operation === b.operation && a.valueBytes === b.valueBytes && a.clients === b.clients && a.pipeline === b.pipeline;

const COLUMNS = [
  ...(['where', 'operation', 'path', 'valueBytes', 'clients', 'pipeline', 'instructions', 'charge', 'client'] as const),
];

/** A row with these fields and no others, in their order. */
export const plainRow = (row: Row): Record<string, unknown> =>
  Object.fromEntries(COLUMNS.map((column) => [column, row[column]]));

/** A line of names, then a line per row; an empty cell is null. */
export function toTsv(rows: readonly Row[]): string {
  const lines = rows.map((row) => COLUMNS.map((column) => row[column] ?? '').join('\t'));
  return [COLUMNS.join('\t'), ...lines, ''].join('\n');
}
