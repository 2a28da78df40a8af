// Replays golden-vector files in the machine. One machine per configuration serves all lines that name it.
import type { CoreSource } from '../core.ts';
import { DifferenceError, VectorError } from '../errors.ts';
import { Machine } from '../machine.ts';
import type { Engine, MachineOptions } from '../machine-options.ts';
import { CapabilityLines } from './capability-lines.ts';
import type { Comparison, Difference } from './difference.ts';
import { programMachineOptions, runProgramLine } from './program-lines.ts';
import { readVectorLines } from './vector-file.ts';
import type { VectorLine } from './vector-file.ts';

/** A line that the machine does not reproduce. */
export interface FailedLine {
  readonly number: number;
  /** The line's id or operation. */
  readonly name: string;
  readonly differences: readonly Difference[];
}

export interface ConformResult {
  readonly passed: number;
  readonly failed: number;
  /** The first failed lines, at most `limit` of them. */
  readonly failures: readonly FailedLine[];
}

export interface ConformOptions {
  /** How many failed lines to keep with their differences. Default 5. */
  readonly limit?: number;
  /** Name of the file: `sv39q` in it or in a line's id means that hardware sets A, D and CD. */
  readonly name?: string;
  readonly onProgress?: (lines: number) => void;
  readonly core?: CoreSource;
  /** Default interp; `translate` and `lockstep` translate everything before it runs. */
  readonly engine?: Engine;
}

const PROGRESS_LINES = 2000;

/** Machines by configuration; keep one across files. */
export class ConformRunner {
  readonly #machines = new Map<string, Promise<Machine>>();
  #capabilities: Promise<CapabilityLines> | undefined;

  /** Runs every line of a file, plain or gzip. Throws VectorError for a file that is not a vector file. */
  async run(bytes: Uint8Array<ArrayBuffer>, options: ConformOptions = {}): Promise<ConformResult> {
    const limit = options.limit ?? 5;
    const failures: FailedLine[] = [];
    let passed = 0;
    let failed = 0;
    for await (const line of readVectorLines(bytes)) {
      const { differences } = await this.#runLine(line, options);
      if (differences.length === 0) passed++;
      else if (failed++ < limit) failures.push({ number: line.number, name: nameOf(line), differences });
      if ((passed + failed) % PROGRESS_LINES === 0) options.onProgress?.(passed + failed);
    }
    if (passed + failed === 0) throw new VectorError('the file has no lines');
    return { passed, failed, failures };
  }

  async #runLine(line: VectorLine, options: ConformOptions): Promise<Comparison> {
    const { fields } = line;
    try {
      if ('prog' in fields) return runProgramLine(await this.#machineFor(fields, options), fields);
      if ('op' in fields) return (await this.#capabilityLines(options)).run(fields);
    } catch (error) {
      if (error instanceof DifferenceError) error.message = `line ${line.number} ${nameOf(line)}: ${error.message}`;
      if (error instanceof VectorError) throw new VectorError(`line ${line.number}: ${error.message}`);
      throw error;
    }
    throw new VectorError(`line ${line.number}: neither an operation ("op") nor a program ("prog")`);
  }

  #capabilityLines(options: ConformOptions): Promise<CapabilityLines> {
    this.#capabilities ??= this.#machine({ memory: '1M', stopOnMachineTrap: true, tohost: null }, options).then(
      (machine) => new CapabilityLines(machine),
    );
    return this.#capabilities;
  }

  #machineFor(fields: VectorLine['fields'], options: ConformOptions): Promise<Machine> {
    const hardwareAD = /sv39q/.test(`${String(fields.id)} ${options.name ?? ''}`);
    return this.#machine(programMachineOptions(fields, hardwareAD), options);
  }

  #machine(configuration: MachineOptions, { core, engine = 'interp' }: ConformOptions): Promise<Machine> {
    const key = JSON.stringify([configuration, engine]);
    let machine = this.#machines.get(key);
    if (machine === undefined) {
      machine = Machine.create({ ...configuration, core, engine, translateAfter: 0 });
      this.#machines.set(key, machine);
    }
    return machine;
  }
}

const nameOf = ({ fields }: VectorLine): string => String(fields.id ?? fields.op ?? '');
