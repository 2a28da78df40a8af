// What a start costs: processor time of the whole process `capvm run hello.elf`, less that of `node -e 0`, both run in
// turn; medians.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { cpuSecondsOf } from './engines/command.ts';
import { HELLO, imagePath } from './kernels.ts';
import { median } from './rows.ts';

export interface StartUp {
  /** Seconds of `capvm run hello.elf`, whole process. */
  readonly capvm: number;
  /** Seconds of `node -e 0`. */
  readonly node: number;
  /** The difference: what the simulator adds. */
  readonly added: number;
}

const CLI = fileURLToPath(new URL('../dist/src/cli/main.js', import.meta.url));

/** Undefined if the package is not built. */
export async function measureStartUp(rounds: number): Promise<StartUp | undefined> {
  if (!existsSync(CLI)) return undefined;
  const capvm: number[] = [];
  const node: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const whole = await cpuSecondsOf(process.execPath, [CLI, 'run', imagePath(HELLO)]);
    const bare = await cpuSecondsOf(process.execPath, ['-e', '0']);
    if (round === 0) continue;
    capvm.push(whole);
    node.push(bare);
  }
  return { capvm: median(capvm), node: median(node), added: median(capvm.map((seconds, n) => seconds - node[n]!)) };
}
