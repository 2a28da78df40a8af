// `npm run perf`: measures, prints a table on stderr (or rows as JSON on stdout), keeps the result.
import { writeFileSync } from 'node:fs';
import { hasChart, toHtml, toSvg } from './chart.ts';
import { createCapvmEngine, CapvmWorker } from './engines/capvm.ts';
import type { Engine } from './engines/engine.ts';
import { createNativeEngine } from './engines/native.ts';
import { createQemuUserEngine } from './engines/qemu-user.ts';
import { createWasmEngine } from './engines/wasm.ts';
import { versionOf } from './engines/command.ts';
import { measureIpcEngines } from './ipc-engines.ts';
import { instructionsOf, iterationsFor, warmUpFor, type InstructionCounts, type Kernel } from './kernels.ts';
import { HELP, readOptions, UsageError, type EngineChoice, type Options } from './options.ts';
import { describeMachine, printableRows, readResult, saveResult, type Result } from './results.ts';
import { runRounds, type Task } from './rounds.ts';
import { coldRowOf, rowOf } from './rows.ts';
import { measureStartUp } from './start-up.ts';
import { formatTable } from './table.ts';
import { checkThresholds } from './thresholds.ts';

const EXIT_MISSED = 1;
const EXIT_USAGE = 2;
const EXIT_FAILED = 3;
const QUICK_SHARE = 0.1;
const COMPILERS: Readonly<Record<string, string>> = { native: 'gcc', 'c-wasm': 'clang' };

function createEngines(choices: readonly EngineChoice[]): Engine[] {
  return choices.flatMap((choice) => {
    if (choice === 'qemu-riscv64') return [createQemuUserEngine()];
    if (choice === 'native') return [createNativeEngine()];
    if (choice === 'c-wasm') return [createWasmEngine()];
    return [createCapvmEngine(choice, true), createCapvmEngine(choice, false)];
  });
}

/** Progress on a terminal, nothing elsewhere. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

/** Exact instruction counts of every kernel, from the simulator: short runs of one and two iterations. */
async function countInstructions(kernels: readonly Kernel[]): Promise<Map<Kernel, InstructionCounts>> {
  const worker = new CapvmWorker();
  const counts = new Map<Kernel, InstructionCounts>();
  try {
    for (const kernel of kernels) {
      progress(`counting instructions of ${kernel.name}`);
      const count = async (iterations: number): Promise<number> =>
        (await worker.measure({ kernel, iterations, warmUpInstructions: 0, engine: 'interp', cheri: false }))
          .instructions!;
      counts.set(kernel, { one: await count(1), two: await count(2) });
    }
    return counts;
  } finally {
    worker.close();
  }
}

async function measureAll(engines: readonly Engine[], options: Options): Promise<Result> {
  const skipped: { engine: string; why: string }[] = [];
  const usable: Engine[] = [];
  for (const engine of engines) {
    const why = await engine.unavailable();
    if (why === undefined) usable.push(engine);
    else skipped.push({ engine: engine.name, why });
  }
  const counts = await countInstructions(options.kernels);
  const share = options.quick ? QUICK_SHARE : 1;
  const tasks = options.kernels.flatMap((kernel) =>
    usable
      .filter((engine) => engine.lacks?.(kernel) !== true)
      .map((engine): Task => {
        const iterations = iterationsFor(kernel, counts.get(kernel)!, engine.workInstructions * share);
        const warmUpInstructions = engine.warmsUp
          ? warmUpFor(kernel, instructionsOf(counts.get(kernel)!, iterations))
          : 0;
        return { kernel, engine, iterations, warmUpInstructions, samples: [] };
      }),
  );
  await runRounds(tasks, {
    rounds: options.rounds,
    onTask: ({ kernel, engine }, round) =>
      progress(
        `round ${round} of ${options.rounds}: ${kernel.name} on ${engine.name}${engine.cheri ? ' (cheri)' : ''}`,
      ),
  });
  progress('');
  const rows = tasks.map((task) => rowOf(task, counts.get(task.kernel)!));
  const coldRows = tasks.flatMap((task) => coldRowOf(task, counts.get(task.kernel)!) ?? []);
  const startUp = options.engines.includes('interp') ? await measureStartUp(options.rounds) : undefined;
  const ipcRows = options.ipc ? await measureIpcEngines(progress) : undefined;
  progress('');
  const tools = (await Promise.all(usable.map(({ name }) => versionOf(COMPILERS[name] ?? name)))).filter(
    (tool) => tool !== undefined,
  );
  return {
    schema: 1,
    rows,
    coldRows,
    startUp,
    ipcRows,
    skipped,
    machine: describeMachine(tools),
    rounds: options.rounds,
  };
}

function writeChart(result: Result, { html, svg }: Options): void {
  if ((html ?? svg) === undefined) return;
  if (!hasChart(result)) {
    process.stderr.write('no chart: it is relative to qemu-riscv64, which this result lacks\n');
    return;
  }
  if (svg !== undefined) writeFileSync(svg, toSvg(result));
  if (html !== undefined) writeFileSync(html, toHtml(result));
}

function report(result: Result, options: Options): number {
  if (options.out !== undefined) saveResult(options.out, result);
  if (options.json) process.stdout.write(JSON.stringify({ schema: 1, rows: printableRows(result.rows) }) + '\n');
  else process.stderr.write(formatTable(result));
  writeChart(result, options);
  if (!options.check) return 0;
  const verdicts = checkThresholds(result);
  for (const { text } of verdicts) process.stderr.write(text + '\n');
  return verdicts.every(({ ok }) => ok) ? 0 : EXIT_MISSED;
}

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  if (options === 'help') {
    process.stdout.write(HELP);
    return 0;
  }
  if (options.from !== undefined) return report(readResult(options.from), options);
  const engines = createEngines(options.engines);
  try {
    return report(await measureAll(engines, options), options);
  } finally {
    for (const engine of engines) engine.close();
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  progress('');
  process.stderr.write(`perf: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof UsageError ? EXIT_USAGE : EXIT_FAILED;
}
