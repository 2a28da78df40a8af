// Redis between two cVMs, measured by Debian's own redis-benchmark: rows, whose instructions they are, start-up, memory.
import type { PackageImage } from '../../src/image/index.ts';
import { difference } from './difference.ts';
import type { Cost } from './difference.ts';
import { RedisMachine } from './redis-machine.ts';
import type { Memory, StartUp } from './redis-machine.ts';
import type { Case, Row } from './rows.ts';

export interface MeasureOptions {
  readonly image: PackageImage;
  /** guests/images/switcher.elf. */
  readonly switcher: Uint8Array;
  /** Fewer operations and cases: is everything in order? */
  readonly quick?: boolean;
  readonly signal?: AbortSignal;
  readonly onCase?: (point: Case) => void;
}

/** A row's two cVMs apart; the charge is that of both. */
export interface Shares extends Case {
  readonly server: number;
  readonly client: number;
  readonly charge: number;
}

export interface Measured {
  readonly rows: readonly Row[];
  readonly shares: readonly Shares[];
  /** The median of the machines that were started. */
  readonly startUp: StartUp;
  readonly memory: Memory;
}

interface Redis extends Case {
  readonly operation: 'redis-get' | 'redis-set';
}

const OPERATIONS = ['redis-get', 'redis-set'] as const;
/** Clients and pipeline. */
const LOADS = [[1, 1], [10, 1], [1, 16]] as const; // prettier-ignore

const casesOf = (valueBytes: number, loads: readonly (readonly [number, number])[]): Redis[] =>
  loads.flatMap(([clients, pipeline]) => OPERATIONS.map((operation) => ({ operation, valueBytes, clients, pipeline })));

/** Cases with values of one size share a machine: a client to store the value, then two for each. */
const CASES_OF_MACHINE = 3;
const GROUPS: readonly (readonly Redis[])[] = [3, 4096].flatMap((valueBytes) => {
  const cases = casesOf(valueBytes, LOADS);
  return [cases.slice(0, CASES_OF_MACHINE), cases.slice(CASES_OF_MACHINE)];
});
const GROUPS_QUICK: readonly (readonly Redis[])[] = [casesOf(3, [[1, 1]])];

/** Operations of the two runs, multiples of 16 × 10. */
const OPERATIONS_OF_RUNS = [960, 4800] as const;
const OPERATIONS_OF_QUICK_RUNS = [160, 800] as const;
const WARM_UP_OPERATIONS = 480;

/** Rejects with the signal's reason when it aborts. */
export async function measureServices(options: MeasureOptions): Promise<Measured> {
  const { quick = false } = options;
  const groups = [];
  for (const cases of quick ? GROUPS_QUICK : GROUPS) groups.push(await measureGroup(cases, options));
  const costs = groups.flatMap((group) => group.costs);
  const startUps = groups.map(({ startUp }) => startUp).sort((a, b) => a.milliseconds - b.milliseconds);
  return {
    rows: costs.map(({ point, cost: { instructions, charge } }): Row => ({
      where: 'capvm',
      path: 'socket',
      ...point,
      instructions,
      charge,
    })),
    shares: costs.map(({ point, cost: { server, client, charge } }) => ({ ...point, server, client, charge })),
    startUp: startUps[startUps.length >> 1],
    memory: groups[0].memory,
  };
}

interface Group {
  readonly costs: readonly { readonly point: Redis; readonly cost: Cost }[];
  readonly startUp: StartUp;
  readonly memory: Memory;
}

async function measureGroup(
  cases: readonly Redis[],
  { image, switcher, signal, quick = false, onCase }: MeasureOptions,
): Promise<Group> {
  const [few, many] = quick ? OPERATIONS_OF_QUICK_RUNS : OPERATIONS_OF_RUNS;
  const { valueBytes } = cases[0];
  // A GET finds what this one stored.
  const warmUp = commandOf({ operation: 'redis-set', valueBytes, clients: 1, pipeline: 1 }, WARM_UP_OPERATIONS);
  const commands = [warmUp, ...cases.flatMap((point) => [commandOf(point, few), commandOf(point, many)])];
  onCase?.(cases[0]);
  const machine = await RedisMachine.start(commands, { image, switcher, signal });
  try {
    await machine.run(0);
    const costs: { point: Redis; cost: Cost }[] = [];
    for (const [index, point] of cases.entries()) {
      onCase?.(point);
      const short = await machine.run(1 + 2 * index);
      const long = await machine.run(2 + 2 * index);
      costs.push({ point, cost: difference(short, long, many - few) });
    }
    return { costs, startUp: machine.startUp, memory: machine.memory };
  } finally {
    machine.dispose();
  }
}

/** Arguments of redis-benchmark. */
export function commandOf({ operation, valueBytes, clients, pipeline }: Case, operations: number): string[] {
  const test = operation === 'redis-get' ? 'get' : 'set';
  const options = { t: test, n: operations, d: valueBytes, c: clients, P: pipeline };
  return Object.entries(options).flatMap(([name, value]) => [`-${name}`, String(value)]);
}
