// What runs the same tests: the interpreter one step at a time and in a run, and whatever engine comes later.
import { Machine, type MachineOptions } from '../../src/host/index.ts';

export interface Engine {
  readonly name: string;
  create(options: MachineOptions): Promise<Machine>;
  /** Retires `count` instructions, or fewer if a trap into machine mode stops it. */
  execute(machine: Machine, count: number): void;
}

const stepper: Engine = {
  name: 'interpreter, step by step',
  create: (options) => Machine.create(options),
  execute: (machine, count) => {
    for (let i = 0; i < count; i++) machine.step();
  },
};

const runner: Engine = {
  name: 'interpreter, run',
  create: (options) => Machine.create(options),
  execute: (machine, count) => void machine.runSync({ budget: BigInt(count) }),
};

export const STEPPER: Engine = stepper;
export const ENGINES: readonly Engine[] = [stepper, runner];
