// What every runner of kernels offers to the harness.
import type { Kernel } from '../kernels.ts';

export type EngineName = 'interp' | 'translate' | 'qemu-riscv64' | 'native' | 'c-wasm';

/** Processor time, user and system, and what it was spent on. */
export interface Spent {
  readonly seconds: number;
  /** Retired, if the engine can count. */
  readonly instructions?: number;
}

/** One measurement of one kernel, of the kernel alone. */
export interface Sample extends Spent {
  /** The same from a cold start, where `seconds` leaves out the first part of the run. */
  readonly cold?: Spent;
}

export interface Engine {
  readonly name: EngineName;
  readonly cheri: boolean;
  /** Instructions of one measurement: enough for a tenth of a second or more at this engine's speed. */
  readonly workInstructions: number;
  /** Speed depends on how long it has run: rows are of warm code. */
  readonly warmsUp: boolean;
  /** Kernels that it cannot run. */
  lacks?(kernel: Kernel): boolean;
  /** Why this engine cannot run here, or undefined if it can. */
  unavailable(): Promise<string | undefined>;
  /**
   * Runs the kernel; `warmUpInstructions` of them before the clock starts, if the engine can.
   * @throws Error if the kernel's self-check fails or it does not end by itself.
   */
  measure(kernel: Kernel, iterations: number, warmUpInstructions: number): Promise<Sample>;
  close(): void;
}

/** A kernel's line, as guests/bench/platform.c prints it. */
export interface KernelLine {
  readonly ok: boolean;
  readonly cpuSeconds?: number;
}

/** @throws Error if `text` is not the line of a kernel that passed its own check. */
export function readKernelLine(kernel: Kernel, text: string): KernelLine {
  const match = /^(\S+) iterations \d+ checksum [0-9a-f]+ (ok|FAILED)(?: cpu (\d+))?$/.exec(text.trim());
  if (match === null || match[1] !== kernel.name) throw new Error(`${kernel.name}: unexpected output "${text.trim()}"`);
  if (match[2] !== 'ok') throw new Error(`${kernel.name}: wrong checksum: ${text.trim()}`);
  return { ok: true, cpuSeconds: match[3] === undefined ? undefined : Number(match[3]) / 1e9 };
}
