// One simulated computer: the Wasm core, its RAM, the devices of QEMU's virt board, and runs in slices.
//
//   const machine = await Machine.create({ memory: '64M' });
//   machine.console.onOutput = (bytes) => process.stdout.write(bytes);
//   machine.load(await readFile('hello.elf'));
//   const stop = await machine.run({ budget: 1_000_000_000 });
//   console.log(stop.reason, stop.exitCode, stop.explain());
import {
  CONFIG,
  CONFIG_STOP_ON_M_TRAP,
  F,
  HART_ID,
  IDLE_TIME,
  INSTRET,
  MMIO_FAULT,
  PENDING,
  PENDING_CONTEXT,
  STOP,
  STOP_EXIT,
  STOP_REQUEST,
  STOP_VALUE,
  TOHOST,
} from '../../assembly/layout.ts';
import { Core } from './core.ts';
import type { MmioHandlers } from './core.ts';
import { Bus, NO_DEVICE } from './devices/bus.ts';
import { Console } from './devices/console.ts';
import { Htif } from './devices/htif.ts';
import { Plic } from './devices/plic.ts';
import { TestFinisher } from './devices/test-finisher.ts';
import { Uart16550, UART_IRQ } from './devices/uart16550.ts';
import { parseElf } from './elf.ts';
import { engineStatistics } from './engine-statistics.ts';
import type { EngineStatistics } from './engine-statistics.ts';
import { CoreError, StateError } from './errors.ts';
import { createLockstepCore } from './lockstep/lockstep.ts';
import { configWord, memorySize, translationOf } from './machine-options.ts';
import type { MachineOptions } from './machine-options.ts';
import { GuestMemory } from './memory.ts';
import { passArguments, placeProgram } from './program.ts';
import type { LoadOptions, Program } from './program.ts';
import { Registers } from './registers.ts';
import { Run, yieldToEventLoop } from './run.ts';
import type { RunOptions } from './run.ts';
import { Stop } from './stop.ts';
import { SymbolTable } from './symbols.ts';

const F_END = F + 33 * 8;

export class Machine {
  /** The core itself: for the parts of src/host, and for reading cells of layout.ts. */
  readonly core: Core;
  readonly registers: Registers;
  readonly memory: GuestMemory;
  readonly console: Console;
  readonly htif: Htif;
  readonly bus: Bus;
  readonly plic: Plic;
  readonly uart: Uart16550;
  /** Symbols of the loaded program. */
  symbols = new SymbolTable();
  program: Program | undefined;
  /** The guest asked the test finisher for a reset. */
  resetRequested = false;
  /** What a device threw inside the guest's access; the run rethrows it. */
  deviceError: unknown;
  readonly #options: MachineOptions;
  #running = false;
  #disposed = false;

  private constructor(core: Core, options: MachineOptions, bus: Bus, sizeBytes: number) {
    this.core = core;
    this.#options = options;
    this.bus = bus;
    this.registers = new Registers(core);
    this.memory = new GuestMemory(core, this.registers, sizeBytes);
    this.console = new Console();
    this.htif = new Htif(this.memory, this.console);
    this.plic = new Plic((bit, level) => core.exports.setInterruptLine(bit, level ? 1 : 0));
    this.uart = new Uart16550(this.console, (level) => this.plic.setSource(UART_IRQ, level));
    bus.add(this.uart);
    bus.add(this.plic);
    bus.add(new TestFinisher((request, code) => this.#finish(request, code)));
  }

  /** Builds a machine, reset, with empty RAM. */
  static async create(options: MachineOptions = {}): Promise<Machine> {
    const sizeBytes = memorySize(options);
    const config = configWord(options);
    const bus = new Bus();
    const holder: { machine?: Machine } = {};
    const mmio: MmioHandlers = {
      load: (address, size) => holder.machine!.#mmioLoad(address >>> 0, size),
      store: (address, size, value) => holder.machine!.#mmioStore(address >>> 0, size, value),
    };
    const core =
      options.engine === 'lockstep'
        ? await createLockstepCore(options.core, mmio)
        : await Core.create(options.core, mmio, translationOf(options));
    if (core.exports.initialize(BigInt(sizeBytes), config) !== 0) {
      throw new CoreError(`no memory for a machine with ${sizeBytes} bytes of RAM`, 'ERR_CVM_NO_MEMORY');
    }
    core.translator?.describeEngine(core);
    core.translator?.setThreshold(core, options.translateAfter);
    const machine = new Machine(core, options, bus, sizeBytes);
    holder.machine = machine;
    machine.reset();
    return machine;
  }

  /** Instructions retired since reset. */
  get instructions(): bigint {
    return this.core.readU64(INSTRET);
  }

  /**
   * Loads an ELF file and makes the machine ready to run it: pc = entry, a0 = hart id, a1 = 0 (no device tree), as
   * QEMU's virt board does without firmware; with `args` instead a0 = argc, a1 = argv, sp below them. Throws ElfError for a file that cannot be loaded.
   */
  load(elf: Uint8Array | ArrayBuffer, options: LoadOptions = {}): Program {
    this.#checkIdle();
    const program = placeProgram(this.memory, parseElf(elf instanceof Uint8Array ? elf : new Uint8Array(elf)));
    this.program = program;
    this.symbols = program.symbols;
    const address = this.#options.tohost === undefined ? program.symbols.address('tohost') : this.#options.tohost;
    this.htif.tohost = BigInt(address ?? 0);
    this.htif.fromhost = program.symbols.address('fromhost') ?? 0n;
    this.reset();
    if (options.args !== undefined) passArguments(this, options.args);
    return program;
  }

  /** Power-on state of core and devices, pc at the program's entry. RAM keeps its contents. */
  reset(): void {
    this.#checkIdle();
    this.core.words.fill(0, F / 4, F_END / 4);
    this.core.writeU64(INSTRET, 0n);
    this.core.writeU64(IDLE_TIME, 0n);
    this.core.exports.reset();
    this.bus.reset();
    this.htif.reset();
    this.resetRequested = false;
    this.core.writeU64(HART_ID, BigInt(this.#options.hartId ?? 0));
    this.core.writeU64(TOHOST, this.htif.tohost);
    this.watchTraps(true);
    this.registers.setX(10, BigInt(this.#options.hartId ?? 0));
    this.registers.setX(11, 0n);
    if (this.program !== undefined) this.registers.pc = this.program.entry;
    this.core.exports.synchronize();
  }

  /** Runs until something of `options` or the guest stops it, giving way to the event loop between slices. */
  async run(options: RunOptions = {}): Promise<Stop> {
    return this.#exclusively(async () => {
      const run = new Run(this, options, true);
      try {
        for (;;) {
          const step = run.next();
          if (step instanceof Stop) return step;
          if (step === 'input') await this.console.waitForInput(options.signal);
          else await yieldToEventLoop();
        }
      } finally {
        run.close();
      }
    });
  }

  /** Like run(), without giving way: console input has to be there beforehand. */
  runSync(options: Omit<RunOptions, 'signal'> = {}): Stop {
    this.#checkIdle();
    this.#running = true;
    try {
      const run = new Run(this, options, false);
      try {
        for (;;) {
          const step = run.next();
          if (step instanceof Stop) return step;
        }
      } finally {
        run.close();
      }
    } finally {
      this.#running = false;
    }
  }

  /** Executes one instruction or takes one trap. */
  step(): Stop {
    return this.runSync({ budget: 1n, single: true });
  }

  /** Makes the run stop at the next instruction boundary; for devices, from inside a guest's access. */
  requestStop(): void {
    this.#stopAtBoundary(STOP_REQUEST, 0n);
  }

  /** What the translator did so far; undefined if there is none. */
  get statistics(): EngineStatistics | undefined {
    return engineStatistics(this.core);
  }

  /** Hash of the architectural state and RAM: equal states, equal text. */
  stateHash(): string {
    return BigInt.asUintN(64, this.core.exports.stateHash()).toString(16).padStart(16, '0');
  }

  /**
   * Without stopOnMachineTrap: stop at machine-mode traps until one is seen to have a handler, so that a program
   * that never set mtvec is reported with the trap it met and not with the one at address 0.
   */
  watchTraps(on: boolean): void {
    const config = this.core.readU32(CONFIG);
    const stop = on || this.stopsAtTraps ? CONFIG_STOP_ON_M_TRAP : 0;
    this.core.writeU32(CONFIG, (config & ~CONFIG_STOP_ON_M_TRAP) | stop);
  }

  get stopsAtTraps(): boolean {
    return this.#options.stopOnMachineTrap === true;
  }

  /** Frees the machine's memory at the next garbage collection. Using it afterwards throws. */
  dispose(): void {
    this.#checkIdle();
    this.#disposed = true;
    this.console.flush();
    (this as { core: unknown }).core = undefined;
    (this as { memory: unknown }).memory = undefined;
    (this as { registers: unknown }).registers = undefined;
  }

  async #exclusively<T>(action: () => Promise<T>): Promise<T> {
    this.#checkIdle();
    this.#running = true;
    try {
      return await action();
    } finally {
      this.#running = false;
    }
  }

  #checkIdle(): void {
    if (this.#disposed) throw new StateError('the machine was disposed of');
    if (this.#running) throw new StateError('the machine is running');
  }

  #finish(request: 'exit' | 'reset', code: number): void {
    this.resetRequested = request === 'reset';
    this.#stopAtBoundary(STOP_EXIT, BigInt(code));
  }

  #stopAtBoundary(stop: number, value: bigint): void {
    this.core.writeU32(STOP, stop);
    this.core.writeU64(STOP_VALUE, value);
    if (this.core.readU32(PENDING) === 0) this.core.writeU32(PENDING, PENDING_CONTEXT);
  }

  #mmioLoad(address: number, size: number): bigint {
    try {
      const value = this.bus.load(address, size);
      if (value !== NO_DEVICE) return BigInt(value);
    } catch (error) {
      this.#failDevice(error);
    }
    this.core.writeU32(MMIO_FAULT, 1);
    return 0n;
  }

  #mmioStore(address: number, size: number, value: bigint): void {
    try {
      if (this.bus.store(address, size, Number(value & 0xffff_ffffn))) return;
    } catch (error) {
      this.#failDevice(error);
    }
    this.core.writeU32(MMIO_FAULT, 1);
  }

  /** An exception must not unwind through the core: it would leave the machine between two instructions. */
  #failDevice(error: unknown): void {
    this.deviceError = error;
    this.requestStop();
  }
}
