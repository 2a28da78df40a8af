// The comparison as text: operations beside Linux's, whose instructions they are, and the other sections.
import { formatCount } from '../../ipc/report/numbers.ts';
import type { HostRequests } from '../host-requests.ts';
import type { Isolation, Run } from '../isolation.ts';
import type { Shares } from '../measure.ts';
import type { Footprint, Memory } from '../memory.ts';
import type { Results } from '../results.ts';
import { isSameCase, totalInstructions } from '../rows.ts';
import type { Case, ClientKind, Path, Row } from '../rows.ts';
import type { StartUp } from '../start-up.ts';

const NAMES = { 'redis-get': 'GET', 'redis-set': 'SET', 'http-python-redis': 'HTTP, Python, GET' } as const;
const PATH_NAMES = { socket: 'sockets', stream: 'CP_Stream', call: 'CP_Call', tcp: 'TCP', unix: 'Unix' } as const;

/** "GET, 4,096 bytes, 10 clients", "SET, 3 bytes, x16". */
export function nameOf({ operation, valueBytes, clients, pipeline }: Case): string {
  const parts = [NAMES[operation], `${formatCount(valueBytes)} bytes`];
  if (clients > 1) parts.push(`${clients} clients`);
  if (pipeline > 1) parts.push(`x${pipeline}`);
  return parts.join(', ');
}

/** "sockets", "CP_Stream"; and who asks, where it is not the lean client. */
export const wayOf = ({ path, client }: { readonly path: Path; readonly client: ClientKind | null }): string =>
  client === 'redis-benchmark' && path === 'socket' ? 'sockets, redis-benchmark' : PATH_NAMES[path];

/** Columns of cells, the first `left` to the left, the others to the right. */
function table(lines: readonly (readonly string[])[], left = 1): string[] {
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  return lines.map(
    (line) =>
    line.map((cell, column) => (column < left ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))).join('  '), // prettier-ignore
  );
}

/** cVMs, then Linux where it was counted, and how many times more Linux takes by TCP. Equal cases stand together. */
export function operationTable(rows: readonly Row[]): string[] {
  const find = (row: Row, path: Path): number | undefined =>
    rows.find((other) => other.where === 'linux' && other.path === path && isSameCase(other, row))?.instructions;
  const write = (value: number | undefined): string => (value === undefined ? '-' : formatCount(value));
  const own = rows.filter(({ where }) => where === 'capvm');
  const lines = byCase(own).map((row) => {
    const [tcp, unix, total] = [find(row, 'tcp'), find(row, 'unix'), totalInstructions(row)];
    const ratio = tcp === undefined ? '-' : `${(tcp / total).toFixed(1)}x`;
    return [nameOf(row), wayOf(row), formatCount(row.instructions), write(row.charge ?? undefined), formatCount(total), write(tcp), write(unix), ratio]; // prettier-ignore
  });
  return table([['', 'over', 'instructions', 'charge', 'both', 'Linux TCP', 'Linux Unix', 'TCP/both'], ...lines], 2);
}

/** In the order in which cases come first, those of one case one behind the other. */
export function byCase<T extends Case>(items: readonly T[]): T[] {
  const firstOf = (item: T): number => items.findIndex((other) => isSameCase(other, item));
  return [...items].sort((a, b) => firstOf(a) - firstOf(b));
}

export function shareTable(shares: readonly Shares[]): string[] {
  const lines = byCase(shares).map((share) => {
    const total = share.serverSide + share.clientSide + share.charge;
    const percent = (part: number): string => `${formatCount(part)} (${((part / total) * 100).toFixed(0)} %)`;
    const { program, libos, switcher, charge, clientSide, serverSide } = share;
    const parts = [program, libos, switcher, charge].map(percent);
    return [nameOf(share), wayOf(share), ...parts, formatCount(clientSide), formatCount(serverSide)];
  });
  return table([['', 'over', 'programs', 'library OSes', 'switcher', 'charge', 'client', 'servers'], ...lines], 2);
}

export const hostTable = (host: readonly HostRequests[]): string[] =>
  table([
    ['', 'requests/s'],
    ...host.map((row) => [nameOf({ ...row, valueBytes: 3 }), formatCount(row.requestsPerSecond)]),
  ]);

function startUpLines({ process, machine, cvm, instructions, charge }: StartUp): string[] {
  return table([
    ['a new process, capvm run', `${formatCount(process)} ms`],
    ['a further machine in a process', `${formatCount(machine)} ms`],
    ['a further cVM in a machine', `${formatCount(cvm)} ms`],
    ['instructions of the first, and charge', `${formatCount(instructions)} + ${formatCount(charge)}`],
  ]);
}

const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

function memoryLines({ shared, unshared }: Memory): string[] {
  const line = (name: string, { reserved, used }: Footprint): string[] => [name, mebibytes(reserved), mebibytes(used)];
  return table([['', 'reserved', 'used'], line('text and image shared', shared), line('nothing shared', unshared)]);
}

/** Off is 100 %. */
const excess = (on: number, off: number): string => `${on >= off ? '+' : ''}${((on / off - 1) * 100).toFixed(2)} %`;

export function isolationTable(isolation: readonly Isolation[]): string[] {
  const total = ({ instructions, charge }: Run): number => instructions + charge;
  const lines = isolation.map(({ program, on, off, share }) => [
    program,
    formatCount(total(on)),
    formatCount(total(off)),
    excess(total(on), total(off)),
    `${(share * 100).toFixed(2)} %`,
    (on.milliseconds / off.milliseconds).toFixed(2),
  ]);
  return table([['', 'on', 'off', 'difference', 'only for isolation', 'host time on/off'], ...lines]);
}

/** All that there is. */
export function servicesText({ rows, shares, host, startUp, memory, isolation }: Results): string {
  const sections: (readonly [string, readonly string[] | undefined])[] = [
    ['Instructions per operation, client and servers in cVMs of their own, beside Debian Linux (there: redis-benchmark):', rows && operationTable(rows)], // prettier-ignore
    ['The same by who executes it in all cVMs (estimated from windows), and by cVM (exact; charge apart):', shares && shareTable(shares)], // prettier-ignore
    ['redis-benchmark of this host, through a published port:', host && hostTable(host)],
    ['Redis ready, in host time:', startUp && startUpLines(startUp)],
    ['Memory that one more Redis, ready, takes:', memory && memoryLines(memory)],
    ['Isolation on, and off (capabilities to everything), instructions with charge:', isolation && isolationTable(isolation)], // prettier-ignore
  ];
  const texts = sections.flatMap(([title, lines]) => (lines === undefined ? [] : [[title, ...lines, ''].join('\n')]));
  return texts.join('\n');
}
