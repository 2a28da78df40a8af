// What the parts of the trusted monitor hand to each other. Types only: nothing of this file is left when it runs, which
// `npm run -s trusted` checks.
import type { GuestMemory, RawCapability } from '../host/index.ts';
import type { STREAM_RECEIVE, STREAM_SEND } from './abi.ts';
import type { Region } from './carve.ts';
import type { Cvm } from './cvm.ts';
import type { Entropy } from './entropy.ts';
import type { GuestSpace } from './guest-buffer.ts';
import type { Answer } from './hostcalls.ts';
import type { Stream } from './ipc/stream.ts';
import type { Kernel } from './kernel.ts';
import type { Thread } from './thread.ts';

/** Code and data with one otype, for CInvoke. */
export interface SealedPair {
  readonly code: RawCapability;
  readonly data: RawCapability;
}

/** A sealed pair that enters the switcher. */
export interface Pair extends SealedPair {
  readonly otype: number;
}

/** A gate of its own for something that one cVM was given: a pair in its c-list, from `slot`, and a record behind it. */
export interface SealedGate {
  readonly slot: number;
  readonly record: Region;
  readonly pair: Pair;
}

/** What every cVM has of the switcher. */
export interface Gate {
  readonly record: Region;
  readonly hostcall: Pair;
  readonly return: Pair;
  /** What its cVM's hostcalls have in c31. */
  readonly unsealed: RawCapability;
}

export interface SharedFile {
  readonly name: string;
  /** Whose memory it is; undefined: the monitor's. */
  readonly owner: Cvm | undefined;
  /** FILE_READ, FILE_WRITE: what each may ask for. */
  readonly rights: Map<Cvm, number>;
  /** What each has. */
  readonly holders: Map<Cvm, { readonly handle: number; readonly rights: number }>;
  /** Undefined: not advertised. */
  region: Region | undefined;
  /** Of a loan: its holder has it no more. */
  readonly onReturn?: () => void;
}

/** What the host allows: callers may bind `name`, which only `callee` may offer. */
export interface Permit {
  readonly callee: Cvm;
  readonly callers: Set<Cvm>;
  entry: Entry | undefined;
}

export interface Entry {
  readonly name: string;
  readonly callee: Cvm;
  readonly record: Region;
  readonly bindings: Set<Binding>;
}

export interface Binding {
  readonly entry: Entry;
  readonly caller: Cvm;
  readonly handle: number;
  readonly gate: SealedGate;
}

export interface Offer {
  readonly pc: number;
  /** Tops of the stacks, in the callee's addresses. */
  readonly stacks: readonly number[];
}

export interface CapabilityRequest {
  /** Absolute guest address. */
  readonly base: number;
  readonly sizeBytes: number;
  readonly address: number;
  /** PERMISSION bits. */
  readonly permissions: number;
  /** 1: capability mode when entered. */
  readonly flag?: 0 | 1;
  /** Sealed with this otype. */
  readonly otype?: number;
}

export type CvmState = 'created' | 'running' | 'paused' | 'exited' | 'faulted' | 'killed' | 'destroyed';

/** Everything the monitor gave it, to be taken back at its end. */
export interface CvmResources extends GuestSpace {
  readonly text: Region;
  /** Code of programs, if it is a library OS. */
  readonly programs: readonly Region[];
  readonly pcc: RawCapability;
  readonly ddc: RawCapability;
  readonly gate: Gate;
  readonly entropy: Entropy;
}

export interface StreamHandle {
  readonly stream: Stream;
  readonly direction: typeof STREAM_SEND | typeof STREAM_RECEIVE;
}

export interface Call {
  readonly kernel: Kernel;
  readonly memory: GuestMemory;
  readonly cvm: Cvm;
  readonly thread: Thread;
  /** a0 .. a5 */
  readonly arguments: readonly bigint[];
}

export interface Hostcall {
  readonly number: number;
  readonly name: string;
  /** Arguments, result and errors, for people. */
  readonly signature: string;
  readonly handle: (call: Call) => Answer;
}

/** What a thread can wait for. */
export interface Condition {
  /** Absolute address: whoever changes something there, says so to the scheduler. */
  readonly key: number;
  readonly isMet: () => boolean;
}

export type ThreadState = 'ready' | 'running' | 'blocked' | 'dead';

export type EndState = 'idle' | 'open' | 'closed' | 'dead';

export interface End {
  readonly cvm?: Cvm;
  state: EndState;
  /** Its peer has gone since it was opened. */
  broken: boolean;
}

/** Where a stream's bit is. */
export interface BellPlace {
  /** The word. */
  readonly word: Region;
  readonly bit: bigint;
}
