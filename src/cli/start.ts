// `npm start [-- FILE]`, `capvm start`: the main job. Two cVMs pass a file from one to the other, the second computes
// its SHA-256 in the simulated CPU, and a third tries to read both. See examples/01-two-cvms.yaml.
import { join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { ArgumentError, CapvmError, EXIT } from '../host/index.ts';
import { deploy } from '../monitor/index.ts';
import type { Cvm, Deployment, ManifestStream } from '../monitor/index.ts';
import { AttackLog } from './attack-log.ts';
import { ConsoleLines } from './console-lines.ts';
import { FileSource, readImageFile, readManifest, readSwitcherFile } from './host-files.ts';
import { packageRoot } from './package-root.ts';
import { reportOf, textReport } from './start-report.ts';
import type { Measurement } from './start-report.ts';

const USAGE = `usage: capvm start [FILE] [options]

Streams FILE (default: a file of this project; - is standard input) from one cVM to another on one simulated machine.
The receiving cVM computes its SHA-256, which is checked against Node's own, while a third cVM attacks both.

  --manifest FILE   another deployment than examples/01-two-cvms.yaml
  --json            the report as JSON
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
  try {
    const options = readOptions(parameters);
    if (options.help) {
      process.stdout.write(USAGE);
      return EXIT.ok;
    }
    return await run(options);
  } catch (error) {
    if (!(error instanceof CapvmError)) throw error;
    process.stderr.write(`capvm: ${error.message}\n`);
    return error.exitCode;
  }
}

interface Options {
  readonly file: string | undefined;
  readonly manifest: string;
  readonly json: boolean;
  readonly verbose: boolean;
  readonly help: boolean;
}

function readOptions(parameters: readonly string[]): Options {
  const flags = {
    manifest: { type: 'string' },
    json: { type: 'boolean' },
    verbose: { type: 'boolean' },
    help: { type: 'boolean' },
  } as const;
  try {
    const { values, positionals } = parseArgs({ args: [...parameters], options: flags, allowPositionals: true });
    if (positionals.length > 1) throw new ArgumentError(`one file at a time, not ${positionals.length}; see --help`);
    const {
      manifest = join(ROOT, 'examples', '01-two-cvms.yaml'),
      json = false,
      verbose = false,
      help = false,
    } = values;
    return { file: positionals[0], manifest: resolve(WORKING_DIRECTORY, manifest), json, verbose, help };
  } catch (error) {
    if (error instanceof CapvmError) throw error;
    throw new ArgumentError(`${(error as Error).message.split('\n')[0]}; see --help`);
  }
}

async function run(options: Options): Promise<number> {
  const { manifest, directory } = readManifest(options.manifest);
  const attacks = new AttackLog();
  let input: FileSource | undefined;
  let onConsole = (_cvm: Cvm, _bytes: Uint8Array): void => undefined;
  const deployment = await deploy(manifest, {
    switcher: readSwitcherFile(),
    readImage: (name) => readImageFile(directory, name),
    source: (stream) => (input ??= openInput(options, directory, stream)),
    onConsole: (cvm, bytes) => onConsole(cvm, bytes),
  });
  const finished: { digest?: string } = {};
  onConsole = watch(deployment, finished, attacks, options.verbose);
  try {
    const measurement = await transfer(deployment, input, attacks);
    const report = reportOf(deployment, { ...measurement, digest: finished.digest, input, attacks });
    process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : textReport(report));
    return measurement.reason === 'aborted' ? EXIT.interrupted : report.ok ? EXIT.ok : 1;
  } finally {
    input?.close();
  }
}

/** Runs until the transfer is over, then lets the attacker finish its list. */
async function transfer(
  { monitor, start: startAll }: Deployment,
  input: FileSource | undefined,
  attacks: AttackLog,
): Promise<Measurement> {
  const interrupt = new AbortController();
  const onInterrupt = (): void => interrupt.abort();
  process.once('SIGINT', onInterrupt);
  const begin = performance.now();
  startAll();
  const stop = await monitor.run({ signal: interrupt.signal, onProgress: () => showProgress(input, begin) });
  const seconds = (performance.now() - begin) / 1000;
  const instructions = monitor.machine.instructions;
  const perCvm = new Map(monitor.cvms.map((cvm) => [cvm.name, cvm.instructions]));
  hideProgress();
  const budget = instructions + OVERTIME_INSTRUCTIONS;
  const attacker = monitor.cvms.some(({ background, state }) => background && state === 'running');
  while (attacker && stop.reason === 'ended' && !attacks.finished && monitor.machine.instructions < budget) {
    const more = await monitor.run({ background: true, budget: 100_000n, signal: interrupt.signal });
    if (more.reason !== 'budget') break;
  }
  process.removeListener('SIGINT', onInterrupt);
  return { reason: stop.reason, waiting: stop.waiting, seconds, instructions, perCvm };
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

function openInput({ file }: Options, directory: string, stream: ManifestStream): FileSource {
  if (file !== undefined) return new FileSource(file === '-' ? file : resolve(WORKING_DIRECTORY, file), file);
  if (stream.file === undefined)
    throw new ArgumentError(`stream ${stream.name} of the manifest names no file: give one`);
  const path = resolve(directory, stream.file);
  return new FileSource(path, relative(process.cwd(), path));
}

function showProgress(input: FileSource | undefined, begin: number): void {
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

const invoked = process.argv[1];
if (invoked !== undefined && import.meta.url === pathToFileURL(invoked).href) {
  process.exitCode = await start(process.argv.slice(2));
}
