// A machine with servers that are ready, and clients that are run on it one after the other.
import { Monitor } from '../../src/monitor/index.ts';
import type { Cvm } from '../../src/monitor/index.ts';
import { mapOf, ownerOf, watch } from './attribution.ts';
import type { Attribution, CodeMap } from './attribution.ts';
import { difference } from './difference.ts';
import type { Cost, Sample } from './difference.ts';
import type { Client, ReadGuest, Server, Stage } from './stage.ts';

export interface MachineOptions {
  readonly readGuest: ReadGuest;
  /** Bytes that its cVMs take. */
  readonly memory: number;
  readonly deploy: (monitor: Monitor) => Stage;
  readonly signal?: AbortSignal;
}

/** Until all servers can be asked. */
interface Start {
  readonly instructions: number;
  readonly charge: number;
  /** Of host time: the machine's making included, images already read. */
  readonly milliseconds: number;
}

/** What one operation of a client costs, and whose code that is, for a part of them. */
export interface Measurement {
  readonly cost: Cost;
  readonly window: Attribution;
}

/** Of the monitor, images and gaps. */
const MACHINE_ROOM = 192 * 2 ** 20;
/** Between looks at whether the servers are ready. */
const START_STEP = 250_000n;

/** Instructions of the servers after which redis-benchmark's connections ask, and it has shown its first throughput. */
const STEADY = 5_000_000n;
const STEADY_STEP = 250_000n;
/**
 * Instructions of the machine that are attributed one by one, and between two such windows. Many short ones: programs now
 * and then compute for longer than a window, which is to be no more of the sum than it is of the run.
 */
const WINDOW = 50_000n;
const GAP = 200_000n;
const WINDOWS = 16;

const MARK = 0x7c;

export class ServiceMachine {
  readonly monitor: Monitor;
  startUp: Start = { instructions: 0, charge: 0, milliseconds: 0 };
  readonly stage: Stage;
  readonly #signal: AbortSignal | undefined;
  readonly #printed: Map<string, string>;
  readonly #marks: Sample[];

  static async start({ readGuest, memory, deploy, signal }: MachineOptions): Promise<ServiceMachine> {
    const began = performance.now();
    const printed = new Map<string, string>();
    const marks: Sample[] = [];
    const decoder = new TextDecoder();
    const monitor = await Monitor.create({
      switcher: readGuest('switcher'),
      memory: MACHINE_ROOM + memory,
      onConsole: ({ name }, bytes) => {
        if (bytes.length === 1 && bytes[0] === MARK) marks.push(sampleOf(monitor, stage));
        else printed.set(name, (printed.get(name) ?? '') + decoder.decode(bytes));
      },
    });
    let stage: Stage = { servers: [], clients: [] };
    try {
      stage = deploy(monitor);
      const machine = new ServiceMachine(monitor, stage, printed, marks, signal);
      for (const { cvm } of stage.servers) monitor.start(cvm);
      for (const server of stage.servers) await machine.#untilReady(server);
      machine.startUp = {
        instructions: Number(monitor.machine.instructions),
        charge: monitor.charges.total,
        milliseconds: performance.now() - began,
      };
      return machine;
    } catch (error) {
      monitor.machine.dispose();
      throw error;
    }
  }

  private constructor(
    monitor: Monitor,
    stage: Stage,
    printed: Map<string, string>,
    marks: Sample[],
    signal: AbortSignal | undefined,
  ) {
    this.monitor = monitor;
    this.stage = stage;
    this.#printed = printed;
    this.#marks = marks;
    this.#signal = signal;
  }

  /** Starts a further server, and waits until it can be asked. */
  async ready(server: Server): Promise<void> {
    this.monitor.start(server.cvm);
    await this.#untilReady(server);
  }

  async #untilReady({ cvm, ready }: Server): Promise<void> {
    while (!(this.#printed.get(cvm.name) ?? '').includes(ready)) {
      const { reason } = await this.monitor.run({ budget: START_STEP, background: true, signal: this.#signal });
      this.#signal?.throwIfAborted();
      if (reason !== 'budget' || !cvm.alive) throw failure(cvm, this.#printed);
    }
  }

  /** Runs the client of this index to its end. Throws if it fails. */
  async run(index: number): Promise<Sample> {
    const before = sampleOf(this.monitor, this.stage);
    const client = this.#start(index);
    await this.#end(client);
    const after = sampleOf(this.monitor, this.stage);
    return {
      instructions: after.instructions - before.instructions,
      server: after.server - before.server,
      charge: after.charge - before.charge,
    };
  }

  /** Whose instructions are those of windows in the middle of this client's run; then the rest of it. */
  async attribute(index: number): Promise<Attribution> {
    const counts = { program: 0, libos: 0, switcher: 0 };
    const map = this.#mapWith(this.stage.clients[index]);
    await this.look(index, this.stage.servers[0].cvm, STEADY, (pc) => counts[ownerOf(pc, map)]++);
    return counts;
  }

  /** Looks at each instruction of windows of this client's run, once `cvm` has executed this many; then the rest of it. */
  async look(index: number, cvm: Cvm, after: bigint, look: (pc: number) => void): Promise<void> {
    const before = cvm.instructions;
    const client = this.#start(index);
    while (client.cvm.alive && cvm.instructions - before < after) await this.#step(STEADY_STEP);
    await this.#windows(client, look);
    await this.#end(client);
  }

  /** A client that sets marks (guests/services/load.h) for this many operations. */
  async measure(index: number, operations: number): Promise<Measurement> {
    this.#marks.length = 0;
    const client = this.#start(index);
    while (client.cvm.alive && this.#marks.length < 3) await this.#step(STEADY_STEP);
    if (!client.cvm.alive) throw failure(client.cvm, this.#printed);
    const [first, empty, last] = this.#marks;
    const cost = difference(between(first, empty), between(empty, last), operations);
    const window = { program: 0, libos: 0, switcher: 0 };
    const map = this.#mapWith(client);
    await this.#windows(client, (pc) => window[ownerOf(pc, map)]++);
    if (this.#marks.length > 3) throw new Error(`${client.cvm.name}: too few operations to look at`);
    await this.#end(client);
    return { cost, window };
  }

  dispose(): void {
    this.monitor.machine.dispose();
  }

  #start(index: number): Client {
    const client = this.stage.clients[index];
    for (const cvm of client.between ?? []) this.monitor.start(cvm);
    this.monitor.start(client.cvm);
    return client;
  }

  #mapWith({ cvm, between = [] }: Client): CodeMap {
    return mapOf([...this.stage.servers.map((server) => server.cvm), cvm, ...between]);
  }

  async #windows({ cvm }: Client, look: (pc: number) => void): Promise<void> {
    for (let window = 0; window < WINDOWS; window++) {
      await watch(this.monitor.machine, look, () => this.#step(WINDOW));
      await this.#step(GAP);
    }
    if (!cvm.alive) throw failure(cvm, this.#printed);
  }

  async #end({ cvm }: Client): Promise<void> {
    await this.#step();
    if (cvm.exitCode !== 0) throw failure(cvm, this.#printed);
  }

  async #step(budget?: bigint): Promise<void> {
    await this.monitor.run({ budget, signal: this.#signal });
    this.#signal?.throwIfAborted();
  }
}

function sampleOf({ machine, charges }: Monitor, { servers }: Stage): Sample {
  return {
    instructions: Number(machine.instructions),
    server: servers.reduce((sum, { cvm }) => sum + Number(cvm.instructions), 0),
    charge: charges.total,
  };
}

function between(from: Sample, to: Sample): Sample {
  return {
    instructions: to.instructions - from.instructions,
    server: to.server - from.server,
    charge: to.charge - from.charge,
  };
}

function failure({ name, state, exitCode, ending }: Cvm, printed: ReadonlyMap<string, string>): Error {
  const last = (printed.get(name) ?? '').trim().split('\n').at(-1) ?? '';
  return new Error(`${name} did not do its work: ${state}, exit code ${exitCode}; ${ending || last}`);
}
