// `capvm run --image NAME -- COMMAND`: one Linux program of a package image, in a cVM of its own.
import { ArgumentError, CapvmError, EXIT } from '../host/errors.ts';
import { ENGINES, parseSize } from '../host/machine-options.ts';
import { HOST } from '../monitor/index.ts';
import type { Manifest, ManifestVolume } from '../monitor/index.ts';
import { HostEnds } from './host-ends.ts';
import { choice, count, duration, parseOptions, text } from './options.ts';
import type { Parsed } from './options.ts';
import { Outflow } from './outflow.ts';
import { runServices } from './up.ts';
import { UpOutput } from './up-output.ts';

export const help = `usage: capvm run --image NAME [options] -- COMMAND [ARGUMENTS]

Runs a Linux program of a package image (\`capvm pull\`) in a cVM, above a library OS. Standard input,
output and errors are its own, its exit code is passed on. It reaches no network but what these options say.
Ctrl-C sends it SIGTERM and ends it five seconds later; a second one does not wait.

  --publish, -p HOST:GUEST   a port of the host that leads into it; ADDRESS:HOST:GUEST, default address
                             127.0.0.1; host port 0: any free one. May be given again, as the next three
  --allow ADDRESS:PORT       it may connect there; host:PORT is this computer, 10.0.1.1 in the cVM
  --env, -e NAME=VALUE       of its environment
  --volume FILE:SIZE:DIR     an encrypted disk, made if it is not there; its key is FILE.key
  --memory SIZE              of a process: programs, libraries, heap, stacks. Default 64M
  --processes N              at once. Default 4
  --kernel-memory SIZE       of the library OS: files written, connections. Default 16M
  --name NAME                of the cVM, for \`capvm ps\`. Default: the image's
  --cwd DIR                  where it starts. Default /
  --strace[=FILE]            its system calls, on stderr or in a file
  --strace-counts            no line for each; --stats then has how many of each there were
  --stats                    a table of what it used, at the end, on stderr
  --budget N, --max-time SECONDS, --engine NAME   as of \`capvm up\`

Exit codes: the program's own, 128 + N when signal N ended it, or one of \`capvm help exit-codes\`.
`;

const OPTIONS = {
  image: { type: 'string' },
  publish: { type: 'string', short: 'p', multiple: true },
  allow: { type: 'string', multiple: true },
  env: { type: 'string', short: 'e', multiple: true },
  volume: { type: 'string', multiple: true },
  memory: { type: 'string' },
  processes: { type: 'string' },
  'kernel-memory': { type: 'string' },
  name: { type: 'string' },
  cwd: { type: 'string' },
  strace: { type: 'boolean' },
  'strace-file': { type: 'string' },
  'strace-counts': { type: 'boolean' },
  stats: { type: 'boolean' },
  budget: { type: 'string' },
  'max-time': { type: 'string' },
  engine: { type: 'string' },
} as const;

const MEMORY = 64 * 1024 ** 2;
const KERNEL_MEMORY = 16 * 1024 ** 2;
const PROCESSES = 4;
const STDIN = 'stdin';

export async function main(args: readonly string[]): Promise<number> {
  const parsed = parseOptions('run', withStraceFile(args), OPTIONS);
  const { values } = parsed;
  const image = text(values, 'image')!;
  if (parsed.positionals.length === 0) throw new ArgumentError('run: no command given; see `capvm run --image --help`');
  const file = { manifest: manifestOf(parsed, image), name: image, directory: process.cwd() };
  const ends = new HostEnds(file, []);
  const errors = Outflow.standard(2);
  const trace = values['strace-counts'] === true ? undefined : traceOf(text(values, 'strace-file'), errors);
  const output = new UpOutput({ json: false, raw: true, outflow: Outflow.standard(1), errors, trace, names: [] });
  const stats = values.stats === true;
  try {
    return await runServices(file, {
      output,
      ends,
      engine: choice(values, 'engine', ENGINES),
      budget: count(values, 'budget'),
      seconds: duration(values, 'max-time'),
      report: { json: false, quiet: !stats, stats },
    });
  } catch (error) {
    throw isOfManifest(error) ? new ArgumentError(`run: ${error.message}`) : error;
  }
}

/** What is wrong with a manifest: here the options are it. */
const isOfManifest = (error: unknown): error is CapvmError =>
  error instanceof CapvmError &&
  error.exitCode === EXIT.data &&
  ['ERR_CVM_SERVICE', 'ERR_CVM_SPEC'].includes(error.code);

/** `--strace=FILE`: an option whose value may be left out. */
const withStraceFile = (args: readonly string[]): string[] => {
  const end = args.includes('--') ? args.indexOf('--') : args.length;
  return args.map((arg, at) => (at < end ? arg.replace(/^--strace=/, '--strace-file=') : arg));
};

const traceOf = (file: string | undefined, errors: Outflow): Outflow =>
  file === undefined ? errors : Outflow.open(file, file);

function manifestOf({ values, positionals }: Parsed, image: string): Manifest {
  const name = text(values, 'name') ?? image.replace(/[^A-Za-z0-9._-]/g, '-').slice(0, 24);
  const several = (option: string): string[] => (values[option] ?? []) as string[];
  const linux = {
    command: positionals,
    env: Object.fromEntries(several('env').map(variable)),
    cwd: text(values, 'cwd'),
    processes: Number(count(values, 'processes') ?? PROCESSES),
    kernelMemory: size(text(values, 'kernel-memory')) ?? KERNEL_MEMORY,
    publish: several('publish'),
    connect: [],
    allow: several('allow'),
    volumes: several('volume').map(volume),
    stdin: STDIN,
    strace: ['strace', 'strace-file', 'strace-counts'].some((option) => values[option] !== undefined),
  };
  const memory = size(text(values, 'memory')) ?? MEMORY;
  return {
    cvms: [{ name, image, memory, arguments: [], linux }],
    streams: [{ name: STDIN, from: HOST, to: name, file: '-' }],
    calls: [],
    files: [],
  };
}

/** NAME=VALUE. Throws ArgumentError. */
export function variable(given: string): [string, string] {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(given) ?? [];
  if (name === undefined) throw new ArgumentError(`--env: ${JSON.stringify(given)} is not NAME=VALUE`);
  return [name, value];
}

function volume(given: string): ManifestVolume {
  const [, file, bytes, at] = /^(.+):([^:]+):(\/[^:]*)$/.exec(given) ?? [];
  if (file === undefined) throw new ArgumentError(`--volume: ${JSON.stringify(given)} is not FILE:SIZE:DIR`);
  return { file, size: size(bytes)!, at };
}

const size = (given: string | undefined): number | undefined => (given === undefined ? undefined : parseSize(given));
