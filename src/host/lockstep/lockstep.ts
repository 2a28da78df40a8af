// Two cores as one: whatever the translating one executes, an interpreting one executes after it, in slices of odd
// lengths, and the two are compared. Devices act once: their answers are played back to the second core.
// To the rest of src/host it is a core like any other.
import { CONFIG_TRANSLATE, INSTRET, PC, STOP_BUDGET } from '../../../assembly/layout.ts';
import { Core } from '../core.ts';
import type { CoreExports, CoreSource, MmioHandlers } from '../core.ts';
import { DifferenceError } from '../errors.ts';
import { compareMemory, compareRegisters } from './compare.ts';
import { DeviceLog } from './device-log.ts';
import { HostChanges } from './host-changes.ts';

/** Lengths of slices, in turn: short ones end everywhere, long ones reach what needs a long run. */
const SLICES = [1n, 7n, 101n, 1_009n, 10_007n, 100_003n];

class Lockstep {
  readonly #translator: Core;
  readonly #interpreter: Core;
  readonly #devices: DeviceLog;
  readonly #changes = new HostChanges();
  /** The raw exports of either core. */
  readonly #first: CoreExports;
  readonly #second: CoreExports;
  #turn = 0;
  /** Where the slice in hand began. */
  #start = { pc: 0n, instret: 0n };
  #mustSynchronize = true;
  /** Comparing RAM takes a while: it is done as often as takes half of the time, and when the state's hash is asked for. */
  #memoryDue = 0;

  constructor(translator: Core, interpreter: Core, devices: DeviceLog) {
    this.#translator = translator;
    this.#interpreter = interpreter;
    this.#devices = devices;
    this.#first = translator.exports;
    this.#second = interpreter.exports;
  }

  /** The exports of both cores as those of one. */
  exports(): CoreExports {
    const [first, second] = [this.#first, this.#second];
    return {
      ...first,
      initialize: (size, config) =>
        first.initialize(size, config) || second.initialize(size, config & ~CONFIG_TRANSLATE),
      reset: () => {
        first.reset();
        second.reset();
        this.#changes.forget();
      },
      run: (budget) => this.#run(budget),
      step: () => this.#slice('step', (exports) => exports.step()),
      stateHash: () => {
        this.#carryOver();
        this.#throwIf(this.#compareAll(), 'comparison of all state');
        return first.stateHash();
      },
      synchronize: () => {
        first.synchronize();
        this.#mustSynchronize = true;
      },
      // The second core derives all of it anew.
      resume: () => {
        first.resume();
        this.#mustSynchronize = true;
      },
      invalidateCode: () => {
        first.invalidateCode();
        second.invalidateCode();
      },
      clearTagRange: (pointer, size) => {
        first.clearTagRange(pointer, size);
        this.#interpreter.bytes.set(this.#translator.bytes.subarray(pointer, pointer + size), pointer);
        second.clearTagRange(pointer, size);
      },
      writeTag: (pointer, tag) => {
        first.writeTag(pointer, tag);
        this.#interpreter.bytes.set(this.#translator.bytes.subarray(pointer, pointer + 16), pointer);
        second.writeTag(pointer, tag);
      },
      setInterruptLine: (bit, level) => {
        first.setInterruptLine(bit, level);
        if (!this.#devices.noteLine(bit, level)) second.setInterruptLine(bit, level);
      },
    };
  }

  /** What the host wrote since the last slice, the second core gets, too. */
  #carryOver(): void {
    this.#changes.carryOver(this.#translator, this.#interpreter);
    if (this.#mustSynchronize) this.#second.synchronize();
    this.#mustSynchronize = false;
  }

  #run(budget: bigint): number {
    for (let left = budget; ;) {
      const length = SLICES[this.#turn++ % SLICES.length]!;
      const slice = left < length ? left : length;
      const code = this.#slice(`slice of ${slice} instructions`, (exports) => exports.run(slice));
      left -= slice;
      if (code !== STOP_BUDGET || left <= 0n) return code;
    }
  }

  /** Both execute the same; throws if they end differently. */
  #slice(what: string, execute: (exports: CoreExports) => number): number {
    const [translator, interpreter] = [this.#translator, this.#interpreter];
    this.#carryOver();
    this.#start = { pc: translator.readU64(PC), instret: translator.readU64(INSTRET) };
    const code = execute(this.#first);
    const expected = execute(this.#second);
    this.#devices.finish();
    const found = compareRegisters(translator, interpreter);
    if (code !== expected) found.unshift(`stop     translate ${code}, interp ${expected}`);
    if (this.#devices.difference !== undefined) found.push(this.#devices.difference);
    if (found.length === 0) found.push(...this.#compareMemory());
    this.#throwIf(found, what);
    this.#changes.remember(translator);
    return code;
  }

  #throwIf(found: readonly string[], what: string): void {
    const { pc, instret } = this.#start;
    if (found.length > 0) throw new DifferenceError(what, pc, instret, this.#interpreter.readU64(PC), found);
  }

  #compareAll(): string[] {
    if (this.#first.stateHash() === this.#second.stateHash()) return [];
    return compareMemory(this.#translator, this.#interpreter);
  }

  #compareMemory(): string[] {
    const start = performance.now();
    if (start < this.#memoryDue) return [];
    const found = this.#compareAll();
    const end = performance.now();
    this.#memoryDue = end + (end - start);
    return found;
  }
}

/** A core that runs both engines side by side and throws DifferenceError from `run` or `step` where they differ. */
export async function createLockstepCore(source: CoreSource | undefined, devices: MmioHandlers): Promise<Core> {
  const log = new DeviceLog();
  const cores: { translator?: Core; interpreter?: Core } = {};
  const translator = await Core.create(
    source,
    log.recording(devices, () => cores.translator!),
    'plain',
  );
  const interpreter = await Core.create(
    source,
    log.playing(() => cores.interpreter!),
  );
  Object.assign(cores, { translator, interpreter });
  translator.interpose(new Lockstep(translator, interpreter, log).exports());
  return translator;
}
