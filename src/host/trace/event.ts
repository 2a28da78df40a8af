// One step of a traced run, as data: the text and JSON forms are made from it.
import type { Capability } from '../capability.ts';
import type { ExecutionMode } from '../decode.ts';
import { ArgumentError } from '../errors.ts';
import type { Privilege } from '../registers.ts';

/** What a trace may show beside each other; each is a flag of `--trace`. */
export const CONCERNS = ['instructions', 'registers', 'capabilities', 'memory', 'csr', 'trap'] as const;
export type Concern = (typeof CONCERNS)[number];

export interface MemoryEvent {
  readonly kind: 'load' | 'store';
  /** Virtual. */
  readonly address: bigint;
  readonly sizeBytes: number;
  /** Unknown for device registers. */
  readonly value?: bigint;
  readonly capability?: Capability;
}

export interface TrapEvent {
  readonly from: Privilege;
  readonly to: Privilege;
  readonly cause: bigint;
  readonly tval: bigint;
  /** Where execution goes on. */
  readonly handler: bigint;
}

export interface TraceEvent {
  /** Instructions retired before this one. */
  readonly index: bigint;
  readonly privilege: Privilege;
  readonly mode: ExecutionMode;
  /** Absolute virtual address. */
  readonly pc: bigint;
  /** Undefined where it cannot be fetched. */
  readonly raw: number | undefined;
  readonly sizeBytes: 2 | 4;
  readonly text: string;
  /** False: it trapped, or an interrupt was taken instead. */
  readonly retired: boolean;
  readonly registers: readonly { readonly name: string; readonly value?: bigint; readonly capability?: Capability }[];
  readonly csrs: readonly (readonly [name: string, value: bigint])[];
  readonly memory: readonly MemoryEvent[];
  readonly trap: TrapEvent | undefined;
}

/** `instructions,memory` or `all`; prefixes of names will do. */
export function parseConcerns(text: string): ReadonlySet<Concern> {
  if (text === '' || text === 'all') return new Set(CONCERNS);
  const names = text.split(',').map((word) => {
    const found = CONCERNS.find((concern) => word !== '' && concern.startsWith(word));
    if (found !== undefined) return found;
    throw new ArgumentError(`trace: ${JSON.stringify(word)} is none of ${CONCERNS.join(', ')}, all`);
  });
  return new Set(names);
}
