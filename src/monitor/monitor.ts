// The monitor: creates, runs, connects and ends cVMs on one machine. It plays machine-mode software: every trap ends
// the machine's run and is answered in executor.ts. README.md: what it trusts, what it guarantees, where it is checked.
import { Machine, passTime } from '../host/index.ts';
import type { Audit } from './audit.ts';
import type { Charges } from './charges.ts';
import { RING_CONTROL } from './abi.ts';
import type { Region } from './carve.ts';
import { Cvm } from './cvm.ts';
import { Entropy } from './entropy.ts';
import { CvmError } from './errors.ts';
import type { SharedFile } from './ipc/file.ts';
import { Stream } from './ipc/stream.ts';
import type { HostSink, HostSource } from './ipc/stream.ts';
import { Kernel } from './kernel.ts';
import type { CvmSpec, MonitorOptions, MonitorStop, RunOptions } from './options.ts';
import { holdingsOf } from './reach.ts';
import type { Holding } from './reach.ts';
import { alignmentFor } from './concentrate.ts';
import { statsOf, waitingOf } from './stats.ts';
import type { CvmStats } from './stats.ts';

const SLICE_DEFAULT = 200_000;
const BOUNCE_BYTES = 64 * 1024;
const EVENT_LOOP_MILLISECONDS = 40;
const RIGHTS = ['not touch', 'read', 'write', 'read and write'];
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
    this.#kernel = new Kernel(machine, options);
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
    this.#mustBe(cvm, 'created');
    this.#kernel.start(cvm);
    this.audit.append(cvm.name, 'start', 'first thread');
  }

  /**
   * Stops a running cVM: its threads wherever they are, and others' that are in a call to it or come to one. Time and
   * their deadlines go on.
   */
  pause(cvm: Cvm): void {
    this.#mustBe(cvm, 'running');
    this.#kernel.setPaused(cvm, true);
    this.audit.append(cvm.name, 'pause', 'by the host');
  }

  resume(cvm: Cvm): void {
    this.#mustBe(cvm, 'paused');
    this.#kernel.setPaused(cvm, false);
    this.audit.append(cvm.name, 'resume', 'by the host');
  }

  /**
   * Ends a cVM, whatever it is doing, and lets it begin anew: memory as from the image, a first thread, the same
   * connections. Its peers see a dead peer; they may open its streams and bind its calls again.
   */
  restart(cvm: Cvm): void {
    this.#mustBe(cvm, 'created', 'running', 'paused', 'exited', 'faulted', 'killed');
    this.kill(cvm, 'restarted');
    for (const { name, sender, receiver } of this.#streamsOf(cvm)) {
      this.#disconnect(this.streams.get(name)!);
      this.connect(name, sender.cvm ?? sender.source!, receiver.cvm ?? receiver.sink!);
    }
    this.#kernel.builder.refill(cvm);
    cvm.reset();
    this.audit.append(cvm.name, 'restart', `for the ${cvm.restarts}. time`);
    this.start(cvm);
  }

  /** A stream between two cVMs, or between one and host code. Only the ends named here can ever use it. */
  connect(name: string, from: Cvm | HostSource, to: Cvm | HostSink): Stream {
    const { carver, streams } = this.#kernel;
    if (streams.has(name)) throw new CvmError('ERR_CVM_SPEC', `stream ${name}: the name is taken`);
    if (from === to || !(from instanceof Cvm || to instanceof Cvm))
      throw new CvmError('ERR_CVM_SPEC', `stream ${name}: it connects no two cVMs`);
    const bounce = to instanceof Cvm ? undefined : carver.allocate(BOUNCE_BYTES + RING_CONTROL, 4096);
    if (bounce === undefined && !(to instanceof Cvm))
      throw new CvmError('ERR_CVM_NO_ROOM', `stream ${name}: no room for its buffer`);
    const stream = new Stream(this.#kernel, name, from, to, bounce);
    streams.set(name, stream);
    this.audit.append(nameOf(from), 'stream', `${name} to ${nameOf(to)}`);
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

  /**
   * A file of so many bytes that cVMs share, or of memory that its owner will advertise; nobody may open it yet.
   * Throws CvmError.
   */
  createFile(name: string, memory: number | Cvm): SharedFile {
    const { carver, files } = this.#kernel;
    if (files.get(name) !== undefined) throw new CvmError('ERR_CVM_SPEC', `file ${name}: the name is taken`);
    if (memory instanceof Cvm) return files.add(name, { owner: memory });
    const unit = Math.max(alignmentFor(memory), 16);
    const region = carver.allocate(Math.ceil(memory / unit) * unit, unit);
    if (region === undefined) throw new CvmError('ERR_CVM_NO_ROOM', `file ${name}: no room for ${memory} bytes`);
    return files.add(name, { region });
  }

  /** Lets a cVM open the file; rights: FILE_READ, FILE_WRITE. */
  allowFile(file: SharedFile, cvm: Cvm, rights: number): void {
    file.rights.set(cvm, rights);
    this.audit.append(cvm.name, 'grant', `may ${RIGHTS[rights & 3]} file ${file.name}`);
  }

  /** Takes the file and the right to open it from one cVM, or from all: they get -EREVOKED. */
  revokeFile(file: SharedFile, cvm?: Cvm): void {
    for (const holder of cvm === undefined ? [...file.rights.keys()] : [cvm]) {
      file.rights.delete(holder);
      this.#kernel.files.revokeFrom(file, holder);
      this.audit.append(holder.name, 'revoke', `file ${file.name}`);
    }
  }

  /** The file is no more; memory of the monitor is cleared and given back. */
  removeFile(file: SharedFile): void {
    this.revokeFile(file);
    this.#kernel.files.remove(file);
    if (file.owner === undefined && file.region !== undefined) this.#release(file.region);
  }

  /** Ends a cVM now, whatever it is doing. */
  kill(cvm: Cvm, why = 'killed by the host'): void {
    this.#kernel.end(cvm, 'killed', why);
    this.#kernel.ended.delete(cvm);
  }

  /** Clears its memory and gives everything back; its name and those of its streams are free again. */
  destroy(cvm: Cvm): void {
    if (cvm.state === 'destroyed') return;
    this.kill(cvm, 'destroyed');
    for (const stream of this.#streamsOf(cvm)) this.#disconnect(stream);
    this.#kernel.calls.forget(cvm);
    this.#kernel.files.forget(cvm);
    this.#kernel.builder.demolish(cvm);
    this.#cvms.delete(cvm);
    cvm.state = 'destroyed';
    this.audit.append(cvm.name, 'destroy', 'memory cleared');
  }

  /** What it is doing, what it used, what it has. */
  stats(cvm: Cvm): CvmStats {
    return statsOf(this.#kernel, cvm, this.cvms);
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
      if (reason !== undefined)
        return { reason, instructions: this.machine.instructions, waiting: waitingOf(this.cvms) };
      this.#turn(end);
      if (performance.now() - lastPause < EVENT_LOOP_MILLISECONDS) continue;
      options.onProgress?.();
      await new Promise((resolve) => setTimeout(resolve, 0));
      lastPause = performance.now();
    }
  }

  /** A reason to stop, or undefined when a thread is ready; time passes while all sleep. */
  #whyStop({ signal, background }: RunOptions, end: bigint | undefined): MonitorStop['reason'] | undefined {
    const { running, scheduler, ended, paused, now } = this.#kernel;
    const expiry = this.#kernel.expire();
    for (const cvm of ended) {
      ended.delete(cvm);
      this.#options.onEnd?.(cvm);
    }
    if (signal?.aborted === true) return 'aborted';
    if (end !== undefined && this.machine.instructions >= end) return 'budget';
    if (running.foreground + (background === true ? running.background : 0) === 0) return 'ended';
    scheduler.wakeDue(now);
    if (scheduler.hasReady) return undefined;
    const [deadline] = [scheduler.earliestDeadline, expiry].filter((at) => at !== undefined).sort((a, b) => Number(a - b)); // prettier-ignore
    if (deadline === undefined) return paused.size > 0 ? 'paused' : 'deadlock';
    this.#kernel.idleTime += deadline - now;
    passTime(this.machine, deadline - now);
    scheduler.wakeDue(deadline);
    return undefined;
  }

  #turn(end: bigint | undefined): void {
    const thread = this.#kernel.scheduler.next();
    if (thread === undefined) return;
    const slice = BigInt(this.#options.slice ?? SLICE_DEFAULT);
    const left = end === undefined ? slice : end - this.machine.instructions;
    this.#kernel.executor.endOverdueCalls(thread);
    if (!this.#kernel.isHeld(thread)) this.#kernel.executor.turn(thread, left < slice ? left : slice);
    this.#kernel.settle();
    if (thread.state === 'running' && this.#kernel.isHeld(thread)) this.#kernel.scheduler.hold(thread, 'a resume');
    if (thread.state === 'running') this.#kernel.scheduler.enqueue(thread);
    const { hostError } = this.#kernel;
    this.#kernel.hostError = undefined;
    if (hostError !== undefined) throw hostError.error;
  }

  #mustBe(cvm: Cvm, ...states: Cvm['state'][]): void {
    if (!states.includes(cvm.state)) throw new CvmError('ERR_CVM_STATE', `cVM ${cvm.name} is ${cvm.state}`);
  }

  #streamsOf(cvm: Cvm): Stream[] {
    return [...this.streams.values()].filter(({ sender, receiver }) => sender.cvm === cvm || receiver.cvm === cvm);
  }

  /** Its ends may go on asking: -EPIPE. */
  #disconnect(stream: Stream): void {
    stream.closeSender('dead');
    const bounce = stream.receiver.cvm === undefined ? stream.ring : undefined;
    stream.closeReceiver('dead');
    this.#kernel.streams.delete(stream.name);
    this.#kernel.bells.forget(stream);
    if (bounce !== undefined) this.#release(bounce);
  }

  #release(region: Region): void {
    this.machine.memory.fill(region.base, region.sizeBytes);
    this.#kernel.carver.release(region);
  }
}

const nameOf = (end: Cvm | HostSource | HostSink): string => (end instanceof Cvm ? end.name : 'host');

const place = ({ base, sizeBytes }: { base: number; sizeBytes: number }): string =>
  `0x${base.toString(16)}+0x${sizeBytes.toString(16)}`;
