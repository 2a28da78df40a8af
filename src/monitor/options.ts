// What users of the monitor pass to it and get from it. Types only: builder.ts checks what is in them.
import type { CoreSource, MachineOptions } from '../host/index.ts';
import type { Cvm } from './cvm.ts';
import type { Image } from './image.ts';

/** What a cVM is made of. Sizes in bytes. */
export interface CvmSpec {
  readonly name: string;
  readonly image: Image;
  /** Data, heap and stacks; the text is extra and shared among cVMs of one image. */
  readonly memory: number;
  /** Of the first thread, at the top of the memory. Default 32 KiB. */
  readonly stack?: number;
  readonly arguments?: readonly string[];
  /** Its image is a library OS for programs with this code, at most 8, whose traps it answers. */
  readonly program?: { readonly codes: readonly ProgramCode[] };
  /** Threads at once. Default 16. */
  readonly threads?: number;
  /** Faults that its own handler may take before the next one ends it. Default 0. */
  readonly faults?: number;
  /** Instructions it may execute from its start on. Default: no limit. */
  readonly instructions?: bigint;
  /** Simulated nanoseconds it may live from its start on, paused or not. Default: no limit. */
  readonly deadline?: bigint;
  /** The run does not wait for its end. Default false. */
  readonly background?: boolean;
}

/** Code of programs from their address 0 on; cVMs that name the same object share the memory. */
export interface ProgramCode {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Of a CvmSpec, with what is left out. */
export interface Limits {
  readonly threads: number;
  readonly faults: number;
  readonly instructions: bigint | undefined;
  readonly deadline: bigint | undefined;
}

export interface MonitorOptions {
  /** The switcher's ELF file: guests/images/switcher.elf. */
  readonly switcher: Uint8Array;
  /** RAM of the machine, as Machine.create takes it. Default 64 MiB. */
  readonly memory?: number | string;
  /** Instructions of a thread's turn. Default 200,000. */
  readonly slice?: number;
  /** Of all entropy. Default 1. */
  readonly seed?: bigint;
  /** Channels: 0 output, 1 errors, 2 what a library OS reports to host code (the bytes of one hostcall). */
  readonly onConsole?: (cvm: Cvm, bytes: Uint8Array, channel: number) => void;
  /** Called between turns of one that has ended, but not by kill() or destroy(): it may be restarted. */
  readonly onEnd?: (cvm: Cvm) => void;
  /** Records that the audit keeps. Default 65,536. */
  readonly auditRecords?: number;
  /** How the machine executes, as Machine.create takes it. Default `auto`. */
  readonly engine?: MachineOptions['engine'];
  readonly translateAfter?: number;
  readonly core?: CoreSource;
}

export interface RunOptions {
  /** Instructions to retire at most. */
  readonly budget?: bigint;
  readonly signal?: AbortSignal;
  /** Go on while background cVMs are all that is left. Default false. */
  readonly background?: boolean;
  /** Called between turns, some tens of milliseconds apart. */
  readonly onProgress?: () => void;
  /** Asked between turns: the run stands still until this settles, say because host code cannot take more. */
  readonly hold?: () => Promise<void> | undefined;
}

export interface MonitorStop {
  /**
   * `ended`: no cVM but background ones is left. `deadlock`: every thread waits for another. `paused`: no thread can go
   * on before a cVM is resumed.
   */
  readonly reason: 'ended' | 'budget' | 'aborted' | 'deadlock' | 'paused';
  /** Retired by the machine so far. */
  readonly instructions: bigint;
  /** What blocked threads wait for. */
  readonly waiting: readonly string[];
}
