// What isolation costs: the same programs in cVMs, and in cVMs whose capabilities reach all of the machine (almighty.ts).
import type { Machine } from '../../src/host/index.ts';
import type { Image, Monitor } from '../../src/monitor/index.ts';
import type { PackageImage } from '../../src/image/index.ts';
import { deployLinux } from '../../src/services/index.ts';
import { almightyLibos, makeAlmighty } from './almighty.ts';
import { mapOf, ownerOf } from './attribution.ts';
import { ServiceMachine } from './machine.ts';
import { CVM_MEMORY, redisStage, SIZES, socketClient } from './stage.ts';
import type { ReadGuest, Stage } from './stage.ts';

export interface Isolation {
  readonly program: Program;
  /** Of the machine, for the whole run: programs, library OSes, switcher; and what is charged for the monitor. */
  readonly on: Run;
  readonly off: Run;
  /**
   * The share of instructions that would not be there without isolation: those of the switcher, and instructions on
   * capabilities anywhere else.
   */
  readonly share: number;
}

export interface Run {
  readonly instructions: number;
  readonly charge: number;
  /** Of host time: the fastest of several runs. */
  readonly milliseconds: number;
}

export const PROGRAMS = ['redis', 'python', 'sqlite'] as const;
export type Program = (typeof PROGRAMS)[number];

export interface IsolationOptions {
  /** Those that are missing are left out. */
  readonly images: Partial<Record<Program, PackageImage>>;
  readonly readGuest: ReadGuest;
  readonly quick?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgram?: (program: Program) => void;
}

const TIMES = 5;
const TIMES_QUICK = 1;
/** Of what is looked at: the program has started. */
const STEADY = 60_000_000n;
const STEADY_REDIS = 5_000_000n;

const PYTHON = (rounds: number): string => `
import json
document = {'id': 12345, 'name': 'capability', 'tags': ['a', 'b', 'c'], 'nested': {'x': [1.5, 2.25, None, True] * 4}}
total = 0
for i in range(${rounds}):
    document['id'] = i
    total += len(json.dumps(json.loads(json.dumps(document))))
print(total)
`;

const SQL = (rows: number): string => `
CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, value REAL);
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows})
  INSERT INTO t SELECT i, 'name' || (i * 7919 % 10007), i * 0.5 FROM n;
CREATE INDEX by_name ON t (name);
SELECT count(*), sum(value), max(name) FROM t WHERE name LIKE 'name1%';
SELECT name, sum(value) AS s FROM t GROUP BY name ORDER BY s DESC LIMIT 3;
`;

const ROUNDS = { redis: 6_000, python: 800, sqlite: 6_000 };
const ROUNDS_QUICK = { redis: 2_000, python: 200, sqlite: 2_000 };

export async function measureIsolation(options: IsolationOptions): Promise<Isolation[]> {
  const results: Isolation[] = [];
  for (const program of PROGRAMS) {
    const image = options.images[program];
    if (image === undefined) continue;
    options.onProgram?.(program);
    results.push(await measureProgram(program, image, options));
  }
  return results;
}

async function measureProgram(program: Program, image: PackageImage, options: IsolationOptions): Promise<Isolation> {
  const deploy = stageOf(program, image, options);
  const runs = { on: [] as Run[], off: [] as Run[] };
  for (let time = 0; time < (options.quick === true ? TIMES_QUICK : TIMES); time++)
    for (const state of time % 2 === 0 ? (['on', 'off'] as const) : (['off', 'on'] as const))
      runs[state].push(await runOnce(deploy, state === 'off', options));
  const share = await shareOf(program, deploy, options);
  return { program, on: fastest(runs.on), off: fastest(runs.off), share };
}

type Deploy = (monitor: Monitor, libos?: Image) => Stage;

/** Redis asked by the lean client; the others by themselves. */
function stageOf(program: Program, image: PackageImage, { readGuest, quick = false }: IsolationOptions): Deploy {
  const rounds = (quick ? ROUNDS_QUICK : ROUNDS)[program];
  if (program === 'redis') {
    const point = { operation: 'redis-get', valueBytes: 3, clients: 1, pipeline: 1 } as const;
    const plan = socketClient(readGuest, point, { count: rounds, more: 0 });
    return (monitor, libos) => redisStage(monitor, image, [plan], libos);
  }
  const argv = program === 'python' ? ['python3', '-c', PYTHON(rounds)] : ['sqlite3', ':memory:', SQL(rounds)];
  return (monitor, libos) => {
    const cvm = deployLinux(monitor, { name: program, image, argv, libos, ...SIZES });
    return { servers: [], clients: [{ cvm }] };
  };
}

function start(deploy: Deploy, isOff: boolean, { readGuest, signal }: IsolationOptions): Promise<ServiceMachine> {
  return ServiceMachine.start({
    ...{ readGuest, signal, memory: 2 * CVM_MEMORY },
    deploy(monitor) {
      const stage = deploy(monitor, isOff ? almightyLibos() : undefined);
      if (isOff) for (const cvm of monitor.cvms) makeAlmighty(monitor, cvm);
      return stage;
    },
  });
}

async function runOnce(deploy: Deploy, isOff: boolean, options: IsolationOptions): Promise<Run> {
  const machine = await start(deploy, isOff, options);
  try {
    const began = performance.now();
    const { instructions, charge } = await machine.run(0);
    return { instructions, charge, milliseconds: performance.now() - began };
  } finally {
    machine.dispose();
  }
}

/** Others on this host only make it slower. */
const fastest = (runs: readonly Run[]): Run => ({
  ...runs[0],
  milliseconds: Math.round(Math.min(...runs.map(({ milliseconds }) => milliseconds))),
});

async function shareOf(program: Program, deploy: Deploy, options: IsolationOptions): Promise<number> {
  const machine = await start(deploy, false, options);
  try {
    const { monitor, stage } = machine;
    const map = mapOf(monitor.cvms);
    const isCapability = capabilityInstructions(monitor.machine);
    let [all, isolating] = [0, 0];
    const [cvm, after] = program === 'redis' ? [stage.servers[0].cvm, STEADY_REDIS] : [stage.clients[0].cvm, options.quick === true ? STEADY_REDIS : STEADY]; // prettier-ignore
    await machine.look(0, cvm, after, (pc) => {
      all++;
      if (ownerOf(pc, map) === 'switcher' || isCapability(pc)) isolating++;
    });
    return isolating / all;
  } finally {
    machine.dispose();
  }
}

const CHERI = 0x5b;
/** Opcode and funct3: of lc and sc. */
const LOAD_CAPABILITY = 0x200f;
const STORE_CAPABILITY = 0x4023;

/** Is the instruction there one on capabilities? Looked up once for each place: programs do not change. */
function capabilityInstructions({ memory }: Machine): (pc: number) => boolean {
  const known = new Map<number, boolean>();
  return (pc) => {
    const found = known.get(pc);
    if (found !== undefined) return found;
    const [low, high] = memory.read(pc, 2);
    const head = (low | (high << 8)) & 0x707f;
    const is = (low & 0x7f) === CHERI || head === LOAD_CAPABILITY || head === STORE_CAPABILITY;
    known.set(pc, is);
    return is;
  };
}
