// The simulator, in a process of its own: CPU time of the process is then its own, optimising threads included, and
// nothing of the harness disturbs what V8 has compiled.
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Kernel } from '../kernels.ts';
import type { Engine, Sample } from './engine.ts';

/** What the worker is asked; it answers each request once, in order. */
export interface WorkerRequest {
  readonly kernel: Kernel;
  readonly iterations: number;
  readonly warmUpInstructions: number;
  readonly engine: 'interp' | 'translate';
  readonly cheri: boolean;
}

export type WorkerAnswer = { readonly sample: Sample } | { readonly error: string };

const WORKER = fileURLToPath(new URL('./capvm-worker.ts', import.meta.url));

/** One worker process, started at the first request. */
export class CapvmWorker {
  #child: ChildProcess | undefined;
  #settle: ((answer: WorkerAnswer) => void) | undefined;

  async measure(request: WorkerRequest): Promise<Sample> {
    const child = (this.#child ??= this.#start());
    const answer = await new Promise<WorkerAnswer>((resolve) => {
      this.#settle = resolve;
      child.send(request);
    });
    if ('error' in answer) throw new Error(answer.error);
    return answer.sample;
  }

  close(): void {
    this.#child?.disconnect();
    this.#child = undefined;
  }

  #start(): ChildProcess {
    const child = fork(WORKER, [], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    child.on('message', (answer: WorkerAnswer) => this.#settle?.(answer));
    child.on('exit', (code, signal) => this.#settle?.({ error: `the simulator's process ended (${signal ?? code})` }));
    return child;
  }
}

/** A cold run lasts about so long once its code is warm: the latency that a user of a short program meets. */
const COLD_RUN_SECONDS = 1;

function coldIterations({ kernel, iterations, warmUpInstructions }: WorkerRequest, warm: Sample): number {
  if (kernel.iterations !== undefined) return kernel.iterations;
  const wholeSeconds = warm.seconds * (1 + warmUpInstructions / warm.instructions!);
  return Math.max(1, Math.round((iterations * COLD_RUN_SECONDS) / wholeSeconds));
}

/** A whole run in a process that has run nothing before: neither the core nor what it emits has been compiled. */
async function measureCold(request: WorkerRequest, warm: Sample): Promise<Sample> {
  const fresh = new CapvmWorker();
  try {
    return await fresh.measure({ ...request, iterations: coldIterations(request, warm), warmUpInstructions: 0 });
  } finally {
    fresh.close();
  }
}

export function createCapvmEngine(name: 'interp' | 'translate', cheri: boolean): Engine {
  const worker = new CapvmWorker();
  return {
    name,
    cheri,
    workInstructions: name === 'interp' ? 120e6 : 2.4e9,
    warmsUp: name === 'translate',
    unavailable: () => Promise.resolve(undefined),
    measure: async (kernel, iterations, warmUpInstructions) => {
      const request = { kernel, iterations, warmUpInstructions, engine: name, cheri };
      const warm = await worker.measure(request);
      return cheri ? { ...warm, cold: await measureCold(request, warm) } : warm;
    },
    close: () => worker.close(),
  };
}
