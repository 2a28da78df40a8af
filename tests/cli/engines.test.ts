import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { EngineStatistics } from '../../src/host/index.ts';
import { CodeBuilder } from '../helpers/code-builder.ts';
import { elf, exit, RAM } from '../host/programs.ts';
import { capvm, compileIfStale, withFiles } from './capvm.ts';
import type { Outcome } from './capvm.ts';

const LOOP = RAM + 8n;

/** A loop of 300,000 turns, then an exit with code 5. */
function loop(): Uint8Array {
  const code = new CodeBuilder(RAM)
    .li(10, 300_000n)
    .label('l')
    .op('addi', { d: 10, s: 10, i: -1 })
    .to('l', 'bne', { s: 10, t: 0 });
  return elf(exit(code, 5));
}

const run = (args: readonly string[]): Promise<Outcome> =>
  withFiles({ 'p.elf': loop() }, (directory) => capvm(['run', ...args, 'p.elf'], { directory }));

describe('capvm run --engine', () => {
  before(compileIfStale);

  for (const engine of ['interp', 'translate', 'lockstep', 'auto']) {
    it(`${engine} gives the same end`, async () => {
      const { code, stdout } = await run(['--engine', engine, '--hash', '--json']);
      const reference = JSON.parse((await run(['--engine', 'interp', '--hash', '--json'])).stdout) as { hash: string };
      expect([code, (JSON.parse(stdout) as { hash: string }).hash]).to.deep.equal([5, reference.hash]);
    });
  }

  it('refuses an engine that it does not know', async () => {
    const { code, stderr } = await run(['--engine', 'fast']);
    expect([code, stderr]).to.deep.equal([
      64,
      'capvm: --engine: "fast" is none of interp, translate, lockstep, auto\n',
    ]);
  });

  it('says what the translator did', async () => {
    const text = await run(['--engine', 'translate', '--stats', '--quiet']);
    expect(text.stderr).to.match(/engine: 1 regions of \d+ instructions, \d+ bytes of Wasm/);
    expect(text.stderr).to.match(/9\d\.\d\d % of instructions translated/);
    const json = await run(['--engine', 'translate', '--stats', '--json']);
    const { engine } = JSON.parse(json.stdout) as { engine: EngineStatistics };
    expect(engine.regions).to.equal(1);
    expect(engine.translatedSeconds).to.be.greaterThan(0);
    expect(engine.translatedInstructions).to.be.greaterThan(500_000);
    expect((await run(['--engine', 'interp', '--stats', '--quiet'])).stderr).to.match(/nothing was translated/);
  });

  it('shows the Wasm of a region, or writes it as a module', async () => {
    const address = `0x${LOOP.toString(16)}`;
    const { stderr } = await run(['--engine', 'translate', '--dump-wasm', address, '--quiet']);
    expect(stderr).to.match(/^region entered at 0x80000008, from 0x80000008 to /);
    expect(stderr).to.match(/^ *loop$/m);
    await withFiles({ 'p.elf': loop() }, async (directory) => {
      const options = ['--engine', 'translate', '--dump-wasm', address, '--dump-wasm-file', 'loop.wasm'];
      expect((await capvm(['run', ...options, 'p.elf'], { directory })).code).to.equal(5);
      const module = new WebAssembly.Module(readFileSync(join(directory, 'loop.wasm')));
      expect(WebAssembly.Module.exports(module)).to.deep.equal([{ name: 'f', kind: 'function' }]);
    });
  });

  it('says so if a place was never translated', async () => {
    const { code, stderr } = await run(['--engine', 'translate', '--dump-wasm', '0x80000000', '--quiet']);
    expect([code, stderr]).to.deep.equal([64, 'capvm: --dump-wasm: 0x80000000 was never translated; 1 regions were\n']);
    const interp = await run(['--engine', 'interp', '--dump-wasm', '0x80000000']);
    expect([interp.code, interp.stderr]).to.deep.equal([
      64,
      'capvm: --dump-wasm: this engine does not translate; see --engine\n',
    ]);
  });
});

describe('capvm conform --engine lockstep', () => {
  it('replays vectors on both engines', async () => {
    const file = fileURLToPath(new URL('../vectors/utrap-public.jsonl.gz', import.meta.url));
    const { code, stdout } = await capvm(['conform', '--engine', 'lockstep', file]);
    expect([code, /666 passed, 0 failed/.test(stdout)]).to.deep.equal([0, true]);
  }).timeout(60_000);
});
