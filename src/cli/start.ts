// `npm start [-- FILE]`, `capvm start`: the main job. Two cVMs pass a file from one to the other, the second computes
// its SHA-256 in the simulated CPU, and a third tries to read both. See examples/01-two-cvms.yaml.
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { ArgumentError, CapvmError, EXIT } from '../host/index.ts';
import { deploy, parseManifest } from '../monitor/index.ts';
import type { Deployment, HostSource, ManifestStream } from '../monitor/index.ts';
import { AttackLog } from './attack-log.ts';
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
  const manifest = parseManifest(
    readFile(options.manifest).toString('utf8'),
    relative(process.cwd(), options.manifest),
  );
  const directory = dirname(options.manifest);
  const consoles = new ConsoleLines();
  const attacks = new AttackLog();
  let input: FileSource | undefined;
  const deployment = await deploy(manifest, {
    switcher: readFile(join(ROOT, 'guests', 'images', 'switcher.elf')),
    readImage: (name) => readFile(resolve(directory, name)),
    source: (stream) => (input ??= openInput(options, directory, stream)),
    onConsole: (cvm, bytes) => consoles.add(cvm.name, bytes),
  });
  const finished = watch(deployment, consoles, attacks, options.verbose);
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

/** Follows consoles and audit; the digest is what some cVM prints as `sha256 HEX`. */
function watch(
  { monitor, cvms }: Deployment,
  consoles: ConsoleLines,
  attacks: AttackLog,
  verbose: boolean,
): { digest?: string } {
  const seen: { digest?: string } = {};
  const say = (line: string): void => {
    if (verbose) process.stderr.write(`${line}\n`);
  };
  consoles.onLine = (name, line) => {
    say(`[${name}] ${line}`);
    const background = cvms.get(name)?.background === true;
    if (background) attacks.line(name, line);
    else seen.digest ??= /^sha256 ([0-9a-f]{64})\b/.exec(line)?.[1];
  };
  monitor.audit.onRecord((record) => {
    say(`audit ${record.sequence} ${record.cvm} ${record.kind}: ${record.text}`);
    attacks.record(record);
  });
  return seen;
}

/** Cuts what each cVM prints into lines. */
class ConsoleLines {
  onLine: (name: string, line: string) => void = () => undefined;
  readonly #rest = new Map<string, string>();

  add(name: string, bytes: Uint8Array): void {
    const lines = ((this.#rest.get(name) ?? '') + Buffer.from(bytes).toString('latin1')).split('\n');
    this.#rest.set(name, (lines.pop() ?? '').slice(-4096));
    for (const line of lines) this.onLine(name, line);
  }
}

/** A file as the host's end of a stream; hashes what it hands over. */
export class FileSource implements HostSource {
  readonly name: string;
  /** Known for regular files. */
  readonly sizeBytes: number | undefined;
  bytes = 0;
  readonly #descriptor: number;
  readonly #hash = createHash('sha256');
  #digest: string | undefined;

  constructor(path: string, name: string) {
    this.name = name;
    this.#descriptor = path === '-' ? 0 : openFile(path, name);
    const stat = fstatSync(this.#descriptor);
    if (stat.isDirectory()) throw unreadable(name, 'it is a directory');
    this.sizeBytes = stat.isFile() ? stat.size : undefined;
  }

  read(into: Uint8Array): number {
    const count = readSome(this.#descriptor, into, this.name);
    this.#hash.update(into.subarray(0, count));
    this.bytes += count;
    return count;
  }

  /** SHA-256 of what was read. */
  get digest(): string {
    return (this.#digest ??= this.#hash.digest('hex'));
  }

  close(): void {
    if (this.#descriptor !== 0) closeSync(this.#descriptor);
  }
}

function openInput({ file }: Options, directory: string, stream: ManifestStream): FileSource {
  if (file !== undefined) return new FileSource(file === '-' ? file : resolve(WORKING_DIRECTORY, file), file);
  if (stream.file === undefined)
    throw new ArgumentError(`stream ${stream.name} of the manifest names no file: give one`);
  const path = resolve(directory, stream.file);
  return new FileSource(path, relative(process.cwd(), path));
}

function readSome(descriptor: number, into: Uint8Array, name: string): number {
  for (;;) {
    try {
      return readSync(descriptor, into);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EOF') return 0;
      // Standard input in non-blocking mode: wait a little.
      if (code !== 'EAGAIN') throw unreadable(name, messageOf(error));
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

function openFile(path: string, name: string): number {
  try {
    return openSync(path, 'r');
  } catch (error) {
    throw unreadable(name, messageOf(error));
  }
}

function readFile(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw unreadable(relative(process.cwd(), resolve(path)), messageOf(error));
  }
}

const unreadable = (name: string, why: string): CapvmError =>
  new CapvmError('ERR_CVM_NO_INPUT', `${name}: ${why}`, EXIT.noInput);

/** "no such file or directory" of "ENOENT: no such file or directory, open 'x'". */
const messageOf = (error: unknown): string =>
  /^[A-Z]+: ([^,]*)/.exec((error as Error).message)?.[1] ?? (error as Error).message;

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
