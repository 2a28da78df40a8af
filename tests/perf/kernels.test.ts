import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { HELLO, imagePath, instructionsOf, iterationsFor, KERNELS, type Kernel } from '../../perf/kernels.ts';
import { readKernelLine } from '../../perf/engines/engine.ts';
import { Machine } from '../../src/host/index.ts';

const PARAMETERS = 0x80000010n;
const BUDGET = 100_000_000n;
/** The compiler whose bytes are committed: Debian 12's. */
const COMPILER_VERSION = '12.2.0';
const DIRECTORY = fileURLToPath(new URL('../../guests/bench', import.meta.url));

/** Runs the image and returns its instructions; the kernel has checked its own result. */
async function run(kernel: Kernel, iterations: number, cheri: boolean): Promise<number> {
  const machine = await Machine.create({ memory: '64M', cheri });
  const output: Uint8Array[] = [];
  machine.console.onOutput = (bytes) => output.push(bytes);
  machine.load(readFileSync(imagePath(kernel)));
  machine.memory.writeU64(PARAMETERS, BigInt(iterations));
  const stop = await machine.run({ budget: BUDGET });
  expect(stop.reason, stop.explain()).to.equal('exit');
  readKernelLine(kernel, Buffer.concat(output).toString());
  machine.dispose();
  return Number(stop.instructions);
}

describe('benchmark kernels', function () {
  this.timeout(120_000);

  it('have the images of SHA256SUMS', () => {
    const sums = readFileSync(new URL('../../guests/images/bench/SHA256SUMS', import.meta.url), 'utf8');
    for (const kernel of [...KERNELS, HELLO]) {
      const digest = createHash('sha256')
        .update(readFileSync(imagePath(kernel)))
        .digest('hex');
      expect(sums).to.include(`${digest}  ${kernel.name}.elf\n`);
    }
  });

  it('have the images that their sources give, where the compiler is the same', function () {
    const compiler = spawnSync('riscv64-linux-gnu-gcc', ['-dumpfullversion'], { encoding: 'utf8' });
    const make = spawnSync('make', ['--version']);
    if (make.status !== 0 || compiler.status !== 0 || compiler.stdout.trim() !== COMPILER_VERSION) this.skip();
    const { status, stderr } = spawnSync('make', ['-s', '-C', DIRECTORY, 'check'], { encoding: 'utf8' });
    expect(status, stderr).to.equal(0);
  });

  for (const kernel of KERNELS) {
    it(`${kernel.name} computes what it should, and every iteration costs the same`, async () => {
      const one = await run(kernel, 1, true);
      const two = await run(kernel, 2, false);
      // Only the printed number of iterations differs.
      expect(await run(kernel, 3, true)).to.be.closeTo(instructionsOf({ one, two }, 3), 20);
    });
  }
});

describe('amounts of work', () => {
  const counts = { one: 1_100, two: 2_100 };
  const kernel: Kernel = { name: 'k', about: '', source: 'k.c', defines: [], share: 0.5 };

  it('follow the kernel’s share', () => {
    expect(iterationsFor(kernel, counts, 1_000_000)).to.equal(500);
    expect(instructionsOf(counts, 500)).to.equal(500_100);
  });

  it('are at least one iteration, and fixed where repeating would change what is measured', () => {
    expect(iterationsFor(kernel, counts, 10)).to.equal(1);
    expect(iterationsFor({ ...kernel, iterations: 7 }, counts, 1e9)).to.equal(7);
  });
});

describe('readKernelLine', () => {
  it('reads the line of a kernel and its processor time', () => {
    expect(readKernelLine(HELLO, 'hello iterations 1 checksum 1 ok cpu 2500000000\n').cpuSeconds).to.equal(2.5);
    expect(readKernelLine(HELLO, 'hello iterations 1 checksum 1 ok\n').cpuSeconds).to.equal(undefined);
  });

  it('refuses a wrong checksum, another kernel and anything else', () => {
    expect(() => readKernelLine(HELLO, 'hello iterations 1 checksum 2 FAILED')).to.throw('wrong checksum');
    expect(() => readKernelLine(HELLO, 'fib iterations 1 checksum 2 ok')).to.throw('unexpected output');
    expect(() => readKernelLine(HELLO, '')).to.throw('unexpected output');
  });
});
