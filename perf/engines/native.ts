// The same C on this machine's own processor, built with gcc when the harness starts. Its instructions are not counted:
// rows give the RISC-V instructions of the same work, so that MIPS compare.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sourcePath, type Kernel } from '../kernels.ts';
import { readKernelLine, type Engine, type Sample } from './engine.ts';
import { runCommand, versionOf } from './command.ts';

const COMPILER = 'gcc';

/** The flags that decide the kernels' code, from where the images take them. */
export function kernelFlags(): string[] {
  const makefile = readFileSync(sourcePath('Makefile'), 'utf8');
  const match = /^KERNEL_FLAGS := (.*)$/m.exec(makefile);
  if (match === null) throw new Error('guests/bench/Makefile: no KERNEL_FLAGS');
  return match[1]!.split(' ');
}

export function createNativeEngine(): Engine {
  const directory = mkdtempSync(join(tmpdir(), 'capvm-perf-'));
  const built = new Map<string, Promise<string>>();

  const build = async (kernel: Kernel): Promise<string> => {
    const program = join(directory, kernel.name);
    const defines = kernel.defines.map((name) => `-D${name}`);
    const sources = [sourcePath('platform.c'), sourcePath(kernel.source)];
    await runCommand(COMPILER, [...kernelFlags(), ...defines, '-o', program, ...sources]);
    return program;
  };

  const measure = async (kernel: Kernel, iterations: number): Promise<Sample> => {
    if (!built.has(kernel.name)) built.set(kernel.name, build(kernel));
    const { stdout } = await runCommand(await built.get(kernel.name)!, [String(iterations)]);
    return { seconds: readKernelLine(kernel, stdout).cpuSeconds! };
  };

  return {
    name: 'native',
    cheri: false,
    workInstructions: 2e9,
    warmsUp: false,
    unavailable: async () => ((await versionOf(COMPILER)) === undefined ? `${COMPILER} is not installed` : undefined),
    measure,
    close: () => rmSync(directory, { recursive: true, force: true }),
  };
}
