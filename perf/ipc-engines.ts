// What communication between cVMs costs in host time on either engine: round trips of 64 bytes, messages of 64 KiB.
// The engines take turns, so that a machine that slows down slows both; processor time, medians.
import { readFileSync } from 'node:fs';
import { capvmWorkloads } from './ipc/capvm/workloads.ts';
import { roundsFor } from './ipc/workload.ts';
import { median } from './rows.ts';

export interface IpcRow {
  readonly engine: 'interp' | 'translate';
  readonly mechanism: string;
  readonly kind: string;
  readonly bytes: number;
  /** Guest instructions of everything that ran, without what the monitor is charged. */
  readonly instructions: number;
  readonly nanoseconds: number;
}

const ENGINES = ['interp', 'translate'] as const;
const BYTES = { roundtrip: 64, stream: 65536 } as const;
const TURNS = 3;

/** Of this process, in milliseconds: what else the machine does is not in it. */
const processorTime = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

const readGuest = (name: string): Uint8Array => readFileSync(new URL(`../guests/images/${name}.elf`, import.meta.url));

export async function measureIpcEngines(onFigure: (what: string) => void): Promise<IpcRow[]> {
  const byEngine = ENGINES.map((engine) => ({ engine, workloads: capvmWorkloads(readGuest, engine, processorTime) }));
  const rows: IpcRow[] = [];
  for (const index of byEngine[0]!.workloads.keys()) {
    const samples = byEngine.map(() => ({ instructions: 0, nanoseconds: [] as number[] }));
    for (let turn = 0; turn < TURNS; turn++) {
      for (const [n, { engine, workloads }] of byEngine.entries()) {
        const { mechanism, kind, run } = workloads[index]!;
        onFigure(`${mechanism} ${kind} on ${engine}`);
        const sample = await run(BYTES[kind], 4 * roundsFor(BYTES[kind], false));
        samples[n]!.instructions = sample.instructions;
        samples[n]!.nanoseconds.push(sample.nanoseconds);
      }
    }
    for (const [n, { engine, workloads }] of byEngine.entries()) {
      const { mechanism, kind } = workloads[index]!;
      const { instructions, nanoseconds } = samples[n]!;
      rows.push({ engine, mechanism, kind, bytes: BYTES[kind], instructions, nanoseconds: median(nanoseconds) });
    }
  }
  return rows;
}

/** One line per way to communicate, both engines side by side. */
export function formatIpcRows(rows: readonly IpcRow[]): string[] {
  const lines = rows
    .filter(({ engine }) => engine === 'interp')
    .map(({ mechanism, kind, bytes, instructions, nanoseconds }) => {
      const other = rows.find((row) => row.engine === 'translate' && row.mechanism === mechanism && row.kind === kind)!;
      const name = `${mechanism} ${kind} ${bytes}`.padEnd(32);
      const figures = [instructions, nanoseconds, other.nanoseconds].map((value) => value.toFixed(0).padStart(12));
      return `${name}${figures.join('')}${(nanoseconds / other.nanoseconds).toFixed(2).padStart(8)}`;
    });
  return [`${'communication'.padEnd(32)}instructions   interp ns  translate ns  ratio`, ...lines];
}
