// One cVM: its memory, its authority, its threads, what it may use and what it used. State only: the monitor acts.
import { FILE_HANDLES, STREAM_HANDLES, STREAM_RECEIVE, STREAM_SEND } from './abi.ts';
import type { Region } from './carve.ts';
import type { GuestSpace } from './guest-buffer.ts';
import type { Image } from './image.ts';
import type { Stream } from './ipc/stream.ts';
import type { CvmSpec, Limits } from './options.ts';
import type { Thread } from './thread.ts';
import type { CvmResources, CvmState, SharedFile, StreamHandle } from './types.ts';

export class Cvm implements GuestSpace {
  readonly id: number;
  readonly spec: CvmSpec;
  readonly name: string;
  readonly image: Image;
  readonly background: boolean;
  readonly limits: Limits;
  readonly data: Region;
  readonly origin: number;
  readonly resources: CvmResources;
  readonly threads = new Set<Thread>();
  /** Ever. What follows is of its present life: a restart sets it back. */
  restarts = 0;
  state: CvmState = 'created';
  exitCode: number | undefined;
  /** Why it ended, in a line. */
  ending = '';
  /** Where its threads go on after a fault, an offset in its text. */
  faultHandler: number | undefined;
  /** Simulated time at which it has lived as long as it may. */
  diesAt: bigint | undefined;
  /** Tag violations at these offsets of its text are revocations: the thread goes on at `landing` with -EREVOKED. */
  revocation: { readonly from: bigint; readonly to: bigint; readonly landing: number } | undefined;
  /** Shared files by handle. */
  readonly files: (SharedFile | undefined)[] = [];
  instructions = 0n;
  hostcalls = 0;
  /** Of these, those that asked for what it may not have: isRefusal. */
  refusals = 0;
  faults = 0;
  /** Of these, those that were not in calls of others: what its limit is about. */
  faultsAtHome = 0;
  consoleBytes = 0;
  readonly #handles: (StreamHandle | undefined)[] = [];

  constructor(id: number, spec: CvmSpec, resources: CvmResources) {
    this.id = id;
    this.spec = spec;
    this.name = spec.name;
    this.image = spec.image;
    this.background = spec.background ?? false;
    const { threads = 16, faults = 0, instructions, deadline } = spec;
    this.limits = { threads, faults, instructions, deadline };
    this.data = resources.data;
    this.origin = resources.origin;
    this.resources = resources;
  }

  get alive(): boolean {
    return this.state === 'created' || this.state === 'running' || this.state === 'paused';
  }

  /** As it was when it was created, for its next life. */
  reset(): void {
    this.restarts++;
    this.state = 'created';
    this.exitCode = this.faultHandler = this.revocation = this.diesAt = undefined;
    this.ending = '';
    this.instructions = 0n;
    this.hostcalls = this.refusals = this.faults = this.faultsAtHome = this.consoleBytes = 0;
    this.#handles.length = 0;
  }

  /** Is `offset` one of its instructions' places? Only such offsets may become a PCC address. */
  isCode(offset: bigint): boolean {
    return offset >= 0n && offset < BigInt(this.resources.text.sizeBytes) && offset % 2n === 0n;
  }

  /** The handle of an end of a stream, made at the first call; undefined: too many. The same for its next life. */
  openHandle(stream: Stream, direction: StreamHandle['direction']): number | undefined {
    const known = this.#handles.findIndex(
      (handle) => handle?.stream.name === stream.name && handle.direction === direction,
    );
    const isOver = (handle?: StreamHandle): boolean => handle === undefined || handle.stream.isClosed(handle.direction);
    const fresh = this.#handles.length < STREAM_HANDLES ? this.#handles.length : this.#handles.findIndex(isOver);
    const number = known >= 0 ? known : fresh;
    if (number < 0) return undefined;
    this.#handles[number] = { stream, direction };
    return number;
  }

  /** The stream that it sends on, or receives from, by a handle that the guest named. */
  sending(number: bigint): Stream | undefined {
    return this.#stream(number, STREAM_SEND);
  }

  receiving(number: bigint): Stream | undefined {
    return this.#stream(number, STREAM_RECEIVE);
  }

  /** The shared file behind a handle that the guest named. */
  file(number: bigint): SharedFile | undefined {
    return number < FILE_HANDLES ? this.files[Number(number)] : undefined;
  }

  #stream(number: bigint, direction: StreamHandle['direction']): Stream | undefined {
    const handle = number < STREAM_HANDLES ? this.#handles[Number(number)] : undefined;
    return handle?.direction === direction ? handle.stream : undefined;
  }
}
