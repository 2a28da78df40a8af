// Redis and its clients in cVMs: rows, and whose instructions they are.
import type { Monitor } from '../../src/monitor/index.ts';
import type { PackageImage } from '../../src/image/index.ts';
import type { Attribution } from './attribution.ts';
import { GROUPS, GROUPS_QUICK, HTTP_CASE } from './cases.ts';
import type { Group, RedisCase } from './cases.ts';
import { difference } from './difference.ts';
import type { Cost } from './difference.ts';
import { ServiceMachine } from './machine.ts';
import type { Measurement } from './machine.ts';
import type { Case, ClientKind, Path, Row } from './rows.ts';
import { callClient, CVM_MEMORY, httpStage, redisBenchmark, redisStage, socketClient, streamClient } from './stage.ts';
import type { ClientPlan, Operations, ReadGuest } from './stage.ts';

export interface MeasureOptions {
  readonly image: PackageImage;
  /** Undefined: the service in Python is left out. */
  readonly python?: PackageImage;
  readonly readGuest: ReadGuest;
  /** Fewer operations and cases: is everything in order? */
  readonly quick?: boolean;
  readonly signal?: AbortSignal;
  readonly onCase?: (point: Point) => void;
}

export interface Point extends Case {
  readonly path: Path;
  readonly client: ClientKind;
}

/** A row by who executes it, per operation: by cVM, and by kind of code in all. The charge is that of all. */
export interface Shares extends Point, Attribution {
  /** Of Redis's cVM, and the one of the service in Python. */
  readonly serverSide: number;
  /** Of all others. */
  readonly clientSide: number;
  readonly charge: number;
}

export interface Measured {
  readonly rows: readonly Row[];
  readonly shares: readonly Shares[];
}

/** Operations of redis-benchmark's two runs, multiples of 16 × 10, and of one that is looked at. */
const RUNS = [960, 9_600, 2_400] as const;
const RUNS_QUICK = [160, 800, 1_600] as const;
const WARM_UP_OPERATIONS = 480;

/**
 * Redis computes for some million instructions ten times a simulated second, which is a hundred million: windows have to
 * be long beside that.
 */
const OPERATIONS: Operations = { count: 12_000, more: 800 };
const OPERATIONS_QUICK: Operations = { count: 1_000, more: 800 };
/** Of operations so small that more of them take the same time. */
const PIPELINED_FACTOR = 3;
const PIPELINED_MORE = 4;
const HTTP_OPERATIONS: Operations = { count: 2_000, more: 150 };
const HTTP_OPERATIONS_QUICK: Operations = { count: 300, more: 150 };

interface CaseCost extends Measurement {
  readonly point: Point;
}

/** Rejects with the signal's reason when it aborts. */
export async function measureServices(options: MeasureOptions): Promise<Measured> {
  const costs: CaseCost[] = [];
  for (const group of options.quick === true ? GROUPS_QUICK : GROUPS)
    costs.push(...(await (group.client === 'lean' ? measureLean : measureBenchmark)(group, options)));
  if (options.python !== undefined) costs.push(await measureHttp(options.python, options));
  return {
    rows: costs.map(({ point, cost }) => rowOf(point, cost)),
    shares: costs.map(({ point, cost, window }) => sharesOf(point, cost, window)),
  };
}

function rowOf(point: Point, { instructions, charge }: Cost): Row {
  const { operation, path, valueBytes, clients, pipeline, client } = point;
  return { where: 'capvm', operation, path, valueBytes, clients, pipeline, instructions, charge, client };
}

/** A window's proportions of what an operation takes. */
export function sharesOf(point: Point, { instructions, server, client, charge }: Cost, window: Attribution): Shares {
  const all = window.program + window.libos + window.switcher;
  const part = (count: number): number => Math.round((count / all) * instructions * 10) / 10;
  const [program, libos, switcher] = [window.program, window.libos, window.switcher].map(part);
  return { ...point, serverSide: server, clientSide: client, program, libos, switcher, charge };
}

const PLANS = { socket: socketClient, stream: streamClient, call: callClient };

async function measureLean(group: Group, options: MeasureOptions): Promise<CaseCost[]> {
  const { readGuest, quick = false } = options;
  const make = PLANS[group.path as keyof typeof PLANS];
  const operations = group.cases.map(({ pipeline }) => operationsOf(pipeline, quick));
  const plans = group.cases.map((point, index) => make(readGuest, point, operations[index]));
  return withRedis(group, plans, options, (machine, index) => machine.measure(index, operations[index].count));
}

function operationsOf(pipeline: number, quick: boolean): Operations {
  const { count, more } = quick ? OPERATIONS_QUICK : OPERATIONS;
  return pipeline === 1 ? { count, more } : { count: count * PIPELINED_FACTOR, more: more * PIPELINED_MORE };
}

/** The first client stores the value that a GET finds; then three for each case. */
async function measureBenchmark(group: Group, options: MeasureOptions): Promise<CaseCost[]> {
  const { image, quick = false } = options;
  const [few, many, looked] = quick ? RUNS_QUICK : RUNS;
  const { valueBytes } = group.cases[0];
  const warmUp = commandOf({ operation: 'redis-set', valueBytes, clients: 1, pipeline: 1 }, WARM_UP_OPERATIONS);
  const commands = group.cases.flatMap((point) => [few, many, looked * point.pipeline].map((n) => commandOf(point, n)));
  const plans = [warmUp, ...commands].map((command) => redisBenchmark(image, command));
  return withRedis(group, plans, options, async (machine, index) => {
    if (index === 0) await machine.run(0);
    const first = 1 + 3 * index;
    const cost = difference(await machine.run(first), await machine.run(first + 1), many - few);
    return { cost, window: await machine.attribute(first + 2) };
  });
}

async function withRedis(
  { path, client, cases }: Group,
  plans: readonly ClientPlan[],
  { image, readGuest, signal, onCase }: MeasureOptions,
  measure: (machine: ServiceMachine, index: number) => Promise<Measurement>,
): Promise<CaseCost[]> {
  const memory = plans.reduce((sum, plan) => sum + plan.memory, CVM_MEMORY);
  const deploy = (monitor: Monitor) => redisStage(monitor, image, plans);
  onCase?.({ ...cases[0], path, client });
  const machine = await ServiceMachine.start({ readGuest, memory, deploy, signal });
  try {
    const costs: CaseCost[] = [];
    for (const [index, redisCase] of cases.entries()) {
      const point = { ...redisCase, path, client };
      onCase?.(point);
      costs.push({ point, ...(await measure(machine, index)) });
    }
    return costs;
  } finally {
    machine.dispose();
  }
}

async function measureHttp(
  python: PackageImage,
  { image: redis, readGuest, quick = false, signal, onCase }: MeasureOptions,
): Promise<CaseCost> {
  const point: Point = { ...HTTP_CASE, path: 'socket', client: 'lean' };
  const operations = quick ? HTTP_OPERATIONS_QUICK : HTTP_OPERATIONS;
  onCase?.(point);
  const deploy = (monitor: Monitor) => httpStage(monitor, { redis, python }, readGuest, [[point, operations]]);
  const machine = await ServiceMachine.start({ readGuest, memory: 3 * CVM_MEMORY, deploy, signal });
  try {
    return { point, ...(await machine.measure(0, operations.count)) };
  } finally {
    machine.dispose();
  }
}

/** Arguments of redis-benchmark. */
export function commandOf({ operation, valueBytes, clients, pipeline }: RedisCase, operations: number): string[] {
  const test = operation === 'redis-get' ? 'get' : 'set';
  const options = { t: test, n: operations, d: valueBytes, c: clients, P: pipeline };
  return Object.entries(options).flatMap(([name, value]) => [`-${name}`, String(value)]);
}
