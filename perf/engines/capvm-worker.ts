// The process that simulates for engines/capvm.ts: a new machine for every measurement, V8's compiled code kept.
import { readFileSync } from 'node:fs';
import { Machine, type Stop } from '../../src/host/index.ts';
import { imagePath, type Kernel } from '../kernels.ts';
import type { WorkerAnswer, WorkerRequest } from './capvm.ts';
import { readKernelLine, type Sample } from './engine.ts';

/** Where guests/bench/start.S keeps the number of iterations. */
const PARAMETERS = 0x80000010n;
const MEMORY = '64M';

const images = new Map<string, Uint8Array>();

function readImage(kernel: Kernel): Uint8Array {
  const image = images.get(kernel.name) ?? readFileSync(imagePath(kernel));
  images.set(kernel.name, image);
  return image;
}

/** CPU seconds of this process, all threads. */
function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Runs on and says what it took; 0 seconds and instructions for a budget of 0. */
async function timed(
  machine: Machine,
  budget?: number,
): Promise<{ stop?: Stop; seconds: number; instructions: number }> {
  if (budget === 0) return { seconds: 0, instructions: 0 };
  const before = cpuSeconds();
  const stop = await machine.run(budget === undefined ? {} : { budget });
  return { stop, seconds: cpuSeconds() - before, instructions: Number(stop.instructions) };
}

async function measure(request: WorkerRequest): Promise<Sample> {
  const { kernel, iterations, warmUpInstructions, engine, cheri } = request;
  const output: Uint8Array[] = [];
  const machine = await Machine.create({ memory: MEMORY, cheri, engine });
  machine.console.onOutput = (bytes) => output.push(bytes.slice());
  machine.load(readImage(kernel));
  machine.memory.writeU64(PARAMETERS, BigInt(iterations));
  await timed(machine, warmUpInstructions);
  const { stop, seconds, instructions } = await timed(machine);
  if (stop?.reason !== 'exit') throw new Error(`${kernel.name}: ${stop?.explain()}`);
  readKernelLine(kernel, Buffer.concat(output).toString());
  machine.dispose();
  return { seconds, instructions };
}

process.on('message', (request: WorkerRequest) => {
  measure(request).then(
    (sample) => answer({ sample }),
    (error: unknown) => answer({ error: error instanceof Error ? error.message : String(error) }),
  );
});

function answer(message: WorkerAnswer): void {
  process.send!(message);
}
