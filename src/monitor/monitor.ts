// The monitor: creates, runs, connects and ends cVMs on one machine. It plays machine-mode software: every trap ends
// the machine's run and is answered in executor.ts. README.md: what it trusts, what it guarantees, where it is checked.
import { Machine, passTime } from '../host/index.ts';
import type { CoreSource, MachineOptions } from '../host/index.ts';
import type { Audit } from './audit.ts';
import type { Charges } from './charges.ts';
import { Cvm } from './cvm.ts';
import type { CvmSpec } from './cvm.ts';
import { Entropy } from './entropy.ts';
import { CvmError } from './errors.ts';
import { Stream } from './ipc/stream.ts';
import type { HostSink, HostSource } from './ipc/stream.ts';
import { Kernel } from './kernel.ts';
import { holdingsOf } from './reach.ts';
import type { Holding } from './reach.ts';

export interface MonitorOptions {
  /** The switcher's ELF file: guests/images/switcher.elf. */
  readonly switcher: Uint8Array;
  /** RAM of the machine, as Machine.create takes it. Default 64 MiB. */
  readonly memory?: number | string;
  /** Instructions of a thread's turn. Default 200,000. */
  readonly slice?: number;
  /** Of all entropy. Default 1. */
  readonly seed?: bigint;
  readonly onConsole?: (cvm: Cvm, bytes: Uint8Array) => void;
  /** How the machine executes, as Machine.create takes it. */
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
}

export interface MonitorStop {
  /** `ended`: no cVM but background ones is left. `deadlock`: every thread waits for another. */
  readonly reason: 'ended' | 'budget' | 'aborted' | 'deadlock';
  /** Retired by the machine so far. */
  readonly instructions: bigint;
  /** What blocked threads wait for. */
  readonly waiting: readonly string[];
}

const SLICE_DEFAULT = 200_000;
const BOUNCE_BYTES = 64 * 1024;
const EVENT_LOOP_MILLISECONDS = 40;
/** What a reset leaves unfit for user mode: counters readable, floating point on, PMP open to all of RAM. */
const CSRS: readonly (readonly [name: string, value: bigint])[] = [
  ['mcounteren', 7n],
  ['mstatus', 1n << 13n],
  ['pmpaddr0', (1n << 54n) - 1n],
  ['pmpcfg0', 0x1fn],
];

export class Monitor {
  readonly machine: Machine;
  readonly #kernel: Kernel;
  readonly #options: MonitorOptions;
  readonly #cvms = new Set<Cvm>();
  #nextCvm = 1;

  private constructor(machine: Machine, options: MonitorOptions) {
    this.machine = machine;
    this.#options = options;
    this.#kernel = new Kernel(machine, options.switcher, options.onConsole ?? ((): void => undefined));
    for (const [name, value] of CSRS) machine.registers.set(name, value);
  }

  static async create(options: MonitorOptions): Promise<Monitor> {
    const { memory = '64M', engine, translateAfter, core } = options;
    const kind = { addressing: 'relocated', sMode: false, stopOnMachineTrap: true, tohost: null } as const;
    return new Monitor(await Machine.create({ memory, engine, translateAfter, core, ...kind }), options);
  }

  get audit(): Audit {
    return this.#kernel.audit;
  }

  /** In order of creation, without destroyed ones. */
  get cvms(): readonly Cvm[] {
    return [...this.#cvms];
  }

  get streams(): ReadonlyMap<string, Stream> {
    return this.#kernel.streams;
  }

  /** Simulated nanoseconds since the machine started, at a nominal 1 GHz. */
  get now(): bigint {
    return this.#kernel.now;
  }

  /** Services of the monitor so far, at Linux's prices. */
  get charges(): Charges {
    return this.#kernel.executor.charges;
  }

  /** Bytes that belong to nobody. */
  get freeBytes(): number {
    return this.#kernel.carver.freeBytes;
  }

  /** A cVM, ready to start. Throws CvmError. */
  createCvm(spec: CvmSpec): Cvm {
    for (const { name } of this.#cvms) {
      if (name === spec.name) throw new CvmError('ERR_CVM_SPEC', `there is a cVM called ${name} already`);
    }
    const entropy = new Entropy(this.#options.seed ?? 1n, spec.name);
    const cvm = this.#kernel.builder.build(this.#nextCvm++, spec, entropy);
    this.#cvms.add(cvm);
    const { data, text } = cvm.resources;
    this.audit.append(cvm.name, 'create', `data ${place(data)}, code ${place(text)} of ${cvm.image.name}`);
    return cvm;
  }

  /** Lets its first thread run. */
  start(cvm: Cvm): void {
    if (cvm.state !== 'created') throw new CvmError('ERR_CVM_STATE', `cVM ${cvm.name} is ${cvm.state}`);
    cvm.state = 'running';
    this.#kernel.running[cvm.background ? 'background' : 'foreground']++;
    this.#kernel.createThread(cvm, cvm.image.entry, BigInt(this.#kernel.builder.stackTop(cvm)), cvm.image.dataStart);
    this.audit.append(cvm.name, 'start', 'first thread');
  }

  /** A stream between two cVMs, or between one and host code. Only the ends named here can ever use it. */
  connect(name: string, from: Cvm | HostSource, to: Cvm | HostSink): Stream {
    const { carver, streams } = this.#kernel;
    if (streams.has(name)) throw new CvmError('ERR_CVM_SPEC', `stream ${name}: the name is taken`);
    const sender = from instanceof Cvm ? { cvm: from } : { source: from };
    const receiver = to instanceof Cvm ? { cvm: to } : { sink: to, bounce: carver.allocate(BOUNCE_BYTES, 4096) };
    if (sender.cvm === receiver.cvm) throw new CvmError('ERR_CVM_SPEC', `stream ${name}: it connects no two cVMs`);
    if ('sink' in receiver && receiver.bounce === undefined) {
      throw new CvmError('ERR_CVM_NO_ROOM', `stream ${name}: no room for its buffer`);
    }
    const stream = new Stream(this.#kernel, name, sender, receiver);
    streams.set(name, stream);
    this.audit.append(sender.cvm?.name ?? 'host', 'stream', `${name} to ${receiver.cvm?.name ?? 'host'}`);
    return stream;
  }

  /** Lets `caller` call the entry `name` of `callee`, once that offers it. */
  allowCall(name: string, caller: Cvm, callee: Cvm): void {
    if (caller === callee) throw new CvmError('ERR_CVM_SPEC', `call ${name}: a cVM does not call itself`);
    if (!this.#kernel.calls.allow(name, caller, callee)) {
      throw new CvmError('ERR_CVM_SPEC', `call ${name}: the name belongs to another callee`);
    }
    for (const thread of caller.threads) this.#kernel.openCrossings(thread);
    this.audit.append(caller.name, 'grant', `may call ${name} of ${callee.name}`);
  }

  /** Ends a cVM now, whatever it is doing. */
  kill(cvm: Cvm, why = 'killed by the host'): void {
    this.#kernel.end(cvm, 'killed', why);
  }

  /** Clears its memory and gives everything back; its name and those of its streams are free again. */
  destroy(cvm: Cvm): void {
    if (cvm.state === 'destroyed') return;
    this.kill(cvm, 'destroyed');
    for (const stream of this.streams.values()) {
      if (stream.sender.cvm === cvm || stream.receiver.cvm === cvm) this.#disconnect(stream);
    }
    this.#kernel.calls.forget(cvm);
    this.#kernel.builder.demolish(cvm);
    this.#cvms.delete(cvm);
    cvm.state = 'destroyed';
    this.audit.append(cvm.name, 'destroy', 'memory cleared');
  }

  /** Every capability that a cVM holds, between runs, and what entitles it to each. */
  holdings(cvm: Cvm): Holding[] {
    return holdingsOf(this.#kernel, cvm);
  }

  /** Runs until all cVMs but background ones have ended, or until `options` say so. */
  async run(options: RunOptions = {}): Promise<MonitorStop> {
    const end = options.budget === undefined ? undefined : this.machine.instructions + options.budget;
    let lastPause = performance.now();
    for (;;) {
      const reason = this.#whyStop(options, end);
      if (reason !== undefined) return this.#stop(reason);
      this.#turn(end);
      if (performance.now() - lastPause < EVENT_LOOP_MILLISECONDS) continue;
      options.onProgress?.();
      await new Promise((resolve) => setTimeout(resolve, 0));
      lastPause = performance.now();
    }
  }

  /** A reason to stop, or undefined when a thread is ready; time passes while all sleep. */
  #whyStop({ signal, background }: RunOptions, end: bigint | undefined): MonitorStop['reason'] | undefined {
    const { running, scheduler, now } = this.#kernel;
    if (signal?.aborted === true) return 'aborted';
    if (end !== undefined && this.machine.instructions >= end) return 'budget';
    if (running.foreground + (background === true ? running.background : 0) === 0) return 'ended';
    scheduler.wakeDue(now);
    if (scheduler.hasReady) return undefined;
    const deadline = scheduler.earliestDeadline;
    if (deadline === undefined) return 'deadlock';
    this.#kernel.idleTime += deadline - now;
    passTime(this.machine, deadline - now);
    scheduler.wakeDue(deadline);
    return undefined;
  }

  #stop(reason: MonitorStop['reason']): MonitorStop {
    const blocked = this.cvms.flatMap(({ threads }) => [...threads]).filter(({ state }) => state === 'blocked');
    const waiting = blocked.map(({ cvm, id, waitsFor }) => `${cvm.name} thread ${id}: ${waitsFor}`);
    return { reason, instructions: this.machine.instructions, waiting };
  }

  #turn(end: bigint | undefined): void {
    const thread = this.#kernel.scheduler.next();
    if (thread === undefined) return;
    const slice = BigInt(this.#options.slice ?? SLICE_DEFAULT);
    const left = end === undefined ? slice : end - this.machine.instructions;
    this.#kernel.executor.turn(thread, left < slice ? left : slice);
    if (thread.state === 'running') this.#kernel.scheduler.enqueue(thread);
    const { hostError } = this.#kernel;
    this.#kernel.hostError = undefined;
    if (hostError !== undefined) throw hostError.error;
  }

  /** Its ends may go on asking: -EPIPE. */
  #disconnect(stream: Stream): void {
    stream.closeSender('dead');
    stream.closeReceiver('dead');
    this.#kernel.streams.delete(stream.name);
    const { bounce } = stream.receiver;
    if (bounce === undefined) return;
    this.machine.memory.fill(bounce.base, bounce.sizeBytes);
    this.#kernel.carver.release(bounce);
  }
}

const place = ({ base, sizeBytes }: { base: number; sizeBytes: number }): string =>
  `0x${base.toString(16)}+0x${sizeBytes.toString(16)}`;
