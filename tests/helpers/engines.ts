// What runs the same tests: the interpreter one step at a time and in a run, and the translator.
import { Machine, type MachineOptions } from '../../src/host/index.ts';

export interface Engine {
  readonly name: string;
  create(options: MachineOptions): Promise<Machine>;
  /** Looks at more than one instruction at a time: cases are given a jump ahead of them and a loop behind. */
  readonly needsSurroundings?: boolean;
  /** Retires `count` instructions, or fewer if a trap into machine mode stops it. */
  execute(machine: Machine, count: number): void;
}

const stepper: Engine = {
  name: 'interpreter, step by step',
  create: (options) => Machine.create({ ...options, engine: 'interp' }),
  execute: (machine, count) => {
    for (let i = 0; i < count; i++) machine.step();
  },
};

const runner: Engine = {
  name: 'interpreter, run',
  create: (options) => Machine.create({ ...options, engine: 'interp' }),
  execute: (machine, count) => void machine.runSync({ budget: BigInt(count) }),
};

/** Translates whatever is jumped to, at once. */
const translator: Engine = {
  name: 'translator',
  needsSurroundings: true,
  create: (options) => Machine.create({ ...options, engine: 'translate', translateAfter: 0 }),
  execute: (machine, count) => void machine.runSync({ budget: BigInt(count) }),
};

export const ENGINES: readonly Engine[] = [stepper, runner, translator];
