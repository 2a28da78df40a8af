// Redis between two cVMs, measured by Debian's own redis-benchmark: rows, whose instructions they are, start-up, memory.
import type { PackageImage } from '../../src/image/index.ts';
import type { Attribution } from './attribution.ts';
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

/** A row by who executes it, per operation: by cVM, and by kind of code in both. The charge is that of both. */
export interface Shares extends Case, Attribution {
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

/** Cases with values of one size share a machine: a client to store the value, then three for each. */
const CASES_OF_MACHINE = 2;
const CLIENTS_OF_CASE = 3;
const GROUPS: readonly (readonly Redis[])[] = [3, 4096].flatMap((valueBytes) => {
  const cases = casesOf(valueBytes, LOADS);
  const starts = cases.map((_, index) => index).filter((index) => index % CASES_OF_MACHINE === 0);
  return starts.map((start) => cases.slice(start, start + CASES_OF_MACHINE));
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
    shares: costs.map(({ point, cost, window }) => sharesOf(point, cost, window)),
    startUp: startUps[startUps.length >> 1],
    memory: groups[0].memory,
  };
}

/** A window's proportions of what an operation takes. */
export function sharesOf(point: Case, { instructions, server, client, charge }: Cost, window: Attribution): Shares {
  const all = window.program + window.libos + window.switcher;
  const part = (count: number): number => Math.round((count / all) * instructions * 10) / 10;
  const { program, libos, switcher } = window;
  return { ...point, server, client, program: part(program), libos: part(libos), switcher: part(switcher), charge };
}

interface CaseCost {
  readonly point: Redis;
  readonly cost: Cost;
  readonly window: Attribution;
}

interface Group {
  readonly costs: readonly CaseCost[];
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
  const commands = [
    warmUp,
    ...cases.flatMap((point) => [few, many, many].map((operations) => commandOf(point, operations))),
  ];
  onCase?.(cases[0]);
  const machine = await RedisMachine.start(commands, { image, switcher, signal });
  try {
    await machine.run(0);
    const costs: CaseCost[] = [];
    for (const [index, point] of cases.entries()) {
      onCase?.(point);
      const first = 1 + CLIENTS_OF_CASE * index;
      const cost = difference(await machine.run(first), await machine.run(first + 1), many - few);
      costs.push({ point, cost, window: await machine.attribute(first + 2) });
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
