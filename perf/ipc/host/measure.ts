// Pipes, Unix sockets and TCP of this host between two Node processes, measured there and then.
import { median } from '../median.ts';
import { KINDS, type Kind, type Row } from '../rows.ts';
import { closeLine, HOST_MECHANISMS, openLine, type HostMechanism } from './lines.ts';
import { Pair } from './pair.ts';

export interface HostOptions {
  readonly bytes: readonly number[];
  /** Of each figure, about. */
  readonly milliseconds: number;
  readonly signal?: AbortSignal;
  readonly onFigure?: (mechanism: HostMechanism, kind: Kind, bytes: number) => void;
}

export interface HostResult {
  readonly rows: readonly Row[];
  /** What could not be measured here, and why. */
  readonly missing: readonly Missing[];
}

interface Missing {
  readonly mechanism: HostMechanism;
  readonly why: string;
}

const WARM_UP_BYTES = 64;
const PASSES = 3;

/** Rejects with the signal's reason when it aborts. Processes and sockets are gone either way. */
export async function measureHost(options: HostOptions): Promise<HostResult> {
  options.signal?.throwIfAborted();
  const rows: Row[] = [];
  const missing: Missing[] = [];
  for (const mechanism of HOST_MECHANISMS) {
    try {
      rows.push(...(await measureMechanism(mechanism, options)));
    } catch (error) {
      options.signal?.throwIfAborted();
      missing.push({ mechanism, why: messageOf(error) });
    }
  }
  return { rows, missing };
}

async function measureMechanism(mechanism: HostMechanism, options: HostOptions): Promise<Row[]> {
  const { signal } = options;
  const line = await openLine(mechanism);
  const pair = new Pair(line);
  closeLine(line);
  const abort = (): void => void pair.kill();
  signal?.addEventListener('abort', abort);
  try {
    signal?.throwIfAborted();
    return await pair.serving(() => figures(pair, mechanism, options));
  } finally {
    signal?.removeEventListener('abort', abort);
    await pair.kill();
  }
}

/** In several passes: what disturbs one of them for a while leaves the others alone. */
async function figures(pair: Pair, mechanism: HostMechanism, options: HostOptions): Promise<Row[]> {
  const { bytes, milliseconds, onFigure } = options;
  const samples = new Map<string, number[]>();
  const work = KINDS.flatMap((kind) => bytes.map((size) => ({ kind, size, key: `${kind} ${size}` })));
  await pair.measure('roundtrip', WARM_UP_BYTES, milliseconds);
  for (let pass = 0; pass < PASSES; pass++) {
    for (const { kind, size, key } of work) {
      onFigure?.(mechanism, kind, size);
      const taken = await pair.measure(kind, size, milliseconds / PASSES);
      samples.set(key, [...(samples.get(key) ?? []), ...taken]);
    }
  }
  return work.map(({ kind, size, key }) => {
    const nanoseconds = median(samples.get(key)!);
    return { where: 'host', mechanism, kind, bytes: size, instructions: null, charge: null, nanoseconds };
  });
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).split('\n')[0];
