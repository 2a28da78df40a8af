// What `--stats` says of Linux programs in a cVM: sizes, and the system calls of those that are traced, as `strace -c`.
import type { LinuxStats } from '../services/index.ts';
import { grouped, sizeText, tableLines } from './table.ts';
import type { Column } from './table.ts';

type Call = LinuxStats['calls'][number];

const COLUMNS: readonly Column<Call>[] = [
  { title: 'SYSTEM CALL', cell: ({ name }) => name },
  { title: 'CALLS', align: 'right', cell: ({ count }) => grouped(count) },
  { title: 'ERRORS', align: 'right', cell: ({ errors }) => (errors === 0 ? '' : grouped(errors)) },
  { title: 'TIME (us)', align: 'right', cell: ({ nanoseconds }) => grouped(Math.round(nanoseconds / 1000)) },
];

export function linuxLines(linux: LinuxStats | null): string[] {
  if (linux === null) return [];
  const { processes, systemCalls, mapped, mostMapped, processMemory, sent, received, calls } = linux;
  return [
    `  Linux: ${processes} process${processes === 1 ? '' : 'es'}, ${sizeText(mapped)} mapped, at most ${sizeText(mostMapped)} of ${sizeText(processMemory)}, ${grouped(systemCalls)} system calls`,
    `  network: ${grouped(received)} bytes in, ${grouped(sent)} bytes out`,
    ...(calls.length === 0 ? [] : tableLines(COLUMNS, calls).map((line) => `  ${line}`)),
  ];
}
