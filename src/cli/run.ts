// `capvm run`: one program on one machine. Guest output on stdout, one summary line on stderr, the guest's exit code.
import { isatty } from 'node:tty';
import { ArgumentError, EXIT } from '../host/errors.ts';
import type { EngineStatistics } from '../host/engine-statistics.ts';
import { Machine } from '../host/machine.ts';
import { ENGINES } from '../host/machine-options.ts';
import type { MachineOptions } from '../host/machine-options.ts';
import type { Stop } from '../host/stop.ts';
import { Output, readInput, writeFully } from './files.ts';
import { address, choice, count, duration, parseOptions, text } from './options.ts';
import type { Parsed } from './options.ts';
import { Interruption } from './interruption.ts';
import { connectStdin } from './stdin.ts';
import type { Tracing } from './tracing.ts';

export const help = `usage: capvm run [options] PROGRAM.elf [ARGUMENTS]
       capvm run --image NAME [options] -- COMMAND [ARGUMENTS]     (capvm run --image --help)

Runs a bare-metal RISC-V program (ELF64, linked to run at 0x80000000) on a board like QEMU's virt.
Its console is stdin and stdout; a summary goes to stderr; its exit code is passed on.

It starts at its ELF entry in machine mode with a0 = hart id and a1 = 0. With ARGUMENTS, a0 = argc,
a1 = argv (argv[0] = PROGRAM.elf) and sp = an aligned address below them at the end of RAM. Options
may stand before or after the program; what follows \`--\` are arguments, whatever they look like.

  --json                    print one JSON object on stdout instead, with (the first 64 MiB of) the guest's output in it
  --quiet                   no summary line
  --budget N                stop after N instructions (1000000, 1e6, 1M)
  --max-time SECONDS        stop after that much time
  --hash                    add the hash of the final state to the summary
  --memory SIZE             RAM: 1M to 3G, default 256M
  --addressing MODE         absolute (default), or relocated: integer addresses are relative to DDC
  --no-cheri                a plain RISC-V machine, without capabilities and tags
  --user-traps              with the N extension
  --engine NAME             interp interprets; translate turns hot code into WebAssembly; auto (default) is
                            what is best here; lockstep does both, compares them all the time and ends with
                            exit code 120 and a report where they differ
  --stats                   add what the translator did: regions, bytes of Wasm, exits by cause, time
  --dump-wasm PC            add the Wasm of the region that was entered at, or else holds, PC (an address
                            or a symbol)
  --dump-wasm-file FILE     write it as a module to FILE instead
  --tohost ADDRESS          HTIF address, default: the program's symbol \`tohost\`
  --signature FILE          write the memory between begin_signature and end_signature
  --signature-granularity N bytes per line, 4 (default) or 8
  --trace[=CONCERNS]        trace every instruction to stderr; CONCERNS are some of instructions,
                            registers, capabilities, memory, csr, trap (default all)
  --trace-file FILE         trace to a file instead
  --trace-json              trace as JSON lines

Exit codes: the program's own, or one of \`capvm help exit-codes\`.
`;

const OPTIONS = {
  json: { type: 'boolean' },
  quiet: { type: 'boolean' },
  budget: { type: 'string' },
  'max-time': { type: 'string' },
  hash: { type: 'boolean' },
  memory: { type: 'string' },
  addressing: { type: 'string' },
  'no-cheri': { type: 'boolean' },
  'user-traps': { type: 'boolean' },
  engine: { type: 'string' },
  stats: { type: 'boolean' },
  'dump-wasm': { type: 'string' },
  'dump-wasm-file': { type: 'string' },
  tohost: { type: 'string' },
  signature: { type: 'string' },
  'signature-granularity': { type: 'string' },
  trace: { type: 'string' },
  'trace-file': { type: 'string' },
  'trace-json': { type: 'boolean' },
} as const;

const NEWLINE = 10;

export async function main(args: readonly string[]): Promise<number> {
  const parsed = parseOptions('run', expandTrace(args), OPTIONS);
  const [path] = parsed.positionals;
  if (path === undefined) throw new ArgumentError('run: no program given; see `capvm help run`');
  const granularity = Number(choice(parsed.values, 'signature-granularity', ['4', '8']) ?? '4');
  const options = machineOptions(parsed);
  const limits = { budget: count(parsed.values, 'budget'), seconds: duration(parsed.values, 'max-time') };
  const elf = readInput(path);
  const machine = await Machine.create(options);
  machine.load(elf, parsed.positionals.length > 1 ? { args: parsed.positionals } : {});
  const tracing = await openTrace(machine, parsed);
  const dump = await openDump(machine, parsed);
  const run = await execute(machine, parsed, limits, tracing);
  // In lockstep this compares all of both machines.
  if (options.engine === 'lockstep') machine.stateHash();
  if (parsed.values.signature !== undefined)
    await writeSignature(machine, text(parsed.values, 'signature')!, granularity);
  report(machine, parsed, run);
  dump?.();
  return exitCode(run.stop, run.interruption);
}

/** A bare --trace means all concerns; parseArgs knows no optional values. */
const expandTrace = (args: readonly string[]): string[] => {
  const end = args.indexOf('--');
  return args.map((arg, index) => (arg === '--trace' && (end < 0 || index < end) ? '--trace=all' : arg));
};

function machineOptions({ values }: Parsed): MachineOptions {
  return {
    memory: text(values, 'memory'),
    addressing: choice(values, 'addressing', ['absolute', 'relocated']),
    cheri: values['no-cheri'] !== true,
    userTraps: values['user-traps'] === true,
    tohost: address(values, 'tohost'),
    engine: choice(values, 'engine', ENGINES),
    timeTiers: values.stats === true,
  };
}

async function openTrace(machine: Machine, { values }: Parsed): Promise<Tracing | undefined> {
  const file = text(values, 'trace-file');
  const asked = values.trace !== undefined || file !== undefined || values['trace-json'] === true;
  if (!asked) return undefined;
  const { Tracing } = await import('./tracing.ts');
  return new Tracing(machine, text(values, 'trace') ?? 'all', values['trace-json'] === true, file);
}

/** Keeps what is translated from now on; the result writes the region that was asked for. */
async function openDump(machine: Machine, { values }: Parsed): Promise<(() => void) | undefined> {
  const place = text(values, 'dump-wasm');
  if (place === undefined) {
    if (values['dump-wasm-file'] !== undefined)
      throw new ArgumentError('--dump-wasm-file: say which with --dump-wasm PC');
    return undefined;
  }
  const { dumpWasm, resolvePlace } = await import('./dump-wasm.ts');
  const pc = resolvePlace(machine, place);
  const emitted = machine.core.translator?.keepEmitted();
  if (emitted === undefined) throw new ArgumentError('--dump-wasm: this engine does not translate; see --engine');
  return () => dumpWasm(emitted, pc, text(values, 'dump-wasm-file'));
}

/** The guest decides how much it prints; a JSON text must fit into a string. */
const OUTPUT_MAXIMUM = 64 * 1024 * 1024;

interface Run {
  readonly stop: Stop;
  readonly seconds: number;
  /** Guest output, kept only for --json, and of that the first OUTPUT_MAXIMUM bytes. */
  readonly output: readonly Uint8Array[];
  readonly truncated: boolean;
  readonly lastByte: number | undefined;
  readonly interruption: Interruption;
}

/** Appends what still fits and returns the new size. */
function keep(output: Uint8Array[], bytes: Uint8Array, kept: number): number {
  const piece = bytes.subarray(0, Math.max(OUTPUT_MAXIMUM - kept, 0));
  if (piece.length > 0) output.push(piece);
  // More than fits is remembered as one byte too many.
  return Math.min(kept + bytes.length, OUTPUT_MAXIMUM + 1);
}

async function execute(
  machine: Machine,
  { values }: Parsed,
  limits: { budget: bigint | undefined; seconds: number | undefined },
  tracing: Tracing | undefined,
): Promise<Run> {
  const output: Uint8Array[] = [];
  const interruption = new Interruption(limits.seconds);
  const stdin = connectStdin(machine.console, () => interruption.interrupt());
  let lastByte: number | undefined;
  let kept = 0;
  machine.console.onOutput = (bytes) => {
    lastByte = bytes.at(-1);
    if (values.json !== true) writeFully(1, bytes);
    else kept = keep(output, bytes, kept);
  };
  machine.htif.onErrorOutput = (bytes) => writeFully(2, bytes);
  const start = performance.now();
  try {
    const stop = await machine.run({ budget: limits.budget, signal: interruption.signal, tracer: tracing?.tracer });
    return {
      stop,
      seconds: (performance.now() - start) / 1000,
      output,
      truncated: kept > OUTPUT_MAXIMUM,
      lastByte,
      interruption,
    };
  } finally {
    stdin.close();
    interruption.close();
    tracing?.close();
  }
}

async function writeSignature(machine: Machine, path: string, granularity: number): Promise<void> {
  const { readSignature } = await import('../host/signature.ts');
  const file = new Output(path);
  file.write(readSignature(machine, granularity));
  file.close();
}

function report(
  machine: Machine,
  { values }: Parsed,
  { stop, seconds: elapsed, output, truncated, lastByte, interruption }: Run,
): void {
  const mips = Number(stop.instructions) / elapsed / 1e6;
  const hash = values.hash === true ? machine.stateHash() : undefined;
  const explanation = stop.reason === 'aborted' ? interruption.text : stop.explain();
  if (values.json === true) {
    const fields = {
      ...stop.toJSON(),
      explanation,
      seconds: elapsed,
      mips,
      hash,
      ...(values.stats === true ? { engine: machine.statistics ?? null } : {}),
      output: Buffer.concat(output).toString(),
      ...(truncated ? { outputTruncated: true } : {}),
    };
    writeFully(1, Buffer.from(`${JSON.stringify(fields)}\n`));
    return;
  }
  if (values.stats === true) writeFully(2, Buffer.from(describeStatistics(machine.statistics, elapsed)));
  if (values.quiet === true) return;
  // On a terminal the summary gets a line of its own.
  const unfinished = lastByte !== undefined && lastByte !== NEWLINE && isatty(1) && isatty(2);
  const [first, ...more] = explanation.split('\n');
  const rate = `${stop.instructions} instructions in ${elapsed.toFixed(3)} s (${mips.toFixed(1)} MIPS)`;
  const summary = `${unfinished ? '\n' : ''}capvm: ${first}; ${rate}${hash === undefined ? '' : `; hash ${hash}`}`;
  writeFully(2, Buffer.from([summary, ...more, ''].join('\n')));
}

function describeStatistics(statistics: EngineStatistics | undefined, elapsed: number): string {
  if (statistics === undefined) return 'engine: interp, nothing was translated\n';
  const { regions, regionInstructions, wasmBytes, wasmBytesPerInstruction, exits, ...more } = statistics;
  const total = more.translatedInstructions + more.interpretedInstructions;
  const share = total === 0 ? 0 : (100 * more.translatedInstructions) / total;
  const causes = Object.entries(exits).map(([cause, times]) => `${cause} ${times}`);
  const inRegions = more.translatedSeconds ?? 0;
  const inInterpreter = Math.max(elapsed - inRegions - more.compileSeconds, 0);
  const time = [`translated ${inRegions.toFixed(3)} s`, `compiling ${more.compileSeconds.toFixed(3)} s`];
  return [
    `engine: ${regions} regions of ${regionInstructions} instructions, ${wasmBytes} bytes of Wasm (${wasmBytesPerInstruction} per instruction)`,
    `  ${more.modules} modules compiled, ${more.reused} regions reused, ${more.refused} refused, ${more.dropped} dropped, ${more.evictions} evictions`,
    `  ${share.toFixed(2)} % of instructions translated; ${more.entries} entries; exits: ${causes.join(', ')}`,
    `  time: ${time.join(', ')}, interpreter and the rest ${inInterpreter.toFixed(3)} s`,
    '',
  ].join('\n');
}

/** See `capvm help exit-codes`. */
function exitCode(stop: Stop, interruption: Interruption): number {
  switch (stop.reason) {
    case 'exit': {
      const low = (stop.exitCode ?? 0) & 0xff;
      return low === 0 && stop.exitCode !== 0 ? 255 : low;
    }
    case 'reset':
      return EXIT.ok;
    case 'budget':
      return EXIT.budget;
    case 'idle':
      return EXIT.idle;
    case 'aborted':
      return interruption.exitCode;
    default:
      return EXIT.trap;
  }
}
