// `npm start [-- FILE]`, `capvm start`: the main job. A file goes through a pipeline of cVMs that use all ways they have to
// communicate, its SHA-256 is computed in the simulated CPU, another cVM attacks meanwhile; see examples/01-pipeline.yaml.
// Then what communication costs is measured.
import { join, relative, resolve } from 'node:path';
import { ArgumentError, EXIT } from '../host/index.ts';
import { deploy } from '../monitor/index.ts';
import type { Cvm, Deployment, ManifestStream, Monitor, MonitorStop, RunOptions } from '../monitor/index.ts';
import { SIZES } from '../../perf/ipc/rows.ts';
import type { Row } from '../../perf/ipc/rows.ts';
import { AttackLog } from './attack-log.ts';
import { ConsoleLines } from './console-lines.ts';
import { explain } from './explanation.ts';
import { say } from './files.ts';
import { HashedSource } from './hashed-source.ts';
import { readImageFile, readManifest, readSwitcherFile } from './host-files.ts';
import { Interruption } from './interruption.ts';
import { ipcTables, measureIpc, readSizes } from './ipc-measurement.ts';
import { count, duration, parseOptions, text } from './options.ts';
import { Outflow, print } from './outflow.ts';
import { packageRoot } from './package-root.ts';
import { printable } from './printable.ts';
import { openSource } from './source.ts';
import { reportOf, textReport } from './start-report.ts';
import type { Measurement } from './start-report.ts';

export const help = `usage: capvm start [options] [FILE]

Passes FILE (default: a file of this project; - is standard input) through a pipeline of cVMs on one simulated machine, by
CP_Stream, CP_File, CP_Call and loans. The last one computes its SHA-256, which is checked against Node's own, while a
hostile cVM attacks the others. Then measures what these primitives cost beside pipes and sockets: \`capvm help bench\`
explains the tables.

  --manifest FILE      another deployment than examples/01-pipeline.yaml
  --bytes LIST         message sizes of the tables, say 1,64,4K,1M. Default: nine from 1 to 1M
  --no-ipc             without the tables
  --json               the report as JSON, with the rows of the tables
  --verbose            consoles of the cVMs and the monitor's audit, on standard error
  --budget N           stop the transfer after N instructions (1000000, 1e6, 1M)
  --max-time SECONDS   stop after that much time, the tables included

Exit codes: 0 the digests agree and the attacker got nothing, 1 otherwise; 64 wrong command line, 65 a manifest or an
image that cannot be used, 66 a file that cannot be read. Others: \`capvm help exit-codes\`.
`;

const OPTIONS = {
  manifest: { type: 'string' },
  bytes: { type: 'string' },
  'no-ipc': { type: 'boolean' },
  json: { type: 'boolean' },
  verbose: { type: 'boolean' },
  budget: { type: 'string' },
  'max-time': { type: 'string' },
} as const;

const ROOT = packageRoot();
/** npm runs scripts in the package's directory and says in INIT_CWD where the user is. */
const WORKING_DIRECTORY =
  process.env.npm_lifecycle_event === 'start' ? (process.env.INIT_CWD ?? process.cwd()) : process.cwd();
/** How long the attacker may go on after a short transfer, to finish its list. */
const OVERTIME_INSTRUCTIONS = 20_000_000n;

interface Options {
  readonly file: string | undefined;
  readonly manifest: string;
  /** Message sizes to measure. */
  readonly bytes: readonly number[];
  readonly json: boolean;
  readonly verbose: boolean;
  readonly budget: bigint | undefined;
  readonly seconds: number | undefined;
}

export const main = (args: readonly string[]): Promise<number> => run(readOptions(args));

function readOptions(args: readonly string[]): Options {
  const { values, positionals } = parseOptions('start', args, OPTIONS);
  const [file, more] = positionals;
  if (more !== undefined || file === '')
    throw new ArgumentError(`start: ${file === '' ? "the file's name is empty" : 'one file at a time'}; see \`capvm help start\``); // prettier-ignore
  const sizes = text(values, 'bytes');
  return {
    file,
    manifest: resolve(WORKING_DIRECTORY, text(values, 'manifest') ?? join(ROOT, 'examples', '01-pipeline.yaml')),
    bytes: values['no-ipc'] === true ? [] : sizes === undefined ? SIZES : readSizes(sizes),
    json: values.json === true,
    verbose: values.verbose === true,
    budget: count(values, 'budget'),
    seconds: duration(values, 'max-time'),
  };
}

async function run(options: Options): Promise<number> {
  const { manifest, directory } = readManifest(options.manifest);
  const attacks = new AttackLog();
  let input: HashedSource | undefined;
  let arrived = (_stream: string): void => undefined;
  let onConsole = (_cvm: Cvm, _bytes: Uint8Array): void => undefined;
  const deployment = await deploy(manifest, {
    switcher: readSwitcherFile(),
    readImage: (name) => readImageFile(directory, name),
    source: (stream) => (input ??= openInput(options, directory, stream, () => arrived(stream.name))),
    onConsole: (cvm, bytes) => onConsole(cvm, bytes),
  });
  const finished: { digest?: string } = {};
  arrived = (name) => deployment.monitor.streams.get(name)?.more();
  const interruption = new Interruption(options.seconds);
  const talk = options.verbose ? Outflow.standard(2) : undefined;
  onConsole = watch(deployment, finished, attacks, (line) => talk?.write(Buffer.from(`${printable(line)}\n`)));
  try {
    const measurement = await transfer(deployment, input, attacks, options.budget, { interruption, talk });
    const report = reportOf(deployment, { ...measurement, digest: finished.digest, input, attacks });
    if (!options.json) await print(textReport(report), interruption.patience);
    const rows = report.ok ? await measureRows(options.bytes, interruption) : [];
    if (options.json) await print(`${JSON.stringify({ ...report, rows })}\n`, interruption.patience);
    else if (rows.length > 0) await print(`\n${await ipcTables(rows)}`, interruption.patience);
    if (interruption.signal.aborted) return interruption.exitCode;
    return measurement.reason === 'budget' ? EXIT.budget : report.ok ? EXIT.ok : EXIT.mismatch;
  } finally {
    interruption.close();
    input?.close();
  }
}

/** A tenth of what `capvm bench ipc` does. None when it is interrupted. */
async function measureRows(bytes: readonly number[], interruption: Interruption): Promise<readonly Row[]> {
  const { signal } = interruption;
  if (bytes.length === 0 || signal.aborted) return [];
  try {
    return (await measureIpc({ bytes, quick: true, signal })).rows;
  } catch (error) {
    if (!signal.aborted) throw error;
    say(`capvm: ${interruption.text}\n`);
    return [];
  }
}

/** Runs until the transfer is over, then lets the attacker finish its list. */
async function transfer(
  { monitor, start: startAll }: Deployment,
  input: HashedSource | undefined,
  attacks: AttackLog,
  limit: bigint | undefined,
  { interruption, talk }: { interruption: Interruption; talk: Outflow | undefined },
): Promise<Measurement> {
  const begin = performance.now();
  const { signal } = interruption;
  const common = { signal, hold: () => (talk?.isFull === true ? talk.drained(signal) : undefined) };
  startAll();
  const onProgress = (): void => showProgress(input, begin);
  const stop = await runWithInput(monitor, input, { ...common, budget: limit, onProgress });
  const seconds = (performance.now() - begin) / 1000;
  const instructions = monitor.machine.instructions;
  const perCvm = new Map(monitor.cvms.map((cvm) => [cvm.name, cvm.instructions]));
  hideProgress();
  const budget = instructions + OVERTIME_INSTRUCTIONS;
  const attacker = monitor.cvms.some(({ background, state }) => background && state === 'running');
  while (attacker && stop.reason === 'ended' && !attacks.finished && monitor.machine.instructions < budget) {
    const more = await monitor.run({ ...common, background: true, budget: 100_000n });
    if (more.reason !== 'budget') break;
  }
  return { reason: stop.reason, explanation: explain(stop, interruption), seconds, instructions, perCvm };
}

/** While the input may bring more, no run is a deadlock. */
async function runWithInput(
  monitor: Monitor,
  input: HashedSource | undefined,
  options: RunOptions,
): Promise<MonitorStop> {
  const attendant = monitor.attend();
  if (input === undefined || input.isComplete) attendant.leave();
  else input.onEnd = () => attendant.leave();
  try {
    return await monitor.run(options);
  } finally {
    attendant.leave();
  }
}

/** Follows consoles and audit; the digest is what some cVM prints as `sha256 HEX`. The result takes what they print. */
function watch(
  { monitor, cvms }: Deployment,
  finished: { digest?: string },
  attacks: AttackLog,
  say: (line: string) => void,
): (cvm: Cvm, bytes: Uint8Array) => void {
  const consoles = new ConsoleLines((name, bytes) => {
    const line = bytes.toString('latin1');
    say(`[${name}] ${line}`);
    if (cvms.get(name)?.background === true) attacks.line(name, line);
    else finished.digest ??= /^sha256 ([0-9a-f]{64})\b/.exec(line)?.[1];
  });
  monitor.audit.onRecord((record) => {
    say(`audit ${record.sequence} ${record.cvm} ${record.kind}: ${record.text}`);
    attacks.record(record);
  });
  return (cvm, bytes) => consoles.add(cvm.name, bytes);
}

/** `onMore`: what could not be read at once has come, or ended. */
function openInput({ file }: Options, directory: string, stream: ManifestStream, onMore: () => void): HashedSource {
  const chosen = file ?? stream.file;
  if (chosen === undefined) throw new ArgumentError(`stream ${stream.name} of the manifest names no file: give one`);
  if (chosen === '-') return new HashedSource(openSource(chosen, chosen, onMore));
  const path = resolve(file === undefined ? directory : WORKING_DIRECTORY, chosen);
  return new HashedSource(openSource(path, file ?? relative(process.cwd(), path), onMore));
}

function showProgress(input: HashedSource | undefined, begin: number): void {
  if (!process.stderr.isTTY || input === undefined) return;
  const rate = input.bytes / 1e6 / ((performance.now() - begin) / 1000);
  const share =
    input.sizeBytes === undefined || input.sizeBytes === 0
      ? ''
      : `${Math.floor((100 * input.bytes) / input.sizeBytes)} %, `;
  process.stderr.write(`\r\x1b[K${input.name}: ${share}${(input.bytes / 1e6).toFixed(1)} MB, ${rate.toFixed(1)} MB/s`);
}

function hideProgress(): void {
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
}
