// How long it takes until a Redis can be asked: in a new process, in one that ran it before, in a machine that runs one.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Monitor } from '../../src/monitor/index.ts';
import type { PackageImage } from '../../src/image/index.ts';
import { deployLinux } from '../../src/services/index.ts';
import { median } from '../ipc/median.ts';
import { ServiceMachine } from './machine.ts';
import { CVM_MEMORY, REDIS_COMMAND, REDIS_READY, SIZES } from './stage.ts';
import type { ReadGuest } from './stage.ts';

/** Milliseconds of host time: medians. */
export interface StartUp {
  /** From the start of a new process, `capvm run --image`: Node itself, the core, the image read and checked. */
  readonly process: number;
  /** A further machine in a process that has had one: the image is read, V8 warm. */
  readonly machine: number;
  /** A further cVM in a machine that runs one already: text in place and translated. */
  readonly cvm: number;
  /** Of the machine, for the first Redis on it. */
  readonly instructions: number;
  readonly charge: number;
}

export interface StartUpOptions {
  readonly image: PackageImage;
  /** By the name that the cache has it under. */
  readonly imageName: string;
  readonly readGuest: ReadGuest;
  /** Of the package: `dist` is in there. */
  readonly root: string;
  readonly quick?: boolean;
  readonly signal?: AbortSignal;
}

const TIMES = 5;
const TIMES_QUICK = 1;

export async function measureStartUp(options: StartUpOptions): Promise<StartUp> {
  const times = options.quick === true ? TIMES_QUICK : TIMES;
  const processes: number[] = [];
  const machines: number[] = [];
  const cvms: number[] = [];
  let first: { instructions: number; charge: number } | undefined;
  for (let time = 0; time <= times; time++) {
    const { startUp, next } = await startTwo(options);
    first ??= startUp;
    if (time > 0) machines.push(startUp.milliseconds); // the first one warms the process up
    if (time > 0) cvms.push(next);
    if (time < times) processes.push(await startProcess(options));
  }
  const [process, machine, cvm] = [processes, machines, cvms].map((list) => Math.round(median(list)));
  return { process, machine, cvm, instructions: first!.instructions, charge: first!.charge };
}

async function startTwo({ image, readGuest, signal }: StartUpOptions) {
  const redis = (monitor: Monitor, name: string) => ({
    cvm: deployLinux(monitor, { name, image, argv: REDIS_COMMAND, background: true, ...SIZES }),
    ready: REDIS_READY,
  });
  const deploy = (monitor: Monitor) => ({ servers: [redis(monitor, 'first')], clients: [] });
  const machine = await ServiceMachine.start({ readGuest, memory: 2 * CVM_MEMORY, deploy, signal });
  try {
    const began = performance.now();
    await machine.ready(redis(machine.monitor, 'second'));
    return { startUp: machine.startUp, next: performance.now() - began };
  } finally {
    machine.dispose();
  }
}

/** The command line's own start, up to Redis's word on standard output. */
function startProcess({ imageName, root, signal }: StartUpOptions): Promise<number> {
  const program = join(root, 'dist/src/cli/main.js');
  const args = [program, 'run', '--image', imageName, '--processes', '1', '--', ...REDIS_COMMAND];
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], signal, killSignal: 'SIGKILL' });
    let said = '';
    let milliseconds: number | undefined;
    const listen = (text: string): void => {
      said += text;
      if (milliseconds !== undefined || !said.includes(REDIS_READY)) return;
      milliseconds = performance.now() - began;
      child.kill('SIGKILL');
    };
    child.stdout.setEncoding('utf8').on('data', listen);
    child.stderr.setEncoding('utf8').on('data', listen);
    let failure: Error | undefined;
    child.on('error', (error) => (failure = error)); // told when it has gone
    child.on('close', (code) => {
      if (failure !== undefined) reject(failure);
      else if (milliseconds !== undefined) resolve(milliseconds);
      else reject(new Error(`capvm run did not start Redis: exit code ${code}; ${said.trim().split('\n').at(-1)}`));
    });
  });
}
