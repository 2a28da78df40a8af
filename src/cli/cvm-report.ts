// What `capvm up` and `capvm ps` say of cVMs: one table, one JSON form.
import type { CvmStats } from '../monitor/index.ts';
import type { LinuxStats } from '../services/index.ts';
import { linuxLines } from './linux-report.ts';
import { grouped, sizeText, tableLines } from './table.ts';
import type { Column } from './table.ts';

/** A cVM in JSON: counts as numbers, what is not there as null. */
export interface CvmJson {
  readonly name: string;
  readonly state: string;
  readonly exitCode: number | null;
  readonly ending: string;
  readonly background: boolean;
  readonly restarts: number;
  readonly limits: {
    readonly threads: number;
    readonly faults: number;
    readonly instructions: number | null;
    readonly deadline: number | null;
  };
  readonly instructions: number;
  readonly hostcalls: number;
  readonly refusals: number;
  readonly faults: number;
  readonly consoleBytes: number;
  readonly memory: CvmStats['memory'];
  readonly charge: CvmStats['charge'];
  readonly threads: readonly {
    readonly id: number;
    readonly state: string;
    readonly path: readonly string[];
    readonly waitsFor: string;
    readonly instructions: number;
  }[];
  readonly streams: CvmStats['streams'];
  readonly calls: CvmStats['calls'];
  readonly files: CvmStats['files'];
  /** Of one that runs Linux programs. */
  readonly linux: LinuxStats | null;
}

export function cvmJson(stats: CvmStats, linux?: LinuxStats): CvmJson {
  const { instructions, deadline } = stats.limits;
  return {
    ...stats,
    limits: { ...stats.limits, instructions: numberOf(instructions), deadline: numberOf(deadline) },
    linux: linux ?? null,
    exitCode: stats.exitCode ?? null,
    instructions: Number(stats.instructions),
    threads: stats.threads.map((thread) => ({ ...thread, instructions: Number(thread.instructions) })),
  };
}

const numberOf = (value: bigint | undefined): number | null => (value === undefined ? null : Number(value));

const COLUMNS: readonly Column<CvmJson>[] = [
  { title: 'NAME', cell: ({ name }) => name },
  { title: 'STATE', cell: ({ state, background }) => `${state}${background ? ' (background)' : ''}` },
  { title: 'EXIT', align: 'right', cell: ({ exitCode }) => String(exitCode ?? '-') },
  { title: 'INSTRUCTIONS', align: 'right', cell: ({ instructions }) => grouped(instructions) },
  { title: 'THREADS', align: 'right', cell: ({ threads }) => String(threads.length) },
  { title: 'PROCS', align: 'right', cell: ({ linux }) => String(linux?.processes ?? '-') },
  { title: 'MEMORY', align: 'right', cell: ({ memory }) => sizeText(memory.dataBytes) },
  { title: 'HOSTCALLS', align: 'right', cell: ({ hostcalls }) => grouped(hostcalls) },
];

/**
 * Without columns that say nothing; what is rare, and why one has ended, in a line below, unless that is `known`. No
 * wider than a terminal.
 */
export function cvmTable(cvms: readonly CvmJson[], known = ''): string[] {
  const columns = COLUMNS.filter(({ title, cell }) =>
    cvms.some((cvm) => cell(cvm) !== (title === 'EXIT' || title === 'PROCS' ? '-' : '0')),
  );
  const [title, ...rows] = tableLines(columns, cvms);
  return [title, ...rows.flatMap((row, index) => [row, ...remarks(cvms[index], known)])];
}

function remarks({ exitCode, ending, refusals, faults, restarts }: CvmJson, known: string): string[] {
  // Of an exit the code has been told.
  const why = exitCode !== null || ending === known ? '' : ending;
  const parts = [why, several(faults, 'fault'), several(refusals, 'refusal'), several(restarts, 'restart')];
  const text = parts.filter((part) => part !== '').join('; ');
  return text === '' ? [] : [`  ${text}`];
}

const several = (count: number, what: string): string =>
  count === 0 ? '' : `${grouped(count)} ${what}${count === 1 ? '' : 's'}`;

/** What each has: `--stats`. */
export const cvmDetails = (cvms: readonly CvmJson[]): string[] =>
  cvms.flatMap((cvm) => [
    `${cvm.name}: code ${sizeText(cvm.memory.textBytes)} shared by ${cvm.memory.textUsers}, console ${grouped(cvm.consoleBytes)} bytes, ` +
      `charged ${grouped(cvm.charge.total)} (${grouped(cvm.charge.switches)} switches, ${grouped(cvm.charge.services)} services)`,
    ...linuxLines(cvm.linux),
    ...cvm.threads.map(
      ({ id, state, path, waitsFor, instructions }) =>
        `  thread ${id} ${state}${path.length > 1 ? ` in ${path.slice(1).join(' in ')}` : ''}${waitsFor === '' ? '' : `: ${waitsFor}`}, ${grouped(instructions)} instructions`,
    ),
    ...cvm.streams.map(
      ({ name, direction, peer, bytes }) =>
        `  stream ${name} ${direction === 'send' ? 'to' : 'from'} ${peer}: ${grouped(bytes)} bytes`,
    ),
    ...cvm.files.map(({ name, bytes, rights }) => `  file ${name}: ${rights}, ${grouped(bytes)} bytes`),
    ...cvm.calls.map(({ name, to }) => `  call ${name} of ${to}`),
  ]);
