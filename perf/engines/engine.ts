// What every runner of kernels offers to the harness.
import type { Kernel } from '../kernels.ts';

export type EngineName = 'interp' | 'translate' | 'qemu-riscv64' | 'native';

/** One measurement of one kernel. Seconds are processor time, user and system, of the kernel alone. */
export interface Sample {
  readonly seconds: number;
  /** Retired, if this engine can count. */
  readonly instructions?: number;
}

export interface Engine {
  readonly name: EngineName;
  readonly cheri: boolean;
  /** Instructions of one measurement: enough for a tenth of a second or more at this engine's speed. */
  readonly workInstructions: number;
  /** Why this engine cannot run here, or undefined if it can. */
  unavailable(): Promise<string | undefined>;
  /** @throws Error if the kernel's self-check fails or it does not end by itself. */
  measure(kernel: Kernel, iterations: number): Promise<Sample>;
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
