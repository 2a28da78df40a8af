// What a cVM is doing, what it used and what it has: for reports. An observer: nothing depends on it.
import type { Charge } from './charges.ts';
import type { Cvm } from './cvm.ts';
import type { Kernel } from './kernel.ts';
import type { Thread } from './thread.ts';
import type { Limits } from './options.ts';
import type { CvmState } from './types.ts';

export interface CvmStats {
  readonly name: string;
  readonly state: CvmState;
  readonly exitCode: number | undefined;
  /** Why it ended, in a line. */
  readonly ending: string;
  readonly background: boolean;
  readonly restarts: number;
  readonly limits: Limits;
  /** Services of the monitor to its threads, wherever they were, in all its lives. */
  readonly charge: Charge;
  /** What follows is of its present life: since its creation or latest restart. */
  readonly instructions: bigint;
  readonly hostcalls: number;
  readonly refusals: number;
  readonly faults: number;
  readonly consoleBytes: number;
  readonly memory: {
    readonly dataBytes: number;
    readonly textBytes: number;
    /** cVMs that share the text, this one included. */
    readonly textUsers: number;
    /** Code of programs above it, shared by all that name the same. */
    readonly programBytes: number;
  };
  readonly threads: readonly ThreadStats[];
  readonly streams: readonly {
    readonly name: string;
    readonly direction: 'send' | 'receive';
    readonly peer: string;
    readonly bytes: number;
  }[];
  /** Calls that it may make now. */
  readonly calls: readonly { readonly name: string; readonly to: string }[];
  /** Shared files, and buffers lent to it, that it has open; `owned`: of its own memory. */
  readonly files: readonly {
    readonly name: string;
    readonly bytes: number;
    readonly rights: 'read' | 'write' | 'read and write' | 'owned';
  }[];
}

export interface ThreadStats {
  readonly id: number;
  readonly state: string;
  /** The cVMs that it is in: its own, then those that it called. */
  readonly path: readonly string[];
  /** What a blocked one waits for, otherwise empty. */
  readonly waitsFor: string;
  readonly instructions: bigint;
}

export function statsOf(kernel: Kernel, cvm: Cvm, all: readonly Cvm[]): CvmStats {
  const { name, state, exitCode, ending, background, restarts, limits } = cvm;
  const { instructions, hostcalls, refusals, faults, consoleBytes, data, resources } = cvm;
  return {
    ...{ name, state, exitCode, ending, background, restarts, limits },
    ...{ instructions, hostcalls, refusals, faults, consoleBytes },
    charge: kernel.executor.charges.of(cvm),
    memory: {
      dataBytes: data.sizeBytes,
      textBytes: resources.text.sizeBytes,
      textUsers: all.filter(({ image }) => image === cvm.image).length,
      programBytes: resources.programs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    },
    threads: [...cvm.threads].map((thread) => ({
      id: thread.id,
      state: thread.state,
      path: [name, ...kernel.crossings.path(thread).map(({ entry }) => entry.callee.name)],
      waitsFor: whatFor(thread),
      instructions: thread.instructions,
    })),
    streams: streamsOf(kernel, cvm),
    calls: kernel.calls.heldBy(cvm).map(({ entry }) => ({ name: entry.name, to: entry.callee.name })),
    files: filesOf(kernel, cvm),
  };
}

function streamsOf({ streams }: Kernel, cvm: Cvm): CvmStats['streams'] {
  const ends = [...streams.values()].filter(({ sender, receiver }) => sender.cvm === cvm || receiver.cvm === cvm);
  return ends.map(({ name, sender, receiver, bytes }) => {
    const direction = sender.cvm === cvm ? 'send' : 'receive';
    const peer = (direction === 'send' ? receiver : sender).cvm?.name ?? 'host';
    return { name, direction, peer, bytes: Number(bytes) };
  });
}

const RIGHTS = ['owned', 'read', 'write', 'read and write'] as const;

function filesOf({ files }: Kernel, cvm: Cvm): CvmStats['files'] {
  const owned = files.all.filter(({ owner, region }) => owner === cvm && region !== undefined);
  return [...new Set([...owned, ...cvm.files.filter((file) => file !== undefined)])].map((file) => ({
    name: file.name,
    bytes: file.region?.sizeBytes ?? 0,
    rights: RIGHTS[file.holders.get(cvm)?.rights ?? 0],
  }));
}

/** What blocked threads wait for. */
export function waitingOf(cvms: readonly Cvm[]): string[] {
  const blocked = cvms.flatMap(({ threads }) => [...threads]).filter(({ state }) => state === 'blocked');
  return blocked.map((thread) => `${thread.cvm.name} thread ${thread.id}: ${whatFor(thread)}`);
}

const whatFor = ({ waitsFor, conditions }: Thread): string =>
  waitsFor || conditions.map(({ key }) => `word 0x${key.toString(16)}`).join(' or ');
