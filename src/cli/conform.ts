// `capvm conform`: golden vectors of other models of the same machine, replayed in ours.
import { ArgumentError, CapvmError, DifferenceError, EXIT } from '../host/errors.ts';
import { ConformRunner } from '../host/conform/conform.ts';
import type { ConformOptions, ConformResult, FailedLine } from '../host/conform/conform.ts';
import { readInput, writeFully } from './files.ts';
import { choice, count, parseOptions } from './options.ts';

export const help = `usage: capvm conform [options] FILE...

Replays golden-vector files (JSON lines, plain or gzip; cc128, insn, prog, sv39, sv39q, reloc, utrap)
in the machine, each line on the machine configuration it names. Prints a line per file and the first
differences; exits with 1 if any line differs. The format is described in tests/vectors/README.md.

  --engine NAME  interp (default), translate: everything is translated before it runs, or lockstep:
                 both, side by side, up to the first difference between them (exit code 120)
  --limit N      how many differing lines to show per file, default 5
  --json         print one JSON object on stdout instead
`;

const OPTIONS = { engine: { type: 'string' }, limit: { type: 'string' }, json: { type: 'boolean' } } as const;

interface FileResult extends ConformResult {
  readonly file: string;
  readonly seconds: number;
}

export async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseOptions('conform', args, OPTIONS);
  if (positionals.length === 0) throw new ArgumentError('conform: no file given; see `capvm help conform`');
  const engine = choice(values, 'engine', ['interp', 'translate', 'lockstep']);
  const limit = Number(count(values, 'limit') ?? 5n);
  const json = values.json === true;
  const inputs = positionals.map((file) => ({ file, bytes: readInput(file) }));
  const runner = new ConformRunner();
  const results: FileResult[] = [];
  for (const { file, bytes } of inputs) {
    const result = await runFile(runner, file, bytes, { limit, engine }, !json);
    results.push(result);
    if (!json) writeFully(1, Buffer.from(describeFile(result)));
  }
  const failed = results.reduce((sum, result) => sum + result.failed, 0);
  const passed = results.reduce((sum, result) => sum + result.passed, 0);
  if (json) writeFully(1, Buffer.from(`${JSON.stringify({ passed, failed, files: results })}\n`));
  else if (results.length > 1) writeFully(1, Buffer.from(`total: ${passed} passed, ${failed} failed\n`));
  return failed === 0 ? EXIT.ok : EXIT.mismatch;
}

async function runFile(
  runner: ConformRunner,
  file: string,
  bytes: Buffer<ArrayBuffer>,
  options: Pick<ConformOptions, 'limit' | 'engine'>,
  progress: boolean,
): Promise<FileResult> {
  const start = performance.now();
  const showProgress = progress && process.stderr.isTTY === true;
  const onProgress = showProgress ? (lines: number) => process.stderr.write(`\r${file}: ${lines} lines`) : undefined;
  try {
    const result = await runner.run(bytes, { ...options, name: file, onProgress });
    return { file, ...result, seconds: (performance.now() - start) / 1000 };
  } catch (error) {
    if (error instanceof DifferenceError) error.message = `${file}: ${error.message}`;
    else if (error instanceof CapvmError) throw new CapvmError(error.code, `${file}: ${error.message}`, error.exitCode);
    throw error;
  } finally {
    if (showProgress) process.stderr.write('\r\x1b[K');
  }
}

function describeFile({ file, passed, failed, failures, seconds }: FileResult): string {
  const head = `${file}: ${passed} passed, ${failed} failed (${seconds.toFixed(1)} s)\n`;
  const hidden = failed - failures.length;
  const rest = hidden > 0 ? `  and ${hidden} more lines\n` : '';
  return head + failures.map(describeFailure).join('') + rest;
}

const SHOWN_DIFFERENCES = 8;

function describeFailure({ number, name, differences }: FailedLine): string {
  const shown = differences.slice(0, SHOWN_DIFFERENCES).map(({ what, expected, actual }) => {
    const label = `    ${what.padEnd(14)}`;
    return `${label} expected ${expected}\n${' '.repeat(label.length)}      got ${actual.replaceAll('\n', '\n      ')}\n`;
  });
  const more = differences.length - shown.length;
  return `  line ${number} ${name}\n${shown.join('')}${more > 0 ? `    and ${more} more differences\n` : ''}`;
}
