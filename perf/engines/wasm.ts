// The same C compiled straight to WebAssembly, with clang when the harness starts: the limit of anything that translates to
// Wasm. It runs in a process of its own on the same V8. Kernels that need more than the language gives are left out.
import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sourcePath, type Kernel } from '../kernels.ts';
import { runCommand, versionOf } from './command.ts';
import type { Engine, Sample } from './engine.ts';
import { kernelFlags } from './native.ts';

const COMPILER = 'clang';
const LINKER = 'wasm-ld';
const WORKER = fileURLToPath(new URL('./wasm-worker.ts', import.meta.url));
const GCC_ONLY = '-fno-tree-loop-distribute-patterns';
const MEMORY_BYTES = 64 * 1024 * 1024;
/** Wasm has no fused multiply-add, and memcpy is of C's library. */
const LACKING: ReadonlySet<string> = new Set(['matmul', 'nbody', 'float', 'memcpy']);

export interface WasmRequest {
  readonly file: string;
  readonly kernel: string;
  readonly iterations: number;
  /** Before the clock starts. */
  readonly warmUpIterations: number;
}

export type WasmAnswer = { readonly seconds: number } | { readonly error: string };

export function createWasmEngine(): Engine {
  const directory = mkdtempSync(join(tmpdir(), 'capvm-perf-'));
  const built = new Map<string, Promise<string>>();
  let child: ChildProcess | undefined;

  const build = async (kernel: Kernel): Promise<string> => {
    const module = join(directory, `${kernel.name}.wasm`);
    const defines = kernel.defines.map((name) => `-D${name}`);
    const target = ['--target=wasm32', '-nostdlib', '-msign-ext', '-mbulk-memory', '-mnontrapping-fptoint', '-w'];
    const link = ['-Wl,--no-entry', '-Wl,--export=bench_run', '-Wl,--export=bench_expected', '-Wl,-z,stack-size=65536'];
    const memory = `-Wl,--initial-memory=${MEMORY_BYTES}`;
    await runCommand(COMPILER, [
      ...kernelFlags().filter((flag) => flag !== GCC_ONLY),
      ...[...target, ...link, memory, ...defines, '-o', module, sourcePath(kernel.source)],
    ]);
    return module;
  };

  const measure = async (kernel: Kernel, iterations: number): Promise<Sample> => {
    if (!built.has(kernel.name)) built.set(kernel.name, build(kernel));
    const file = await built.get(kernel.name)!;
    const warmUpIterations = kernel.iterations === undefined ? Math.ceil(iterations / 2) : 0;
    const worker = (child ??= fork(WORKER, [], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }));
    const answer = await new Promise<WasmAnswer>((resolve) => {
      worker.once('message', resolve);
      worker.send({ file, kernel: kernel.name, iterations, warmUpIterations } satisfies WasmRequest);
    });
    if ('error' in answer) throw new Error(answer.error);
    return answer;
  };

  return {
    name: 'c-wasm',
    cheri: false,
    workInstructions: 1e9,
    warmsUp: false,
    lacks: (kernel) => LACKING.has(kernel.name),
    unavailable: async () => {
      for (const tool of [COMPILER, LINKER])
        if ((await versionOf(tool)) === undefined) return `${tool} is not installed`;
      return undefined;
    },
    measure,
    close: () => {
      child?.disconnect();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
