// The whole comparison: the machine's workloads, Linux's figures, the host measured now.
import { capvmWorkloads } from './capvm/workloads.ts';
import type { ReadGuest } from './capvm/guest-run.ts';
import { measureHost } from './host/measure.ts';
import { linuxRows, type Configuration } from './linux-baseline.ts';
import { roundRow, sortRows, type Kind, type Mechanism, type Row, type Where } from './rows.ts';
import { roundsFor } from './workload.ts';

export interface CompareOptions {
  readonly bytes: readonly number[];
  readonly readGuest: ReadGuest;
  /** A tenth of the work: is everything in order? */
  readonly quick?: boolean;
  /** Measure the host's pipes and sockets too. Default true. */
  readonly host?: boolean;
  /** Default `default`. */
  readonly linux?: Configuration;
  readonly signal?: AbortSignal;
  readonly onFigure?: (where: Where, mechanism: Mechanism, kind: Kind, bytes: number) => void;
}

export interface Comparison {
  readonly rows: readonly Row[];
  /** What this host could not measure, and why, a line each. */
  readonly missing: readonly string[];
}

const WARM_UP_BYTES = 4096;
const FIGURE_MILLISECONDS = 90;
const FIGURE_MILLISECONDS_QUICK = 12;

/** Rejects with the signal's reason when it aborts. */
export async function compareIpc(options: CompareOptions): Promise<Comparison> {
  const { bytes, host = true, linux = 'default' } = options;
  const capvm = await measureCapvm(options);
  const beside = host ? await measureBeside(options) : { rows: [], missing: [] };
  const quoted = linuxRows(linux).filter((row) => bytes.includes(row.bytes));
  return { rows: sortRows([...capvm, ...quoted, ...beside.rows]).map(roundRow), missing: beside.missing };
}

async function measureCapvm({ bytes, readGuest, quick = false, signal, onFigure }: CompareOptions): Promise<Row[]> {
  const rows: Row[] = [];
  const workloads = capvmWorkloads(readGuest);
  // V8 compiles the machine better after a while.
  await workloads[0]?.run(WARM_UP_BYTES, roundsFor(WARM_UP_BYTES, quick), signal);
  for (const { mechanism, kind, run } of workloads) {
    for (const size of bytes) {
      onFigure?.('capvm', mechanism, kind, size);
      const sample = await run(size, roundsFor(size, quick), signal);
      rows.push({ where: 'capvm', mechanism, kind, bytes: size, ...sample });
    }
  }
  return rows;
}

async function measureBeside({ bytes, quick, signal, onFigure }: CompareOptions): Promise<Comparison> {
  const { rows, missing } = await measureHost({
    bytes,
    milliseconds: quick === true ? FIGURE_MILLISECONDS_QUICK : FIGURE_MILLISECONDS,
    signal,
    onFigure: (mechanism, kind, size) => onFigure?.('host', mechanism, kind, size),
  });
  return { rows, missing: missing.map(({ mechanism, why }) => `${mechanism} of this host: ${why}`) };
}
