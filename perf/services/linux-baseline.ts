// What Debian's Linux spends on the same operations: counted once, quoted here.
import type { Case, Path, Row } from './rows.ts';

export const LINUX_METHOD =
  'Debian 13 riscv64, kernel 6.12.107, one hart (rv64imafdc, Sv39), 250 Hz tick, in QEMU 7.2 with -icount; ' +
  'instructions of the whole guest: client, server and kernel. Redis 8.0.2 and redis-benchmark of Debian; ' +
  'the benchmark’s millisecond clock leaves about 1 %. HTTP: a service in Python without a framework, client not recorded';

type Figure = readonly [path: Path, thousands: number];

const CASES: readonly (Case & { readonly figures: readonly Figure[] })[] = [
  { ...redis('redis-get', 3), figures: [['tcp', 67.0], ['unix', 48.5]] }, // prettier-ignore
  { ...redis('redis-set', 3), figures: [['tcp', 70.5], ['unix', 51.5]] }, // prettier-ignore
  { ...redis('redis-get', 3, 10), figures: [['tcp', 58.5]] },
  { ...redis('redis-get', 3, 1, 16), figures: [['tcp', 9.4]] },
  { ...redis('redis-get', 4096), figures: [['tcp', 83.5], ['unix', 50.0]] }, // prettier-ignore
  { ...redis('redis-set', 4096), figures: [['tcp', 85.0]] },
  { ...redis('redis-get', 3), operation: 'http-python-redis', figures: [['tcp', 192]] },
];

function redis(operation: 'redis-get' | 'redis-set', valueBytes: number, clients = 1, pipeline = 1): Case {
  return { operation, valueBytes, clients, pipeline };
}

/** `charge` is null: the kernel's instructions are among those counted. */
export const LINUX_ROWS: readonly Row[] = CASES.flatMap(({ figures, ...point }) =>
  figures.map(([path, thousands]): Row => ({
    where: 'linux',
    path,
    ...point,
    instructions: Math.round(thousands * 1000),
    charge: null,
    client: point.operation === 'http-python-redis' ? null : 'redis-benchmark',
  })),
);
