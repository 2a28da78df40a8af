// The monitor as embedders see it: creates, runs, connects and ends cVMs on one machine. What it asks for, the kernel
// checks; it adds names, an audit and clear errors. README.md: what is trusted, what is guaranteed, where it is checked.
import { Machine } from '../host/index.ts';
import type { Audit } from './audit.ts';
import type { Charges } from './charges.ts';
import { Cvm } from './cvm.ts';
import { Entropy } from './entropy.ts';
import { CvmError } from './errors.ts';
import type { HostSink, HostSource } from './ipc/host-end.ts';
import type { Stream } from './ipc/stream.ts';
import { Kernel } from './kernel.ts';
import type { CvmSpec, MonitorOptions, MonitorStop, RunOptions } from './options.ts';
import { holdingsOf } from './reach.ts';
import type { Holding } from './reach.ts';
import type { Attendant } from './schedule/attendance.ts';
import { Turns } from './schedule/turns.ts';
import { checkSpec, refusalOf } from './spec.ts';
import { statsOf, waitingOf } from './stats.ts';
import type { CvmStats } from './stats.ts';
import type { SharedFile } from './types.ts';

const RIGHTS = ['not touch', 'read', 'write', 'read and write'];

export class Monitor {
  readonly machine: Machine;
  readonly #kernel: Kernel;
  readonly #turns: Turns;
  readonly #options: MonitorOptions;
  readonly #cvms = new Set<Cvm>();
  #nextCvm = 1;

  private constructor(machine: Machine, options: MonitorOptions) {
    this.machine = machine;
    this.#options = options;
    this.#kernel = new Kernel(machine, options);
    this.#turns = new Turns(this.#kernel, options);
  }

  static async create(options: MonitorOptions): Promise<Monitor> {
    const { memory = '64M', engine = 'auto', translateAfter, core } = options;
    const kind = { addressing: 'relocated', sMode: false, userTraps: 'marked', stopOnMachineTrap: true } as const;
    return new Monitor(await Machine.create({ memory, engine, translateAfter, core, tohost: null, ...kind }), options);
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
    checkSpec(spec);
    const cvm = this.#kernel.builder.build(this.#nextCvm++, spec, entropy);
    if (typeof cvm === 'string') throw refusalOf(spec, cvm);
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
    this.#kernel.renew(cvm);
    this.audit.append(cvm.name, 'restart', `for the ${cvm.restarts}. time`);
    this.start(cvm);
  }

  /** A stream between two cVMs, or between one and host code. Only the ends named here can ever use it. */
  connect(name: string, from: Cvm | HostSource, to: Cvm | HostSink): Stream {
    if (this.streams.has(name)) throw new CvmError('ERR_CVM_SPEC', `stream ${name}: the name is taken`);
    if (from === to || !(from instanceof Cvm || to instanceof Cvm))
      throw new CvmError('ERR_CVM_SPEC', `stream ${name}: it connects no two cVMs`);
    const stream = this.#kernel.connect(name, from, to);
    if (stream === undefined) throw new CvmError('ERR_CVM_NO_ROOM', `stream ${name}: no room for its buffer`);
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
    const { files } = this.#kernel;
    if (files.get(name) !== undefined) throw new CvmError('ERR_CVM_SPEC', `file ${name}: the name is taken`);
    if (memory instanceof Cvm) return files.add(name, { owner: memory });
    const file = this.#kernel.createFile(name, memory);
    if (file === undefined) throw new CvmError('ERR_CVM_NO_ROOM', `file ${name}: no room for ${memory} bytes`);
    return file;
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
    this.#kernel.removeFile(file);
  }

  /** Ends a cVM now, whatever it is doing. */
  kill(cvm: Cvm, why = 'killed by the host'): void {
    this.#kernel.end(cvm, 'killed', why);
    this.#kernel.lives.ended.delete(cvm);
    this.#turns.attendance.notify();
  }

  /** Clears its memory and gives everything back; its name and those of its streams are free again. */
  destroy(cvm: Cvm): void {
    if (cvm.state === 'destroyed') return;
    this.kill(cvm, 'destroyed');
    this.#kernel.demolish(cvm);
    this.#cvms.delete(cvm);
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

  /** Host code that will wake cVMs, now and then: while it attends, a run waits for it, and no run is a deadlock. */
  attend(): Attendant {
    return this.#turns.attendance.attend();
  }

  /** Runs until all cVMs but background ones have ended, or until `options` say so. */
  async run(options: RunOptions = {}): Promise<MonitorStop> {
    const reason = await this.#turns.run(options);
    return { reason, instructions: this.machine.instructions, waiting: waitingOf(this.cvms) };
  }

  #mustBe(cvm: Cvm, ...states: Cvm['state'][]): void {
    if (!states.includes(cvm.state)) throw new CvmError('ERR_CVM_STATE', `cVM ${cvm.name} is ${cvm.state}`);
  }
}

const nameOf = (end: Cvm | HostSource | HostSink): string => (end instanceof Cvm ? end.name : 'host');

const place = ({ base, sizeBytes }: { base: number; sizeBytes: number }): string =>
  `0x${base.toString(16)}+0x${sizeBytes.toString(16)}`;
