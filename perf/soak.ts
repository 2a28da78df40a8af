// `npm run perf:soak`: does memory stay flat? Three kinds of long life, each in a process of its own: one machine that meets
// ever new code, machine after machine, and cVM after cVM. Prints the resident memory after each tenth; exit 1 if the second
// half of a life grew by more than a tenth and 24 MB.
import { fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { compiledSize } from '../src/host/compiled-functions.ts';
import { Machine } from '../src/host/index.ts';
import { Monitor, readImage } from '../src/monitor/index.ts';

const TENTHS = 10;
const MEGABYTE = 1e6;
const GROWTH = 1.1;
const SLACK = 24 * MEGABYTE;

const image = (name: string): Buffer => readFileSync(new URL(`../guests/images/${name}.elf`, import.meta.url));

/** A life: calls `tenth` ten times; says what happened. */
type Life = (tenth: () => Promise<void>) => Promise<string>;

/** New code at the same place again and again: its constants differ, so nothing compiled before serves it. */
function variant(number: number): Uint8Array {
  const words: number[] = [];
  const addi = (register: number, value: number): number =>
    ((value & 0xfff) << 20) | (register << 15) | (register << 7) | 0x13;
  for (let block = 0; block < 64; block++) {
    // Two instructions of its own and a jump to the next block.
    words.push(addi(10, number & 0x7ff), addi(11, (number >> 11) + block), 0x0040006f);
  }
  words.push(jumpBack(64 * 12));
  return new Uint8Array(new Uint32Array(words).buffer);
}

/** jal x0, -distance. */
function jumpBack(distance: number): number {
  const offset = -distance;
  const bits = (high: number, low: number): number => (offset >> low) & ((1 << (high - low + 1)) - 1);
  return ((bits(20, 20) << 31) | (bits(10, 1) << 21) | (bits(11, 11) << 20) | (bits(19, 12) << 12) | 0x6f) >>> 0;
}

const lives: Readonly<Record<string, Life>> = {
  async 'one machine, new code'(tenth) {
    const machine = await Machine.create({ memory: '2M', engine: 'translate', translateAfter: 0, tohost: null });
    for (let part = 0, number = 0; part < TENTHS; part++) {
      for (let turn = 0; turn < 150; turn++, number++) {
        machine.memory.write(0x8000_0000n, variant(number));
        machine.registers.pc = 0x8000_0000n;
        machine.runSync({ budget: 400 });
      }
      await tenth();
    }
    const { regions, evictions } = machine.statistics!;
    return `${regions} regions, ${evictions} evictions`;
  },
  async 'machine after machine'(tenth) {
    const elf = image('bench/mix');
    for (let part = 0; part < TENTHS; part++) {
      for (let turn = 0; turn < 15; turn++) {
        const machine = await Machine.create({ memory: '8M', engine: 'translate' });
        machine.load(elf);
        await machine.run({ budget: 8_000_000 });
        machine.dispose();
      }
      await tenth();
    }
    return `${15 * TENTHS} machines`;
  },
  async 'cVM after cVM'(tenth) {
    const worker = readImage(image('worker'), 'worker');
    const monitor = await Monitor.create({ switcher: image('switcher'), memory: '16M', translateAfter: 200 });
    for (let part = 0; part < TENTHS; part++) {
      for (let turn = 0; turn < 40; turn++) {
        const cvm = monitor.createCvm({
          name: `c${turn}`,
          image: worker,
          memory: 256 * 1024,
          arguments: ['fill', '1', 'exit', '0'],
        });
        monitor.start(cvm);
        await monitor.run();
        monitor.destroy(cvm);
      }
      await tenth();
    }
    const { regions, dropped, evictions } = monitor.machine.statistics!;
    return `${40 * TENTHS} cVMs, ${regions} regions, ${dropped} dropped, ${evictions} evictions`;
  },
};

/** Resident bytes once garbage is gone. */
async function settled(): Promise<number> {
  for (let turn = 0; turn < 3; turn++) {
    (globalThis as { gc?: () => void }).gc?.();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return process.memoryUsage().rss;
}

async function live(name: string): Promise<boolean> {
  const sizes: number[] = [];
  const what = await lives[name]!(async () => void sizes.push(await settled()));
  const [half, end] = [Math.max(...sizes.slice(0, TENTHS / 2)), Math.max(...sizes.slice(TENTHS / 2))];
  const isFlat = end <= half * GROWTH + SLACK;
  const { functions, modules, bytes } = compiledSize();
  const kept = `kept: ${functions} functions in ${modules} modules, ${(bytes / MEGABYTE).toFixed(1)} MB of Wasm`;
  const tenths = sizes.map((size) => (size / MEGABYTE).toFixed(0)).join(' ');
  process.stdout.write(`${isFlat ? 'flat ' : 'GROWS'} ${name}: ${what}; ${kept}\n      MB: ${tenths}\n`);
  return isFlat;
}

/** One life in a process of its own. */
function liveApart(name: string): Promise<boolean> {
  return new Promise((resolve) => {
    const child = fork(fileURLToPath(import.meta.url), [name], { execArgv: [...process.execArgv, '--expose-gc'] });
    child.on('exit', (code) => resolve(code === 0));
  });
}

const [asked] = process.argv.slice(2);
if (asked !== undefined) process.exit((await live(asked)) ? 0 : 1);
const results: boolean[] = [];
for (const name of Object.keys(lives)) results.push(await liveApart(name));
process.exitCode = results.every(Boolean) ? 0 : 1;
