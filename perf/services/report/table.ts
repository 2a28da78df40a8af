// The comparison as text: operations beside Linux's, whose instructions they are, start-up, memory.
import { formatCount } from '../../ipc/report/numbers.ts';
import type { Measured } from '../measure.ts';
import { isSameCase, totalInstructions } from '../rows.ts';
import type { Case, Path, Row } from '../rows.ts';

const NAMES = { 'redis-get': 'GET', 'redis-set': 'SET', 'http-redis': 'HTTP, Python, Redis' } as const;

/** "GET, 4,096 bytes, 10 clients", "SET, 3 bytes, x16". */
export function nameOf({ operation, valueBytes, clients, pipeline }: Case): string {
  const parts = [NAMES[operation], `${formatCount(valueBytes)} bytes`];
  if (clients > 1) parts.push(`${clients} clients`);
  if (pipeline > 1) parts.push(`x${pipeline}`);
  return parts.join(', ');
}

/** Columns of cells, the first to the left, the others to the right. */
function table(lines: readonly (readonly string[])[]): string[] {
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  return lines.map((line) =>
    line.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))).join('  '),
  );
}

/** First table: cVMs, then Linux where it was counted, and how many times more Linux takes. */
export function operationTable(rows: readonly Row[]): string[] {
  const find = (row: Row, path: Path): number | undefined =>
    rows.filter(({ where }) => where === 'linux').find((other) => other.path === path && isSameCase(other, row))
      ?.instructions;
  const write = (value: number | undefined): string => (value === undefined ? '-' : formatCount(value));
  const lines = rows
    .filter(({ where }) => where === 'capvm')
    .map((row) => {
      const [tcp, unix, total] = [find(row, 'tcp'), find(row, 'unix'), totalInstructions(row)];
      const ratio = tcp === undefined ? '-' : `${(tcp / total).toFixed(1)}x`;
      return [nameOf(row), formatCount(row.instructions), write(row.charge ?? undefined), formatCount(total), write(tcp), write(unix), ratio]; // prettier-ignore
    });
  return table([['', 'instructions', 'charge', 'both', 'Linux TCP', 'Linux Unix', 'TCP/both'], ...lines]);
}

export function shareTable(shares: Measured['shares']): string[] {
  const lines = shares.map((share) => {
    const total = share.server + share.client + share.charge;
    const percent = (part: number): string => `${formatCount(part)} (${((part / total) * 100).toFixed(0)} %)`;
    const { program, libos, switcher, charge, client, server } = share;
    return [
      nameOf(share),
      ...[program, libos, switcher, charge].map(percent),
      formatCount(client),
      formatCount(server),
    ];
  });
  return table([['', 'programs', 'library OSes', 'switcher', 'charge', "client's cVM", "server's cVM"], ...lines]);
}

const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

/** All of it. */
export function servicesText(rows: readonly Row[], { shares, startUp, memory }: Measured): string {
  return [
    'Instructions per operation, client and server in two cVMs over sockets, beside Debian Linux:',
    ...operationTable(rows),
    '',
    'The same by who executes it in both cVMs (estimated from windows), and by cVM (exact; charge apart):',
    ...shareTable(shares),
    '',
    `Redis ready: ${formatCount(startUp.instructions)} instructions, ${formatCount(startUp.charge)} charged, ${formatCount(startUp.milliseconds)} ms of host time, cold`,
    `Memory of a cVM with Redis: ${mebibytes(memory.own)} of its own, ${mebibytes(memory.own + memory.shared)} if it shared no text and files`,
    '',
  ].join('\n');
}
