// The parts of the monitor and what they do for each other and for hostcalls: threads, ends of cVMs, threads taken out
// of calls. monitor.ts is the outside of this.
// Invariant: when a cVM has ended, no thread runs its code, no slot or register anywhere reaches its memory, and whoever
// waited for it was told.
import { CONTEXT_CAPABILITIES, CONTEXT_UTCC, passTime } from '../host/index.ts';
import type { Machine, ThreadContext } from '../host/index.ts';
import { EINTR, EPIPE, RING_CONTROL } from './abi.ts';
import { Audit } from './audit.ts';
import { Builder } from './builder.ts';
import { Carver } from './carve.ts';
import type { Region } from './carve.ts';
import { alignmentFor } from './concentrate.ts';
import { Crossings } from './crossing.ts';
import type { Cvm } from './cvm.ts';
import { Executor } from './executor.ts';
import { HostCode } from './host-code.ts';
import { Bells } from './ipc/bells.ts';
import { Calls } from './ipc/call.ts';
import { Files } from './ipc/file.ts';
import { Stream } from './ipc/stream.ts';
import type { HostSink, HostSource } from './ipc/host-end.ts';
import type { MonitorOptions } from './options.ts';
import { Lives } from './schedule/lives.ts';
import { Scheduler } from './schedule/scheduler.ts';
import { Sealer } from './seal.ts';
import { Switcher } from './switcher.ts';
import { Thread } from './thread.ts';
import { Windows } from './windows.ts';
import type { CvmState, SealedGate, SharedFile } from './types.ts';

/** The first page of RAM belongs to nobody. */
const RESERVED_BYTES = 4096;
const BOUNCE_BYTES = 64 * 1024;
/**
 * What a reset leaves unfit for user mode: counters readable, floating point on, PMP open to all of RAM; every exception
 * and the user software interrupt delegated, which is so for marked code alone (MachineOptions.userTraps).
 */
const CSRS: readonly (readonly [name: string, value: bigint])[] = [
  ['mcounteren', 7n],
  ['mstatus', 1n << 13n],
  ['pmpaddr0', (1n << 54n) - 1n],
  ['pmpcfg0', 0x1fn],
  ['medeleg', 0x1000_01ffn],
  ['mideleg', 1n],
];

export class Kernel {
  readonly machine: Machine;
  readonly audit: Audit;
  readonly carver: Carver;
  readonly sealer: Sealer;
  readonly switcher: Switcher;
  readonly executor: Executor;
  readonly builder = new Builder(this);
  readonly windows = new Windows(this);
  readonly calls = new Calls(this);
  readonly files = new Files(this);
  readonly bells = new Bells(this);
  readonly crossings = new Crossings(this);
  readonly scheduler = new Scheduler();
  readonly lives = new Lives();
  readonly streams = new Map<string, Stream>();
  /** By the place of the sender's record. */
  readonly senders = new Map<number, Stream>();
  /** Streams whose sender may be waiting for room. */
  readonly crowded = new Set<Stream>();
  /** Threads with a crossing stack. */
  readonly callers = new Set<Thread>();
  /** Nanoseconds that passed while every thread slept; the rest of time is instructions retired. */
  idleTime = 0n;
  /** That somebody went on after. */
  faults = 0n;
  readonly hostCode: HostCode;
  #nextThread = 1;

  constructor(machine: Machine, { switcher, onConsole, auditRecords }: MonitorOptions) {
    this.machine = machine;
    this.hostCode = new HostCode(onConsole);
    this.audit = new Audit(() => machine.instructions, auditRecords);
    const base = Number(machine.memory.base) + RESERVED_BYTES;
    this.carver = new Carver({ base, sizeBytes: Number(machine.memory.end) - base });
    this.sealer = new Sealer((value) => machine.registers.decode(value));
    this.switcher = new Switcher(machine.memory, this.carver, this.sealer, switcher);
    this.executor = new Executor(this);
    for (const [name, value] of CSRS) machine.registers.set(name, value);
  }

  /** Simulated nanoseconds since the machine started, at a nominal 1 GHz. */
  get now(): bigint {
    return this.machine.instructions + this.idleTime;
  }

  /** A fault takes an instruction's time, retired or not: who does nothing but fault does not stop the clock. */
  countFault(): void {
    this.faults++;
    this.idleTime++;
    passTime(this.machine, 1n);
  }

  /** A thread at an offset of the cVM's text, or undefined: it has as many as it may. */
  createThread(cvm: Cvm, pc: number, sp: bigint, a0 = 0): Thread | undefined {
    if (cvm.threads.size >= cvm.limits.threads) return undefined;
    const thread = new Thread(this.#nextThread++, cvm, pc, sp, BigInt(a0));
    cvm.threads.add(thread);
    if (this.calls.mayCall(cvm)) this.openCrossings(thread);
    this.scheduler.enqueue(thread);
    return thread;
  }

  /** Without memory for a crossing stack the thread lives, but its calls trap. */
  openCrossings(thread: Thread): void {
    thread.record ??= this.crossings.open();
    if (thread.record !== undefined) this.callers.add(thread);
  }

  /** A thread ends itself; the last one takes its cVM with it. */
  exitThread(thread: Thread): void {
    this.#endThread(thread);
    if (thread.cvm.threads.size === 0) this.end(thread.cvm, 'exited', 'its last thread ended', 0);
  }

  /** Threads with registers of this cVM's, and which. Those of user traps stay with the home of a thread in a call. */
  registersOf(cvm: Cvm): { readonly thread: Thread; readonly from: number; readonly to: number }[] {
    return [...new Set([...cvm.threads, ...this.callers])].map((thread) => ({
      thread,
      from: this.crossings.whereIs(thread) === cvm ? 1 : CONTEXT_UTCC,
      to: thread.cvm === cvm ? CONTEXT_CAPABILITIES : CONTEXT_UTCC,
    }));
  }

  /** Threads that are in this cVM: its own that are at home, and those that called it. */
  threadsIn(cvm: Cvm): Thread[] {
    return this.registersOf(cvm).flatMap(({ thread, from }) => (from === 1 ? [thread] : []));
  }

  /** Changes a thread's registers, wherever they are. */
  change(thread: Thread, action: (context: ThreadContext) => void): void {
    const live = thread === this.executor.live;
    if (live) thread.context.save(this.machine);
    action(thread.context);
    if (live) thread.context.load(this.machine);
  }

  /** Its software interrupt is pending. A hostcall that it waits in at home is over. */
  interrupt(thread: Thread): void {
    this.change(thread, (context) => context.interrupt());
    if (this.crossings.whereIs(thread) === thread.cvm) this.scheduler.wake(thread, -EINTR);
  }

  /** A gate is no more: slots, registers, threads that are in the switcher because of it, its record and otype. */
  revokeGate(holder: Cvm, gate: SealedGate): void {
    this.windows.revokePair(holder, gate.slot, gate.pair);
    for (const thread of new Set([...holder.threads, ...this.callers]))
      this.#move(thread, () => this.crossings.setDown(thread, gate.record));
    this.switcher.close(gate);
  }

  /** Its first thread, and its time begins. */
  start(cvm: Cvm): void {
    this.lives.begin(cvm, this.now);
    this.createThread(cvm, cvm.image.entry, BigInt(this.builder.stackTop(cvm)), cvm.image.dataStart);
  }

  setPaused(cvm: Cvm, paused: boolean): void {
    this.lives.setPaused(cvm, paused);
    this.calls.setDoor(cvm, !paused);
    if (!paused) this.scheduler.release();
  }

  /** Does a pause stop it: of its cVM, or of one that it is in, or will come back to? */
  isHeld(thread: Thread): boolean {
    const { paused } = this.lives;
    if (paused.size === 0) return false;
    return [thread.cvm, ...this.crossings.path(thread).map(({ entry }) => entry.callee)].some((cvm) => paused.has(cvm));
  }

  /** Undefined: no room for a host's ring. */
  connect(name: string, from: Cvm | HostSource, to: Cvm | HostSink): Stream | undefined {
    const bounce = 'write' in to ? this.carver.allocate(BOUNCE_BYTES + RING_CONTROL, 4096) : undefined;
    if (bounce === undefined && 'write' in to) return undefined;
    const stream = new Stream(this, name, from, to, bounce);
    this.streams.set(name, stream);
    return stream;
  }

  /** Its ends may go on asking: -EPIPE. */
  disconnect(stream: Stream): void {
    stream.closeSender('dead');
    stream.closeReceiver('dead');
    this.streams.delete(stream.name);
    this.bells.forget(stream);
    if (stream.bounce !== undefined) this.release(stream.bounce);
  }

  /** Memory that a capability can cover exactly, a multiple of `least` bytes. Undefined: no room. */
  carve(sizeBytes: number, least: number): Region | undefined {
    const unit = Math.max(alignmentFor(sizeBytes), least);
    return this.carver.allocate(Math.ceil(sizeBytes / unit) * unit, unit);
  }

  /** Cleared, and nobody's. */
  release(region: Region): void {
    this.machine.memory.fill(region.base, region.sizeBytes);
    this.carver.release(region);
  }

  /** A file of so many bytes of the monitor's. Undefined: no room. */
  createFile(name: string, sizeBytes: number): SharedFile | undefined {
    const region = this.carve(sizeBytes, 16);
    return region === undefined ? undefined : this.files.add(name, { region });
  }

  removeFile(file: SharedFile): void {
    const { owner, region } = file;
    this.files.remove(file);
    if (owner === undefined && region !== undefined) this.release(region);
  }

  /** Nothing of a cVM that has ended is left: its connections, permits, memory. */
  demolish(cvm: Cvm): void {
    for (const stream of this.streamsOf(cvm)) this.disconnect(stream);
    this.calls.forget(cvm);
    this.files.forget(cvm);
    this.builder.demolish(cvm);
    cvm.state = 'destroyed';
  }

  /** A cVM that has ended is as after its creation, with the same connections, new at both ends. */
  renew(cvm: Cvm): void {
    for (const stream of this.streamsOf(cvm)) {
      const { name, sender, receiver } = stream;
      this.disconnect(stream);
      this.connect(name, sender.cvm ?? sender.source!, receiver.cvm ?? receiver.sink!);
    }
    this.builder.refill(cvm);
    cvm.reset();
  }

  streamsOf(cvm: Cvm): Stream[] {
    return [...this.streams.values()].filter(({ sender, receiver }) => sender.cvm === cvm || receiver.cvm === cvm);
  }

  /** The end of a cVM: its threads, calls through it, its ends of streams, and with them all windows in and out. */
  end(cvm: Cvm, state: CvmState, why: string, exitCode?: number): void {
    if (!cvm.alive) return;
    if (cvm.state === 'paused') this.setPaused(cvm, false);
    this.lives.finish(cvm);
    Object.assign(cvm, { state, exitCode, ending: why });
    for (const thread of cvm.threads) this.#endThread(thread);
    this.#evict(cvm);
    this.calls.end(cvm);
    this.files.end(cvm);
    const how = state === 'exited' ? 'closed' : 'dead';
    for (const stream of this.streams.values()) {
      if (stream.sender.cvm === cvm) stream.closeSender(how);
      if (stream.receiver.cvm === cvm) stream.closeReceiver(how);
    }
    this.audit.append(cvm.name, state === 'exited' ? 'exit' : 'kill', why);
  }

  #endThread(thread: Thread): void {
    this.scheduler.forget(thread);
    thread.state = 'dead';
    thread.cvm.threads.delete(thread);
    this.callers.delete(thread);
    if (thread === this.executor.live) thread.context.save(this.machine);
    this.crossings.close(thread);
  }

  /** Takes every thread out of its calls through `cvm`: its caller goes on with -EPIPE. */
  #evict(cvm: Cvm): void {
    for (const thread of this.callers) {
      const index = this.crossings.path(thread).findIndex(({ entry }) => entry.callee === cvm);
      if (index >= 0) this.#move(thread, () => this.crossings.unwind(thread, index, -EPIPE));
    }
  }

  /** Changes where a thread goes on, running, ready or blocked. `action`: undefined: not at all; false: it cannot. */
  #move(thread: Thread, action: () => boolean | undefined): void {
    const live = thread === this.executor.live;
    if (live) thread.context.save(this.machine);
    const moved = action();
    if (moved === undefined) return;
    if (!moved) return this.end(thread.cvm, 'faulted', 'called with a return address outside its code');
    this.scheduler.forget(thread);
    if (live) thread.context.load(this.machine);
    thread.evicted = live;
    if (thread.state === 'blocked') this.scheduler.enqueue(thread);
  }
}
