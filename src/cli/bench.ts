// `capvm bench ipc`: what communication between cVMs costs, beside Linux's pipes and sockets. `capvm bench services` is
// bench-services.ts.
import type { Comparison } from '../../perf/ipc/compare.ts';
import { CONFIGURATIONS } from '../../perf/ipc/linux-baseline.ts';
import { SIZES, toJson, toTsv } from '../../perf/ipc/rows.ts';
import type { Row } from '../../perf/ipc/rows.ts';
import { ArgumentError } from '../host/errors.ts';
import { OUTPUT_OPTIONS, readOutput, runBench, writeCharts } from './bench-output.ts';
import type { Output } from './bench-output.ts';
import { writeFully } from './files.ts';
import { ipcTables, measureIpc, readSizes } from './ipc-measurement.ts';
import { choice, parseOptions, text } from './options.ts';

export const help = `usage: capvm bench ipc [options]
       capvm bench services [options]

ipc measures CP_Call, CP_File and CP_Stream between two cVMs, in guest instructions (with what the monitor's services are
charged, apart) and in host time; and pipes, Unix sockets and TCP between two Node processes of this host. Beside them
stand the instructions that Debian's Linux takes for the like: counted once, quoted here. docs/ipc-comparison.md has
the method.

  --json            rows as JSON: {"schema":1,"rows":[{"where","mechanism","kind","bytes","instructions","charge",
                    "nanoseconds"}]}, per round trip or message; null where a figure does not apply
  --tsv             the same rows, tab-separated, under a line of names
  --html FILE       also write a page with charts and tables
  --svg FILE        also write the charts
  --bytes LIST      message sizes, say 1,64,4K,1M (K = 1024; largest 1M). Default: those of the Linux figures
  --linux WHICH     default: Debian as it comes; best-case: its hardening switched off. Default: default
  --no-host         leave the host's own pipes and sockets out
  --quick           three sizes, a tenth of the work: is everything in order?

Takes about 20 seconds, with --quick about 3. Instructions and charges are the same in every run; times are medians of
short batches.

services measures Debian's Redis in a cVM and its clients in others, in guest instructions per operation with the charge apart,
beside what Debian's Linux takes; docs/services.md has the method. First: capvm pull redis-server python3 sqlite3. What
python3 and sqlite3 are needed for is left out without them, and so is what needs redis-benchmark on this host.

  --json        {"schema":1,"rows":[{"where","operation","path","valueBytes","clients","pipeline","instructions",
                "charge","client"}],"shares","host","startUp","memory","isolation"}; null: not measured
  --tsv         the rows, tab-separated, under a line of names
  --html FILE   also write a page with chart and tables
  --svg FILE    also write the chart
  --only LIST   of these sections, with commas between:
                operations   GET and SET over sockets, CP_Stream and CP_Call; HTTP, Python, Redis; whose instructions
                host         requests per second from this host's redis-benchmark, through a published port
                start-up     until Redis can be asked: new process, further machine, further cVM
                memory       of one more Redis, with and without shared text
                isolation    Redis, Python and SQLite with bounded capabilities, and with unbounded ones
  --quick       fewer cases and operations: is everything in order?

Takes about five minutes, with --quick about one; instructions and charges are the same in every run, host times are not.

Exit codes: 0, 64 wrong command line, 65 services: redis-server is not pulled, 73 FILE cannot be written, 130
interrupted.
`;

const QUICK_SIZES = [64, 4096, 65536];

interface Options extends Output {
  readonly bytes: readonly number[];
  readonly linux: (typeof CONFIGURATIONS)[number];
  readonly host: boolean;
  readonly quick: boolean;
}

export async function main(args: readonly string[]): Promise<number> {
  if (args.find((arg) => !arg.startsWith('-')) === 'services') return (await import('./bench-services.ts')).main(args);
  const options = readOptions(args);
  return runBench(options, async (signal) => report(await measureIpc({ ...options, signal }), options));
}

function readOptions(args: readonly string[]): Options {
  const { values, positionals } = parseOptions('bench', args, {
    ...OUTPUT_OPTIONS,
    bytes: { type: 'string' },
    linux: { type: 'string' },
    'no-host': { type: 'boolean' },
    quick: { type: 'boolean' },
  });
  if (positionals.length !== 1 || positionals[0] !== 'ipc')
    throw new ArgumentError(
      `bench: say what: \`capvm bench ipc\` or \`capvm bench services\`; see \`capvm help bench\``,
    );
  const quick = values.quick === true;
  const sizes = text(values, 'bytes');
  return {
    ...readOutput('bench', values),
    bytes: sizes !== undefined ? readSizes(sizes) : quick ? QUICK_SIZES : SIZES,
    linux: choice(values, 'linux', CONFIGURATIONS) ?? 'default',
    host: values['no-host'] !== true,
    quick,
  };
}

async function report({ rows }: Comparison, options: Options): Promise<void> {
  await writeCharts(options, {
    svg: async () => (await import('../../perf/ipc/report/chart.ts')).toSvg(rows),
    html: async () => (await import('../../perf/ipc/report/html.ts')).toHtml(rows),
  });
  writeFully(1, Buffer.from(await textOf(rows, options.format)));
}

const textOf = async (rows: readonly Row[], format: Output['format']): Promise<string> =>
  format === 'json' ? toJson(rows) : format === 'tsv' ? toTsv(rows) : ipcTables(rows);
