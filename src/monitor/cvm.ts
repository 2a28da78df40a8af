// One cVM: its memory, its authority, its threads, what it may use and what it used. State only: the monitor acts.
import type { RawCapability } from '../host/index.ts';
import { EBADF, STREAM_HANDLES } from './abi.ts';
import type { STREAM_RECEIVE, STREAM_SEND } from './abi.ts';
import type { Region } from './carve.ts';
import type { Entropy } from './entropy.ts';
import type { GuestSpace } from './guest-buffer.ts';
import type { Image } from './image.ts';
import type { Stream } from './ipc/stream.ts';
import type { Gate } from './switcher.ts';
import type { Thread } from './thread.ts';

export type CvmState = 'created' | 'running' | 'exited' | 'faulted' | 'killed' | 'destroyed';

/** What a cVM is made of. Sizes in bytes. */
export interface CvmSpec {
  readonly name: string;
  readonly image: Image;
  /** Data, heap and stacks; the text is extra and shared among cVMs of one image. */
  readonly memory: number;
  /** Of the first thread, at the top of the memory. Default 32 KiB. */
  readonly stack?: number;
  readonly arguments?: readonly string[];
  /** Threads at once. Default 16. */
  readonly threads?: number;
  /** Faults that its own handler may take before the next one ends it. Default 0. */
  readonly faults?: number;
  /** Instructions it may execute in all. Default: no limit. */
  readonly instructions?: bigint;
  /** The run does not wait for its end. Default false. */
  readonly background?: boolean;
}

export interface Limits {
  readonly threads: number;
  readonly faults: number;
  readonly instructions: bigint | undefined;
}

/** Everything the monitor gave it, to be taken back at its end. */
export interface CvmResources extends GuestSpace {
  readonly text: Region;
  readonly pcc: RawCapability;
  readonly ddc: RawCapability;
  readonly gate: Gate;
  readonly entropy: Entropy;
}

export interface StreamHandle {
  readonly stream: Stream;
  readonly direction: typeof STREAM_SEND | typeof STREAM_RECEIVE;
}

export class Cvm implements GuestSpace {
  readonly id: number;
  readonly name: string;
  readonly image: Image;
  readonly background: boolean;
  readonly limits: Limits;
  readonly data: Region;
  readonly origin: number;
  readonly resources: CvmResources;
  readonly threads = new Set<Thread>();
  state: CvmState = 'created';
  exitCode: number | undefined;
  /** Why it ended, in a line. */
  ending = '';
  /** Where its threads go on after a fault, an offset in its text. */
  faultHandler: number | undefined;
  /** A window was taken away while its threads may be copying: where they go on, an offset in its text. */
  windowLanding: number | undefined;
  windowLost = false;
  instructions = 0n;
  hostcalls = 0;
  refusals = 0;
  faults = 0;
  consoleBytes = 0;
  readonly #handles: (StreamHandle | undefined)[] = [];

  constructor(id: number, spec: CvmSpec, resources: CvmResources) {
    this.id = id;
    this.name = spec.name;
    this.image = spec.image;
    this.background = spec.background ?? false;
    this.limits = { threads: spec.threads ?? 16, faults: spec.faults ?? 0, instructions: spec.instructions };
    this.data = resources.data;
    this.origin = resources.origin;
    this.resources = resources;
  }

  get alive(): boolean {
    return this.state === 'created' || this.state === 'running';
  }

  /** Is `offset` one of its instructions' places? Only such offsets may become a PCC address. */
  isCode(offset: bigint): boolean {
    return offset >= 0n && offset < BigInt(this.resources.text.sizeBytes) && offset % 2n === 0n;
  }

  /** The handle of an end of a stream, made at the first call; undefined: too many. */
  openHandle(stream: Stream, direction: StreamHandle['direction']): number | undefined {
    const known = this.#handles.findIndex((handle) => handle?.stream === stream && handle.direction === direction);
    if (known >= 0) return known;
    if (this.#handles.length >= STREAM_HANDLES) return undefined;
    return this.#handles.push({ stream, direction }) - 1;
  }

  /** The stream behind a handle that the guest named, or -EBADF. */
  handle(number: bigint, direction?: StreamHandle['direction']): StreamHandle | number {
    const handle = number < BigInt(STREAM_HANDLES) ? this.#handles[Number(number)] : undefined;
    if (handle === undefined || (direction !== undefined && handle.direction !== direction)) return -EBADF;
    return handle;
  }
}
