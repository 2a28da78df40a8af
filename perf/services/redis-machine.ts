// A machine with Redis in one cVM and its clients in others, one of which runs at a time.
import { Monitor } from '../../src/monitor/index.ts';
import type { Cvm } from '../../src/monitor/index.ts';
import type { PackageImage } from '../../src/image/index.ts';
import { deployLinux } from '../../src/services/index.ts';
import { attribute, mapOf, OWNERS } from './attribution.ts';
import type { Attribution } from './attribution.ts';
import type { Sample } from './difference.ts';

export interface MachineOptions {
  readonly image: PackageImage;
  /** guests/images/switcher.elf. */
  readonly switcher: Uint8Array;
  readonly signal?: AbortSignal;
}

export interface StartUp {
  /** Of the machine, until it is ready to accept connections. */
  readonly instructions: number;
  readonly charge: number;
  /** Of host time: the machine's making included, the image already read. */
  readonly milliseconds: number;
}

/** Of Redis's cVM, in bytes. */
export interface Memory {
  /** Its own: the process and the library OS's data. */
  readonly own: number;
  /** There once for all cVMs of its image: text of the library OS and of programs, the image file. */
  readonly shared: number;
}

const MEBIBYTE = 2 ** 20;
const PROCESS_MEMORY = 64 * MEBIBYTE;
const KERNEL_MEMORY = 16 * MEBIBYTE;
const CVM_MEMORY = PROCESS_MEMORY + KERNEL_MEMORY + MEBIBYTE;
/** Of the monitor, the image and gaps. */
const MACHINE_ROOM = 128 * MEBIBYTE;
/** Between looks at whether the server is ready. */
const START_STEP = 250_000n;
const READY = 'Ready to accept connections';

/** Instructions of the server after which its clients are connected, ask, and have shown their first throughput. */
const STEADY = 5_000_000n;
const STEADY_STEP = 250_000n;
/**
 * Instructions of the machine that are attributed one by one, and between two such windows. Many short ones: programs now
 * and then compute for longer than a window, which is to be no more of the sum than it is of the run.
 */
const WINDOW = 100_000n;
const GAP = 400_000n;
const WINDOWS = 10;

/** As many as a cVM may have peers. */
export const CLIENTS_MOST = 7;

export class RedisMachine {
  readonly #monitor: Monitor;
  readonly #server: Cvm;
  readonly #clients: readonly Cvm[];
  readonly #signal: AbortSignal | undefined;
  readonly #printed: Map<string, string>;
  readonly #image: PackageImage;
  readonly startUp: StartUp;

  /** With the server ready. `commands`: arguments of redis-benchmark, a client each, CLIENTS_MOST at most. */
  static async start(commands: readonly (readonly string[])[], options: MachineOptions): Promise<RedisMachine> {
    const { image, switcher, signal } = options;
    const began = performance.now();
    const printed = new Map<string, string>();
    const decoder = new TextDecoder();
    const monitor = await Monitor.create({
      switcher,
      memory: MACHINE_ROOM + CVM_MEMORY * (commands.length + 1),
      onConsole: ({ name }, bytes) => printed.set(name, (printed.get(name) ?? '') + decoder.decode(bytes)),
    });
    try {
      const [server, ...clients] = deployAll(monitor, image, commands);
      monitor.start(server);
      while (!(printed.get(server.name) ?? '').includes(READY)) {
        const { reason } = await monitor.run({ budget: START_STEP, background: true, signal });
        signal?.throwIfAborted();
        if (reason !== 'budget') throw failure(server, printed);
      }
      const startUp = {
        instructions: Number(monitor.machine.instructions),
        charge: monitor.charges.total,
        milliseconds: Math.round(performance.now() - began),
      };
      return new RedisMachine(monitor, server, clients, printed, startUp, options);
    } catch (error) {
      monitor.machine.dispose();
      throw error;
    }
  }

  private constructor(
    monitor: Monitor,
    server: Cvm,
    clients: readonly Cvm[],
    printed: Map<string, string>,
    startUp: StartUp,
    { image, signal }: MachineOptions,
  ) {
    this.#monitor = monitor;
    this.#server = server;
    this.#clients = clients;
    this.#printed = printed;
    this.startUp = startUp;
    this.#image = image;
    this.#signal = signal;
  }

  /** Runs the client of this index to its end. Throws if it fails. */
  async run(index: number): Promise<Sample> {
    const client = this.#clients[index];
    const before = this.#now();
    this.#monitor.start(client);
    await this.#monitor.run({ signal: this.#signal });
    this.#signal?.throwIfAborted();
    if (client.exitCode !== 0) throw failure(client, this.#printed);
    const after = this.#now();
    return {
      instructions: after.instructions - before.instructions,
      server: after.server - before.server,
      charge: after.charge - before.charge,
    };
  }

  /** Whose instructions are those of windows in the middle of this client's run; then the rest of it. */
  async attribute(index: number): Promise<Attribution> {
    const client = this.#clients[index];
    const monitor = this.#monitor;
    const step = (budget?: bigint): Promise<unknown> => monitor.run({ budget, signal: this.#signal });
    const before = this.#server.instructions;
    monitor.start(client);
    while (client.alive && this.#signal?.aborted !== true && this.#server.instructions - before < STEADY)
      await step(STEADY_STEP);
    this.#signal?.throwIfAborted();
    const counts = { program: 0, libos: 0, switcher: 0 };
    for (let window = 0; window < WINDOWS; window++) {
      const found = await attribute(monitor.machine, mapOf([this.#server, client]), () => step(WINDOW));
      for (const owner of OWNERS) counts[owner] += found[owner];
      await step(GAP);
    }
    const ranOut = !client.alive;
    await step();
    this.#signal?.throwIfAborted();
    if (ranOut || client.exitCode !== 0) throw failure(client, this.#printed);
    return counts;
  }

  get memory(): Memory {
    const { dataBytes, textBytes, programBytes } = this.#monitor.stats(this.#server).memory;
    return { own: dataBytes, shared: textBytes + programBytes + this.#image.image.length };
  }

  dispose(): void {
    this.#monitor.machine.dispose();
  }

  #now(): Sample {
    const { machine, charges } = this.#monitor;
    return {
      instructions: Number(machine.instructions),
      server: Number(this.#server.instructions),
      charge: charges.total,
    };
  }
}

/** Server first. Clients are its peers: each has a pair of streams with it. */
function deployAll(monitor: Monitor, image: PackageImage, commands: readonly (readonly string[])[]): Cvm[] {
  const common = { image, processMemory: PROCESS_MEMORY, kernelMemory: KERNEL_MEMORY };
  const names = commands.map((_, index) => `client${index}`);
  const server = deployLinux(monitor, {
    ...common,
    name: 'redis',
    argv: ['redis-server', '--save', '', '--protected-mode', 'no'],
    peers: names.map((name) => ({ name, send: `${name}.down`, receive: `${name}.up` })),
    background: true,
  });
  const clients = names.map((name, index) => {
    const client = deployLinux(monitor, {
      ...common,
      name,
      argv: ['redis-benchmark', '-h', 'redis', '-q', ...commands[index]],
      peers: [{ name: 'redis', send: `${name}.up`, receive: `${name}.down` }],
    });
    monitor.connect(`${name}.up`, client, server);
    monitor.connect(`${name}.down`, server, client);
    return client;
  });
  return [server, ...clients];
}

function failure({ name, state, exitCode, ending }: Cvm, printed: ReadonlyMap<string, string>): Error {
  const last = (printed.get(name) ?? '').trim().split('\n').at(-1) ?? '';
  return new Error(`${name} did not do its work: ${state}, exit code ${exitCode}; ${ending || last}`);
}
