// The monitor: creates, runs, connects and ends cVMs on one machine. It plays machine-mode software: every trap ends
// the machine's run and is answered in executor.ts. README.md: what it trusts, what it guarantees, where it is checked.
import { Machine, passTime } from '../host/index.ts';
import type { CoreSource } from '../host/index.ts';
import { EPIPE, ETIMEDOUT, SLOT_CALL } from './abi.ts';
import { Audit } from './audit.ts';
import { Builder } from './builder.ts';
import { Carver } from './carve.ts';
import type { Charges } from './charges.ts';
import { Crossings } from './crossing.ts';
import { Cvm } from './cvm.ts';
import type { CvmSpec, CvmState } from './cvm.ts';
import { Entropy } from './entropy.ts';
import { CvmError } from './errors.ts';
import { Executor } from './executor.ts';
import type { ExecutorServices } from './executor.ts';
import { Calls } from './ipc/call.ts';
import type { Binding } from './ipc/call.ts';
import { Stream } from './ipc/stream.ts';
import type { HostSink, HostSource, StreamServices } from './ipc/stream.ts';
import { holdingsOf } from './reach.ts';
import type { Holding } from './reach.ts';
import { Scheduler } from './scheduler.ts';
import { Sealer } from './seal.ts';
import { Switcher } from './switcher.ts';
import { Thread } from './thread.ts';
import { Windows } from './windows.ts';

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
/** The first page of RAM belongs to nobody. */
const RESERVED_BYTES = 4096;
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
  readonly audit: Audit;
  readonly #options: MonitorOptions;
  readonly #carver: Carver;
  readonly #switcher: Switcher;
  readonly #builder: Builder;
  readonly #windows: Windows;
  readonly #calls: Calls;
  readonly #crossings: Crossings;
  readonly #executor: Executor;
  readonly #scheduler = new Scheduler();
  readonly #cvms = new Set<Cvm>();
  readonly #streams = new Map<string, Stream>();
  readonly #entropy = new Map<Cvm, Entropy>();
  /** Threads with a crossing stack. */
  readonly #callers = new Set<Thread>();
  /** Threads blocked on a word, by its absolute address. */
  readonly #words = new Map<number, Set<Thread>>();
  /** How many cVMs are running. */
  readonly #running = { foreground: 0, background: 0 };
  #nextCvm = 1;
  #nextThread = 1;
  /** Nanoseconds that passed while every thread slept; the rest of time is instructions retired. */
  #idleTime = 0n;
  #hostError: { readonly error: unknown } | undefined;

  private constructor(machine: Machine, options: MonitorOptions) {
    this.machine = machine;
    this.#options = options;
    this.audit = new Audit(() => machine.instructions);
    const base = Number(machine.memory.base) + RESERVED_BYTES;
    this.#carver = new Carver({ base, sizeBytes: Number(machine.memory.end) - base });
    const sealer = new Sealer((value) => machine.registers.decode(value));
    this.#switcher = new Switcher(machine.memory, this.#carver, sealer, options.switcher);
    this.#builder = new Builder(machine, this.#carver, sealer, this.#switcher);
    this.#windows = new Windows(machine, sealer);
    this.#calls = new Calls(machine.memory, this.#switcher, sealer, (binding) => this.#revokeCall(binding));
    this.#crossings = new Crossings(machine.memory, this.#switcher, this.#calls);
    this.#executor = new Executor(machine, this.#switcher, this.#crossings, this.audit, this.#executorServices());
    for (const [name, value] of CSRS) machine.registers.set(name, value);
  }

  static async create(options: MonitorOptions): Promise<Monitor> {
    const { memory = '64M', core } = options;
    const machine = await Machine.create({
      memory,
      core,
      addressing: 'relocated',
      sMode: false,
      stopOnMachineTrap: true,
      tohost: null,
    });
    return new Monitor(machine, options);
  }

  /** In order of creation, without destroyed ones. */
  get cvms(): readonly Cvm[] {
    return [...this.#cvms];
  }

  get streams(): ReadonlyMap<string, Stream> {
    return this.#streams;
  }

  /** Simulated nanoseconds since the machine started, at a nominal 1 GHz. */
  get now(): bigint {
    return this.machine.instructions + this.#idleTime;
  }

  /** Services of the monitor so far, at Linux's prices. */
  get charges(): Charges {
    return this.#executor.charges;
  }

  /** Bytes that belong to nobody. */
  get freeBytes(): number {
    return this.#carver.freeBytes;
  }

  /** A cVM, ready to start. Throws CvmError. */
  createCvm(spec: CvmSpec): Cvm {
    for (const { name } of this.#cvms) {
      if (name === spec.name) throw new CvmError('ERR_CVM_SPEC', `there is a cVM called ${name} already`);
    }
    const cvm = this.#builder.build(this.#nextCvm++, spec);
    this.#cvms.add(cvm);
    this.#entropy.set(cvm, new Entropy(this.#options.seed ?? 1n, cvm.name));
    const { data, text } = cvm.resources;
    const places = `data ${place(data)}, code ${place(text)} of ${cvm.image.name}`;
    this.audit.append(cvm.name, 'create', places);
    return cvm;
  }

  /** Lets its first thread run. */
  start(cvm: Cvm): void {
    if (cvm.state !== 'created') throw new CvmError('ERR_CVM_STATE', `cVM ${cvm.name} is ${cvm.state}`);
    cvm.state = 'running';
    this.#running[cvm.background ? 'background' : 'foreground']++;
    this.#createThread(cvm, cvm.image.entry, BigInt(this.#builder.stackTop(cvm)), cvm.image.dataStart);
    this.audit.append(cvm.name, 'start', 'first thread');
  }

  /** A stream between two cVMs, or between one and host code. Only the ends named here can ever use it. */
  connect(name: string, from: Cvm | HostSource, to: Cvm | HostSink): Stream {
    const refuse = (why: string): never => {
      throw new CvmError('ERR_CVM_SPEC', `stream ${name}: ${why}`);
    };
    if (this.#streams.has(name)) refuse('the name is taken');
    const sender = from instanceof Cvm ? { cvm: from } : { source: from };
    const receiver = to instanceof Cvm ? { cvm: to } : { sink: to, bounce: this.#carver.allocate(BOUNCE_BYTES, 4096) };
    if (sender.cvm === receiver.cvm)
      refuse(sender.cvm === undefined ? 'it connects no cVM' : 'it connects a cVM with itself');
    if ('sink' in receiver && receiver.bounce === undefined) refuse('no room for its buffer');
    const stream = new Stream(this.#streamServices(), name, sender, receiver);
    this.#streams.set(name, stream);
    this.audit.append(sender.cvm?.name ?? 'host', 'stream', `${name} to ${receiver.cvm?.name ?? 'host'}`);
    return stream;
  }

  /** Lets `caller` call the entry `name` of `callee`, once that offers it. */
  allowCall(name: string, caller: Cvm, callee: Cvm): void {
    const refuse = (why: string): never => {
      throw new CvmError('ERR_CVM_SPEC', `call ${name}: ${why}`);
    };
    if (caller === callee) refuse('a cVM does not call itself');
    if (!this.#calls.allow(name, caller, callee)) refuse('the name belongs to another callee');
    for (const thread of caller.threads) this.#openCrossings(thread);
    this.audit.append(caller.name, 'grant', `may call ${name} of ${callee.name}`);
  }

  /** Ends a cVM now, whatever it is doing. */
  kill(cvm: Cvm, why = 'killed by the host'): void {
    this.#end(cvm, 'killed', undefined, why);
  }

  /** Clears its memory and gives everything back; its name and those of its streams are free again. */
  destroy(cvm: Cvm): void {
    if (cvm.state === 'destroyed') return;
    if (cvm.alive) this.kill(cvm, 'destroyed');
    for (const stream of this.#streams.values()) {
      if (stream.sender.cvm === cvm || stream.receiver.cvm === cvm) this.#disconnect(stream);
    }
    this.#calls.forget(cvm);
    this.#builder.demolish(cvm);
    this.#entropy.delete(cvm);
    this.#cvms.delete(cvm);
    cvm.state = 'destroyed';
    this.audit.append(cvm.name, 'destroy', 'memory cleared');
  }

  /** Every capability that a cVM holds, between runs, and what entitles it to each. */
  holdings(cvm: Cvm): Holding[] {
    const { gate } = cvm.resources;
    const streams = [...this.#streams.values()].filter(({ sender }) => sender.cvm === cvm);
    const visits = [...this.#callers]
      .map((thread) => this.#crossings.path(thread))
      .filter((path) => path.at(-1)?.entry.callee === cvm);
    return holdingsOf(this.machine, this.#switcher, cvm, {
      threads: this.#threadsIn(cvm),
      pairs: [gate.hostcall, gate.return, ...this.#calls.heldBy(cvm).map(({ pair }) => pair)],
      windows: streams.map(({ window }) => window).filter((window) => window !== undefined),
      callers: visits.map((path) => path.at(-1)!.caller.data),
    });
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
    if (signal?.aborted === true) return 'aborted';
    if (end !== undefined && this.machine.instructions >= end) return 'budget';
    const waitedFor =
      background === true ? this.#running.foreground + this.#running.background : this.#running.foreground;
    if (waitedFor === 0) return 'ended';
    const { now } = this;
    this.#scheduler.wakeDue(now);
    if (this.#scheduler.hasReady) return undefined;
    const deadline = this.#scheduler.earliestDeadline;
    if (deadline === undefined) return 'deadlock';
    this.#idleTime += deadline - now;
    passTime(this.machine, deadline - now);
    this.#scheduler.wakeDue(deadline);
    return undefined;
  }

  #stop(reason: MonitorStop['reason']): MonitorStop {
    const blocked = this.cvms.flatMap(({ threads }) => [...threads]).filter(({ state }) => state === 'blocked');
    const waiting = blocked.map(({ cvm, id, waitsFor }) => `${cvm.name} thread ${id}: ${waitsFor}`);
    return { reason, instructions: this.machine.instructions, waiting };
  }

  #turn(end: bigint | undefined): void {
    const thread = this.#scheduler.next();
    if (thread === undefined) return;
    const slice = BigInt(this.#options.slice ?? SLICE_DEFAULT);
    const left = end === undefined ? slice : end - this.machine.instructions;
    this.#executor.turn(thread, left < slice ? left : slice);
    if (thread.state === 'running') this.#scheduler.enqueue(thread);
    if (this.#hostError === undefined) return;
    const { error } = this.#hostError;
    this.#hostError = undefined;
    throw error;
  }

  #createThread(cvm: Cvm, pc: number, sp: bigint, a0: number): Thread {
    const { pcc, ddc } = cvm.resources;
    const thread = new Thread(this.#nextThread++, cvm, { pcc, ddc, pc, sp, a0: BigInt(a0) });
    cvm.threads.add(thread);
    if (this.#calls.mayCall(cvm)) this.#openCrossings(thread);
    this.#scheduler.enqueue(thread);
    return thread;
  }

  /** Without memory for a crossing stack the thread lives, but its calls trap. */
  #openCrossings(thread: Thread): void {
    thread.record ??= this.#crossings.open();
    if (thread.record !== undefined) this.#callers.add(thread);
  }

  /** Threads whose registers are this cVM's: its own that are at home, and those that called it. */
  #threadsIn(cvm: Cvm): Thread[] {
    const candidates = new Set([...cvm.threads, ...this.#callers]);
    return [...candidates].filter((thread) => this.#crossings.whereIs(thread) === cvm);
  }

  #endThread(thread: Thread): void {
    this.#scheduler.forget(thread);
    thread.state = 'dead';
    thread.cvm.threads.delete(thread);
    for (const stream of this.#streams.values()) stream.forget(thread);
    for (const waiters of this.#words.values()) waiters.delete(thread);
    if (thread === this.#executor.live) thread.context.save(this.machine);
    this.#crossings.close(thread);
    this.#callers.delete(thread);
  }

  /** Takes every thread out of its calls through `cvm`: its caller goes on with -EPIPE. */
  #evict(cvm: Cvm): void {
    for (const thread of this.#callers) {
      const index = this.#crossings.path(thread).findIndex(({ entry }) => entry.callee === cvm);
      if (index >= 0) this.#move(thread, () => this.#unwind(thread, index));
    }
  }

  #unwind(thread: Thread, keep: number): boolean {
    for (let depth = keep; depth >= 0; depth--) if (this.#crossings.unwind(thread, depth, -EPIPE)) return true;
    return false;
  }

  /** Slots and registers of a pair that is no more, and threads that are in the switcher because of it. */
  #revokeCall(binding: Binding): void {
    const { caller, handle, pair } = binding;
    this.#windows.revokePair(caller, SLOT_CALL + 2 * handle, pair, this.#threadsIn(caller), this.#executor.live);
    for (const thread of this.#callers) this.#move(thread, () => this.#crossings.setDown(thread, binding));
  }

  /** Changes where a thread goes on, running, ready or blocked. `action`: undefined: not at all; false: it cannot. */
  #move(thread: Thread, action: () => boolean | undefined): void {
    const live = thread === this.#executor.live;
    if (live) thread.context.save(this.machine);
    const moved = action();
    if (moved === undefined) return;
    if (!moved) return this.#end(thread.cvm, 'faulted', undefined, 'called with a return address outside its code');
    for (const stream of this.#streams.values()) stream.forget(thread);
    this.#scheduler.forget(thread);
    if (live) thread.context.load(this.machine);
    thread.evicted = live;
    if (thread.state === 'blocked') this.#scheduler.enqueue(thread);
  }

  /** The end of a cVM: its threads, its ends of streams, and with them every window into and out of it. */
  #end(cvm: Cvm, state: CvmState, exitCode: number | undefined, why: string): void {
    if (!cvm.alive) return;
    if (cvm.state === 'running') this.#running[cvm.background ? 'background' : 'foreground']--;
    cvm.state = state;
    cvm.exitCode = exitCode;
    cvm.ending = why;
    for (const thread of cvm.threads) this.#endThread(thread);
    this.#evict(cvm);
    this.#calls.end(cvm);
    const how = state === 'exited' ? 'closed' : 'dead';
    for (const stream of this.#streams.values()) {
      if (stream.sender.cvm === cvm) stream.closeSender(how);
      if (stream.receiver.cvm === cvm) stream.closeReceiver(how);
    }
    this.audit.append(cvm.name, state === 'exited' ? 'exit' : 'kill', why);
  }

  /** Its ends may go on asking: -EPIPE. */
  #disconnect(stream: Stream): void {
    stream.closeSender('dead');
    stream.closeReceiver('dead');
    this.#streams.delete(stream.name);
    const { bounce } = stream.receiver;
    if (bounce === undefined) return;
    this.machine.memory.fill(bounce.base, bounce.sizeBytes);
    this.#carver.release(bounce);
  }

  /** What host code throws must not unwind through a turn: run() throws it afterwards. */
  #callHost(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#hostError ??= { error };
    }
  }

  #streamServices(): StreamServices {
    const { memory } = this.machine;
    return {
      read: ({ base }, sizeBytes) => memory.read(base, sizeBytes),
      write: ({ base }, bytes) => memory.write(base, bytes),
      grantWindow: (cvm, slot, region) => this.#windows.grant(cvm, slot, region),
      revokeWindow: (cvm, slot, region, lost) => {
        this.#windows.revoke(cvm, slot, region, this.#threadsIn(cvm), this.#executor.live);
        cvm.windowLost = lost;
      },
      block: (thread, waitsFor) => this.#scheduler.block(thread, waitsFor),
      wake: (thread, result) => this.#scheduler.wake(thread, result),
      hostFailed: (error) => {
        this.#hostError ??= { error };
      },
    };
  }

  #executorServices(): ExecutorServices {
    const now = (): bigint => this.now;
    return {
      memory: this.machine.memory,
      get now() {
        return now();
      },
      stream: (name) => this.#streams.get(name),
      write: (cvm, bytes) => {
        cvm.consoleBytes += bytes.length;
        this.#callHost(() => this.#options.onConsole?.(cvm, bytes));
      },
      entropy: (cvm, sizeBytes) => this.#entropy.get(cvm)!.fill(sizeBytes),
      exit: (cvm, code) => this.#end(cvm, 'exited', code, `exit with code ${code}`),
      block: (thread, waitsFor, deadline, timeoutResult) =>
        this.#scheduler.block(thread, waitsFor, deadline, timeoutResult),
      blockOn: (thread, word, deadline) => this.#blockOn(thread, word, deadline),
      wakeOn: (word, count) => this.#wakeOn(word, count),
      createThread: (cvm, entry, stack) =>
        cvm.threads.size < cvm.limits.threads ? this.#createThread(cvm, entry, stack, 0) : undefined,
      offerCall: (cvm, name, offer) => this.#calls.offer(cvm, name, offer),
      bindCall: (cvm, name) => this.#calls.bind(cvm, name),
      endThread: (thread) => {
        this.#endThread(thread);
        if (thread.cvm.threads.size === 0) this.#end(thread.cvm, 'exited', 0, 'its last thread ended');
      },
      end: (cvm, state, exitCode, why) => this.#end(cvm, state, exitCode, why),
    };
  }

  #blockOn(thread: Thread, word: number, deadline: bigint | undefined): void {
    const waiters = this.#words.get(word) ?? new Set();
    this.#words.set(word, waiters.add(thread));
    this.#scheduler.block(thread, `word 0x${word.toString(16)}`, deadline, -ETIMEDOUT);
    thread.word = word;
  }

  #wakeOn(word: number, count: number): number {
    const waiters = this.#words.get(word) ?? new Set();
    let woken = 0;
    for (const thread of waiters) {
      if (woken === count) break;
      waiters.delete(thread);
      // One whose time-out came first may by now wait for something else.
      if (thread.word !== word) continue;
      this.#scheduler.wake(thread, 0);
      woken++;
    }
    if (waiters.size === 0) this.#words.delete(word);
    return woken;
  }
}

const place = ({ base, sizeBytes }: { base: number; sizeBytes: number }): string =>
  `0x${base.toString(16)}+0x${sizeBytes.toString(16)}`;
