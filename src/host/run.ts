// The run loop: slices of the core's run(), and what the host does between them. Slices are bounded because V8
// replaces Wasm code by its optimised version only when a function is entered anew.
import {
  BREAKPOINT_COUNT,
  BREAKPOINTS,
  STOP_BREAK,
  STOP_BUDGET,
  STOP_EXIT,
  STOP_HTIF,
  STOP_IDLE,
  STOP_REQUEST,
  STOP_TRAP,
  STOP_TRAP_LOOP,
  STOP_VALUE,
} from '../../assembly/layout.ts';
import { COUNT_TRANSLATED } from '../../assembly/translate/map.ts';
import { ArgumentError, InternalError } from './errors.ts';
import { explainStop } from './explain.ts';
import type { Machine } from './machine.ts';
import { Stop } from './stop.ts';
import type { StopReason } from './stop.ts';
import { trapState } from './trap-state.ts';

/** An address, or a symbol's name. */
export type Location = bigint | number | string;

export interface Progress {
  /** Retired during this run. */
  readonly instructions: bigint;
}

/** Executes up to `budget` instructions and returns a STOP_* code: the core itself, or a tracer around it. */
export interface Stepper {
  runSlice(budget: bigint): number;
}

export interface RunOptions {
  /** Instructions to retire at most. Default: no limit. */
  readonly budget?: bigint | number;
  /** Stop before the instruction at any of these. */
  readonly until?: Location | readonly Location[];
  /** Looked at between slices, some milliseconds apart. */
  readonly signal?: AbortSignal;
  /** Called between slices. */
  readonly onProgress?: (progress: Progress) => void;
  /** Runs the instructions one by one and looks at each; see trace/. */
  readonly tracer?: Stepper;
  /** Exactly one instruction or trap. */
  readonly single?: boolean;
  /** False: an idle guest is not given time for console input. Default true. */
  readonly waitForInput?: boolean;
}

// Short enough that hot code is soon entered anew after V8 has optimised it; milliseconds of work, ten on the interpreter.
const SLICE = 4_000_000n;
/** Where the interpreter executed less than a sixteenth of the slice before: still milliseconds, and less often interrupted. */
const TRANSLATED_SLICE = 16_000_000n;
/** While a guest polls HTIF for an answer, or its steps are traced. */
const SHORT_SLICE = 20_000n;
/** Requests of the guest that are served in a row, without a look at the event loop. */
const TURNS_WITHOUT_YIELD = 256;
const UNLIMITED = (1n << 63n) - 1n;
const BREAKPOINTS_MAXIMUM = 32;
const NO_BREAKPOINTS: readonly bigint[] = [];

/** One run of a machine, slice by slice. A monitor begins one at every trap: it must cost little. */
export class Run {
  readonly #machine: Machine;
  readonly #options: RunOptions;
  readonly #waitForInput: boolean;
  readonly #start: bigint;
  readonly #budget: bigint;
  readonly #breakpoints: readonly bigint[];
  #stepOver: boolean;
  #turns = 0;
  #slice = SLICE;
  /** Instructions retired, and those of them in translated code, when the slice before had ended. */
  #retired = 0n;
  #translated = 0n;

  constructor(machine: Machine, options: RunOptions, waitForInput: boolean) {
    this.#machine = machine;
    this.#options = options;
    this.#waitForInput = waitForInput && options.waitForInput !== false;
    this.#start = machine.instructions;
    this.#budget = budgetOf(options);
    this.#breakpoints = options.until === undefined ? NO_BREAKPOINTS : setBreakpoints(machine, options.until);
    this.#stepOver = this.#breakpoints.length > 0 && this.#breakpoints.includes(machine.registers.pc);
  }

  /** Goes on: to the end, or to the end of a slice, or until only console input can wake the guest. */
  next(): Stop | 'slice' | 'input' {
    const machine = this.#machine;
    const options = this.#options;
    for (;;) {
      if (options.signal?.aborted === true) return this.#stop({ reason: 'aborted' });
      const left = this.#budget - (machine.instructions - this.#start);
      if (left <= 0n) return this.#stop({ reason: 'budget' });
      const code =
        this.#stepOver || options.single === true
          ? machine.core.exports.step()
          : runSlice(machine, options, left < this.#slice ? left : this.#slice);
      this.#stepOver = false;
      finishSlice(machine, options, this.#start);
      const ending = handleStop(machine, code);
      if (ending?.reason === 'idle' && this.#waitForInput && inputMayWake(machine)) return 'input';
      if (ending !== undefined) return this.#stop(ending);
      if (options.single === true) return this.#stop({ reason: 'budget' });
      // A guest that keeps the host busy must not keep it from timers and signals.
      if (code === STOP_BUDGET) this.#paceSlices();
      if (code === STOP_BUDGET || ++this.#turns % TURNS_WITHOUT_YIELD === 0) return 'slice';
    }
  }

  /** To be called in any case, whatever was thrown. */
  close(): void {
    const machine = this.#machine;
    if (this.#breakpoints.length > 0) {
      machine.core.writeU32(BREAKPOINT_COUNT, 0);
      machine.core.exports.synchronize();
    }
    machine.console.flush();
  }

  #paceSlices(): void {
    const retired = this.#machine.instructions;
    const translated = this.#machine.core.readU64(COUNT_TRANSLATED);
    const interpreted = retired - this.#retired - (translated - this.#translated);
    this.#slice = interpreted * 16n < retired - this.#retired ? TRANSLATED_SLICE : SLICE;
    this.#retired = retired;
    this.#translated = translated;
  }

  #stop(ending: Ending): Stop {
    return makeStop(this.#machine, this.#start, ending);
  }
}

/** Could console input end an idle guest's wait? */
const inputMayWake = (machine: Machine): boolean => machine.uart.listens && !machine.console.ended;

function runSlice({ core, htif }: Machine, { tracer }: RunOptions, longest: bigint): number {
  const length = htif.waiting && longest > SHORT_SLICE ? SHORT_SLICE : longest;
  if (tracer !== undefined) return tracer.runSlice(length < SHORT_SLICE ? length : SHORT_SLICE);
  return core.exports.run(length);
}

function budgetOf({ budget }: RunOptions): bigint {
  if (budget === undefined) return UNLIMITED;
  if (typeof budget === 'number' && !Number.isFinite(budget)) {
    if (budget === Infinity) return UNLIMITED;
    throw new ArgumentError(`budget: ${budget} is not a number of instructions`);
  }
  const value = typeof budget === 'bigint' ? budget : BigInt(Math.floor(budget));
  if (value < 0n) throw new ArgumentError(`budget: ${budget} is negative`);
  return value;
}

/** Returns the addresses. */
function setBreakpoints(machine: Machine, until: Location | readonly Location[]): bigint[] {
  const locations = typeof until === 'object' ? until : [until];
  if (locations.length > BREAKPOINTS_MAXIMUM) {
    throw new ArgumentError(`until: ${locations.length} places, at most ${BREAKPOINTS_MAXIMUM} are possible`);
  }
  const addresses = locations.map((location) => resolveLocation(machine, location));
  addresses.forEach((address, index) => machine.core.writeU64(BREAKPOINTS + index * 8, address));
  machine.core.writeU32(BREAKPOINT_COUNT, addresses.length);
  if (addresses.length > 0) machine.core.exports.synchronize();
  return addresses;
}

function resolveLocation(machine: Machine, location: Location): bigint {
  if (typeof location !== 'string') return BigInt.asUintN(64, BigInt(location));
  const address = machine.symbols.address(location);
  if (address === undefined) throw new ArgumentError(`until: the program has no symbol ${JSON.stringify(location)}`);
  return address;
}

function finishSlice(machine: Machine, options: RunOptions, start: bigint): void {
  if (machine.htif.waiting) machine.htif.deliver();
  machine.console.flush();
  options.onProgress?.({ instructions: machine.instructions - start });
  if (machine.deviceError === undefined) return;
  const error = machine.deviceError;
  machine.deviceError = undefined;
  throw error;
}

interface Ending {
  readonly reason: StopReason;
  readonly exitCode?: number;
}

/** What a stop of the core means for the run; undefined: go on. */
function handleStop(machine: Machine, code: number): Ending | undefined {
  switch (code) {
    case STOP_BUDGET:
      return undefined;
    case STOP_TRAP:
      return stopsAtTrap(machine) ? { reason: 'trap' } : undefined;
    case STOP_IDLE:
      return { reason: 'idle' };
    case STOP_EXIT:
      if (machine.resetRequested) return { reason: 'reset' };
      return { reason: 'exit', exitCode: Number(machine.core.readU64(STOP_VALUE)) };
    case STOP_TRAP_LOOP:
      return { reason: 'trap-loop' };
    case STOP_BREAK:
      return { reason: 'until' };
    case STOP_REQUEST:
      return { reason: 'request' };
    case STOP_HTIF: {
      const exitCode = machine.htif.handle();
      return exitCode === undefined ? undefined : { reason: 'exit', exitCode };
    }
    default:
      throw new InternalError(`the core stopped with code ${code}`);
  }
}

/** Without stopOnMachineTrap only a trap whose handler is not in RAM ends the run. */
function stopsAtTrap(machine: Machine): boolean {
  if (machine.stopsAtTraps) return true;
  if (!machine.memory.contains(machine.registers.pc, 2)) return true;
  machine.watchTraps(false);
  return false;
}

function makeStop(machine: Machine, start: bigint, { reason, exitCode }: Ending): Stop {
  const trap = reason === 'trap' || reason === 'trap-loop' ? trapState(machine.core) : undefined;
  return new Stop(
    {
      reason,
      exitCode,
      cause: trap?.cause,
      tval: trap?.tval,
      pc: trap?.pc ?? machine.registers.pc,
      privilege: trap?.privilege ?? machine.registers.privilege,
      instructions: machine.instructions - start,
      totalInstructions: machine.instructions,
    },
    (stop) => explainStop(machine, stop),
  );
}

const immediate = (globalThis as { setImmediate?: (callback: () => void) => unknown }).setImmediate;
let channel: MessageChannel | undefined;

/** Resolves after other events had their turn; without the clamping of nested timers in browsers. */
export function yieldToEventLoop(): Promise<void> {
  return new Promise((resolve) => {
    if (immediate !== undefined) {
      immediate(resolve);
      return;
    }
    channel ??= new MessageChannel();
    channel.port1.onmessage = (): void => resolve();
    channel.port2.postMessage(0);
  });
}
