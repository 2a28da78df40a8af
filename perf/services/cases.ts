// What is measured, by path and client: several cases share a machine.
import type { Case, ClientKind, Path } from './rows.ts';

export interface RedisCase extends Case {
  readonly operation: 'redis-get' | 'redis-set';
}

/** Cases of one machine. */
export interface Group {
  readonly path: Path;
  readonly client: ClientKind;
  readonly cases: readonly RedisCase[];
}

const OPERATIONS = ['redis-get', 'redis-set'] as const;
const SIZES = [3, 4096];
/** Connections, and requests before an answer is waited for. */
const LOADS = [[1, 1], [10, 1], [1, 16]] as const; // prettier-ignore

const casesOf = (valueBytes: number, loads: readonly (readonly [number, number])[]): RedisCase[] =>
  loads.flatMap(([clients, pipeline]) => OPERATIONS.map((operation) => ({ operation, valueBytes, clients, pipeline })));

const pairs = <T>(list: readonly T[]): T[][] =>
  list.flatMap((_, index) => (index % 2 === 0 ? [list.slice(index, index + 2)] : []));

const LEAN_LOADS = { socket: [LOADS[0], LOADS[2]], stream: [LOADS[0], LOADS[2]], call: [LOADS[0]] } as const;
const LEAN_PATHS = ['socket', 'stream', 'call'] as const;

const lean = (sizes: readonly number[], isBrief: boolean): Group[] =>
  LEAN_PATHS.flatMap((path) =>
    sizes.map((bytes) => ({
      ...{ path, client: 'lean' as const },
      cases: casesOf(bytes, isBrief ? [LOADS[0]] : LEAN_LOADS[path]),
    })),
  );

const benchmark = (cases: readonly RedisCase[]): Group => ({ path: 'socket', client: 'redis-benchmark', cases });

/** redis-benchmark takes three clients for a case, and a cVM has seven peers. */
export const GROUPS: readonly Group[] = [
  ...lean(SIZES, false),
  ...SIZES.flatMap((bytes) => pairs(casesOf(bytes, LOADS)).map(benchmark)),
];
export const GROUPS_QUICK: readonly Group[] = [...lean([3], true), benchmark(casesOf(3, [LOADS[0]]))];

export const HTTP_CASE: Case = { operation: 'http-python-redis', valueBytes: 3, clients: 1, pipeline: 1 };
