// Rounds of measurements on `benchmark`: in each round every (kernel, engine) pair runs once, engines side by side, so
// that a machine that slows down slows all of them. The first round warms up and is thrown away.
import Benchmark from 'benchmark';
import type { Engine, Sample } from './engines/engine.ts';
import type { Kernel } from './kernels.ts';

/** One pair to measure, with the samples taken so far. */
export interface Task {
  readonly kernel: Kernel;
  readonly engine: Engine;
  readonly iterations: number;
  /** Instructions before the clock starts, on engines that can. */
  readonly warmUpInstructions: number;
  readonly samples: Sample[];
}

export interface RoundOptions {
  readonly rounds: number;
  readonly onTask?: (task: Task, round: number) => void;
}

// One call of `fn` per benchmark and round: `benchmark` would otherwise repeat short ones, and we count the work
// ourselves. Setup and teardown stay unused: it compiles them from source text and they lose their closures.
const ONCE: Benchmark.Options = { defer: true, initCount: 1, minSamples: 1, minTime: 1e-9, maxTime: -1 };

export async function runRounds(tasks: readonly Task[], options: RoundOptions): Promise<void> {
  for (let round = 0; round <= options.rounds; round++) await runRound(tasks, round, options);
}

function runRound(tasks: readonly Task[], round: number, options: RoundOptions): Promise<void> {
  const suite = new Benchmark.Suite();
  return new Promise((resolve, reject) => {
    for (const task of tasks) {
      const fn = (deferred: Benchmark.Deferred): void => {
        options.onTask?.(task, round);
        task.engine.measure(task.kernel, task.iterations, task.warmUpInstructions).then(
          (sample) => {
            if (round > 0) task.samples.push(sample);
            deferred.resolve();
          },
          (error: unknown) => {
            suite.abort();
            reject(error instanceof Error ? error : new Error(String(error)));
          },
        );
      };
      suite.add(`${task.kernel.name} on ${task.engine.name}`, { ...ONCE, fn });
    }
    suite.on('complete', () => resolve());
    suite.run({ async: true });
  });
}
