// Debian's qemu-riscv64, user mode: flat memory, no traps, no capabilities. The kernel reads the process's CPU clock
// around its own work, so QEMU's start is left out and its translation of the kernel is counted.
import { imagePath, type Kernel } from '../kernels.ts';
import { readKernelLine, type Engine, type Sample } from './engine.ts';
import { runCommand, versionOf } from './command.ts';

const COMMAND = 'qemu-riscv64';

export function createQemuUserEngine(): Engine {
  return {
    name: 'qemu-riscv64',
    cheri: false,
    workInstructions: 600e6,
    warmsUp: false,
    unavailable: async () => ((await versionOf(COMMAND)) === undefined ? `${COMMAND} is not installed` : undefined),
    measure: (kernel, iterations) => measure(kernel, iterations),
    close: () => undefined,
  };
}

async function measure(kernel: Kernel, iterations: number): Promise<Sample> {
  const { stdout } = await runCommand(COMMAND, [imagePath(kernel), String(iterations)]);
  return { seconds: readKernelLine(kernel, stdout).cpuSeconds! };
}
