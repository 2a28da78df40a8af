// Whose instructions a machine executes: each one by the place of its pc. The machine goes one instruction at a time
// meanwhile, so it is for short windows; what the guests do is the same.
import type { Machine } from '../../src/host/index.ts';
import type { Cvm } from '../../src/monitor/index.ts';

export interface Attribution {
  /** Debian's programs and libraries, the library OS's vDSO among them; and all of a cVM without a library OS. */
  readonly program: number;
  readonly libos: number;
  /** What is neither: the monitor puts no other code into a machine. */
  readonly switcher: number;
}

export type Owner = keyof Attribution;

interface Region {
  readonly base: number;
  readonly sizeBytes: number;
}

export type CodeMap = readonly { readonly owner: Owner; readonly region: Region }[];

export function mapOf(cvms: readonly Cvm[]): CodeMap {
  return cvms.flatMap(({ resources: { text, programs } }) => [
    { owner: programs.length > 0 ? ('libos' as const) : ('program' as const), region: text },
    ...programs.map((region) => ({ owner: 'program' as const, region })),
  ]);
}

export const ownerOf = (pc: number, map: CodeMap): Owner =>
  map.find(({ region: { base, sizeBytes } }) => pc >= base && pc < base + sizeBytes)?.owner ?? 'switcher';

/** Calls `look` for each instruction that the machine executes during `action`, with its pc. */
export async function watch(
  machine: Machine,
  look: (pc: number) => void,
  action: () => Promise<unknown>,
): Promise<void> {
  const runSync = machine.runSync.bind(machine);
  machine.runSync = (options = {}) => {
    for (let instructions = 0n; ;) {
      const pc = Number(machine.registers.pc);
      const stop = runSync({ ...options, budget: 1n });
      if (stop.instructions > 0n) look(pc);
      instructions += stop.instructions;
      if (stop.reason !== 'budget' || instructions >= (options.budget ?? Infinity))
        return Object.create(stop, { instructions: { value: instructions } }) as typeof stop;
    }
  };
  try {
    await action();
  } finally {
    machine.runSync = runSync;
  }
}
