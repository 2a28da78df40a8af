// A library OS whose configuration is not what the host writes: it says so, or runs its program, and does nothing that
// it must not. SEED in the environment: another seed.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { Monitor } from '../../src/monitor/index.ts';
import type { SharedFile } from '../../src/monitor/index.ts';
import { deployLinux } from '../../src/services/index.ts';
import { Random } from '../helpers/random.ts';
import { compileProgram, hasCompiler, imageOf } from './linux-program.ts';

const SPECIAL = fileURLToPath(new URL('special/', import.meta.url));
const SWITCHER = readFileSync(new URL('../../guests/images/switcher.elf', import.meta.url));
const MEMORY = { processMemory: 4 * 1024 ** 2, kernelMemory: 2 * 1024 ** 2 };
const FILE_BYTES = 512 * 1024;
/** What the library OS says when it has done what it must not do. */
const BUG = /library OS: (fault|kfree|free_pages)/;
const SEED = process.env['SEED'];
const SEEDS = SEED === undefined ? Array.from({ length: 150 }, (_, seed) => seed) : [Number(SEED)];
const KEYS = 'image arg env cwd hostname epoch process_memory processes strace peer publish uplink disk stdin control tty uid gid stack main_stack'; // prettier-ignore

/** A value as nobody writes it. */
function nonsense(random: Random): string {
  return random.pick([
    () => '',
    () => '='.repeat(random.below(5)),
    () => 'x'.repeat(random.below(1000)),
    () => String(random.u64()),
    () => String(random.below(300)),
    () => `-${random.u32()}`,
    () => ' '.repeat(random.below(9)),
    () => `${'/.. a'.repeat(random.below(80))} b c d e`,
    () => String.fromCharCode(...Array.from({ length: random.below(40) }, () => random.between(1, 255))),
  ])();
}

/** The same configuration, changed here and there. */
function spoiled(text: string, random: Random): Uint8Array {
  const records = text.split('\0\0')[0].split('\0');
  for (let change = random.between(1, 4); change > 0; change--) {
    const at = random.below(records.length);
    const key = random.chance(0.5) ? records[at].split('=')[0] : random.pick(KEYS.split(' '));
    if (random.chance(0.2)) records.splice(at, 1);
    else if (random.chance(0.5)) records[at] = `${key}=${nonsense(random)}`;
    else for (let more = random.pick([1, 9, 300]); more > 0; more--) records.push(`${key}=${nonsense(random)}`);
  }
  const bytes = Buffer.from(`${records.join('\0')}\0\0`, 'latin1');
  if (random.chance(0.2)) bytes[random.below(bytes.length)] = random.below(256);
  return random.chance(0.2) ? bytes.subarray(0, random.below(bytes.length)) : bytes;
}

describe('the configuration of a library OS', function () {
  this.timeout(120_000);
  before(function () {
    if (!hasCompiler()) this.skip();
  });

  it('is believed nothing that cannot be', async () => {
    const image = imageOf('null-call', compileProgram('null-call', SPECIAL, ['-static', '-nostdlib', '-O1']));
    let [whole, refused] = [0, 0];
    for (const seed of SEEDS) {
      const random = new Random(seed);
      let output = '';
      const onConsole = (_: unknown, bytes: Uint8Array): void => void (output += Buffer.from(bytes).toString());
      const monitor = await Monitor.create({ switcher: SWITCHER, memory: '32M', onConsole });
      const create = monitor.createFile.bind(monitor);
      let file: SharedFile | undefined;
      monitor.createFile = (name, memory) => {
        const made = create(name, name.endsWith('.config') ? FILE_BYTES : memory);
        if (name.endsWith('.config')) file = made;
        return made;
      };
      try {
        const cvm = deployLinux(monitor, { name: 'one', image, argv: ['/usr/bin/null-call'], ...MEMORY });
        const base = BigInt(file!.region!.base);
        const text = Buffer.from(monitor.machine.memory.read(base, 4096)).toString();
        monitor.machine.memory.write(base, Buffer.alloc(4096));
        monitor.machine.memory.write(base, spoiled(text, random).subarray(0, FILE_BYTES));
        monitor.start(cvm);
        await monitor.run({ budget: 50_000_000n });
        expect(output, `seed ${seed}`).not.to.match(BUG);
        expect([0, 126, 127, 255], `seed ${seed}: ${output}`).to.include(cvm.exitCode);
        if (cvm.exitCode === 0) whole++;
        else refused++;
      } finally {
        monitor.machine.dispose();
      }
    }
    if (SEED === undefined) expect(Math.min(whole, refused)).to.be.above(10);
  });
});
