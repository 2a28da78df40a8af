// The process that runs C compiled to Wasm, for wasm.ts.
import { readFileSync } from 'node:fs';
import type { WasmAnswer, WasmRequest } from './wasm.ts';

interface Kernel {
  readonly memory: WebAssembly.Memory;
  readonly bench_run: (iterations: bigint) => bigint;
  readonly bench_expected: WebAssembly.Global;
}

const kernels = new Map<string, Kernel>();

function load(file: string): Kernel {
  const known = kernels.get(file);
  if (known !== undefined) return known;
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(file)), {});
  const kernel = exports as unknown as Kernel;
  kernels.set(file, kernel);
  return kernel;
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function measure({ file, kernel, iterations, warmUpIterations }: WasmRequest): WasmAnswer {
  const { memory, bench_run: run, bench_expected: expected } = load(file);
  // V8 replaces code only at calls: one of its own for each turn of the warm-up would be none of the kernel's.
  if (warmUpIterations > 0) for (let turn = 0; turn < 4; turn++) run(BigInt(Math.ceil(warmUpIterations / 4)));
  const before = cpuSeconds();
  const checksum = run(BigInt(iterations));
  const seconds = cpuSeconds() - before;
  const right = new DataView(memory.buffer).getBigUint64(expected.value as number, true);
  if (BigInt.asUintN(64, checksum) !== right) throw new Error(`${kernel} as Wasm: wrong checksum`);
  return { seconds };
}

process.on('message', (request: WasmRequest) => {
  let answer: WasmAnswer;
  try {
    answer = measure(request);
  } catch (error) {
    answer = { error: `${request.kernel} as Wasm: ${error instanceof Error ? error.message : String(error)}` };
  }
  process.send!(answer);
});
