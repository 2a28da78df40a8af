// `npm run perf:many`: Redis by Redis in one machine, on the interpreter and the translator: how long until all can be asked.
// Each measurement in a process of its own, engines in turn; the image is the one that `capvm pull redis-server` keeps.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ImageStore, openImage } from '../src/image/index.ts';
import { Monitor } from '../src/monitor/index.ts';
import { deployLinux, vdsoFile } from '../src/services/index.ts';

const COUNTS = [1, 10, 50];
const ENGINES = ['interp', 'auto'] as const;
const MEBIBYTE = 2 ** 20;
const SIZES = { processMemory: 54 * MEBIBYTE, kernelMemory: 4 * MEBIBYTE };
const STEP = 10_000_000n;

interface Result {
  readonly seconds: number;
  /** Of the thread that runs the machine and of V8's compilers. */
  readonly cpuSeconds: number;
  readonly instructions: number;
  /** Guest instructions in translated regions. */
  readonly translated: number;
}

async function measure(count: number, engine: (typeof ENGINES)[number]): Promise<Result> {
  let ready = 0;
  const switcher = readFileSync(new URL('../guests/images/switcher.elf', import.meta.url));
  const onConsole = (_: unknown, bytes: Uint8Array): void => {
    if (Buffer.from(bytes).includes('Ready to accept connections')) ready++;
  };
  const monitor = await Monitor.create({ switcher, memory: '3G', engine, onConsole });
  const image = openImage('redis-server', { store: new ImageStore(), vdso: vdsoFile() });
  const argv = ['redis-server', '--save', ''];
  const cvms = Array.from({ length: count }, (_, index) =>
    deployLinux(monitor, { name: `redis${index}`, image, argv, ...SIZES }),
  );
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  for (const cvm of cvms) monitor.start(cvm);
  while (ready < count) {
    const { reason } = await monitor.run({ budget: STEP });
    if (reason !== 'budget') throw new Error(`${ready} of ${count} are ready, and the run is over: ${reason}`);
  }
  const { user, system } = process.cpuUsage(cpu);
  return {
    seconds: (performance.now() - start) / 1e3,
    cpuSeconds: (user + system) / 1e6,
    instructions: Number(monitor.machine.instructions),
    translated: monitor.machine.statistics?.regionInstructions ?? 0,
  };
}

const [, , count, engine] = process.argv;
if (count !== undefined) {
  console.log(JSON.stringify(await measure(Number(count), engine as (typeof ENGINES)[number])));
  process.exit(0);
}
console.log('Redis  engine  seconds  processor  instructions   MIPS  translated');
for (const redis of COUNTS) {
  for (const name of ENGINES) {
    const words = [...process.execArgv, fileURLToPath(import.meta.url), String(redis), name];
    const { stdout } = await promisify(execFile)(process.execPath, words);
    const { seconds, cpuSeconds, instructions, translated } = JSON.parse(stdout) as Result;
    const cells = [
      String(redis).padStart(5),
      name.padEnd(6),
      seconds.toFixed(2).padStart(7),
      cpuSeconds.toFixed(2).padStart(9),
      instructions.toLocaleString('en').padStart(13),
      (instructions / seconds / 1e6).toFixed(0).padStart(5),
      translated.toLocaleString('en').padStart(10),
    ];
    console.log(cells.join('  '));
  }
}
