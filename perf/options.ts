// Command line of the harness.
import { parseArgs } from 'node:util';
import { KERNELS, type Kernel } from './kernels.ts';

export type EngineChoice = 'interp' | 'translate' | 'qemu-riscv64' | 'native' | 'c-wasm';

export interface Options {
  readonly kernels: readonly Kernel[];
  readonly engines: readonly EngineChoice[];
  readonly rounds: number;
  readonly quick: boolean;
  readonly json: boolean;
  readonly ipc: boolean;
  readonly check: boolean;
  readonly out?: string;
  readonly html?: string;
  readonly svg?: string;
  /** A kept result to show instead of measuring. */
  readonly from?: string;
}

const ENGINES: readonly EngineChoice[] = ['interp', 'translate', 'qemu-riscv64', 'native', 'c-wasm'];

/** The user asked for something that does not exist: exit code 2. */
export class UsageError extends Error {}

export const HELP = `usage: npm run perf -- [options]

Measures the simulator's speed on the kernels of guests/bench, beside qemu-riscv64
and native code where they are installed. perf/README.md explains the method.

  --kernel NAME[,NAME]   only these kernels (repeatable)
  --engine NAME[,NAME]   only these engines: ${ENGINES.join(', ')}
  --rounds N             measured rounds after one to warm up (default 5)
  --quick                one round, a tenth of the work: is everything in order?
  --check                compare ratios with perf/thresholds.ts; exit 1 if one is missed
  --ipc                  also communication between cVMs, in host time on both engines
  --json                 rows as JSON on stdout, nothing else
  --out FILE             also keep the whole result as JSON in FILE
  --html FILE            also write a page with the chart and the table
  --svg FILE             also write the chart: speeds relative to qemu-riscv64
  --from FILE            measure nothing, show the result that --out kept in FILE
  --help                 this text

kernels:
${KERNELS.map((kernel) => `  ${kernel.name.padEnd(14)} ${kernel.about}`).join('\n')}
`;

/** @throws UsageError naming what is wrong and what would be right. */
export function readOptions(args: readonly string[]): Options | 'help' {
  const values = parse(args);
  if (values.help) return 'help';
  const quick = values.quick ?? false;
  const { html, svg, from, out } = values;
  const engines = pick('engine', values.engine, ENGINES, (name) => name) ?? ENGINES;
  if (html !== undefined && html === svg) throw new UsageError('--html and --svg need a file each');
  if (from !== undefined && out !== undefined) throw new UsageError('--from or --out, not both');
  if ((html ?? svg) !== undefined && from === undefined && !engines.includes('qemu-riscv64'))
    throw new UsageError('--html and --svg show speeds relative to qemu-riscv64, which --engine leaves out');
  return {
    kernels: pick('kernel', values.kernel, KERNELS, (kernel) => kernel.name) ?? KERNELS,
    engines,
    rounds: readRounds(values.rounds) ?? (quick ? 1 : 5),
    quick,
    json: values.json ?? false,
    ipc: values.ipc ?? false,
    check: values.check ?? false,
    out,
    html,
    svg,
    from,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        kernel: { type: 'string', multiple: true },
        engine: { type: 'string', multiple: true },
        rounds: { type: 'string' },
        quick: { type: 'boolean' },
        check: { type: 'boolean' },
        ipc: { type: 'boolean' },
        json: { type: 'boolean' },
        out: { type: 'string' },
        html: { type: 'string' },
        svg: { type: 'string' },
        from: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function pick<T>(flag: string, given: readonly string[] | undefined, all: readonly T[], nameOf: (item: T) => string) {
  if (given === undefined) return undefined;
  const names = given.flatMap((value) => value.split(','));
  for (const name of names) {
    if (all.some((item) => nameOf(item) === name)) continue;
    throw new UsageError(`--${flag}: no ${flag} "${name}"; there are ${all.map(nameOf).join(', ')}`);
  }
  return all.filter((item) => names.includes(nameOf(item)));
}

function readRounds(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const rounds = Number(text);
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > 1000) {
    throw new UsageError(`--rounds: "${text}" is not a whole number from 1 to 1000`);
  }
  return rounds;
}
