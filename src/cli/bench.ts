// `capvm bench ipc`: what communication between cVMs costs, beside Linux's pipes and sockets.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compareIpc } from '../../perf/ipc/compare.ts';
import type { Comparison } from '../../perf/ipc/compare.ts';
import { CONFIGURATIONS } from '../../perf/ipc/linux-baseline.ts';
import { LARGEST_BYTES, SIZES, toJson, toTsv } from '../../perf/ipc/rows.ts';
import type { Row } from '../../perf/ipc/rows.ts';
import { ArgumentError } from '../host/errors.ts';
import { Output, writeFully } from './files.ts';
import { Interruption } from './interruption.ts';
import { choice, parseOptions, text } from './options.ts';
import type { Parsed } from './options.ts';
import { packageRoot } from './package-root.ts';

export const help = `usage: capvm bench ipc [options]

Measures CP_Call, CP_File and CP_Stream between two cVMs, in guest instructions (with what the monitor's services are
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
short batches. Exit codes: 0, 64 wrong command line, 73 FILE cannot be written, 130 interrupted.
`;

const QUICK_SIZES = [64, 4096, 65536];

type Format = 'text' | 'json' | 'tsv';

interface Options {
  readonly format: Format;
  readonly html: string | undefined;
  readonly svg: string | undefined;
  readonly bytes: readonly number[];
  readonly linux: (typeof CONFIGURATIONS)[number];
  readonly host: boolean;
  readonly quick: boolean;
}

export async function main(args: readonly string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    writeFully(1, Buffer.from(help));
    return 0;
  }
  const options = readOptions(args);
  // Opened first: nobody should learn after half a minute that a file cannot be written.
  const files = { html: openOutput(options.html), svg: openOutput(options.svg) };
  const interruption = new Interruption(undefined);
  try {
    const comparison = await measure(options, interruption.signal);
    await report(comparison, options.format, files);
    return 0;
  } catch (error) {
    if (!interruption.signal.aborted) throw error;
    writeFully(2, Buffer.from(`capvm: ${interruption.text}\n`));
    return interruption.exitCode;
  } finally {
    interruption.close();
  }
}

function readOptions(args: readonly string[]): Options {
  const parsed = parseOptions('bench', args, {
    json: { type: 'boolean' },
    tsv: { type: 'boolean' },
    html: { type: 'string' },
    svg: { type: 'string' },
    bytes: { type: 'string' },
    linux: { type: 'string' },
    'no-host': { type: 'boolean' },
    quick: { type: 'boolean' },
  });
  const { values, positionals } = parsed;
  if (positionals.length !== 1 || positionals[0] !== 'ipc')
    throw new ArgumentError(`bench: say what: \`capvm bench ipc\`; see \`capvm help bench\``);
  if (values.json === true && values.tsv === true) throw new ArgumentError('bench: --json or --tsv, not both');
  const quick = values.quick === true;
  return {
    format: values.json === true ? 'json' : values.tsv === true ? 'tsv' : 'text',
    html: text(values, 'html'),
    svg: text(values, 'svg'),
    bytes: readSizes(parsed) ?? (quick ? QUICK_SIZES : SIZES),
    linux: choice(values, 'linux', CONFIGURATIONS) ?? 'default',
    host: values['no-host'] !== true,
    quick,
  };
}

/** Ascending, each once. */
function readSizes({ values }: Parsed): number[] | undefined {
  const list = text(values, 'bytes');
  if (list === undefined) return undefined;
  const sizes = list.split(',').map((item) => {
    const match = /^(\d{1,7})([km]?)$/i.exec(item.trim());
    const size = match === null ? NaN : Number(match[1]) * { '': 1, k: 1024, m: 1048576 }[match[2].toLowerCase()]!;
    if (size >= 1 && size <= LARGEST_BYTES) return size;
    throw new ArgumentError(`--bytes: ${JSON.stringify(item)} is not a size from 1 to 1M (write 1,64,4K,1M)`);
  });
  return [...new Set(sizes)].sort((a, b) => a - b);
}

function measure({ bytes, quick, host, linux }: Options, signal: AbortSignal): Promise<Comparison> {
  const images = join(packageRoot(), 'guests', 'images');
  const progress = new Progress();
  return compareIpc({
    bytes,
    quick,
    host,
    linux,
    signal,
    readGuest: (name) => readFileSync(join(images, `${name}.elf`)),
    onFigure: (where, mechanism, kind, size) => progress.show(`${where}: ${mechanism} ${kind}, ${size} bytes`),
  }).finally(() => progress.show(''));
}

/** A line on a terminal, nothing elsewhere. */
class Progress {
  readonly #terminal = process.stderr.isTTY;

  show(line: string): void {
    if (this.#terminal) writeFully(2, Buffer.from(`\r\x1b[K${line}`));
  }
}

interface Files {
  readonly html: Output | undefined;
  readonly svg: Output | undefined;
}

async function report({ rows, missing }: Comparison, format: Format, { html, svg }: Files): Promise<void> {
  for (const line of missing) writeFully(2, Buffer.from(`capvm: not measured: ${line}\n`));
  svg?.write((await import('../../perf/ipc/report/chart.ts')).toSvg(rows));
  html?.write((await import('../../perf/ipc/report/html.ts')).toHtml(rows));
  svg?.close();
  html?.close();
  writeFully(1, Buffer.from(await textOf(rows, format)));
}

async function textOf(rows: readonly Row[], format: Format): Promise<string> {
  if (format === 'json') return toJson(rows);
  if (format === 'tsv') return toTsv(rows);
  const { instructionTable, timeTable } = await import('../../perf/ipc/report/table.ts');
  return `${instructionTable(rows)}\n${timeTable(rows)}`;
}

const openOutput = (path: string | undefined): Output | undefined =>
  path === undefined ? undefined : new Output(path);
