// `npm start [-- FILE]`, `capvm start`: the main job. A file goes through a pipeline of cVMs that use all ways they have to
// communicate, its SHA-256 is computed in the simulated CPU, another cVM attacks meanwhile; see examples/01-pipeline.yaml.
// Then what communication costs is measured.
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ArgumentError, CapvmError, EXIT } from '../host/index.ts';
import { deploy } from '../monitor/index.ts';
import type { Cvm, Deployment, ManifestStream, Monitor, MonitorStop } from '../monitor/index.ts';
import { SIZES } from '../../perf/ipc/rows.ts';
import type { Row } from '../../perf/ipc/rows.ts';
import { AttackLog } from './attack-log.ts';
import { ConsoleLines } from './console-lines.ts';
import { writeFully } from './files.ts';
import { HashedSource } from './hashed-source.ts';
import { FileSource, readImageFile, readManifest, readSwitcherFile } from './host-files.ts';
import { Interruption } from './interruption.ts';
import { ipcTables, measureIpc, readSizes } from './ipc-measurement.ts';
import { packageRoot } from './package-root.ts';
import { reportOf, textReport } from './start-report.ts';
import type { Measurement } from './start-report.ts';
import { isRegularStdin, StandardInput } from './standard-input.ts';

const USAGE = `usage: capvm start [FILE] [options]

Passes FILE (default: a file of this project; - is standard input) through a pipeline of cVMs on one simulated machine, by
CP_Stream, CP_File, CP_Call and loans. The last one computes its SHA-256, which is checked against Node's own, while a
hostile cVM attacks the others. Then measures what these primitives cost beside pipes and sockets: \`capvm help bench\`
explains the tables.

  --manifest FILE   another deployment than examples/01-pipeline.yaml
  --bytes LIST      message sizes of the tables, say 1,64,4K,1M. Default: nine from 1 to 1M
  --no-ipc          without the tables
  --json            the report as JSON, with the rows of the tables
  --verbose         consoles of the cVMs and the monitor's audit, on standard error
  --help

exit codes: 0 the digests agree and the attacker got nothing, 1 otherwise, 64 wrong command line, 65 unusable manifest
or image, 66 a file cannot be read, 130 interrupted
`;

const ROOT = packageRoot();
/** npm runs scripts in the package's directory and says in INIT_CWD where the user is. */
const WORKING_DIRECTORY =
  process.env.npm_lifecycle_event === 'start' ? (process.env.INIT_CWD ?? process.cwd()) : process.cwd();
/** How long the attacker may go on after a short transfer, to finish its list. */
const OVERTIME_INSTRUCTIONS = 20_000_000n;

export async function start(parameters: readonly string[]): Promise<number> {
  const options = readOptions(parameters);
  if (!options.help) return run(options);
  writeOut(USAGE);
  return EXIT.ok;
}

interface Options {
  readonly file: string | undefined;
  readonly manifest: string;
  /** Message sizes to measure. */
  readonly bytes: readonly number[];
  readonly json: boolean;
  readonly verbose: boolean;
  readonly help: boolean;
}

function readOptions(parameters: readonly string[]): Options {
  const flags = {
    manifest: { type: 'string' },
    bytes: { type: 'string' },
    'no-ipc': { type: 'boolean' },
    json: { type: 'boolean' },
    verbose: { type: 'boolean' },
    help: { type: 'boolean' },
  } as const;
  try {
    const { values, positionals } = parseArgs({ args: [...parameters], options: flags, allowPositionals: true });
    if (positionals.length > 1) throw new ArgumentError(`one file at a time, not ${positionals.length}; see --help`);
    const {
      manifest = join(ROOT, 'examples', '01-pipeline.yaml'),
      json = false,
      verbose = false,
      help = false,
    } = values;
    const bytes = values['no-ipc'] === true ? [] : values.bytes === undefined ? SIZES : readSizes(values.bytes);
    return { file: positionals[0], manifest: resolve(WORKING_DIRECTORY, manifest), bytes, json, verbose, help };
  } catch (error) {
    if (error instanceof CapvmError) throw error;
    throw new ArgumentError(`${(error as Error).message.split('\n')[0]}; see --help`);
  }
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
  onConsole = watch(deployment, finished, attacks, options.verbose);
  const interruption = new Interruption(undefined);
  try {
    const measurement = await transfer(deployment, input, attacks, interruption.signal);
    const report = reportOf(deployment, { ...measurement, digest: finished.digest, input, attacks });
    if (!options.json) writeOut(textReport(report));
    const rows = report.ok ? await measureRows(options.bytes, interruption) : [];
    if (options.json) writeOut(`${JSON.stringify({ ...report, rows })}\n`);
    else if (rows.length > 0) writeOut(`\n${await ipcTables(rows)}`);
    return interruption.signal.aborted ? interruption.exitCode : report.ok ? EXIT.ok : 1;
  } finally {
    interruption.close();
    input?.close();
  }
}

const writeOut = (text: string): void => writeFully(1, Buffer.from(text));

/** A tenth of what `capvm bench ipc` does. None when it is interrupted. */
async function measureRows(bytes: readonly number[], interruption: Interruption): Promise<readonly Row[]> {
  const { signal } = interruption;
  if (bytes.length === 0 || signal.aborted) return [];
  try {
    return (await measureIpc({ bytes, quick: true, signal })).rows;
  } catch (error) {
    if (!signal.aborted) throw error;
    writeFully(2, Buffer.from(`capvm: ${interruption.text}\n`));
    return [];
  }
}

/** Runs until the transfer is over, then lets the attacker finish its list. */
async function transfer(
  { monitor, start: startAll }: Deployment,
  input: HashedSource | undefined,
  attacks: AttackLog,
  signal: AbortSignal,
): Promise<Measurement> {
  const begin = performance.now();
  startAll();
  const stop = await runWithInput(monitor, input, signal, begin);
  const seconds = (performance.now() - begin) / 1000;
  const instructions = monitor.machine.instructions;
  const perCvm = new Map(monitor.cvms.map((cvm) => [cvm.name, cvm.instructions]));
  hideProgress();
  const budget = instructions + OVERTIME_INSTRUCTIONS;
  const attacker = monitor.cvms.some(({ background, state }) => background && state === 'running');
  while (attacker && stop.reason === 'ended' && !attacks.finished && monitor.machine.instructions < budget) {
    const more = await monitor.run({ background: true, budget: 100_000n, signal });
    if (more.reason !== 'budget') break;
  }
  return { reason: stop.reason, waiting: stop.waiting, seconds, instructions, perCvm };
}

/** While standard input may bring more, no run is a deadlock. */
async function runWithInput(
  monitor: Monitor,
  input: HashedSource | undefined,
  signal: AbortSignal,
  begin: number,
): Promise<MonitorStop> {
  const attendant = monitor.attend();
  if (input === undefined || input.isComplete) attendant.leave();
  else input.onEnd = () => attendant.leave();
  try {
    return await monitor.run({ signal, onProgress: () => showProgress(input, begin) });
  } finally {
    attendant.leave();
  }
}

/** Follows consoles and audit; the digest is what some cVM prints as `sha256 HEX`. The result takes what they print. */
function watch(
  { monitor, cvms }: Deployment,
  finished: { digest?: string },
  attacks: AttackLog,
  verbose: boolean,
): (cvm: Cvm, bytes: Uint8Array) => void {
  const say = (line: string): void => {
    if (verbose) process.stderr.write(`${line}\n`);
  };
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
  if (file === '-' && !isRegularStdin()) return new HashedSource(new StandardInput(onMore), file);
  const given = file === undefined || file === '-' ? file : resolve(WORKING_DIRECTORY, file);
  if (given === undefined && stream.file === undefined)
    throw new ArgumentError(`stream ${stream.name} of the manifest names no file: give one`);
  const path = given ?? resolve(directory, stream.file!);
  const source = new FileSource(path, file ?? relative(process.cwd(), path));
  return new HashedSource(source, source.name, source.sizeBytes);
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
