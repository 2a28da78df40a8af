// The kernels: what they are, how they are built natively, and how much of each one measurement runs.
// Sources are guests/bench/*.c, images guests/images/bench/*.elf.
import { fileURLToPath } from 'node:url';

export interface Kernel {
  readonly name: string;
  /** One line for the table of the README and `--help`. */
  readonly about: string;
  /** The C file in guests/bench, and what its Makefile defines for this kernel. */
  readonly source: string;
  readonly defines: readonly string[];
  /** Share of an engine's usual number of instructions that one measurement runs: less where each costs more. */
  readonly share: number;
  /** A fixed number of iterations on every engine, where repeating would change what is measured. */
  readonly iterations?: number;
}

const kernel = (name: string, about: string, more: Partial<Kernel> = {}): Kernel => ({
  name,
  about,
  source: `${name}.c`,
  defines: [],
  share: 1,
  ...more,
});

export const KERNELS: readonly Kernel[] = [
  kernel('sieve', 'sieve of Eratosthenes: short loops, byte stores'),
  kernel('crc32', 'table-driven CRC-32: a dependent load per byte'),
  kernel('sha256', 'SHA-256: straight-line 32-bit arithmetic'),
  kernel('memcpy', '32 KiB copied by doublewords, 509 bytes by bytes'),
  kernel('chase-cache', 'pointer chase through 16 KiB', { source: 'chase.c' }),
  kernel('chase-memory', 'pointer chase through 16 MiB', {
    source: 'chase.c',
    defines: ['CHASE_MEMORY'],
    share: 0.05,
  }),
  kernel('fib', 'doubly recursive calls'),
  kernel('quicksort', 'quicksort of 10,000 words: unpredictable branches'),
  kernel('matmul', '48 × 48 matrices of doubles: fused multiply-add', { share: 0.2 }),
  kernel('nbody', 'five bodies in double: divide, square root', { share: 0.2 }),
  kernel('float', 'single precision: Mandelbrot, filter, series', { share: 0.2 }),
  kernel('mix', 'CoreMark-like blend: lists, matrices, state machine, CRC'),
  kernel('bigcode', '512 functions, each run 400 times: the cost of new code', { iterations: 100 }),
  kernel('bytecode', 'interpreter of a register machine: indirect jumps'),
];

/** Ends at once: what a start costs. */
export const HELLO = kernel('hello', 'start and end');

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

export const imagePath = (kernel: Kernel): string => path(`../guests/images/bench/${kernel.name}.elf`);
export const sourcePath = (file: string): string => path(`../guests/bench/${file}`);

/** Instructions that runs of 1 and 2 iterations retire; every further iteration retires their difference. */
export interface InstructionCounts {
  readonly one: number;
  readonly two: number;
}

export const perIteration = (counts: InstructionCounts): number => counts.two - counts.one;

/** Instructions of a run of `iterations`: exact, as each iteration does the same work. */
export const instructionsOf = (counts: InstructionCounts, iterations: number): number =>
  counts.one + (iterations - 1) * perIteration(counts);

/** Iterations of one measurement that aims at `instructions`. */
export function iterationsFor(kernel: Kernel, counts: InstructionCounts, instructions: number): number {
  if (kernel.iterations !== undefined) return kernel.iterations;
  return Math.max(1, Math.round((instructions * kernel.share) / perIteration(counts)));
}

/** How much of a run of so many instructions goes by before the clock starts: a half, but nothing where new code counts. */
export function warmUpFor(kernel: Kernel, instructions: number): number {
  return kernel.iterations === undefined ? Math.floor(instructions / 2) : 0;
}
